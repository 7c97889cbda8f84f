// The command line as a person meets it: help, suggestions, errors and exit codes.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const mainPath = join(import.meta.dirname, '../../../ops/cli/main.ts')

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string }

function tandem(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [mainPath, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

test('--help lists every verb in one line each, and each has a help with examples', async () => {
  const { code, stdout } = await tandem('--help')
  expect(code).toBe(0)
  const verbs = [...stdout.matchAll(/^ {2}([a-z]+)(?: \[.*?\])? {2,}\S/gm)].map(([, name = '']) => name)
  expect(verbs).toEqual(expect.arrayContaining(['sim', 'status', 'gateway', 'feed', 'config']))
  for (const verb of verbs.filter((name) => name !== 'help')) {
    const help = await tandem(verb, '--help')
    expect(help, verb).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout, verb).toMatch(/Examples:\n {2}\.\/tandem /)
  }
}, 60_000)

test('without a verb the help goes to stderr and the exit code is not 0', async () => {
  const { code, stdout, stderr } = await tandem()
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('Usage: tandem')
})

test('a misspelt verb is answered with the right one', async () => {
  const { code, stderr } = await tandem('statsu')
  expect(code).toBe(1)
  expect(stderr).toContain('Did you mean status?')
})

test('a wrong option value names the option and what it takes', async () => {
  const { code, stderr } = await tandem('sim', '--speed', 'fast')
  expect(code).toBe(1)
  expect(stderr).toContain("option '--speed <factor>' argument 'fast' is invalid. a number above 0")
})

test('an error names its place and the remedy, without a stack', async () => {
  const { code, stdout, stderr } = await tandem('sim', '--config', 'nowhere.yaml')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toBe(
    'tandem: the configuration nowhere.yaml cannot be read (ENOENT)\n' +
      '  Check the name given to --config, or leave it out to run with the defaults.\n',
  )
})

test('with --json an error is one JSON object on stdout', async () => {
  const { code, stdout } = await tandem('status', '--data-dir', 'nowhere', '--json')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, checks: [{ name: 'completed', ok: false }], results: [] })
})

test('a reader that has seen enough is no error', async () => {
  const ended = await new Promise<string>((resolve) => {
    const command = `"${process.execPath}" "${mainPath}" config show | true; echo "$?"`
    execFile('/bin/sh', ['-c', command], (_error, _stdout, stderr) => resolve(stderr))
  })
  expect(ended).toBe('')
})
