// `tandem bench` that is stopped by hand leaves nothing behind: no process, no file.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const mainPath = join(import.meta.dirname, '../../../ops/cli/main.ts')

/** Processes that work in the folder. */
function workersIn(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder)
    } catch {
      return false
    }
  })
}

test.skipIf(process.platform !== 'linux').each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'after %s',
  async (signal, code) => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-test-'))
    const child = spawn(process.execPath, [mainPath, 'bench', 'ack'], {
      ...{ env: { ...process.env, TMPDIR: folder }, stdio: 'ignore' },
    })
    const exited = once(child, 'exit')
    await expect.poll(() => workersIn(folder).length, { timeout: 20_000 }).toBeGreaterThan(2)
    child.kill(signal)
    expect(await exited).toEqual([code, null])
    await expect.poll(() => workersIn(folder), { timeout: 20_000 }).toEqual([])
    expect(readdirSync(folder)).toEqual([])
    rmSync(folder, { recursive: true })
  },
  60_000,
)
