// `tandem backtest` with input that cannot be right, as a user runs it: exit code 1, the file and the line, the remedy.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeMarketFeed } from '../../support/market-feed.ts'

const root = join(import.meta.dirname, '../../..')
const scratch = mkdtempSync(join(tmpdir(), 'tandem-backtest-cli-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

beforeAll(() => {
  const feed = join(scratch, 'levels.feed')
  writeMarketFeed(feed, 'L2', 2_000)
  const bytes = readFileSync(feed)
  writeFileSync(join(scratch, 'cut.feed'), bytes.subarray(0, bytes.length - 100))
  bytes[bytes.length >> 1]! ^= 0xff
  writeFileSync(join(scratch, 'damaged.feed'), bytes)
  writeFileSync(join(scratch, 'nan.yaml'), 'strategy: glft\nparameters:\n  gamma: .nan\n')
  writeFileSync(join(scratch, 'key.yaml'), 'strategy: glft\n\nlatencies: 10\n')
  writeFileSync(join(scratch, 'symbol.yaml'), 'strategy: glft\nsymbols: {XYZ: {queueModel: LogProb}}\n')
  writeFileSync(join(scratch, 'table.csv'), 'sent,at,answered\n1,2,3\n1,2\n')
})

const run = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'ops/cli/main.ts'), 'backtest', ...args], { cwd: scratch, encoding: 'utf8' })

const glft = ['--strategy', 'glft']
const feed = ['--feed', 'levels.feed']

test.each([
  ['a feed that is not there', ['--feed', 'no.feed', ...glft], /no\.feed does not exist\n {2}Check the name/],
  [
    'a file that is no feed',
    ['--feed', 'nan.yaml', ...glft],
    /nan\.yaml: this is not a feed file.*\n {2}Import the data/,
  ],
  ['a feed that was cut off', ['--feed', 'cut.feed', ...glft], /cut\.feed: the feed was cut off.*\n {2}Copy or import/],
  ['a feed that is damaged', ['--feed', 'damaged.feed', ...glft], /damaged\.feed: .*at byte \d+.*\n {2}Copy or import/],
  [
    'NaN among the settings',
    [...feed, '--config', 'nan.yaml'],
    /nan\.yaml:3: parameters\.gamma: .*\n {2}docs\/backtest/,
  ],
  ['an unknown key', [...feed, '--config', 'key.yaml'], /key\.yaml:3: unknown key latencies\n {2}docs\/backtest/],
  ['settings that are not there', [...feed, '--config', 'no.yaml'], /no\.yaml: .*cannot be read.*\n {2}Check the name/],
  [
    'an unknown parameter',
    [...feed, ...glft, '--set', 'gama=1'],
    /glft has no parameter gama; it has gamma.*\n {2}docs/,
  ],
  ['a parameter that is no number', [...feed, ...glft, '--set', 'gamma=x'], /name=number is needed/],
  ['an unknown strategy', [...feed, '--strategy', 'gft'], /there is no strategy gft\n {2}There are/],
  [
    'a table of two columns',
    [...feed, ...glft, '--latency', 'table:table.csv'],
    /table\.csv:3: a row is three times.*\n {2}Correct the row/,
  ],
  [
    'settings of a symbol that no feed has',
    [...feed, '--config', 'symbol.yaml'],
    /the settings name the symbol XYZ, and no feed has it\n {2}They have GEN/,
  ],
  [
    'quotes without an exchange',
    [...feed, ...glft, '--entry', 'quotes'],
    /quotes are sent to the exchange.*\n {2}Add --mode/,
  ],
  [
    'levels for the exchange',
    [...feed, ...glft, '--mode', 'exchange'],
    /needs the orders of others.*\n {2}Use --mode replay/,
  ],
])('%s', (_, args, message) => {
  const { status, stdout, stderr } = run(...args)
  expect(stderr).toMatch(message)
  expect(status).toBe(1)
  expect(stdout).toBe('')
})
