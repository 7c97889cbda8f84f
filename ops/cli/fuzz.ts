// `tandem fuzz`: random commands through a part of the system and through its oracle, until they differ or are done; and
// hostile input for everything that reads what others wrote (fuzz-targets.ts).

import { randomInt } from 'node:crypto'
import { type Command, InvalidArgumentError } from 'commander'
import { DESK_EPISODE_STEPS, fuzzDeskEpisode } from '../../engine/differential/desk-fuzz.ts'
import { EPISODE_STEP_COUNT, findingText, fuzzEpisode } from '../../exchange-sim/differential/fuzz.ts'
import { Exchange } from '../../exchange-sim/exchange.ts'
import { NaiveExchange } from '../../exchange-sim/naive/naive-exchange.ts'
import { registerFuzzTargets } from './fuzz-targets.ts'
import { printReport } from './output.ts'
import { progressBar } from './progress.ts'

const EXAMPLES = `
Examples:
  ./tandem fuzz exchange                                 a million commands from a new seed
  ./tandem fuzz exchange --commands 10000000 --seed 7    ten million, always the same ones
  ./tandem fuzz exchange --seed 4711 --commands 1        the episode that a failure named
  ./tandem fuzz desk --steps 10000000                    joins, leaves, leases, quotes and fills, ten million steps
  ./tandem fuzz records --seconds 600 --seed 1 --json    damaged journals for ten minutes
  ./tandem fuzz commands --seconds 20 --coverage         hostile commands, and how much of the code they reached

A failure prints its episode's seed and the fewest commands that show it, as a scenario of test/exchange-sim/scenarios.
`

type DeskFlags = { readonly steps: number; readonly seed?: number; readonly json?: boolean }

type Flags = { readonly commands: number; readonly seed?: number; readonly json?: boolean }

export function registerFuzz(program: Command): void {
  const fuzz = program
    .command('fuzz')
    .summary('try to find a difference between a part and its oracle')
    .description('Sends random commands, right and wrong, through a part of Tandem and through a plain oracle of it.')
    .addHelpText('after', EXAMPLES)
  fuzz
    .command('exchange')
    .description('The matching engine against the naive exchange: events, books, hashes, snapshots, rules of trading.')
    .option('--commands <count>', 'how many, in episodes of a seed each', wholeNumber, 1_000_000)
    .option('--seed <number>', 'all commands follow from it; without it: a new one', wholeNumber)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(fuzzExchange)
  registerFuzzTargets(fuzz)
  fuzz
    .command('desk')
    .description(
      'The desk (membership, assignment, authority, positions, exposure) against a plain model of its rules.',
    )
    .option('--steps <count>', 'how many, in episodes of a seed each', wholeNumber, 1_000_000)
    .option('--seed <number>', 'all steps follow from it; without it: a new one', wholeNumber)
    .option('--json', 'print one JSON object')
    .action(fuzzDesk)
}

async function fuzzDesk(flags: DeskFlags): Promise<void> {
  const seed = flags.seed ?? randomInt(0xffff_ffff)
  process.stderr.write(`seed ${seed}\n`)
  const episodeCount = Math.max(1, Math.ceil(flags.steps / DESK_EPISODE_STEPS))
  const progress = progressBar('fuzz desk', flags.json !== true)
  const startedMs = performance.now()
  let finding: string | undefined
  let doneCount = 0
  for (; doneCount < episodeCount && finding === undefined; doneCount++) {
    finding = fuzzDeskEpisode((seed + doneCount) >>> 0, DESK_EPISODE_STEPS)
    progress.update(doneCount + 1, episodeCount)
    await new Promise((resolve) => setImmediate(resolve))
  }
  progress.stop()
  const stepCount = doneCount * DESK_EPISODE_STEPS
  const rate = Math.round((stepCount / (performance.now() - startedMs)) * 1_000)
  const checks = [
    {
      name: 'the desk equals its model',
      ok: finding === undefined,
      value: finding ?? `${stepCount} steps`,
      limit: null,
    },
  ]
  const results = [
    { name: 'fuzz desk', metric: 'seed', value: seed, unit: '' },
    { name: 'fuzz desk', metric: 'steps', value: stepCount, unit: '' },
    { name: 'fuzz desk', metric: 'rate', value: rate, unit: 'steps/s' },
  ]
  printReport({ checks, results }, flags.json === true)
}

async function fuzzExchange(flags: Flags): Promise<void> {
  const seed = flags.seed ?? randomInt(0xffff_ffff)
  process.stderr.write(`seed ${seed}\n`)
  const episodeCount = Math.max(1, Math.ceil(flags.commands / EPISODE_STEP_COUNT))
  const progress = progressBar('fuzz exchange', flags.json !== true)
  const startedMs = performance.now()
  let finding: ReturnType<typeof fuzzEpisode>
  let doneCount = 0
  for (; doneCount < episodeCount && finding === undefined; doneCount++) {
    finding = fuzzEpisode(
      (seed + doneCount) >>> 0,
      EPISODE_STEP_COUNT,
      (config, options) => new Exchange(config, options),
      (config, options) => new NaiveExchange(config, options),
    )
    progress.update(doneCount + 1, episodeCount)
    // Lets the bar be drawn and a Ctrl-C be heard.
    await new Promise((resolve) => setImmediate(resolve))
  }
  progress.stop()
  const elapsedS = (performance.now() - startedMs) / 1_000
  if (finding !== undefined) process.stderr.write(`${findingText(finding)}\n`)
  const commandCount = doneCount * EPISODE_STEP_COUNT
  const checks = [
    {
      name: 'the exchange equals its oracle',
      ok: finding === undefined,
      value: finding === undefined ? `${commandCount} commands agree` : `differs in episode ${finding.seed}`,
      limit: null,
    },
  ]
  const results = [
    { name: 'fuzz exchange', metric: 'seed', value: seed, unit: '' },
    { name: 'fuzz exchange', metric: 'commands', value: commandCount, unit: '' },
    { name: 'fuzz exchange', metric: 'rate', value: Math.round(commandCount / elapsedS), unit: 'commands/s' },
  ]
  printReport({ checks, results }, flags.json === true)
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('a whole number is needed.')
  return Number(text)
}
