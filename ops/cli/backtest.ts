// `tandem backtest`: strategies over recorded markets.

import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { queueBand, queueBandSection } from '../../backtest/io/queue-band.ts'
import { type BacktestRun, runBacktest } from '../../backtest/io/run-backtest.ts'
import { writeResults } from '../../backtest/io/run-results.ts'
import {
  type BacktestSettings,
  defaultSettings,
  ENTRIES,
  FILL_RULES,
  loadSettings,
  parseLatency,
} from '../../backtest/io/run-settings.ts'
import { QUEUE_MODEL_NAMES, queueModelOf } from '../../backtest/replay/queue-model.ts'
import { STRATEGY_KINDS } from '../../strategies/catalogue.ts'
import { printReport, type Result, UserError } from './output.ts'
import { progressBar } from './progress.ts'

const EXAMPLES = `
Examples:
  ./tandem backtest --feed BTCUSDT.feed --strategy inventory-quoter --out results
  ./tandem backtest --feed AMZN.feed --feed BTCUSDT.feed --config backtest.yaml --out results --json
  ./tandem backtest --feed BTCUSDT.feed --strategy avellaneda-stoikov --set riskFactor=0.5 \\
      --latency 10/10 --queue-model PowerProb3.0 --queue-band --out results
  ./tandem backtest verify-oracle ../shared/goldens --data ../shared/data --json

Strategies: ${STRATEGY_KINDS.map(({ name }) => name).join(', ')} (docs/strategies.md).
Queue models: ${QUEUE_MODEL_NAMES.join(', ')}; a feed by order knows its queues and uses none.
`

export type BacktestFlags = {
  readonly feed?: string[]
  readonly strategy?: string
  readonly config?: string
  readonly set?: Record<string, number>
  readonly symbol?: string
  readonly out?: string
  readonly mode?: 'replay' | 'exchange'
  readonly entry?: (typeof ENTRIES)[number]
  readonly queueModel?: string
  readonly latency?: ReturnType<typeof parseLatency>
  readonly fills?: (typeof FILL_RULES)[number]
  readonly stepMs?: number
  readonly queueBand?: boolean
  readonly json?: boolean
}

export function registerBacktest(program: Command): void {
  const backtest = withRunOptions(program.command('backtest'))
    .summary('run a strategy over recorded markets')
    .description('Runs a strategy over recorded markets, and compares with the reference (docs/backtest.md).')
    .option('--symbol <symbol>', 'only this symbol of the feeds')
    .option('--queue-band', 'also run under every queue model, to see how much depends on it')
    .addHelpText('after', EXAMPLES)
    .action((flags: BacktestFlags) => run(flags, backtest))
  backtest
    .command('verify-oracle')
    .argument('<dir>', 'the folder of expected results (*.end.txt and what belongs to them)')
    .description('repeats runs of the reference implementation, and says where each differs first')
    .option('--data <dir>', 'the folder of the recorded captures; without it, data beside the folder')
    .option('--only <text>', 'only runs whose name contains it')
    .option('--json', 'print one JSON object')
    .action((dir: string, flags: VerifyFlags) =>
      verifyOracle(dir, { ...flags, json: flags.json === true || backtest.opts<BacktestFlags>().json === true }),
    )
}

/** What a backtest and a sweep have in common. */
export function withRunOptions(command: Command): Command {
  return command
    .option('--feed <file>', 'a feed file (./tandem feed import); may be given again', collected)
    .option('--strategy <name>', 'the strategy to run')
    .option('--config <file>', 'settings as YAML: parameters, latency, fees and more, also by symbol')
    .option('--set <name=value>', 'a parameter of the strategy; may be given again', parameter)
    .option('--out <dir>', 'the folder for the results and report.html')
    .addOption(
      new Option('--mode <mode>', 'how our orders meet the market: a recorded one, or the matching engine').choices([
        'replay',
        'exchange',
      ]),
    )
    .addOption(
      new Option('--entry <how>', 'in mode exchange: post-only orders, or one quote at a time as live').choices(
        ENTRIES,
      ),
    )
    .option('--queue-model <name>', 'how an order moves up in its queue', queueModel)
    .option('--latency <what>', 'ENTRY/RESPONSE in ms, table:FILE, or feed', latency)
    .addOption(new Option('--fills <rule>', 'fill orders whole, or by what traded').choices(FILL_RULES))
    .option('--step-ms <n>', 'how often the strategy looks and acts', positive)
    .option('--json', 'print one JSON object')
}

async function run(flags: BacktestFlags, command: Command): Promise<void> {
  if (flags.feed === undefined) {
    if (flags.strategy === undefined && flags.config === undefined) command.help({ error: true })
    throw new UserError('no feed is named', 'Name one with --feed FILE; ./tandem feed import makes them.')
  }
  const settings = settingsOfFlags(flags)
  const bar = progressBar('running', flags.json !== true)
  const startMs = performance.now()
  let runs: BacktestRun[]
  try {
    runs = await runBacktest({
      feeds: flags.feed,
      settings,
      ...(flags.symbol === undefined ? {} : { symbol: flags.symbol }),
      onProgress: (done, total) => bar.update(done, total),
    })
  } finally {
    bar.stop()
  }
  const seconds = (performance.now() - startMs) / 1_000
  const band = flags.queueBand === true ? await queueBand(flags.feed, settings) : []
  if (flags.out !== undefined) {
    const sections = band.length === 0 ? [] : [queueBandSection(band)]
    writeResults(flags.out, { runs, settings, sections, extra: band.length === 0 ? {} : { queueBand: band } })
  }
  for (const { symbol, notes } of runs) for (const note of notes) process.stderr.write(`${symbol}: ${note}\n`)
  const rows = runs.reduce((sum, { rowCount }) => sum + rowCount, 0)
  const results = [
    ...runs.flatMap(resultsOf),
    ...band.map(({ queueModel, netProfit }) => ({
      ...{ name: `under ${queueModel}`, metric: 'netProfit', value: rounded(netProfit), unit: '' },
    })),
    { name: 'all', metric: 'rows', value: rows, unit: 'rows' },
    { name: 'all', metric: 'rate', value: Math.round(rows / seconds), unit: 'rows/s' },
  ]
  const checks = [{ name: 'runs', ok: runs.length > 0, value: runs.length, limit: 'at least 1' }]
  const extra = flags.out === undefined ? {} : { out: flags.out }
  printReport({ checks, results }, flags.json === true, extra)
  if (flags.out !== undefined) process.stderr.write(`${join(flags.out, 'report.html')} shows it.\n`)
}

export function settingsOfFlags(flags: BacktestFlags): BacktestSettings {
  const read = flags.config === undefined ? defaultSettings() : loadSettings(flags.config)
  return {
    ...read,
    ...(flags.strategy === undefined ? {} : { strategy: flags.strategy }),
    ...(flags.mode === undefined ? {} : { mode: flags.mode }),
    ...(flags.entry === undefined ? {} : { entry: flags.entry }),
    ...(flags.queueModel === undefined ? {} : { queueModel: flags.queueModel }),
    ...(flags.latency === undefined || flags.latency === null ? {} : { latency: flags.latency }),
    ...(flags.fills === undefined ? {} : { fills: flags.fills }),
    ...(flags.stepMs === undefined ? {} : { stepMs: flags.stepMs }),
    ...(flags.set === undefined ? {} : { parameters: { ...read.parameters, ...flags.set } }),
  }
}

function resultsOf({ symbol, figures }: BacktestRun): Result[] {
  const result = (metric: keyof typeof figures, unit: string): Result => {
    const value = figures[metric]
    return { name: symbol, metric, value: typeof value === 'number' ? rounded(value) : null, unit }
  }
  return [
    ...[result('fills', 'fills'), result('netProfit', ''), result('grossProfit', ''), result('realisedProfit', '')],
    ...[result('fees', ''), result('turnover', ''), result('finalPosition', ''), result('maxPosition', '')],
    ...[result('maxDrawdown', ''), result('sharpePerDay', ''), result('sortinoPerDay', ''), result('fillRatio', '')],
    ...[result('uptimeBoth', ''), result('timeAtTouchBid', ''), result('timeAtTouchAsk', '')],
    ...[result('meanSpreadCapturedTicks', 'ticks')],
    ...figures.markouts.map(({ horizonS, meanTicks }) => ({
      ...{ name: symbol, metric: `markout${horizonS}s`, unit: 'ticks' },
      value: meanTicks === null ? null : rounded(meanTicks),
    })),
  ]
}

function rounded(value: number): number {
  return Number(value.toPrecision(10))
}

function collected(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function parameter(text: string, before: Record<string, number> = {}): Record<string, number> {
  const [name = '', value = ''] = text.split('=')
  if (name === '' || value === '' || !Number.isFinite(Number(value))) {
    throw new InvalidArgumentError('name=number is needed.')
  }
  return { ...before, [name]: Number(value) }
}

function queueModel(name: string): string {
  if (queueModelOf(name) === null) throw new InvalidArgumentError(`one of ${QUEUE_MODEL_NAMES.join(', ')} is needed.`)
  return name
}

function latency(text: string): ReturnType<typeof parseLatency> {
  const parsed = parseLatency(text)
  if (parsed === null) throw new InvalidArgumentError('10/10 (ms), table:FILE or feed is needed.')
  return parsed
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is needed.')
  return value
}

type VerifyFlags = { readonly data?: string; readonly only?: string; readonly json?: boolean }

async function verifyOracle(goldensDir: string, { data, only, json }: VerifyFlags): Promise<void> {
  const { verifyGoldens } = await import('../../backtest/io/golden-verify.ts')
  const bar = progressBar('comparing', json !== true)
  try {
    const verdicts = await verifyGoldens({
      goldensDir,
      dataDir: data ?? join(goldensDir, '../data'),
      ...(only === undefined ? {} : { only }),
      onVerdict: (_, done, total) => bar.update(done, total),
    })
    const checks = verdicts.map(({ name, difference }) => ({
      name,
      ok: difference === null,
      value: difference ?? 'equal',
      limit: 'equal',
    }))
    const fills = verdicts.reduce((sum, { fillCount }) => sum + fillCount, 0)
    const results = [
      { name: 'oracle', metric: 'runs', value: verdicts.length, unit: 'runs' },
      { name: 'oracle', metric: 'fills', value: fills, unit: 'fills' },
    ]
    printReport({ checks, results }, json === true)
  } finally {
    bar.stop()
  }
}
