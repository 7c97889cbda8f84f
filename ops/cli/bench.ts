// `tandem bench`: measures, and says how sure it is.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { printReport, type Report } from './output.ts'
import { progressBar } from './progress.ts'

const EXAMPLES = `
Examples:
  ./tandem bench match                             match orders of flow W1, against other engines in the same run
  ./tandem bench match --flow W2 --rounds 15
  ./tandem bench match --sweep orders              what one operation costs with 10 to 1,000,000 resting orders
  ./tandem bench feed                              read a recorded feed
  ./tandem bench replication                       what the backup adds to a command, against the barest such program
  ./tandem bench replication --durability disk     the same, synced on both disks
  ./tandem bench backtest --json                   replay a recorded market, and run a day through the engine
  ./tandem bench page --minutes 60                 gateway and page under 20,000 market events a second
  ./tandem bench --smoke                           a few seconds of everything, to see that it runs

Figures are medians of interleaved rounds; "spread" is the distance between the quartiles, as a share of the median.
`
const SMOKE_COMMANDS = 50_000
const SWEEPS = {
  orders: [10, 1_000, 100_000, 1_000_000],
  symbols: [1, 10, 100, 1_000],
  prices: [1, 10, 100, 1_000, 10_000],
} as const

type MatchFlags = {
  readonly flow: 'W1' | 'W2' | 'W3'
  readonly rounds: number
  readonly commands: number
  readonly sweep?: 'orders' | 'symbols' | 'prices'
  readonly json?: boolean
}

type ReplicationFlags = {
  readonly rounds: number
  readonly commands: number
  readonly rate: number
  readonly durability: 'pair' | 'disk'
  readonly json?: boolean
}

type PageFlags = {
  readonly minutes: number
  readonly rate: number
  readonly pages: number
  readonly json?: boolean
}

export function registerBench(program: Command): void {
  const bench = program
    .command('bench')
    .summary('measure how fast it is')
    .description('Measures parts of Tandem against other software, and against growing work.')
    .option('--smoke', 'a few seconds of everything')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: { readonly smoke?: boolean; readonly json?: boolean }) => {
      if (flags.smoke !== true) bench.help({ error: true })
      printReport(await smoke(), flags.json === true)
    })
  bench
    .command('match')
    .description('Operations per second of the matching engine, with events, and of its peers.')
    .addOption(new Option('--flow <name>', 'the orders to match').choices(['W1', 'W2', 'W3']).default('W1'))
    .option('--rounds <count>', 'measured rounds', positive, 11)
    .option('--commands <count>', 'at most so many of the flow', positive, 2_000_000)
    .addOption(
      new Option('--sweep <what>', 'the cost of growing work instead').choices(['orders', 'symbols', 'prices']),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: MatchFlags) => printReport(await match(flags), isJson(bench, flags)))
  bench
    .command('replication')
    .description('Latency from a command to its committed answer, with the backup between, and of a bare hop.')
    .option('--rounds <count>', 'measured rounds', positive, 11)
    .option('--commands <count>', 'commands of a round', positive, 5_000)
    .option('--rate <count>', 'commands a second', positive, 1_000)
    .addOption(new Option('--durability <mode>', 'what commits a record').choices(['pair', 'disk']).default('pair'))
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ReplicationFlags) => printReport(await replication(flags), isJson(bench, flags)))
  bench
    .command('feed')
    .description('Events per second read from a recorded feed, and bytes per event.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: { readonly json?: boolean }) => {
      const { benchFeed } = await import('../../bench/feed.ts')
      printReport(await benchFeed({ isSmoke: false }), isJson(bench, flags))
    })
  bench
    .command('page')
    .description('Memory and frame times of the page, and whether the engine notices who watches. Needs Chromium.')
    .option('--minutes <count>', 'how long', positive, 5)
    .option('--rate <count>', 'generated commands a second', positive, 20_000)
    .option('--pages <count>', 'connections that come and go beside the one in Chromium', positive, 20)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: PageFlags) => printReport(await page(flags, isJson(bench, flags)), isJson(bench, flags)))
  bench
    .command('backtest')
    .description('Rows per second of a replay, end to end from a capture, and a day through the matching engine.')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: { readonly json?: boolean }) => {
      const { benchBacktest } = await import('../../bench/backtest.ts')
      printReport(await benchBacktest({ isSmoke: false }), isJson(bench, flags))
    })
}

async function page({ minutes, rate, pages }: PageFlags, isQuiet: boolean): Promise<Report> {
  const { benchPage } = await import('../../bench/page.ts')
  const progress = progressBar('periods', !isQuiet)
  try {
    return await benchPage({
      ...{ minutes, ratePerS: rate, pageCount: pages },
      onPeriod: (done, total) => progress.update(done, total),
    })
  } finally {
    progress.stop()
  }
}

/** --json may stand before or behind the question. */
function isJson(bench: Command, flags: { readonly json?: boolean }): boolean {
  return flags.json === true || bench.opts<{ json?: boolean }>().json === true
}

async function match(flags: MatchFlags): Promise<Report> {
  const { benchMatch, benchMatchSweep } = await import('../../bench/match.ts')
  const progress = progressBar('rounds', flags.json !== true)
  const onRound = (done: number, total: number) => progress.update(done, total)
  try {
    if (flags.sweep !== undefined) return benchMatchSweep(flags.sweep, SWEEPS[flags.sweep], flags.rounds, onRound)
    return benchMatch({ flow: flags.flow, commandCountMax: flags.commands, roundCount: flags.rounds, onRound })
  } finally {
    progress.stop()
  }
}

async function replication({ rounds, commands, rate, durability, json }: ReplicationFlags): Promise<Report> {
  const { benchReplication } = await import('../../bench/replication.ts')
  const progress = progressBar('rounds', json !== true)
  try {
    return await benchReplication({
      ...{ roundCount: rounds, commandCount: commands, ratePerS: rate, isDiskDurable: durability === 'disk' },
      onRound: (done, total) => progress.update(done, total),
    })
  } finally {
    progress.stop()
  }
}

/** That it runs; how long it takes says nothing on a machine that does other things, too. */
async function smokeOfReplication(): Promise<Report> {
  const { results } = await replication({ rounds: 1, commands: 200, rate: 1_000, durability: 'pair', json: true })
  return { checks: [], results }
}

async function smoke(): Promise<Report> {
  const { benchMatch, benchMatchSweep } = await import('../../bench/match.ts')
  const { benchFeed } = await import('../../bench/feed.ts')
  const { benchBacktest } = await import('../../bench/backtest.ts')
  const quiet = () => {}
  const reports = [
    benchMatch({ flow: 'W1', commandCountMax: SMOKE_COMMANDS, roundCount: 3, onRound: quiet }),
    benchMatchSweep('symbols', [1, 10], 3, quiet),
    await benchFeed({ isSmoke: true }),
    await benchBacktest({ isSmoke: true }),
    await smokeOfReplication(),
  ]
  return { checks: reports.flatMap(({ checks }) => checks), results: reports.flatMap(({ results }) => results) }
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed.')
  return value
}
