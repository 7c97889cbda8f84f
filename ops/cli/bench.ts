// `tandem bench`: measures, and says how sure it is.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { BenchReport } from '../../bench/bench-report.ts'
import { BENCHES, type Bench, type BenchFlags } from './bench-list.ts'
import { printReport } from './output.ts'
import { progressBar } from './progress.ts'

const EXAMPLES = `
Examples:
  ./tandem bench engine                            a command to its committed event, inside of the process
  ./tandem bench match --flow W2 --rounds 15       match orders, against other engines in the same run
  ./tandem bench match --peers all                 against exchange-core and lobster, too (Java, Rust)
  ./tandem bench match --sweep orders              what one operation costs with 10 to 1,000,000 resting orders
  ./tandem bench replication --durability disk     what the backup adds to a command, synced on both disks
  ./tandem bench journal codec --html bench.html   several, and a page with percentile plots
  ./tandem bench backtest --json > today.json      replay a recorded market, and run a day through the engine
  ./tandem bench backtest --compare today.json     the figures, and what became of those of an earlier run
  ./tandem bench page --minutes 60                 gateway and page under 20,000 market events a second
  ./tandem bench all --html bench.html             everything but the page, with defaults: half an hour
  ./tandem bench --smoke                           a few seconds of everything, to see that it runs

Figures are medians of interleaved rounds; "spread" is the distance between the quartiles, as a share of the median.
A target that is missed makes the exit code 1.
`

/** Needs a browser and takes as long as it is told to. */
const NOT_IN_ALL = 'page'

type Flags = BenchFlags & {
  readonly smoke?: boolean
  readonly json?: boolean
  readonly html?: string
  readonly compare?: string
}

export function registerBench(program: Command): void {
  const bench = withOutputOptions(program.command('bench'))
    .summary('measure how fast it is')
    .description('Measures parts of Tandem against other software, and against growing work.')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      if (flags.smoke !== true) bench.help({ error: true })
      await measure(BENCHES, flags)
    })
  for (const one of BENCHES) {
    const command = withOutputOptions(bench.command(one.name))
      .description(one.description)
      .argument('[more...]', 'other benchmarks, with their defaults')
      .addHelpText('after', EXAMPLES)
    for (const option of one.options) command.addOption(option)
    command.action((more: string[], flags: Flags) => {
      const others = more.map((name) => findBench(name))
      // Options of the output may stand before or behind the question.
      return measure([one, ...others], { ...flags, ...bench.opts<Flags>() })
    })
  }
  withOutputOptions(bench.command('all'))
    .description(`All of them but ${NOT_IN_ALL}, with their defaults.`)
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) =>
      measure(
        BENCHES.filter(({ name }) => name !== NOT_IN_ALL),
        { ...flags, ...bench.opts<Flags>() },
      ),
    )
}

function withOutputOptions(command: Command): Command {
  return command
    .option('--smoke', 'a second or two of it, to see that it runs; targets are not checked')
    .option('--json', 'print one JSON object')
    .option('--html <file>', 'write a page with figures and percentile plots')
    .option('--compare <file>', 'hold the figures against those that an earlier run printed with --json')
}

function findBench(name: string): Bench {
  const found = BENCHES.find((bench) => bench.name === name)
  if (found !== undefined) return found
  const known = BENCHES.map((bench) => bench.name).join(', ')
  throw new InvalidArgumentError(`there is no benchmark ${name}; there are ${known}.`)
}

/** The flags are those of the first; the others run with their defaults. */
async function measure(benches: readonly Bench[], flags: Flags): Promise<void> {
  leaveNothing()
  const { joinReports } = await import('../../bench/bench-report.ts')
  const { describeMachine, machineLine } = await import('../../bench/machine.ts')
  const { compareRuns, comparisonLines, readEarlierRun } = await import('../../bench/compare.ts')
  const earlier = flags.compare === undefined ? null : readEarlierRun(flags.compare)
  const machine = describeMachine()
  const reports: BenchReport[] = []
  for (const [index, bench] of benches.entries()) reports.push(await runOne(bench, index === 0 ? flags : null, flags))
  const report = joinReports(reports)
  const comparisons = earlier === null ? null : compareRuns(earlier.results, report.results)
  if (flags.html !== undefined) {
    const { benchPage } = await import('../../bench/bench-page.ts')
    writeFileSync(flags.html, benchPage('Tandem: benchmarks', report, machine))
    process.stderr.write(`the page is ${flags.html}\n`)
  }
  if (flags.json === true) {
    const { curves, leavesOut } = report
    printReport(report, true, { machine, curves, leavesOut, ...(comparisons === null ? {} : { comparisons }) })
    return
  }
  process.stdout.write(`${machineLine(machine)}\n`)
  printReport(report, false)
  for (const text of report.leavesOut) process.stdout.write(`  left out: ${text}\n`)
  const lines = comparisons === null ? [] : comparisonLines(comparisons, earlier?.machine ?? null)
  for (const line of lines) process.stdout.write(`${line}\n`)
}

/** What the benchmarks and their processes write is in one folder, which goes with this process. */
function leaveNothing(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-'))
  process.env['TMPDIR'] = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
}

/** `own` null: with its defaults. */
async function runOne(bench: Bench, own: Flags | null, flags: Flags): Promise<BenchReport> {
  if (flags.smoke === true) return bench.smoke()
  const defaults = Object.fromEntries(bench.options.map((option) => [option.attributeName(), option.defaultValue]))
  const progress = progressBar(bench.name, flags.json !== true)
  try {
    return await bench.run(own ?? (defaults as BenchFlags), (done, total) => progress.update(done, total))
  } finally {
    progress.stop()
  }
}
