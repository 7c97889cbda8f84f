// How fast orders are matched, by this project's exchange and by others, over the same flow in the same run.
//
// Only engine calls are timed: the flow is loaded and encoded before. Every subject must come to the flow's fills and
// quantity, or the run fails. Rounds are interleaved; a figure is the median round, its spread the distance between the
// quartiles, a ratio the median over rounds.

import type { Check, Result } from '../ops/cli/output.ts'
import { allocatedBytes } from './allocation.ts'
import { type BenchReport, histogramOf, latencyFigures } from './bench-report.ts'
import { CommandBatch, FullExchange } from './full-exchange.ts'
import { median, ratioOf, type Subject, spreadOf, type Timing, timeSubjects } from './harness.ts'
import { type FlowName, type FlowOutcome, flowOverBook, loadFlow, type OrderFlow } from './order-flow.ts'
import { BareBook } from './peers/bare-book.ts'
import { ChildPeer, type Driver, PeerMissingError } from './peers/child-peer.ts'
import { exchangeCore } from './peers/exchange-core.ts'
import { lobster } from './peers/lobster.ts'
import { NodejsOrderBook } from './peers/nodejs-order-book.ts'
import { orderRoom } from './session-flow.ts'

/** npm's alone, or one that has to be fetched first, too, or all of them. */
export type PeerChoice = 'npm' | 'exchange-core' | 'lobster' | 'all'

export type MatchOptions = {
  readonly flow: FlowName
  readonly commandCountMax: number
  readonly roundCount: number
  readonly peers: PeerChoice
  readonly onRound: (done: number, total: number) => void
}

/** Other languages' peers by name: each gives its driver, or throws PeerMissingError. */
const FETCHED: ReadonlyMap<PeerChoice, () => Driver> = new Map<PeerChoice, () => Driver>([
  ['exchange-core', exchangeCore],
  ['lobster', lobster],
])
const WARM_UP_COUNT = 2
const LEFT_OUT =
  'match: loading and encoding the flow, sessions, journal, network. One operation: a reading of the clock is in it.'
const EXCHANGE = 'exchange'
const SLOW_COMMAND_COUNT = 50_000
/** A prime, so that no pattern of the flow is met in step. */
const SAMPLED_EVERY = 61

export function benchMatch({ flow: name, commandCountMax, roundCount, peers, onRound }: MatchOptions): BenchReport {
  const flow = loadFlow(name, commandCountMax)
  // A peer that is a hundred times slower gets the beginning of the flow.
  const part = loadFlow(name, Math.min(commandCountMax, SLOW_COMMAND_COUNT))
  const batch = new CommandBatch(flow, 1)
  const exchange = new FullExchange(batch, 1, orderRoom(flow), false)
  const whole = new FullExchange(batch, 1, orderRoom(flow), true)
  const bare = new BareBook(flow.orderIdMax)
  const nodejs = new NodejsOrderBook()
  const fetched = fetchPeers(peers, flow)
  const outcome = exchange.replay()
  const checks = checkOutcome(flow, EXCHANGE, outcome, flow.expected)
  const count = flow.commandCount
  const isSame = (engine: FullExchange) => () => sameCount(engine.orderCount(), outcome.ordersLeft)
  const timings = timeSubjects(
    [
      subjectOf(EXCHANGE, count, exchange, () => exchange.run(), isSame(exchange)),
      subjectOf('with market data', count, whole, () => whole.run(), isSame(whole)),
      subjectOf(
        'bare book',
        count,
        bare,
        () => bare.run(flow),
        () => {},
      ),
      subjectOf(
        'nodejs-order-book',
        part.commandCount,
        nodejs,
        () => nodejs.run(part),
        () => {},
      ),
      ...fetched.peers.map((peer) => subjectOfPeer(peer, count)),
    ],
    roundCount,
    WARM_UP_COUNT,
    onRound,
  )
  checks.push(...checkOutcome(flow, 'bare book', bare.outcome(), outcome))
  bare.clear()
  bare.run(part)
  const partial = bare.outcome()
  checks.push(...checkOutcome(part, 'nodejs-order-book', { ...partial, ...nodejs.outcome() }, partial))
  for (const peer of fetched.peers) {
    checks.push(...checkOutcome(flow, peer.name, peer.outcome(), outcome))
    peer.close()
  }
  const results = timings.flatMap((timing) => resultsOf(flow.name, timing, timings[0]!))
  results.push(...costsOf(`match ${flow.name} ${EXCHANGE}`, exchange, batch.commandCount))
  results.push(...costsOf(`match ${flow.name} with market data`, whole, batch.commandCount))
  return { checks, results, leavesOut: [LEFT_OUT, ...fetched.missing] }
}

/** Beside the mean time of an operation: how the times are spread, from a sample, and what an operation allocates. */
function costsOf(name: string, engine: FullExchange, commandCount: number): Result[] {
  engine.clear()
  const before = allocatedBytes()
  engine.run()
  const allocated = (allocatedBytes() - before) / commandCount
  const samplesNs = new Float64Array(Math.ceil(commandCount / SAMPLED_EVERY))
  engine.clear()
  engine.runSampled(SAMPLED_EVERY, samplesNs)
  return [
    { name, metric: 'one operation', ...latencyFigures([histogramOf(samplesNs)], 'ns') },
    { name, metric: 'allocated', value: Number(allocated.toFixed(2)), unit: 'bytes/operation' },
  ]
}

/** The peers that were asked for, and why some of them cannot be had. */
function fetchPeers(choice: PeerChoice, flow: OrderFlow) {
  const peers: ChildPeer[] = []
  const missing: string[] = []
  for (const [name, fetch] of FETCHED) {
    if (choice !== 'all' && choice !== name) continue
    try {
      peers.push(new ChildPeer(fetch(), flow))
    } catch (error) {
      if (!(error instanceof PeerMissingError)) throw error
      missing.push(`match: ${error.message}.`)
    }
  }
  return { peers, missing }
}

function subjectOfPeer(peer: ChildPeer, operationCount: number): Subject {
  return { name: peer.name, operationCount, prepare: () => {}, run: () => peer.run(), verify: () => {} }
}

/** What one operation costs as books, the number of symbols and the distance between prices grow. */
export function benchMatchSweep(
  kind: 'orders' | 'symbols' | 'prices',
  sizes: readonly number[],
  roundCount: number,
  onRound: (done: number, total: number) => void,
): BenchReport {
  const results: Result[] = []
  for (const [index, size] of sizes.entries()) {
    const resting = kind === 'orders' ? size : 10_000
    const symbolCount = kind === 'symbols' ? size : 1
    const flow = flowOverBook(resting, 500_000)
    const batch = new CommandBatch(flow, symbolCount, kind === 'prices' ? size : 1)
    const exchange = new FullExchange(batch, symbolCount, orderRoom(flow), false)
    const subject: Subject = {
      ...{ name: EXCHANGE, operationCount: flow.commandCount - resting },
      prepare: () => exchange.fill(resting),
      run: () => exchange.runRest(resting),
      verify: () => {},
    }
    results.push(
      ...resultsOf(
        kind === 'prices' ? `prices ${size} ticks apart` : `${size} ${kind}`,
        timeSubjects([subject], roundCount, 1)[0]!,
        null,
      ),
    )
    onRound(index + 1, sizes.length)
  }
  return { checks: [], results, leavesOut: [LEFT_OUT] }
}

function subjectOf(
  name: string,
  operationCount: number,
  engine: { clear(): void },
  run: () => void,
  verify: () => void,
): Subject {
  return { name, operationCount, prepare: () => engine.clear(), run, verify }
}

function sameCount(count: number, expected: number): void {
  if (count !== expected) throw new Error(`${count} orders are left in the book, not ${expected}`)
}

function checkOutcome(flow: OrderFlow, name: string, outcome: FlowOutcome, expected: FlowOutcome | null): Check[] {
  if (expected === null) return []
  return (Object.keys(expected) as (keyof FlowOutcome)[]).map((key) => ({
    name: `${flow.name} ${name}: ${key}`,
    ok: outcome[key] === expected[key],
    value: outcome[key],
    limit: expected[key],
  }))
}

function resultsOf(flowName: string, timing: Timing, reference: Timing | null): Result[] {
  const { operationCount } = timing
  const seconds = median(timing.seconds)
  const spread = Number(spreadOf(timing.seconds).toFixed(3))
  const shared = { name: `match ${flowName} ${timing.name}`, spread }
  const rate: Result = { ...shared, metric: 'rate', value: Math.round(operationCount / seconds), unit: 'operations/s' }
  const nsPerOperation = Number(((seconds / operationCount) * 1e9).toFixed(1))
  const time: Result = { ...shared, metric: 'time', value: nsPerOperation, unit: 'ns/operation' }
  if (reference === null || reference === timing) return [rate, time]
  const { median: ratio } = ratioOf(timing, reference)
  return [{ ...rate, against: EXCHANGE, ratio: Number(ratio.toPrecision(3)) }, time]
}
