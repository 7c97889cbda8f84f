// Every benchmark: what may be said to it, how it runs, and its smoke form, which shows in a second or two that it runs.

import { InvalidArgumentError, Option } from 'commander'
import type { AbuseKind } from '../../bench/abuse-kinds.ts'
import { ABUSE_KINDS } from '../../bench/abuse-kinds.ts'
import type { BenchReport } from '../../bench/bench-report.ts'
import type { PeerChoice } from '../../bench/match.ts'
import type { Report } from './output.ts'

/** What options of all benchmarks come to; which of them are there depends on the benchmark. */
export type BenchFlags = {
  readonly flow: 'W1' | 'W2' | 'W3'
  readonly rounds: number
  readonly commands: number
  readonly rate: number
  readonly durability: 'pair' | 'disk'
  readonly commit: 'pair' | 'disk' | 'alone'
  readonly over: 'nats' | 'session'
  readonly pace: 'spin' | 'timer'
  readonly search?: boolean
  readonly seed: number
  readonly ticks: number
  readonly natsTicks: number
  readonly peers: PeerChoice
  readonly sweep?: 'orders' | 'symbols' | 'prices'
  readonly minutes: number
  readonly pages: number
  readonly operations: number
  readonly records: number
  readonly orders: number
  readonly kind?: readonly AbuseKind[]
}

export type OnStep = (done: number, total: number) => void

export type Bench = {
  readonly name: string
  readonly description: string
  readonly options: readonly Option[]
  run(flags: BenchFlags, onStep: OnStep): Promise<BenchReport>
  smoke(): Promise<BenchReport>
}

const SWEEPS = {
  orders: [10, 1_000, 100_000, 1_000_000],
  symbols: [1, 10, 100, 1_000],
  prices: [1, 10, 100, 1_000, 10_000],
} as const

const quiet = () => {}

const match: Bench = {
  name: 'match',
  description: 'Operations per second of the matching engine, with events, and of its peers.',
  options: [
    flowOption(),
    count('--rounds <count>', 'measured rounds', 11),
    count('--commands <count>', 'at most so many of the flow', 2_000_000),
    new Option('--peers <which>', 'npm alone, or with exchange-core (Java, by Maven), lobster (Rust, by Cargo), all')
      .choices(['npm', 'exchange-core', 'lobster', 'all'])
      .default('npm'),
    new Option('--sweep <what>', 'the cost of growing work instead').choices(['orders', 'symbols', 'prices']),
  ],
  run: async ({ flow, rounds, commands, sweep, peers }, onRound) => {
    const { benchMatch, benchMatchSweep } = await import('../../bench/match.ts')
    if (sweep !== undefined) return benchMatchSweep(sweep, SWEEPS[sweep], rounds, onRound)
    return benchMatch({ flow, commandCountMax: commands, roundCount: rounds, peers, onRound })
  },
  smoke: async () => {
    const { benchMatch, benchMatchSweep } = await import('../../bench/match.ts')
    const { joinReports } = await import('../../bench/bench-report.ts')
    const whole = benchMatch({ flow: 'W1', commandCountMax: 50_000, roundCount: 3, peers: 'npm', onRound: quiet })
    return joinReports([whole, benchMatchSweep('symbols', [1, 10], 3, quiet)])
  },
}

const engine: Bench = {
  name: 'engine',
  description: 'A command to its committed event inside of the process: rate, percentiles, bytes allocated.',
  options: [
    flowOption(),
    count('--rounds <count>', 'measured rounds', 11),
    count('--commands <count>', 'at most so many of the flow', 500_000),
  ],
  run: async ({ flow, rounds, commands }, onRound) => {
    const { benchEngine } = await import('../../bench/engine.ts')
    return benchEngine({ flow, commandCount: commands, roundCount: rounds, onRound })
  },
  smoke: async () => {
    const { benchEngine } = await import('../../bench/engine.ts')
    return unjudged(benchEngine({ flow: 'W3', commandCount: 5_000, roundCount: 1, onRound: quiet }))
  },
}

const codec: Bench = {
  name: 'codec',
  description: 'Writing and reading commands, records, peer frames and reports, beside FlatBuffers accessors and JSON.',
  options: [
    count('--rounds <count>', 'measured rounds', 11),
    count('--operations <count>', 'operations of a round', 2_000_000),
  ],
  run: async ({ rounds, operations }, onRound) => {
    const { benchCodec } = await import('../../bench/codec.ts')
    return benchCodec({ operationCount: operations, roundCount: rounds, onRound })
  },
  smoke: async () => {
    const { benchCodec } = await import('../../bench/codec.ts')
    return benchCodec({ operationCount: 5_000, roundCount: 1, onRound: quiet })
  },
}

const journal: Bench = {
  name: 'journal',
  description: 'Appending, syncing, starting from journals of growing length, restoring a large snapshot.',
  options: [
    count('--rounds <count>', 'measured rounds', 7),
    count('--records <count>', 'of the longest journal', 1_000_000),
    count('--orders <count>', 'in the snapshot', 1_000_000),
  ],
  run: async ({ rounds, records, orders }, onStep) => {
    const { benchJournal } = await import('../../bench/journal.ts')
    const recordCounts = [1_000, 100_000, records].filter((length, index) => index === 2 || length < records)
    return benchJournal({ recordCounts, restingCount: orders, syncCount: 2_000, roundCount: rounds, onStep })
  },
  smoke: async () => {
    const { benchJournal } = await import('../../bench/journal.ts')
    const lengths = { recordCounts: [2_000], restingCount: 2_000, syncCount: 10, segmentSize: 1 << 20 }
    return unjudged(await benchJournal({ ...lengths, roundCount: 1, onStep: quiet }))
  },
}

const recovery: Bench = {
  name: 'recovery',
  description: 'Filling a gap of reports, mending a book by a snapshot, and a backup that joins with an empty disk.',
  options: [
    count('--rounds <count>', 'measured rounds', 11),
    count('--records <count>', 'that the backup lacks', 500_000),
    count('--orders <count>', 'in the book', 10_000),
  ],
  run: async ({ rounds, records, orders }, onStep) => {
    const { benchRecovery } = await import('../../bench/recovery.ts')
    return benchRecovery({ recordCount: records, restingCount: orders, roundCount: rounds, onStep })
  },
  smoke: async () => {
    const { benchRecovery } = await import('../../bench/recovery.ts')
    return benchRecovery({ recordCount: 2_000, restingCount: 1_000, roundCount: 1, onStep: quiet })
  },
}

const replication: Bench = {
  name: 'replication',
  description: 'Latency from a command to its committed answer, with the backup between, and of a bare hop.',
  options: [
    count('--rounds <count>', 'measured rounds', 11),
    count('--commands <count>', 'commands of a round', 5_000),
    count('--rate <count>', 'commands a second', 1_000),
    durabilityOption(),
  ],
  run: ({ rounds, commands, rate, durability }, onRound) => replicationOf(rounds, commands, rate, durability, onRound),
  // How long it takes says nothing on a machine that does other things, too.
  smoke: async () => unjudged(await replicationOf(1, 200, 1_000, 'pair', quiet)),
}

async function replicationOf(
  roundCount: number,
  commandCount: number,
  ratePerS: number,
  durability: 'pair' | 'disk',
  onRound: OnStep,
): Promise<BenchReport> {
  const { benchReplication } = await import('../../bench/replication.ts')
  const isDiskDurable = durability === 'disk'
  return benchReplication({ roundCount, commandCount, ratePerS, isDiskDurable, pace: 'spin', onRound })
}

const ack: Bench = {
  name: 'ack',
  description: 'From an order to its acknowledgement, with real processes, and of the barest programs of that kind.',
  options: [
    count('--rounds <count>', 'measured rounds', 7),
    count('--commands <count>', 'commands of a round', 3_000),
    count('--rate <count>', 'commands a second', 1_000),
    new Option('--commit <mode>', 'two engines, two that sync, or one')
      .choices(['pair', 'disk', 'alone'])
      .default('pair'),
    new Option('--over <way>', 'the bus, or a socket of the engine').choices(['nats', 'session']).default('nats'),
    paceOption(),
    new Option('--no-search', 'leave out the search for the highest rate that holds'),
  ],
  run: async ({ rounds, commands, rate, commit, over, pace, search }, onRound) => {
    const { benchAck } = await import('../../bench/ack.ts')
    const load = { roundCount: rounds, commandCount: commands, ratePerS: rate, pace, onRound }
    return benchAck({ ...load, commit, over, isSearching: search !== false, stepMs: 1_500 })
  },
  smoke: async () => {
    const { benchAck } = await import('../../bench/ack.ts')
    const load = { roundCount: 1, commandCount: 100, ratePerS: 1_000, pace: 'spin', onRound: quiet } as const
    return unjudged(await benchAck({ ...load, commit: 'alone', over: 'session', isSearching: false, stepMs: 100 }))
  },
}

const abuse: Bench = {
  name: 'abuse',
  description: 'What a well-behaved client feels of one that floods, never reads, opens 1,000 connections, or guesses.',
  options: [
    count('--rounds <count>', 'measured rounds without the abuser, and as many with it', 6),
    count('--commands <count>', 'orders of a round', 1_000),
    count('--rate <count>', 'orders a second', 500),
    new Option('--kind <kind...>', 'one or several kinds of abuse; all without it').choices(ABUSE_KINDS),
  ],
  run: async ({ rounds, commands, rate, kind }, onRound) => {
    const { benchAbuse } = await import('../../bench/abuse.ts')
    const kinds = kind ?? ABUSE_KINDS
    return benchAbuse({ kinds, roundCount: rounds, commandCount: commands, ratePerS: rate, onRound })
  },
  smoke: async () => {
    const { benchAbuse } = await import('../../bench/abuse.ts')
    const load = { roundCount: 1, commandCount: 50, ratePerS: 500, onRound: quiet }
    return unjudged(await benchAbuse({ ...load, kinds: ['guess', 'many-peers'] }))
  },
}

const tickToTrade: Bench = {
  name: 'tick-to-trade',
  description: 'From a change of the book to the quote that it leads to: strategy in the engine, and over NATS.',
  options: [count('--ticks <count>', 'changes of the book', 5_000), count('--nats-ticks <count>', 'over NATS', 400)],
  run: async ({ ticks, natsTicks }, onStep) => {
    const { benchTickToTrade } = await import('../../bench/tick-to-trade.ts')
    return benchTickToTrade({ tickCount: ticks, natsTickCount: natsTicks, onStep })
  },
  smoke: async () => {
    const { benchTickToTrade } = await import('../../bench/tick-to-trade.ts')
    return unjudged(await benchTickToTrade({ tickCount: 10, natsTickCount: 0, onStep: quiet }))
  },
}

const fanout: Bench = {
  name: 'fanout',
  description: 'Market data over NATS to 1, 10 and 100 subscribers: events a second, and how late.',
  options: [
    count('--rounds <count>', 'measured rounds', 5),
    count('--commands <count>', 'of the flow behind the market data', 200_000),
  ],
  run: async ({ rounds, commands }, onStep) => {
    const { benchFanout } = await import('../../bench/fanout.ts')
    return benchFanout({ subscriberCounts: [1, 10, 100], commandCount: commands, roundCount: rounds, onStep })
  },
  smoke: async () => {
    const { benchFanout } = await import('../../bench/fanout.ts')
    return unjudged(await benchFanout({ subscriberCounts: [1, 3], commandCount: 2_000, roundCount: 1, onStep: quiet }))
  },
}

const failover: Bench = {
  name: 'failover',
  description: 'From the last answer of a primary that is killed or paused to the first of its successor: the drill.',
  options: [
    count('--rounds <count>', 'kills, and as many pauses', 50),
    count('--rate <count>', 'commands a second', 1_000),
    count('--seed <number>', 'moments follow from it', 1),
  ],
  run: async ({ rounds, rate, seed }, onRound) => {
    const { benchFailover } = await import('../../bench/failover.ts')
    return benchFailover({ roundCount: rounds, ratePerS: rate, seed, onRound })
  },
  // A round takes seconds: the tests of the drill run some.
  smoke: async () => ({ checks: [], results: [], leavesOut: [] }),
}

const feed: Bench = {
  name: 'feed',
  description: 'Events per second read from a recorded feed, and bytes per event.',
  options: [],
  run: () => feedOf(false),
  smoke: () => feedOf(true),
}

async function feedOf(isSmoke: boolean): Promise<BenchReport> {
  const { benchFeed } = await import('../../bench/feed.ts')
  return withLeftOut(await benchFeed({ isSmoke }), 'feed: what a consumer does with the events, and importing.')
}

const backtest: Bench = {
  name: 'backtest',
  description: 'Rows per second of a replay, end to end from a capture, and a day through the matching engine.',
  options: [],
  run: () => backtestOf(false),
  smoke: () => backtestOf(true),
}

async function backtestOf(isSmoke: boolean): Promise<BenchReport> {
  const { benchBacktest } = await import('../../bench/backtest.ts')
  return withLeftOut(await benchBacktest({ isSmoke }), 'backtest: writing results.')
}

const page: Bench = {
  name: 'page',
  description: 'Memory and frame times of the page, and whether the engine notices who watches. Needs Chromium.',
  options: [
    count('--minutes <count>', 'how long', 5),
    count('--rate <count>', 'generated commands a second', 20_000),
    count('--pages <count>', 'connections that come and go beside the one in Chromium', 20),
  ],
  run: async ({ minutes, rate, pages }, onPeriod) => {
    const { benchPage } = await import('../../bench/page.ts')
    return withLeftOut(await benchPage({ minutes, ratePerS: rate, pageCount: pages, onPeriod }))
  },
  // A browser is no matter of seconds: the tests of the page start one.
  smoke: async () => ({ checks: [], results: [], leavesOut: [] }),
}

export const BENCHES: readonly Bench[] = [
  match,
  engine,
  codec,
  journal,
  recovery,
  replication,
  ack,
  abuse,
  tickToTrade,
  fanout,
  failover,
  feed,
  backtest,
  page,
]

function withLeftOut(report: Report, ...leavesOut: readonly string[]): BenchReport {
  return { ...report, leavesOut }
}

/** The figures of a smoke run are held against no target. */
function unjudged(report: BenchReport): BenchReport {
  return { ...report, checks: [] }
}

function flowOption(): Option {
  return new Option('--flow <name>', 'the orders to match').choices(['W1', 'W2', 'W3']).default('W1')
}

function durabilityOption(): Option {
  return new Option('--durability <mode>', 'what commits a record').choices(['pair', 'disk']).default('pair')
}

function paceOption(): Option {
  return new Option('--pace <way>', 'how the load keeps the time: exactly, or with a core less')
    .choices(['spin', 'timer'])
    .default('spin')
}

function count(flags: string, description: string, byDefault: number): Option {
  return new Option(flags, description).argParser(positive).default(byDefault)
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed.')
  return value
}
