// `tandem sweep`: many backtests that differ in their parameters.

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { createStrategy } from '../../backtest/io/run-backtest.ts'
import { runSweep } from '../../backtest/io/sweep.ts'
import { ranked, writeSweep } from '../../backtest/io/sweep-results.ts'
import {
  gridPointCount,
  gridPoints,
  parseAxis,
  randomPoints,
  SWEEP_POINT_COUNT_MAX,
  type SweepAxis,
} from '../../backtest/run/sweep-points.ts'
import { Prng } from '../../base/prng.ts'
import { findStrategyKind } from '../../strategies/catalogue.ts'
import { type BacktestFlags, settingsOfFlags, withRunOptions } from './backtest.ts'
import { printReport, UserError } from './output.ts'
import { progressBar } from './progress.ts'

const EXAMPLES = `
Examples:
  ./tandem sweep --feed BTCUSDT.feed --strategy glft --grid gamma=0.01,0.1,1 --grid adj1=0.5:2:4 --out sweep
  ./tandem sweep --feed BTCUSDT.feed --strategy glft --grid gamma=0.01:1:2 --random 100 --seed 7 --out sweep

A sweep that was stopped goes on when it is started again with the same --out.
`
const METRICS = ['netProfit', 'grossProfit', 'sharpePerDay', 'maxDrawdown', 'fills', 'turnover'] as const
const SHOWN_COUNT = 10
/** What a shell says of a program that SIGINT ended. */
const INTERRUPTED = 130

type SweepFlags = BacktestFlags & {
  readonly grid: SweepAxis[]
  readonly random?: number
  readonly seed: number
  readonly threads: number
  readonly rank: (typeof METRICS)[number]
}

export function registerSweep(program: Command): void {
  withRunOptions(program.command('sweep'))
    .summary('run a strategy with many parameters, and rank them')
    .description('Runs backtests over a grid of parameters or a random sample, on several threads, and ranks them.')
    .requiredOption('--grid <axis>', 'name=1,2,5 or name=from:to:count; may be given again', axis)
    .option('--random <n>', 'so many random points of the ranges instead of the grid', count)
    .option('--seed <n>', 'of the random points', count, 1)
    .option('--threads <n>', 'backtests at the same time', count, availableParallelism())
    .addOption(new Option('--rank <figure>', 'what to rank by').choices(METRICS).default('netProfit'))
    .addHelpText('after', EXAMPLES)
    .action((flags: SweepFlags) => sweep(flags))
}

async function sweep(flags: SweepFlags): Promise<void> {
  const { feed, out, grid, json } = flags
  if (feed === undefined) throw new UserError('no feed is named', 'Name one with --feed FILE.')
  if (out === undefined) throw new UserError('no folder is named', 'Name one with --out DIR.')
  const settings = settingsOfFlags(flags)
  const kind = findStrategyKind(settings.strategy ?? '')
  const isWhole = (name: string) => kind?.parameters.find((spec) => spec.name === name)?.isWhole === true
  const pointCount = flags.random ?? gridPointCount(grid)
  if (pointCount > SWEEP_POINT_COUNT_MAX) {
    throw new UserError(
      `${pointCount} points are more than ${SWEEP_POINT_COUNT_MAX}`,
      flags.random === undefined ? 'Take fewer values, or --random N.' : 'Take fewer.',
    )
  }
  const points =
    flags.random === undefined ? gridPoints(grid) : randomPoints(grid, flags.random, new Prng(flags.seed), isWhole)
  // A wrong name or value is said before anything runs.
  for (const point of points) createStrategy(settings.strategy, { ...settings.parameters, ...point })
  const bar = progressBar('sweeping', json !== true)
  const startMs = performance.now()
  let doneCount = 0
  const onInterrupt = () => {
    bar.stop()
    process.stderr.write(`stopped after ${doneCount} of ${points.length} runs; the same command goes on from there\n`)
    process.exit(INTERRUPTED)
  }
  process.once('SIGINT', onInterrupt)
  try {
    const { outcomes, resumedCount } = await runSweep({
      ...{ feeds: feed, settings, points, out, threadCount: flags.threads },
      onProgress: (done, total) => {
        doneCount = done
        bar.update(done, total)
      },
    })
    bar.stop()
    const seconds = (performance.now() - startMs) / 1_000
    const ranking = ranked(outcomes, flags.rank)
    writeSweep(out, settings, ranking, flags.rank)
    const names = grid.map(({ name }) => name)
    if (json !== true) {
      const list = new Table({ head: ['rank', ...names, ...METRICS], style: { head: [], border: [] } })
      for (const [at, { parameters, figures }] of ranking.slice(0, SHOWN_COUNT).entries()) {
        list.push([at + 1, ...names.map((name) => parameters[name]!), ...METRICS.map((name) => round(figures[name]))])
      }
      process.stdout.write(`${list.toString()}\n`)
    }
    const best = ranking[0]!
    const results = [
      { name: 'sweep', metric: 'runs', value: points.length, unit: 'runs' },
      { name: 'sweep', metric: 'resumed', value: resumedCount, unit: 'runs' },
      { name: 'sweep', metric: 'duration', value: Number(seconds.toFixed(3)), unit: 's' },
      { name: 'best', metric: flags.rank, value: round(best.figures[flags.rank]), unit: '' },
    ]
    const checks = [
      { name: 'runs', ok: outcomes.length === points.length, value: outcomes.length, limit: points.length },
    ]
    printReport({ checks, results }, json === true, { out, best, report: join(out, 'report.html') })
  } finally {
    process.removeListener('SIGINT', onInterrupt)
    bar.stop()
  }
}

function axis(text: string, before: SweepAxis[] = []): SweepAxis[] {
  const parsed = parseAxis(text)
  if (parsed === null) throw new InvalidArgumentError('name=1,2,5 or name=from:to:count is needed.')
  const { name, values } = parsed
  const again = values.find((value, at) => values.indexOf(value) !== at)
  if (again !== undefined) throw new InvalidArgumentError(`${name} has the value ${again} twice.`)
  if (before.some((other) => other.name === name)) {
    throw new InvalidArgumentError(`${name} has values already; give all of them in one --grid.`)
  }
  return [...before, parsed]
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed.')
  return value
}

function round(value: number): number {
  return Number(value.toPrecision(6))
}
