// Backtests from a feed file to a folder of results, in both modes: what the ledger says, and that it says it again.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runBacktest } from '../../../backtest/io/run-backtest.ts'
import { defaultSettings, parseSettings } from '../../../backtest/io/run-settings.ts'
import { FillCause } from '../../../backtest/replay/replay-order.ts'
import { runReport } from '../../../backtest/report/run-report.ts'
import { Side } from '../../../protocol/kinds.ts'
import { STRATEGY_KINDS } from '../../../strategies/catalogue.ts'
import { writeMarketFeed } from '../../support/market-feed.ts'

const root = join(import.meta.dirname, '../../..')
let folder = ''
let byOrder = ''
let byLevel = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-backtest-'))
  byOrder = join(folder, 'orders.feed')
  byLevel = join(folder, 'levels.feed')
  writeMarketFeed(byOrder, 'L3', 20_000)
  writeMarketFeed(byLevel, 'L2', 20_000)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const quick = { ...defaultSettings(), latency: { entryMs: 1, responseMs: 2 } }

describe.each(STRATEGY_KINDS.map(({ name }) => name))('%s', (strategy) => {
  test.each([
    ['replay', 'L2'],
    ['replay', 'L3'],
    ['exchange', 'L3'],
  ] as const)('mode %s over %s: the account is the sum of the ledger', async (mode, detail) => {
    const feeds = [detail === 'L3' ? byOrder : byLevel]
    const fees = { basis: 'value' as const, maker: -0.0001, taker: 0.0005, buyerExtra: 0, sellerExtra: 0.0002 }
    const [run] = await runBacktest({ feeds, settings: { ...quick, strategy, mode, fees } })
    const { record, figures } = run!
    expect(record.fills.length).toBeGreaterThan(5)
    let position = 0
    let balance = 0
    let feeSum = 0
    for (const fill of record.fills) {
      const sign = fill.side === Side.BUY ? 1 : -1
      position += sign * fill.quantity
      balance -= sign * fill.quantity * fill.price
      feeSum += fill.fee
      expect(fill.cause).not.toBe(FillCause.NONE)
      expect(fill.acceptedNs - fill.sentNs).toBe(1e6)
      expect(fill.seenNs - fill.exchangeNs).toBe(2e6)
      expect(fill.exchangeNs).toBeGreaterThanOrEqual(fill.acceptedNs)
      expect(fill.queueAheadAtEntry).toBeGreaterThanOrEqual(0)
      expect(fill.fee).toBeCloseTo(fill.price * fill.quantity * (fill.side === Side.BUY ? -0.0001 : 0.0001), 9)
    }
    const lastMid = record.samples.mid.view().at(-1)!
    expect(figures.finalPosition).toBeCloseTo(position, 6)
    expect(figures.grossProfit).toBeCloseTo(balance + position * lastMid, 6)
    expect(figures.fees).toBeCloseTo(feeSum, 9)
    expect(figures.realisedProfit + figures.unrealisedProfit).toBeCloseTo(figures.grossProfit, 9)
    expect(figures.maxPosition).toBeLessThanOrEqual(60)
    expect(figures.uptimeBoth).toBeGreaterThan(0.1)
  })
})

test('an inverse contract and the rule of whole fills run too', async () => {
  const contract = { size: 100, isInverse: true }
  const settings = { ...quick, strategy: 'inventory-quoter', contract, fills: 'whole' as const, queueModel: 'LogProb' }
  const [run] = await runBacktest({ feeds: [byLevel], settings })
  const { figures } = run!
  expect(figures.fills).toBeGreaterThan(5)
  expect(figures.realisedProfit + figures.unrealisedProfit).toBeCloseTo(figures.grossProfit, 9)
})

test('the compatible rule of partial fills books less than what traded', async () => {
  const run = async (fills: 'partial' | 'partial-compatible') => {
    const settings = { ...quick, strategy: 'inventory-quoter', fills }
    return (await runBacktest({ feeds: [byLevel], settings }))[0]!.figures
  }
  expect((await run('partial-compatible')).quantity).toBeLessThan((await run('partial')).quantity)
})

test('the position limit holds for all that is under way', async () => {
  const settings = { ...quick, strategy: 'multi-level', positionLimitLots: 15 }
  const [run] = await runBacktest({ feeds: [byLevel], settings })
  expect(run!.figures.maxPosition).toBeLessThanOrEqual(15)
  expect(run!.figures.limitedOrders).toBeGreaterThan(0)
})

test('the same inputs give the same bytes in two processes', () => {
  const config = join(folder, 'same.yaml')
  writeFileSync(config, 'strategy: glft\nparameters: {gamma: 0.1, warmUpS: 1}\nlatency: {feed: {}}\n')
  const outs = ['one', 'two'].map((name) => join(folder, name))
  for (const out of outs) {
    const args = ['--feed', byLevel, '--feed', byOrder, '--config', config, '--out', out, '--json']
    const text = execFileSync(process.execPath, [join(root, 'ops/cli/main.ts'), 'backtest', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    expect(JSON.parse(text.trim().split('\n').at(-1)!)).toMatchObject({ ok: true })
  }
  for (const name of ['summary.json', 'fills.csv', 'fills.parquet', 'samples.csv', 'samples.parquet', 'report.html']) {
    const [one, two] = outs.map((out) => readFileSync(join(out, name)))
    expect(one!.length).toBeGreaterThan(100)
    expect(one!.equals(two!), name).toBe(true)
  }
  const page = readFileSync(join(outs[0]!, 'report.html'), 'utf8')
  for (const part of ['Equity', 'Inventory', 'Price and fills', 'Markout', 'latency']) expect(page).toContain(part)
  expect(page).not.toMatch(/https?:|<script/)
}, 60_000)

test('many fills do not hide the price: few marks, that tell of the others, below its line', async () => {
  const [run] = await runBacktest({ feeds: [byLevel], settings: { ...quick, strategy: 'inventory-quoter', stepMs: 1 } })
  const { fills, samples } = run!.record
  // As if all fills of the run had come ten times.
  const many = Array.from({ length: 10 }, () => fills).flat()
  const record = { ...run!.record, fills: many, samples }
  const page = runReport({ title: 'many', settings: [], runs: [{ ...run!, record }] })
  const picture = page.slice(page.indexOf('<figcaption>Price and fills'), page.indexOf('<figcaption>Markout'))
  const titles = [...picture.matchAll(/<title>(?:bought|sold) [^<]*?(?:, and (\d+) more close after it)?<\/title>/g)]
  expect(titles.length).toBeGreaterThan(5)
  expect(titles.length).toBeLessThanOrEqual(2 * 181)
  expect(titles.reduce((sum, [, more]) => sum + 1 + Number(more ?? 0), 0)).toBe(many.length)
  expect(picture.indexOf('stroke="currentColor"')).toBeGreaterThan(picture.lastIndexOf('<title>'))
})

describe('what is wrong is said, with its place', () => {
  test('a feed that was cut off', async () => {
    const cut = join(folder, 'cut.feed')
    const bytes = readFileSync(byLevel)
    writeFileSync(cut, bytes.subarray(0, bytes.length - 100))
    const settings = { ...quick, strategy: 'glft' }
    await expect(runBacktest({ feeds: [cut], settings })).rejects.toThrow(/cut.feed: the feed was cut off/)
  })

  test.each([
    ['stepMs: no\n', /bad.yaml:1: stepMs: a number is needed/],
    ['strategy: glft\nlatency: {entryMs: .nan, responseMs: 1}\n', /bad.yaml:2: latency: one of/],
    ['a: 1\n', /bad.yaml:1: unknown key a/],
    ['fees:\n  maker: x\n', /bad.yaml:2: fees.maker: a number is needed/],
    ['queueModel: Perfect\n', /bad.yaml:1: queueModel: a queue model is needed: RiskAdverse/],
    ['a: [\n', /bad.yaml:\d: .*\n {2}It must be valid YAML/],
  ])('%j', (text, message) => {
    expect(() => parseSettings(text, 'bad.yaml')).toThrow(message)
  })

  test.each([
    [{ strategy: 'glfft' }, /there is no strategy glfft\n {2}There are inventory-quoter/],
    [{ strategy: 'glft', parameters: { gama: 1 } }, /glft has no parameter gama; it has gamma/],
    [{ strategy: 'glft', parameters: { gamma: -1 } }, /gamma is 0.000001 .. 100 1\/tick, not -1/],
    [{ strategy: 'glft', mode: 'exchange' as const }, /levels.feed: mode exchange needs the orders of others/],
    [{ strategy: 'glft', latency: { table: '/nowhere.csv' } }, /\/nowhere.csv does not exist/],
  ])('%j', async (settings, message) => {
    await expect(runBacktest({ feeds: [byLevel], settings: { ...quick, ...settings } })).rejects.toThrow(message)
  })
})
