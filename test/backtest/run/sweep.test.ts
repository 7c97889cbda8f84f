// Sweeps: their points, that they go on where they were stopped, and what they leave.

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { queueBand } from '../../../backtest/io/queue-band.ts'
import { defaultSettings } from '../../../backtest/io/run-settings.ts'
import { runSweep } from '../../../backtest/io/sweep.ts'
import { ranked, writeSweep } from '../../../backtest/io/sweep-results.ts'
import { gridPointCount, gridPoints, parseAxis, randomPoints } from '../../../backtest/run/sweep-points.ts'
import { Prng } from '../../../base/prng.ts'
import { writeMarketFeed } from '../../support/market-feed.ts'

let folder = ''
let feed = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-sweep-'))
  feed = join(folder, 'levels.feed')
  writeMarketFeed(feed, 'L2', 4_000)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('axes and points', () => {
  expect(parseAxis('gamma=1,2.5')).toEqual({ name: 'gamma', values: [1, 2.5] })
  expect(parseAxis('gamma=0:1:3')).toEqual({ name: 'gamma', values: [0, 0.5, 1] })
  for (const bad of ['gamma', 'gamma=', 'gamma=1,x', 'gamma=1:2', 'gamma=1:2:1', '=1', 'gamma=1:2:100001'])
    expect(parseAxis(bad)).toBe(null)
  const axes = [parseAxis('a=1,2')!, parseAxis('b=3,9')!]
  expect(gridPointCount(axes)).toBe(4)
  expect(gridPoints(axes)).toEqual([
    { a: 1, b: 3 },
    { a: 1, b: 9 },
    { a: 2, b: 3 },
    { a: 2, b: 9 },
  ])
  const points = randomPoints(axes, 50, new Prng(1), (name) => name === 'b')
  expect(points).toEqual(randomPoints(axes, 50, new Prng(1), (name) => name === 'b'))
  for (const { a, b } of points) {
    expect(a).toBeGreaterThanOrEqual(1)
    expect(a).toBeLessThanOrEqual(2)
    expect(Number.isInteger(b)).toBe(true)
  }
})

test('a sweep ranks its runs, and runs only what is missing when it is started again', async () => {
  const settings = { ...defaultSettings(), strategy: 'multi-level' }
  const points = gridPoints([parseAxis('halfSpreadTicks=1,2,4')!, parseAxis('orderLevels=1,2')!])
  const out = join(folder, 'out')
  const options = { feeds: [feed], settings, points, out, threadCount: 2 }
  const first = await runSweep(options)
  expect(first.resumedCount).toBe(0)
  expect(first.outcomes.map(({ parameters }) => parameters)).toEqual(points)
  expect(new Set(first.outcomes.map(({ figures }) => figures.turnover)).size).toBeGreaterThan(2)
  const path = join(out, 'sweep.jsonl')
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, `${lines.slice(0, 3).join('\n')}\n${lines[3]!.slice(0, 20)}`)
  const again = await runSweep(options)
  expect(again.resumedCount).toBe(3)
  expect(again.outcomes).toEqual(first.outcomes)
  const ranking = ranked(again.outcomes, 'netProfit')
  writeSweep(out, settings, ranking, 'netProfit')
  const profits = ranking.map(({ figures }) => figures.netProfit)
  expect(profits).toEqual(profits.toSorted((a, b) => b - a))
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('netProfit over halfSpreadTicks and orderLevels')
  expect(readFileSync(join(out, 'sweep.csv'), 'utf8').split('\n').length).toBe(8)
  appendFileSync(path, 'x\n{}\n')
  await expect(runSweep(options)).rejects.toThrow(/sweep.jsonl:\d+: this line is damaged/)
}, 30_000)

test('the band of queue models: all of them, and the cautious one fills least', async () => {
  const band = await queueBand([feed], { ...defaultSettings(), strategy: 'inventory-quoter' })
  expect(band.length).toBe(6)
  const cautious = band.find(({ queueModel }) => queueModel === 'RiskAdverse')!
  expect(Math.min(...band.map(({ turnover }) => turnover))).toBe(cautious.turnover)
})
