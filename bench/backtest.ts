// How fast backtests are: rows per second of a replay with its strategy, end to end from a compressed capture, and a whole
// day through the matching engine.
//
// Goals: the replay is the reference's run const10-10 under one queue model: both books, both clocks, orders, accounts
// and the strategy, over rows in memory; a row counts once, though the exchange and we both look at it. End to end adds
// reading the gzip capture, its JSON, clock correction, the feed file, and reading that again; or starts with the feed
// file, itself compressed, as all runs after the first do. The day in exchange mode
// starts with its feed file. Memory is the most that a process takes which does nothing but one backtest, of the capture's
// feed and of one with ten times its events, one after the other. Left out: writing results. Figures are medians after
// warm-up.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { marketOfFeed } from '../backtest/io/golden-market.ts'
import { goldenReplay } from '../backtest/io/golden-run.ts'
import { runBacktest } from '../backtest/io/run-backtest.ts'
import { defaultSettings } from '../backtest/io/run-settings.ts'
import { ReferenceQuoter } from '../backtest/reference-quoter.ts'
import { constantLatency } from '../backtest/replay/latency-model.ts'
import { queueModelOf } from '../backtest/replay/queue-model.ts'
import type { RowChunk } from '../backtest/replay/replay-rows.ts'
import { FeedBlock } from '../feeds/feed-block.ts'
import type { FeedKind } from '../feeds/feed-event.ts'
import { importBinance } from '../feeds/io/binance-import.ts'
import { FeedFileWriter, openFeed } from '../feeds/io/feed-file.ts'
import { importLobster } from '../feeds/io/lobster-import.ts'
import type { Check, Report, Result } from '../ops/cli/output.ts'
import { endScript, nextMessage, startScript } from './child-process.ts'

const dataDir = process.env['TANDEM_DATA'] ?? join(import.meta.dirname, '../../shared/data')
const capture = join(dataDir, 'binance/usdm_btcusdt_20240808.gz')
const amzn = (kind: string) => join(dataDir, 'nasdaq_lobster', `AMZN_2012-06-21_34200000_57600000_${kind}_5.csv.gz`)

const LATENCY_NS = 10e6
const QUANTITY = 0.01
const REPLAY_TARGET = 8_000_000
const END_TO_END_TARGET = 2_000_000
const DAY_ROUND_COUNT = 5
const DAY_TARGET_S = 1.5
const MEMORY_TARGET_MB = 300
const LONG_COUNT = 10
const MODEL = 'PowerProb3.0'

export async function benchBacktest({ isSmoke }: { readonly isSmoke: boolean }): Promise<Report> {
  if (!existsSync(capture) || !existsSync(amzn('message'))) {
    const ok = isSmoke
    const checks = [{ name: 'recorded data', ok, value: 'missing', limit: `${capture} and AMZN; see TANDEM_DATA` }]
    return { checks, results: [] }
  }
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-backtest-'))
  try {
    const rounds = isSmoke ? 3 : 25
    const parts = [
      await benchEndToEnd(join(folder, 'btc.feed'), isSmoke ? 1 : 10),
      benchReplay(join(folder, 'btc.feed'), rounds),
      await benchDay(join(folder, 'amzn.feed'), isSmoke),
      await benchMemory(join(folder, 'btc.feed'), isSmoke ? 2 : LONG_COUNT),
    ]
    return { checks: parts.flatMap(({ checks }) => checks), results: parts.flatMap(({ results }) => results) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function benchReplay(feed: string, rounds: number): Report {
  const market = marketOfFeed(feed)
  const rowCount = countRows(market.first)
  const queueModel = queueModelOf(MODEL)!
  let fills = 0
  const seconds = timed(rounds, () => {
    const latency = constantLatency(LATENCY_NS, LATENCY_NS)
    const settings = { modelName: MODEL, queueModel, latency, quantity: QUANTITY, takerQuantity: 0 }
    const replay = goldenReplay(market, settings)
    const quoter = new ReferenceQuoter(replay, QUANTITY, 0)
    quoter.run()
    fills = quoter.counts.fills
  })
  const fromFile = timed(Math.ceil(rounds / 2), () => {
    const latency = constantLatency(LATENCY_NS, LATENCY_NS)
    const settings = { modelName: MODEL, queueModel, latency, quantity: QUANTITY, takerQuantity: 0 }
    new ReferenceQuoter(goldenReplay(marketOfFeed(feed), settings), QUANTITY, 0).run()
  })
  const checks = [{ name: 'replay: fills of the reference', ok: fills === 408, value: fills, limit: 408 }]
  return {
    checks,
    results: [
      rate('replay const10-10', rowCount, seconds, REPLAY_TARGET),
      rate('end to end from the feed file', rowCount, fromFile, END_TO_END_TARGET),
    ],
  }
}

async function benchEndToEnd(out: string, rounds: number): Promise<Report> {
  const queueModel = queueModelOf(MODEL)!
  let rowCount = 0
  const seconds: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now()
    await importBinance({ captures: [capture], out, badRowCountMax: 0, withTouch: false })
    const market = marketOfFeed(out)
    const latency = constantLatency(LATENCY_NS, LATENCY_NS)
    const settings = { modelName: MODEL, queueModel, latency, quantity: QUANTITY, takerQuantity: 0 }
    new ReferenceQuoter(goldenReplay(market, settings), QUANTITY, 0).run()
    seconds.push((performance.now() - startMs) / 1_000)
    rowCount = countRows(market.first)
  }
  return {
    checks: [],
    results: [rate('end to end from the capture', rowCount, warmed(seconds), END_TO_END_TARGET)],
  }
}

async function benchDay(out: string, isSmoke: boolean): Promise<Report> {
  const [messages, orderbook] = [amzn('message'), amzn('orderbook')]
  await importLobster({ messages, orderbook, out, tickSize: '0.01', feedLatencyNs: 500_000, badRowCountMax: 0 })
  const settings = { ...defaultSettings(), strategy: 'inventory-quoter', mode: 'exchange' as const }
  const seconds: number[] = []
  let fills = 0
  for (let round = 0; round < (isSmoke ? 1 : DAY_ROUND_COUNT); round++) {
    const startMs = performance.now()
    const runs = await runBacktest({ feeds: [out], settings })
    seconds.push((performance.now() - startMs) / 1_000)
    fills = runs[0]!.figures.fills
  }
  seconds.sort(ascending)
  const median = Number(seconds[seconds.length >> 1]!.toFixed(3))
  const results: Result[] = [
    {
      name: 'exchange mode, AMZN day',
      metric: 'duration',
      value: median,
      unit: 's',
      max: Number(seconds.at(-1)!.toFixed(3)),
    },
    { name: 'exchange mode, AMZN day', metric: 'fills', value: fills, unit: 'fills' },
  ]
  // One round beside whatever else runs says nothing of the time.
  const checks: Check[] = isSmoke
    ? []
    : [{ name: 'exchange mode, AMZN day', ok: median < DAY_TARGET_S, value: median, limit: DAY_TARGET_S }]
  return { checks, results }
}

async function benchMemory(feed: string, count: number): Promise<Report> {
  const long = `${feed}.long`
  writeRepeated(feed, long, count)
  const results: Result[] = []
  const checks: Check[] = []
  for (const [path, name] of [
    [feed, 'replay of the feed'],
    [long, `replay of ${count} times the feed`],
  ] as const) {
    const child = startScript(new URL('backtest-memory.ts', import.meta.url), [path])
    const value = Math.round((await nextMessage<number>(child)) / 1e6)
    await endScript(child)
    results.push({ name, metric: 'memory', value, unit: 'MB' })
    checks.push({ name: `${name}: memory, MB`, ok: value < MEMORY_TARGET_MB, value, limit: MEMORY_TARGET_MB })
  }
  return { checks, results }
}

/** The feed so often, each time after the last. */
function writeRepeated(from: string, to: string, count: number): void {
  let writer: FeedFileWriter | null = null
  const block = new FeedBlock()
  let startNs = 0
  for (let turn = 0; turn < count; turn++) {
    const file = openFeed(from)
    writer ??= new FeedFileWriter(to, file.reader.header)
    const { encoder } = writer
    let endNs = startNs
    while (file.reader.next(block)) {
      const { kind, flags, instrumentIndex, exchangeNs, localNs, priceTicks, quantityLots, orderId, sequence } = block
      for (let i = 0; i < block.count; i++) {
        const times = [exchangeNs[i]! + startNs, localNs[i]! + startNs] as const
        const amounts = [priceTicks[i]!, quantityLots[i]!, orderId[i]!, block.subTicks[i]!, sequence[i]!] as const
        encoder.push(kind[i]! as FeedKind, flags[i]!, instrumentIndex[i]!, ...times, ...amounts)
        endNs = Math.max(endNs, ...times)
      }
    }
    file.close()
    startNs = endNs
  }
  writer?.finish()
}

function rate(name: string, rowCount: number, seconds: readonly number[], target: number): Result {
  const of = (second: number) => Math.round(rowCount / second)
  const median = of(seconds[seconds.length >> 1]!)
  return {
    ...{ name, metric: 'rate', value: median, unit: 'rows/s', max: of(seconds[0]!) },
    spread: Number(((of(seconds[0]!) - of(seconds.at(-1)!)) / median).toFixed(3)),
    against: `target of ${target / 1e6} million rows/s`,
    ratio: Number((median / target).toFixed(2)),
  }
}

function timed(rounds: number, run: () => void): number[] {
  const seconds: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now()
    run()
    seconds.push((performance.now() - startMs) / 1_000)
  }
  return warmed(seconds)
}

/** Sorted, the first fifth left out as warm-up. */
function warmed(seconds: readonly number[]): number[] {
  return seconds.slice(Math.floor(seconds.length / 5)).sort(ascending)
}

function ascending(a: number, b: number): number {
  return a - b
}

function countRows(first: RowChunk | null): number {
  let count = 0
  for (let chunk = first; chunk !== null && chunk !== undefined; chunk = chunk.next ?? null) count += chunk.count
  return count
}
