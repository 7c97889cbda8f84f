// `tandem simulate`: the engine pair in virtual time, with everything going wrong, a seed for each story.

import { randomInt } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import type { SeedTotals } from '../simulate/seed-pool.ts'
import { type Check, printReport, type Report, type Result } from './output.ts'
import { progressBar } from './progress.ts'

const EXAMPLES = `
Examples:
  ./tandem simulate                            a thousand seeds from a new one on
  ./tandem simulate --seeds 100000 --seed 1    a hundred thousand, always the same ones
  ./tandem simulate --seed 4711 --trace        the story of one seed, line by line
  ./tandem simulate --mutations                takes out guards of the engine, one by one: each must be missed

One process holds both engines, the view store, the bus and the clients; time, network and disk are simulated, the engine
is the real one. Each seed chooses its faults: crashes at any step of the disk, pauses, power losses, partitions, lost,
late and repeated messages, outages and stale answers of the view store, slow and full disks, flipped bits, clocks that
drift and jump. Held against it: one history, nothing acknowledged is lost or applied twice, the same reply on each
repetition, state hashes equal, real-time order of answered commands, exposure, and that, once the faults are over, one
engine serves while the other is away, a backup takes over from a primary that is cut off, and the pair becomes whole.
A failing seed fails again, always.
`

const STEPS_DEFAULT = 12_000
const MUTATION_SEEDS = 5_000

type Flags = {
  readonly seeds: number
  readonly seed?: number
  readonly steps: number
  readonly trace?: boolean
  readonly mutations?: boolean
  readonly json?: boolean
}

export function registerSimulate(program: Command): void {
  program
    .command('simulate')
    .summary('run the engine pair in virtual time with every fault there is')
    .description(
      'Simulates the engine pair in virtual time, with faults that follow from a seed, and checks its promises.',
    )
    .option('--seeds <number>', 'how many', whole, 1_000)
    .option('--seed <number>', 'the first one; without it: a new one', whole)
    .option('--steps <number>', 'things that happen in each before the faults end', whole, STEPS_DEFAULT)
    .option('--trace', 'tell the story of the one seed on stderr')
    .option('--mutations', `take out guards: each must be missed within ${MUTATION_SEEDS} seeds`)
    .option('--json', 'print one JSON object at the end, and nothing else on stdout')
    .addHelpText('after', EXAMPLES)
    .action(simulate)
}

async function simulate(flags: Flags): Promise<void> {
  if (flags.trace === true) return trace(flags)
  if (flags.mutations === true) return hunt(flags)
  const { runSeeds } = await import('../simulate/seed-pool.ts')
  const firstSeed = flags.seed ?? randomInt(0x7fff_ffff)
  process.stderr.write(`seeds ${firstSeed} .. ${firstSeed + flags.seeds - 1}, ${flags.steps} steps each\n`)
  const startMs = performance.now()
  const progress = progressBar('simulate', flags.json !== true)
  const totals = await runSeeds({
    ...{ firstSeed, seedCount: flags.seeds, steps: flags.steps, mutation: null, stopsAtFailure: false },
    onProgress: (done) => progress.update(done, flags.seeds),
    onFailure: (seed, failure) => {
      const again = `./tandem simulate --seed ${seed} --steps ${flags.steps} --trace`
      process.stderr.write(`\nseed ${seed}: ${failure}\n  ${again}\n`)
    },
    signal: interruption(),
  })
  progress.stop()
  printReport(reportOf(totals, firstSeed, (performance.now() - startMs) / 1_000), flags.json === true)
}

function reportOf(totals: SeedTotals, firstSeed: number, seconds: number): Report {
  const { failures, count } = totals
  const first = failures[0]
  const value = first === undefined ? `${count} seeds kept every promise` : `seed ${first.seed}: ${first.failure}`
  const figures: readonly (readonly [string, number, string])[] = [
    ['firstSeed', firstSeed, ''],
    ['seeds', count, 'seeds'],
    ['failed', failures.length, 'seeds'],
    ['records', totals.recordCount, 'records'],
    ['answered', totals.answeredCount, 'commands'],
    ['faults', totals.faultCount, 'faults'],
    ['steps', totals.stepCount, 'steps'],
    ['virtualTime', Math.round(totals.virtualMs / 1_000), 's'],
    ['time', Math.round(seconds), 's'],
  ]
  return {
    checks: [{ name: 'promises', ok: first === undefined && count > 0, value, limit: null }],
    results: figures.map(([metric, figure, unit]) => ({ name: 'simulate', metric, value: figure, unit })),
  }
}

async function trace(flags: Flags): Promise<void> {
  const { runSimulation } = await import('../../simulator/simulation.ts')
  const seed = flags.seed ?? randomInt(0x7fff_ffff)
  const outcome = runSimulation({ seed, steps: flags.steps, onLine: (line) => process.stderr.write(`${line}\n`) })
  const { failure, recordCount, answeredCount, digest } = outcome
  const results: Result[] = [
    { name: 'simulate', metric: 'records', value: recordCount, unit: 'records' },
    { name: 'simulate', metric: 'answered', value: answeredCount, unit: 'commands' },
    { name: 'simulate', metric: 'digest', value: digest, unit: '' },
  ]
  const checks: Check[] = [{ name: `seed ${seed}`, ok: failure === null, value: failure ?? 'kept', limit: null }]
  printReport({ checks, results }, flags.json === true)
}

/** Every planted fault has to be found; how many seeds that takes says how sharp the simulator is. */
async function hunt(flags: Flags): Promise<void> {
  const [{ runSeeds }, { MUTATIONS }] = await Promise.all([
    import('../simulate/seed-pool.ts'),
    import('../simulate/mutations.ts'),
  ])
  const firstSeed = flags.seed ?? 1
  const signal = interruption()
  const checks: Check[] = []
  const results: Result[] = []
  for (const mutation of MUTATIONS) {
    const run = { firstSeed, seedCount: MUTATION_SEEDS, steps: flags.steps, mutation, stopsAtFailure: true, signal }
    const totals = await runSeeds({ ...run, onProgress: () => {} })
    if (signal.aborted) break
    const found = totals.failures[0]
    const needed = found === undefined ? MUTATION_SEEDS : found.seed - firstSeed + 1
    const value = found === undefined ? 'not found' : `seed ${found.seed}: ${found.failure.slice(0, 120)}`
    process.stderr.write(`${mutation.name.padEnd(26)} ${value}\n`)
    checks.push({ name: `${mutation.name}: ${mutation.guard}`, ok: found !== undefined, value, limit: MUTATION_SEEDS })
    results.push({ name: mutation.name, metric: 'seeds', value: needed, unit: 'seeds' })
  }
  printReport({ checks, results }, flags.json === true)
}

function interruption(): AbortSignal {
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => abort.abort())
  return abort.signal
}

function whole(text: string): number {
  const value = Number(text)
  if (!/^\d{1,10}$/.test(text) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed.')
  return value
}
