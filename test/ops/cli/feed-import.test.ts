// `tandem feed import` as a user runs it: what it has to say of a source goes to stderr, and into the JSON object.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const mainPath = join(import.meta.dirname, '../../../ops/cli/main.ts')
const scratch = mkdtempSync(join(tmpdir(), 'tandem-import-cli-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const MESSAGES = 'AAA_2012-06-21_34200000_57600000_message_1.csv'
writeFileSync(join(scratch, MESSAGES), '34200.1,1,7,100,1000000,1\n34200.2,3,8,50,1000100,-1\n')
writeFileSync(join(scratch, 'book.csv'), '1000100,50,1000000,100\n1000200,10,1000000,100\n')

function importLobster(...args: string[]) {
  const command = [mainPath, 'feed', 'import', 'lobster', MESSAGES, '--out', 'out.feed', '--json', ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: scratch, encoding: 'utf8' })
  return { status, stderr, notes: (JSON.parse(stdout) as { notes: string[] }).notes }
}

test('LOBSTER messages without their order book file: the book may cross, and what helps is said', () => {
  const { status, stderr, notes } = importLobster()
  expect(status).toBe(0)
  expect(notes).toEqual([expect.stringMatching(/may cross: import again with --orderbook FILE, the order book file/)])
  expect(stderr).toBe(`${notes[0]}\n`)
  expect(importLobster('--orderbook', 'book.csv')).toEqual({ status: 0, stderr: '', notes: [] })
})
