// `tandem scale`: what several engine pairs would make of one exposure limit, in a model of it.

import { type Command, InvalidArgumentError } from 'commander'
import type { ShardMarketFigures, ShardMarketOptions, Sharing } from '../../simulator/shards/shard-market.ts'
import { type Check, printReport, type Result } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem scale                          8 pairs, 400 lots between them, 120 virtual seconds
  ./tandem scale --shards 16 --delay 40   twice as many, in regions that are 40 ms apart
  ./tandem scale --hot 2                  more is wanted than there is

A model in virtual time, not Tandem itself: docs/scale.md says what it stands for. Symbols belong to engine pairs; quotes are
granted from the pair's own budget, and a desk moves budgets to where quotes are wanted. It is held against one pair that
has everything, and against parts that never change. After every step all quotes together are within the limit.
`

type Flags = {
  readonly shards: number
  readonly symbols: number
  readonly exposure: number
  readonly seconds: number
  readonly hot: number
  readonly delay: number
  readonly seed: number
  readonly json?: boolean
}

const SHARINGS: readonly Sharing[] = ['one pair', 'fixed parts', 'budgets']

export function registerScale(program: Command): void {
  program
    .command('scale')
    .summary('simulate symbols spread over several engine pairs')
    .description('Simulates several engine pairs that share one exposure limit, and compares ways of sharing it.')
    .option('--shards <number>', 'engine pairs', whole, 8)
    .option('--symbols <number>', 'symbols of each', whole, 8)
    .option('--exposure <lots>', 'limit of all quotes together, per side', whole, 400)
    .option('--seconds <number>', 'virtual time', whole, 120)
    .option('--hot <number>', 'pairs whose symbols are busy at the same time', whole, 1)
    .option('--delay <ms>', 'mean delay of a message between a pair and the desk', whole, 1)
    .option('--seed <number>', 'what chance follows from', whole, 1)
    .option('--json', 'print one JSON object at the end, and nothing else on stdout')
    .addHelpText('after', EXAMPLES)
    .action(scale)
}

async function scale(flags: Flags): Promise<void> {
  const [{ runShardMarket }, placement] = await Promise.all([
    import('../../simulator/shards/shard-market.ts'),
    import('../../simulator/shards/placement.ts'),
  ])
  const { shards, symbols, exposure, seconds, seed } = flags
  const options = {
    ...{ seed, shards, symbolsPerShard: symbols, exposureLots: exposure, seconds },
    ...{ hotShards: flags.hot, delayMs: flags.delay },
  }
  const checks: Check[] = []
  const results: Result[] = []
  const add = (sharing: Sharing, hasFaults: boolean): void => {
    const run: ShardMarketOptions = { ...options, sharing, hasFaults }
    const name = hasFaults ? `${sharing}, with faults` : sharing
    const figures = runShardMarket(run)
    const { heldLotsMax } = figures
    checks.push({ name: `${name}: most lots ever`, ok: heldLotsMax <= exposure, value: heldLotsMax, limit: exposure })
    results.push(...resultsOf(name, figures))
  }
  for (const sharing of SHARINGS) add(sharing, false)
  add('budgets', true)
  const rates = placement.zipfRates(symbols * shards)
  for (const [name, place] of Object.entries({
    'symbols in turn': placement.placeInTurn,
    'symbols by load': placement.placeByLoad,
  })) {
    const { busiestShare, capacity } = place(rates, shards)
    results.push({ name, metric: 'busiest pair', value: percent(busiestShare), unit: '% of commands' })
    results.push({ name, metric: 'capacity', value: Math.round(capacity * 100) / 100, unit: 'pairs' })
  }
  printReport({ checks, results }, flags.json === true)
}

function resultsOf(name: string, figures: ShardMarketFigures): Result[] {
  const { wholeMs } = figures
  const at = (share: number) => Math.round(wholeMs[Math.ceil(share * wholeMs.length) - 1] ?? 0)
  return [
    { name, metric: 'granted of what was wanted', value: percent(figures.grantedShare), unit: '%' },
    { name, metric: 'granted where it is busy', value: percent(figures.hotGrantedShare), unit: '%' },
    { name, metric: 'all quotes stood as wanted', value: wholeMs.length, unit: 'times' },
    ...(wholeMs.length === 0
      ? []
      : [
          {
            name,
            metric: 'until all quotes stand as wanted',
            value: at(0.5),
            unit: 'ms',
            p50: at(0.5),
            p99: at(0.99),
            max: at(1),
          },
        ]),
    { name, metric: 'messages', value: Math.round(figures.messagesPerS), unit: 'a second' },
    { name, metric: 'failovers', value: figures.failovers, unit: '' },
  ]
}

function percent(share: number): number {
  return Math.round(share * 1_000) / 10
}

function whole(text: string): number {
  const value = Number(text)
  if (!/^\d{1,7}$/.test(text) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed.')
  return value
}
