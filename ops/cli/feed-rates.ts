// `tandem feed rates`: the rates at which the orders of a recorded feed came, for the generator of orders.

import { writeFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { describeFeedError, openFeed } from '../../feeds/io/feed-file.ts'
import { fitPowerLaw, OrderRates } from '../../feeds/order-rates.ts'
import { printReport, type Result, UserError } from './output.ts'

type RatesFlags = {
  readonly out?: string
  readonly symbol?: string
  readonly distances: number
  readonly json?: boolean
}

export function registerRates(feed: Command): void {
  feed
    .command('rates')
    .argument('<file>', 'a feed file with every order (L3)')
    .description('measures how often orders come, for `tandem flow --rates-file`: limit orders and cancels by distance')
    .option('--out <file>', 'the file to write the rates to, as JSON')
    .option('--symbol <symbol>', 'of a feed with several instruments: which')
    .option('--distances <n>', 'distances in ticks from the best opposite price that are told apart', distances, 20)
    .option('--json', 'print one JSON object')
    .action(measure)
}

function distances(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 1_000) throw new InvalidArgumentError('1 to 1000 are possible.')
  return value
}

function measure(path: string, flags: RatesFlags): void {
  const file = openFeed(path)
  try {
    const { header } = file.reader
    const index = instrumentIndex(path, header, flags.symbol)
    const measured = new OrderRates(flags.distances)
    const block = new FeedBlock()
    while (file.reader.next(block)) {
      for (let i = 0; i < block.count; i++) if (block.instrumentIndex[i] === index) measured.add(block, i)
    }
    const { limits, markets, cancels } = measured.counts
    if (limits === 0 || measured.twoSidedNs === 0) {
      throw new UserError(`${path} has no limit orders near the touch`, 'Take more distances, or another feed.')
    }
    const rates = measured.rates()
    if (flags.out !== undefined) writeFileSync(flags.out, `${JSON.stringify(rates, null, 2)}\n`)
    const { k, alpha } = fitPowerLaw(rates.limitRates)
    const name = header.instruments[index]!.symbol
    const results: Result[] = [
      { name, metric: 'time with both sides', value: Math.round(measured.twoSidedNs / 1e9), unit: 's' },
      { name, metric: 'limitOrders', value: limits, unit: 'orders' },
      { name, metric: 'marketOrders', value: markets, unit: 'orders' },
      { name, metric: 'cancels', value: Math.round(cancels), unit: 'orders' },
      { name, metric: 'market orders on each side', value: rounded(rates.marketRate), unit: 'a second' },
      ...rates.limitRates.slice(0, 5).flatMap((rate, at): Result[] => [
        { name, metric: `limit orders at ${at + 1}`, value: rounded(rate), unit: 'a second and side' },
        { name, metric: `cancels at ${at + 1}`, value: rounded(rates.cancelRates[at]!), unit: 'a second and order' },
      ]),
      { name, metric: 'limitLotsMean', value: rounded(rates.limitLotsMean), unit: 'lots' },
      { name, metric: 'marketLotsMean', value: rounded(rates.marketLotsMean), unit: 'lots' },
      { name, metric: 'powerLawK', value: rounded(k), unit: 'a second and side' },
      { name, metric: 'powerLawAlpha', value: rounded(alpha), unit: '' },
    ]
    printReport({ checks: [], results }, flags.json === true, { rates })
  } catch (error) {
    throw describeFeedError(path, error)
  } finally {
    file.close()
  }
}

function instrumentIndex(
  path: string,
  header: { readonly detail: string; readonly instruments: readonly { readonly symbol: string }[] },
  symbol: string | undefined,
): number {
  if (header.detail !== 'L3') {
    throw new UserError(`${path} has ${header.detail} data`, 'Rates can be measured where every order is told (L3).')
  }
  const index = symbol === undefined ? 0 : header.instruments.findIndex((candidate) => candidate.symbol === symbol)
  if (index >= 0 && (symbol !== undefined || header.instruments.length === 1)) return index
  const symbols = header.instruments.map((instrument) => instrument.symbol).join(', ')
  throw new UserError(`${path}: which instrument?`, `Name one with --symbol: ${symbols}.`)
}

function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
