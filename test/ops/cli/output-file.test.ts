// What a verb reads is not written over, under whatever name: each verb of feeds that writes a file refuses it first.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeMarketFeed } from '../../support/market-feed.ts'

const mainPath = join(import.meta.dirname, '../../../ops/cli/main.ts')
const scratch = mkdtempSync(join(tmpdir(), 'tandem-output-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

beforeAll(() => {
  writeMarketFeed(join(scratch, 'a.feed'), 'L3', 200)
  writeMarketFeed(join(scratch, 'b.feed'), 'L3', 200)
  symlinkSync('a.feed', join(scratch, 'link.feed'))
  mkdirSync(join(scratch, 'folder'))
  writeFileSync(join(scratch, 'AAA_2012-06-21_message_1.csv'), '34200.1,1,7,100,1000000,1\n')
})

const contents = () =>
  readdirSync(scratch, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `${name} ${readFileSync(join(scratch, name)).toString('base64')}`)

const WRITTEN_OVER = /: what is read would be written over\n {2}Name another file with --out\.\n$/

test.each([
  [['export', 'csv', 'a.feed', '--out', 'a.feed'], WRITTEN_OVER],
  [['export', 'parquet', 'link.feed', '--out', 'a.feed'], WRITTEN_OVER],
  [['slice', 'a.feed', '--out', 'link.feed'], WRITTEN_OVER],
  [['merge', 'a.feed', 'b.feed', '--out', './b.feed'], WRITTEN_OVER],
  [['import', 'lobster', 'AAA_2012-06-21_message_1.csv', '--out', 'AAA_2012-06-21_message_1.csv'], WRITTEN_OVER],
  [['export', 'csv', 'a.feed', '--out', 'folder'], /folder is a folder, and a file is needed\n/],
])('feed %j', (args, message) => {
  const before = contents()
  const { status, stdout, stderr } = spawnSync(process.execPath, [mainPath, 'feed', ...args], {
    cwd: scratch,
    encoding: 'utf8',
  })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(message)
  expect(contents()).toEqual(before)
})
