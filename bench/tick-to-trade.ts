// From market data to the quote that it leads to: a change of the book leaves the engine, committed; a strategy node sees
// it, thinks, and its quote reaches the engine.
//
//   colocated:  engine ─► call ─► node: mirror, strategy, quote ─► call ─► engine's ingress      one thread
//   over NATS:  engine ─► nats-server ─► node in a process of its own ─► nats-server ─► engine
//
// The node, its session, the strategy and the engine are the real ones, warmed up as an engine with a node of its own warms
// itself up; the engine runs alone on a disk that takes everything at once, so that nothing but the way and the thinking is
// measured. Ticks come one by one; each quote is committed and acknowledged like any other command before the next tick.
//
// Two paces of the colocated node take turns: busy, each tick as soon as the quote before it is acknowledged, which is the
// way itself; and one tick in 2 ms, between which other processes have the cores and their caches. The targets are held
// against the busy pace; how much slower a machine is that has just woken says more of the machine.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Histogram } from 'hdr-histogram-js'
import { ENGINE_SETTINGS_DEFAULT } from '../engine/engine.ts'
import { EngineHost } from '../engine/io/engine-host.ts'
import { Journal } from '../engine/journal/journal.ts'
import { DurableState } from '../engine/replication/durable-state.ts'
import type { Check } from '../ops/cli/output.ts'
import { UserError } from '../ops/cli/output.ts'
import { findNats } from '../ops/nats/nats-binary.ts'
import { startNatsServer } from '../ops/nats/nats-server.ts'
import { rehearseNode } from '../ops/roles/node-rehearsal.ts'
import { ClientId } from '../protocol/clients.ts'
import { CommandHeader } from '../protocol/command.ts'
import { EngineBus } from '../protocol/io/engine-bus.ts'
import { connectNats } from '../protocol/io/nats-transport.ts'
import type { Transport } from '../protocol/io/transport.ts'
import { CommandKind } from '../protocol/kinds.ts'
import { Subjects } from '../protocol/subjects.ts'
import { inventoryQuoter } from '../strategies/inventory-quoter.ts'
import { NodeConnection } from '../strategies/io/node-connection.ts'
import { QUOTER_SETTINGS_DEFAULT } from '../strategies/symbol-quoter.ts'
import { type BenchReport, curveOf, joinReports, latencyFigures } from './bench-report.ts'
import { endScript, startScript } from './child-process.ts'
import { benchConfig, CallBus } from './engine-bench.ts'
import { InstantDisk } from './instant-disk.ts'
import { type MarketPlace, SessionHop } from './session-hop.ts'

export type TickBenchOptions = {
  readonly tickCount: number
  /** 0: only the colocated strategy. */
  readonly natsTickCount: number
  readonly onStep: (done: number, total: number) => void
}

const NODE = 1
const NODE_CLIENT_ID = ClientId.STRATEGY_BASE + NODE
const TRADER_ID = 10
/** Between two ticks. Over NATS: more than the node of every day waits between two quotes. */
const BUSY_TICK_MS = 0
const CALM_TICK_MS = 2
const NATS_TICK_MS = 24
const COLOCATED_SETTINGS = { ...QUOTER_SETTINGS_DEFAULT, minRequoteNs: 0 }
const ROUND_COUNT = 5
/** Passes of the event loop until a quote is acknowledged. */
const ACK_PASS_COUNT = 3
/** A tick without a quote by then has none: the node had lost its lease, as on a machine that did not let it run. */
const TICK_MS_MAX = 2_000
const LOST_SHARE_MAX = 0.05
/** Of a round's ticks, before the first that counts: the caches find their pace. */
const WARM_UP_SHARE = 0.1
const RENEWAL_NS = 250_000_000
const READY_MS_MAX = 20_000
const P50_TARGET_US = 5
const P99_TARGET_US = 25
/** The tick: a bid above the reference price, far from crossing what the node quotes around it. */
const TICK_PLACE: MarketPlace = { symbolId: 0, priceTicks: 10_004 }
const HALF_SPREAD_TICKS = 10

export async function benchTickToTrade(options: TickBenchOptions): Promise<BenchReport> {
  const reports = [await benchColocated(options)]
  options.onStep(1, 2)
  if (options.natsTickCount > 0) reports.push(await benchOverNats(options))
  options.onStep(2, 2)
  return joinReports(reports)
}

async function benchColocated({ tickCount }: TickBenchOptions): Promise<BenchReport> {
  const { parameters } = inventoryQuoter
  const defaults = Object.fromEntries(parameters.map((spec) => [spec.name, spec.default]))
  const quoting = { ...defaults, halfSpreadTicks: HALF_SPREAD_TICKS }
  await rehearseNode(inventoryQuoter, quoting)
  const outside = new CallBus()
  const meter = new TickMeter(new EngineBus(outside))
  const { host, subjects } = startEngine(meter)
  meter.bus.setLeading(host.engine.isPrimary)
  const { symbol, openingPriceTicks } = benchConfig.instruments[0]!
  const strategy = inventoryQuoter.create(quoting)
  const node = new NodeConnection(
    meter.bus.nodeTransport(new CallBus()),
    subjects,
    NODE_CLIENT_ID,
    [{ symbol, symbolId: 0, openingTicks: openingPriceTicks, strategy }],
    COLOCATED_SETTINGS,
    RENEWAL_NS,
    { onOutcome: () => {}, onQuoteEnded: () => {}, onSession: () => {}, onGranted: () => {}, onLost: () => {} },
  )
  try {
    await node.open()
    const trader = await SessionHop.open('trader', callTransport(outside), subjects, TRADER_ID, TICK_PLACE)
    const { busy, calm } = await runPaces(trader, meter, Math.ceil(tickCount / ROUND_COUNT))
    return joinReports([
      reportOf('colocated strategy, one thread, busy', busy, true),
      reportOf('colocated strategy, one thread, a tick in 2 ms', calm, false),
    ])
  } finally {
    node.close()
    await host.stop()
  }
}

async function benchOverNats({ natsTickCount }: TickBenchOptions): Promise<BenchReport> {
  const source = findNats({ ...process.env, NATS_URL: '' })
  if (source.kind !== 'binary') throw new UserError('this benchmark needs a nats-server of its own')
  const dataDir = mkdtempSync(join(tmpdir(), 'tandem-bench-tick-'))
  const nats = await startNatsServer({
    ...{ binary: source.path, dataDir, host: '127.0.0.1', port: 0, authorization: null },
  })
  const transport = await connectNats({ url: nats.url, name: 'bench engine' })
  const trading = await connectNats({ url: nats.url, name: 'bench trader' })
  const meter = new TickMeter(new EngineBus(transport))
  const { host, subjects } = startEngine(meter)
  const main = new URL('../ops/cli/main.ts', import.meta.url)
  const args = ['strategy', '--nats', nats.url, '--cluster', benchConfig.clusterId, '--node', String(NODE)]
  const child = startScript(main, [...args, '--param', `halfSpreadTicks=${HALF_SPREAD_TICKS}`], {
    TANDEM_LOG: 'silent',
  })
  try {
    const trader = await SessionHop.open('trader', trading, subjects, TRADER_ID, TICK_PLACE)
    try {
      await untilQuoting(trader, meter)
      const histogram = await measureTicks(trader, meter, natsTickCount, NATS_TICK_MS)
      return reportOf('strategy in a process of its own, over NATS', [histogram], false)
    } finally {
      await trader.stop()
    }
  } finally {
    await endScript(child)
    await host.stop()
    await trading.close()
    await transport.close()
    await nats.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

function reportOf(name: string, rounds: readonly Histogram[], isJudged: boolean): BenchReport {
  const figures = latencyFigures(rounds, 'us', 1_000)
  const checks: Check[] = [
    {
      name: 'tick to trade, colocated, busy pace: p50, us',
      ok: figures.p50 <= P50_TARGET_US,
      value: figures.p50,
      limit: P50_TARGET_US,
    },
    {
      name: 'tick to trade, colocated, busy pace: p99, us',
      ok: figures.p99 <= P99_TARGET_US,
      value: figures.p99,
      limit: P99_TARGET_US,
    },
  ]
  return {
    checks: isJudged ? checks : [],
    results: [{ name: `tick to trade, ${name}`, metric: 'latency', ...figures }],
    curves: [curveOf(`tick to trade, ${name}`, rounds, 'us', 1_000)],
    leavesOut: [
      'tick-to-trade: the tick is on its way when it leaves the engine, and the quote has arrived when it is in the ingress; ' +
        'committing the one and the other is `ack`. The targets are held against the busy pace, where a tick follows the ' +
        'acknowledgement of the quote before it. Over NATS ticks come 24 ms apart.',
    ],
  }
}

function startEngine(transport: Transport): { readonly host: EngineHost; readonly subjects: Subjects } {
  const storage = new InstantDisk()
  const subjects = new Subjects(benchConfig.clusterId)
  const host = new EngineHost({
    journal: Journal.open(storage, { clusterId: benchConfig.clusterId, timeBaseUnixMs: Date.now() }),
    ...{ state: DurableState.open(storage), bootId: 1, pair: null, isForced: false, config: benchConfig },
    ...{ settings: ENGINE_SETTINGS_DEFAULT, transport, subjects, sessions: null },
    onProgress: () => {},
    onFailure: (error) => {
      throw error
    },
    onTransition: () => {},
    onPeerFault: () => {},
    onSnapshot: () => {},
    onJournalFull: () => {},
    onUnheard: () => {},
  })
  return { host, subjects }
}

/** Around the engine's bus: sees the change of the book leave and the quote come. */
class TickMeter implements Transport {
  readonly bus: EngineBus
  readonly #l2Subject: string
  readonly #quoteSubject: string
  #isArmed = false
  #leftMs = 0
  #onQuote: ((latencyNs: number) => void) | null = null

  constructor(bus: EngineBus) {
    const subjects = new Subjects(benchConfig.clusterId)
    this.bus = bus
    this.#l2Subject = subjects.marketData(benchConfig.instruments[0]!.symbol, 'l2')
    this.#quoteSubject = subjects.commands(NODE_CLIENT_ID)
  }

  /** The next change of the book is the tick. Resolves with the nanoseconds until its quote came; NaN: none did. */
  arm(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    const timer = setTimeout(() => resolve(Number.NaN), TICK_MS_MAX)
    this.#isArmed = true
    this.#onQuote = (latencyNs) => {
      clearTimeout(timer)
      resolve(latencyNs)
    }
    return promise
  }

  publish(subject: string, payload: Uint8Array): void {
    if (this.#isArmed && subject === this.#l2Subject) {
      this.#isArmed = false
      this.#leftMs = performance.now()
    }
    this.bus.publish(subject, payload)
  }

  subscribe(...[subject, onMessage]: Parameters<Transport['subscribe']>): ReturnType<Transport['subscribe']> {
    return this.bus.subscribe(subject, (message) => {
      if (!this.#isArmed && message.subject === this.#quoteSubject) this.#onCommands(message.data)
      onMessage(message)
    })
  }

  request(...args: Parameters<Transport['request']>): Promise<Uint8Array> {
    return this.bus.request(...args)
  }

  flush(): Promise<void> {
    return this.bus.flush()
  }

  onState(...args: Parameters<Transport['onState']>): void {
    this.bus.onState(...args)
  }

  close(): Promise<void> {
    return this.bus.close()
  }

  #onCommands(message: Uint8Array): void {
    if (this.#leftMs === 0 || message[CommandHeader.KIND] !== CommandKind.QUOTE) return
    this.#onQuote?.((performance.now() - this.#leftMs) * 1e6)
    this.#onQuote = null
    this.#leftMs = 0
  }
}

/** The two paces take turns. */
async function runPaces(
  trader: SessionHop,
  meter: TickMeter,
  tickCount: number,
): Promise<{ busy: Histogram[]; calm: Histogram[] }> {
  const busy: Histogram[] = []
  const calm: Histogram[] = []
  try {
    await untilQuoting(trader, meter)
    for (let round = 0; round < ROUND_COUNT; round++) {
      busy.push(await measureTicks(trader, meter, tickCount, BUSY_TICK_MS))
      calm.push(await measureTicks(trader, meter, tickCount, CALM_TICK_MS))
    }
  } finally {
    await trader.stop()
  }
  return { busy, calm }
}

/** Alternately an order above all other bids and its cancel: the fair value follows, and the quote with it. */
async function tickOnce(trader: SessionHop, meter: TickMeter, tickMs: number): Promise<number> {
  const quoted = meter.arm()
  trader.send(() => {})
  const latencyNs = await quoted
  if (tickMs > 0) await new Promise((resolve) => setTimeout(resolve, tickMs))
  else for (let pass = 0; pass < ACK_PASS_COUNT; pass++) await new Promise((resolve) => setImmediate(resolve))
  return latencyNs
}

async function untilQuoting(trader: SessionHop, meter: TickMeter): Promise<void> {
  const untilMs = performance.now() + READY_MS_MAX
  while (Number.isNaN(await tickOnce(trader, meter, NATS_TICK_MS))) {
    if (performance.now() > untilMs) throw new Error('the strategy node does not quote')
  }
}

async function measureTicks(
  trader: SessionHop,
  meter: TickMeter,
  tickCount: number,
  tickMs: number,
): Promise<Histogram> {
  const histogram = build({
    ...{ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: 3 },
  })
  const warmUpCount = Math.ceil(tickCount * WARM_UP_SHARE)
  for (let count = 0; count < warmUpCount; count++) await tickOnce(trader, meter, tickMs)
  let lostCount = 0
  while (histogram.totalCount < tickCount) {
    const latencyNs = await tickOnce(trader, meter, tickMs)
    if (Number.isNaN(latencyNs)) lostCount += 1
    else histogram.recordValue(Math.max(1, Math.round(latencyNs)))
    if (lostCount > tickCount * LOST_SHARE_MAX + 1) throw new Error(`${lostCount} ticks had no quote`)
  }
  return histogram
}

/** A client's way to an engine in this process. */
function callTransport(bus: CallBus): Transport {
  return {
    publish: (subject, payload) => bus.deliver(subject, payload.slice()),
    subscribe: (subject, onMessage) => {
      bus.onPublish = (published, payload) => {
        if (published === subject) onMessage({ subject, data: payload, respond: () => {} })
      }
      return { unsubscribe: () => {} }
    },
    request: () => bus.request(),
    flush: () => bus.flush(),
    onState: () => {},
    close: () => bus.close(),
  }
}
