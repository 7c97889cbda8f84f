// `tandem sweep` with parameters that cannot be right, as a user runs it: told at once, before any run, with a remedy.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { writeMarketFeed } from '../../support/market-feed.ts'

const mainPath = join(import.meta.dirname, '../../../ops/cli/main.ts')
const scratch = mkdtempSync(join(tmpdir(), 'tandem-sweep-cli-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
writeMarketFeed(join(scratch, 'levels.feed'), 'L2', 100)

const thousand = ['--grid', 'gamma=0.1:1:1000']

test.each([
  ['a name twice', ['--grid', 'gamma=0.1', '--grid', 'gamma=0.2'], /gamma has values already.*in one --grid/],
  ['a value twice', ['--grid', 'gamma=0.1,0.2,0.1'], /gamma has the value 0\.1 twice/],
  ['a range of a thousand million', ['--grid', 'gamma=0.1:1:1000000000'], /name=1,2,5 or name=from:to:count is needed/],
  [
    'a grid of ten to the fifteenth',
    ['adj1', 'adj2', 'warmUpS', 'fitTicks'].flatMap((name) => ['--grid', `${name}=1:2:1000`]).concat(thousand),
    /1000000000000000 points are more than 100000\n {2}Take fewer values, or --random N/,
  ],
  ['a sample of a thousand million', [...thousand, '--random', '1000000000'], /points are more than 100000\n {2}Take/],
  ['an unknown name', ['--grid', 'gama=1,2'], /glft has no parameter gama; it has gamma/],
  ['a part of a whole number', ['--grid', 'quantityLots=1:4:3'], /quantityLots is a whole number of lots, not 2\.5/],
])('%s', (_, grid, message) => {
  const args = [mainPath, 'sweep', '--feed', 'levels.feed', '--strategy', 'glft', '--out', 'out', ...grid]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: scratch, encoding: 'utf8' })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(message)
  expect(existsSync(join(scratch, 'out'))).toBe(false)
})

test('stopped by hand it says how far it is, and goes on from there', async () => {
  const grid = ['--grid', 'gamma=0.1:1:400', '--threads', '1', '--json']
  const args = [mainPath, 'sweep', '--feed', 'levels.feed', '--strategy', 'glft', '--out', 'stopped', ...grid]
  const child = spawn(process.execPath, args, { cwd: scratch, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const path = join(scratch, 'stopped', 'sweep.jsonl')
  await vi.waitUntil(() => existsSync(path) && readFileSync(path, 'utf8').includes('\n'), { timeout: 60_000 })
  child.kill('SIGINT')
  const [status] = (await once(child, 'close')) as [number]
  expect(status).toBe(130)
  const [, done] = /stopped after (\d+) of 400 runs; the same command goes on from there/.exec(said) ?? []
  expect(Number(done)).toBeGreaterThan(0)
  const runCount = readFileSync(path, 'utf8').split('\n').length - 1
  expect(runCount).toBe(Number(done))
})
