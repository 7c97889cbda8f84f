// The page and the gateway under a fast market: do they stay small and smooth, and does the engine notice who watches?
//
// One headless Chromium shows the page all the time. Periods with no further connection and with many of them alternate;
// in each, the engine is asked for its status at a constant rate, and the time to its answer, which leaves when the state
// that it tells of is committed, is the engine's latency. A question is sent when it is due, whatever became of those
// before, so that a slow answer does not hide the ones behind it. An empty page in a Chromium of its own, which has nothing
// to draw, shows beside what the machine lets any page do meanwhile.

import type { CDPSession } from 'playwright-core'
import { WebSocket } from 'ws'
import { connectNats } from '../protocol/io/nats-transport.ts'
import type { Transport } from '../protocol/io/transport.ts'
import { Subjects } from '../protocol/subjects.ts'
import { Browser, type WatchedPage } from './browser.ts'
import { median, spreadOf } from './harness.ts'
import { RunningMarket } from './running-market.ts'

export type PageBenchOptions = {
  readonly minutes: number
  /** Market events a second. */
  readonly ratePerS: number
  readonly pageCount: number
  readonly onPeriod: (done: number, total: number) => void
}

type Row = { readonly name: string; readonly metric: string; readonly value: number; readonly unit: string }
type Outcome = {
  readonly checks: { name: string; ok: boolean; value: number; limit: number }[]
  readonly results: (Row & Record<string, number | string>)[]
}
type Period = { readonly watchers: number; readonly latenciesMs: readonly number[]; readonly memory: Memory }
type Memory = { readonly gatewayBytes: number; readonly pageBytes: number }

const WARM_UP_MS = 15_000
const PERIOD_MS = 15_000
const QUESTION_INTERVAL_MS = 20
const QUESTION_TIMEOUT_MS = 5_000
const FRAME_LIMIT_MS = 50
/** Growth of memory after the warm-up, as a share. Shorter runs say less than the hour that this is meant for. */
const GROWTH_LIMIT = 0.25
const MARKET_EVENTS = /recordsPerSecond":(\d+)/

const FRAME_METER = `
  window.frameMs = []
  let last = performance.now()
  const next = (now) => { window.frameMs.push(now - last); last = now; requestAnimationFrame(next) }
  requestAnimationFrame(next)
`

export async function benchPage(options: PageBenchOptions): Promise<Outcome> {
  const stops: (() => Promise<void>)[] = []
  try {
    const browser = await Browser.start()
    stops.push(() => browser.stop())
    const otherBrowser = await Browser.start()
    stops.push(() => otherBrowser.stop())
    const market = await RunningMarket.start(['--rate', String(options.ratePerS)])
    stops.push(() => market.stop())
    const transport = await connectNats({
      url: market.natsUrl,
      name: 'bench page',
      credentials: market.credentials,
    })
    stops.push(() => transport.close())
    const watched = await browser.open(market.pageUrl)
    await pause(WARM_UP_MS)
    const empty = await otherBrowser.open('about:blank')
    for (const { page } of [watched, empty]) await page.evaluate(FRAME_METER)
    const session = await watched.page.context().newCDPSession(watched.page)
    await session.send('Performance.enable')
    const startS = await threadTimeS(session)
    const startMs = performance.now()
    const periodCount = Math.max(2, Math.round((options.minutes * 60_000) / PERIOD_MS / 2) * 2)
    const periods: Period[] = []
    const frameMs: number[] = []
    const emptyMs: number[] = []
    let eventsPerS: number[] = []
    for (let at = 0; at < periodCount; at++) {
      const watchers = at % 2 === 0 ? [] : connect(market.pageUrl, options.pageCount)
      const rates = rateOf(market.pageUrl)
      const latenciesMs = await askFor(PERIOD_MS, transport)
      eventsPerS = [...eventsPerS, ...rates.stop()]
      for (const socket of watchers) socket.terminate()
      frameMs.push(...(await takeFrames(watched)))
      emptyMs.push(...(await takeFrames(empty)))
      periods.push({ watchers: watchers.length, latenciesMs, memory: await memoryOf(market.pageUrl, watched) })
      options.onPeriod(at + 1, periodCount)
    }
    // What the page itself takes, however busy the machine is with other things.
    const cores = ((await threadTimeS(session)) - startS) / ((performance.now() - startMs) / 1_000)
    const { checks, results } = sumUp(periods, frameMs, eventsPerS, watched.errors.length)
    const thread = { name: 'page', metric: 'mainThread', value: round(cores), unit: 'cores' }
    return { checks, results: [...results, frameTime('empty page', emptyMs), thread] }
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

function sumUp(periods: readonly Period[], frameMs: number[], eventsPerS: number[], errorCount: number): Outcome {
  const p50Of = (period: Period) => percentile(period.latenciesMs, 0.5)
  const p99Of = (period: Period) => percentile(period.latenciesMs, 0.99)
  const alone = periods.filter(({ watchers }) => watchers === 0)
  const watchedBy = periods.filter(({ watchers }) => watchers > 0)
  const frameP99 = percentile(frameMs, 0.99)
  const growth = (bytesOf: (memory: Memory) => number) => {
    const half = Math.max(1, periods.length >> 1)
    const early = median(periods.slice(0, half).map(({ memory }) => bytesOf(memory)))
    return median(periods.slice(-half).map(({ memory }) => bytesOf(memory))) / early - 1
  }
  const gatewayGrowth = growth(({ gatewayBytes }) => gatewayBytes)
  const pageGrowth = growth(({ pageBytes }) => pageBytes)
  const last = periods.at(-1)!
  const latency = (name: string, of: readonly Period[]) => ({
    ...{ name, metric: 'statusLatency', value: round(median(of.map(p50Of))), unit: 'ms' },
    ...{ p50: round(median(of.map(p50Of))), p99: round(median(of.map(p99Of))), spread: round(spreadOf(of.map(p50Of))) },
  })
  const ratio = median(watchedBy.map(p50Of)) / median(alone.map(p50Of))
  return {
    checks: [
      { name: 'frame time p99', ok: frameP99 <= FRAME_LIMIT_MS, value: round(frameP99), limit: FRAME_LIMIT_MS },
      {
        name: 'growth of the gateway',
        ok: gatewayGrowth <= GROWTH_LIMIT,
        value: round(gatewayGrowth),
        limit: GROWTH_LIMIT,
      },
      { name: 'growth of the page', ok: pageGrowth <= GROWTH_LIMIT, value: round(pageGrowth), limit: GROWTH_LIMIT },
      { name: 'errors on the page', ok: errorCount === 0, value: errorCount, limit: 0 },
    ],
    results: [
      { name: 'market', metric: 'recordsPerSecond', value: Math.round(median(eventsPerS)), unit: 'records/s' },
      latency('engine, one page', alone),
      {
        ...latency(`engine, ${watchedBy[0]?.watchers ?? 0} more pages`, watchedBy),
        ...{ against: 'engine, one page', ratio: round(ratio) },
      },
      frameTime('page', frameMs),
      { name: 'page', metric: 'heap', value: megabytes(last.memory.pageBytes), unit: 'MB' },
      { name: 'gateway', metric: 'rss', value: megabytes(last.memory.gatewayBytes), unit: 'MB' },
    ],
  }
}

/** Those since the last time: kept on the page, they would count as its memory. */
function takeFrames({ page }: WatchedPage): Promise<number[]> {
  return page.evaluate<number[]>('window.frameMs.splice(0)')
}

function frameTime(name: string, frameMs: readonly number[]): Row & Record<string, number | string> {
  const p50 = round(percentile(frameMs, 0.5))
  const p99 = round(percentile(frameMs, 0.99))
  return {
    name,
    metric: 'frameTime',
    value: p50,
    unit: 'ms',
    p50,
    p99,
    max: round(Math.max(...frameMs.slice(-100_000))),
  }
}

/** Connections that read all they are sent and do nothing with it. */
function connect(pageUrl: string, count: number): WebSocket[] {
  return Array.from({ length: count }, () => {
    const socket = new WebSocket(`${pageUrl.replace('http', 'ws')}/ws`)
    socket.on('error', () => {})
    socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', symbols: ['ALDR'] })))
    return socket
  })
}

/** Listens to what the gateway says of the market's pace. */
function rateOf(pageUrl: string): { stop(): number[] } {
  const rates: number[] = []
  const socket = new WebSocket(`${pageUrl.replace('http', 'ws')}/ws`)
  socket.on('error', () => {})
  socket.on('message', (data: Buffer) => {
    const rate = Number(MARKET_EVENTS.exec(data.toString('utf8'))?.[1] ?? 0)
    if (rate > 0) rates.push(rate)
  })
  return {
    stop: () => {
      socket.terminate()
      return rates
    },
  }
}

async function askFor(durationMs: number, transport: Transport): Promise<number[]> {
  const subject = new Subjects('local').query('status')
  const question = new TextEncoder().encode('{}')
  const latenciesMs: number[] = []
  const answers: Promise<void>[] = []
  const startMs = performance.now()
  for (let due = 0; due < durationMs; due += QUESTION_INTERVAL_MS) {
    await pause(startMs + due - performance.now())
    const answered = transport.request(subject, question, QUESTION_TIMEOUT_MS).then(
      () => {
        latenciesMs.push(performance.now() - startMs - due)
      },
      () => {
        latenciesMs.push(QUESTION_TIMEOUT_MS)
      },
    )
    answers.push(answered)
  }
  await Promise.all(answers)
  return latenciesMs
}

async function memoryOf(pageUrl: string, { page }: WatchedPage): Promise<Memory> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  type Cluster = { processes: { role: string; rssBytes: number }[] }
  const { processes } = (await (await fetch(`${pageUrl}/cluster`)).json()) as Cluster
  return { pageBytes: usedSize, gatewayBytes: processes.find(({ role }) => role === 'gateway')?.rssBytes ?? 0 }
}

async function threadTimeS(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'ThreadTime')?.value ?? 0
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 104_857.6) / 10
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)))
}
