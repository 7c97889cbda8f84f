// `tandem fuzz commands|records|...`: hostile input for a chosen time.

import { randomInt } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import { CoverageMeter, type FileCoverage } from '../fuzz/coverage.ts'
import { type FuzzOutcome, type FuzzTarget, runFuzz } from '../fuzz/fuzz-target.ts'
import { FUZZ_TARGETS } from '../fuzz/targets.ts'
import { type Check, printReport, type Report } from './output.ts'
import { progressBar } from './progress.ts'

type Flags = {
  readonly seconds: number
  readonly seed?: number
  readonly executions: number
  readonly coverage?: boolean
  readonly json?: boolean
}

/** Generous: the machine may be busy with something else. */
const SLOWEST_MS_MAX = 5_000
const MEMORY_BYTES_MAX = 1024 ** 3

export function registerFuzzTargets(fuzz: Command): void {
  for (const target of FUZZ_TARGETS) {
    fuzz
      .command(target.name)
      .description(`Hostile input: ${target.summary}.`)
      .option('--seconds <number>', 'for how long', positive, 10)
      .option('--seed <number>', 'all inputs follow from it; without it: a new one', wholeNumber)
      .option('--executions <number>', 'end earlier, after so many inputs', positive, Number.MAX_SAFE_INTEGER)
      .option('--coverage', 'say how much of the code was reached; slower')
      .option('--json', 'print one JSON object')
      .action((flags: Flags) => fuzzTarget(target, flags))
  }
}

async function fuzzTarget(target: FuzzTarget, flags: Flags): Promise<void> {
  const seed = flags.seed ?? randomInt(0xffff_ffff)
  process.stderr.write(`seed ${seed}\n`)
  const progress = progressBar(`fuzz ${target.name}`, flags.json !== true)
  const meter = flags.coverage === true ? await CoverageMeter.start() : null
  const outcome = await runFuzz(target, {
    ...{ seed, seconds: flags.seconds, executionCount: flags.executions },
    onProgress: (elapsedS, totalS) => progress.update(Math.min(elapsedS, totalS), totalS),
  })
  progress.stop()
  const covered = (await meter?.finish(target.covers)) ?? []
  if (outcome.finding !== undefined) process.stderr.write(`${outcome.finding}\n`)
  printReport(reportOf(target, seed, outcome, covered), flags.json === true)
}

function reportOf({ name }: FuzzTarget, seed: number, outcome: FuzzOutcome, covered: readonly FileCoverage[]): Report {
  const { executed, elapsedS, slowestMs, memoryBytes, finding, outcomes } = outcome
  const slowest = Math.round(slowestMs)
  const checks: Check[] = [
    { name: 'findings', ok: finding === undefined, value: finding ?? 0, limit: 0 },
    { name: 'inputs', ok: executed > 0, value: executed, limit: null },
    { name: 'slowest input, ms', ok: slowest <= SLOWEST_MS_MAX, value: slowest, limit: SLOWEST_MS_MAX },
    {
      name: 'memory grown by, bytes',
      ok: memoryBytes <= MEMORY_BYTES_MAX,
      value: memoryBytes,
      limit: MEMORY_BYTES_MAX,
    },
  ]
  const figure = (metric: string, value: number, unit: string) => ({ name: `fuzz ${name}`, metric, value, unit })
  const sorted = [...outcomes.counts].sort(([, one], [, other]) => other - one)
  return {
    checks,
    results: [
      figure('seed', seed, ''),
      figure('executions', executed, ''),
      figure('rate', Math.round(executed / elapsedS), 'inputs/s'),
      ...sorted.map(([what, count]) => figure(what, count, 'times')),
      ...covered.map(({ path, percent }) => figure(`reached of ${path}`, percent, '%')),
    ],
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('a whole number is needed.')
  return Number(text)
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('a number above 0 is needed.')
  return value
}
