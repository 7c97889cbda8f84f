// `tandem feed`: imports recorded data to the feed format, shows what a feed holds, and verifies it.

import type { Command } from 'commander'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedStatistics } from '../../feeds/feed-statistics.ts'
import { describeFeedError, openFeed } from '../../feeds/io/feed-file.ts'
import { type Verification, verifyFeed } from '../../feeds/io/feed-verify.ts'
import { registerEdit } from './feed-edit.ts'
import { registerImport } from './feed-import.ts'
import { infoLines, infoResults } from './feed-info.ts'
import { registerRates } from './feed-rates.ts'
import { registerRecord } from './feed-record.ts'
import { type Check, printReport, type Result, UserError } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem feed import lobster AMZN_2012-06-21_34200000_57600000_message_5.csv.gz \\
      --orderbook AMZN_2012-06-21_34200000_57600000_orderbook_5.csv.gz --out AMZN.feed
  ./tandem feed import binance usdm_btcusdt_20240808.gz --out BTCUSDT.feed
  ./tandem feed import dbn esh4.mbo.dbn.zst --out ESH4.feed
  ./tandem feed import tardis incremental_book_L2.csv.gz trades.csv.gz --out BTCUSDT.feed
  ./tandem feed import csv prints.csv --as trades --map time=ts,price=px,quantity=size --time-unit ms --out T.feed
  ./tandem feed slice AMZN.feed --from 15:00:00 --to 16:00:00 --out hour.feed
  ./tandem feed merge AMZN.feed AAPL.feed --out both.feed
  ./tandem feed export npz BTCUSDT.feed --out BTCUSDT.npz
  ./tandem feed export parquet AMZN.feed --out AMZN.parquet
  ./tandem feed record --duration 60 --out live.feed
  ./tandem feed rates AMZN.feed --out AMZN.rates.json
  ./tandem feed info AMZN.feed
  ./tandem feed verify AMZN.feed --orderbook AMZN_2012-06-21_34200000_57600000_orderbook_5.csv.gz --json
`

export function registerFeed(program: Command): void {
  const feed = program
    .command('feed')
    .summary('import recorded market data, look at it, verify it')
    .description('Works with recorded feeds: one documented, compressed format for all sources (docs/feed-format.md).')
    .addHelpText('after', EXAMPLES)
  registerImport(feed)
  registerEdit(feed)
  registerRecord(feed)
  registerRates(feed)
  feed
    .command('info')
    .argument('<file>', 'a feed file')
    .description('shows the symbols, the time range, the mix of events, spread and depth, and a chart of the mid price')
    .option('--json', 'print one JSON object')
    .action((path: string, flags: { json?: boolean }) => showInfo(path, flags.json === true))
  feed
    .command('verify')
    .argument('<file>', 'a feed file')
    .description(
      'rebuilds the book and checks it: order of time and sequence, unknown orders, crossed and locked states',
    )
    .option('--orderbook <file>', 'compare every state with this LOBSTER order book file (.csv, .gz or .zst)')
    .option('--allow-crossed', 'crossed and locked books are counted, but are no failure')
    .option('--json', 'print one JSON object')
    .action(verify)
}

function showInfo(path: string, json: boolean): void {
  const file = openFeed(path)
  try {
    const statistics = new FeedStatistics(file.reader.header)
    const block = new FeedBlock()
    while (file.reader.next(block)) statistics.add(block)
    const facts = { path, size: file.size, header: file.reader.header, ending: file.reader.ending, statistics }
    if (statistics.eventCount === 0) throw new UserError(`${path} holds no event`, 'Import the data again.')
    if (!json) process.stdout.write(`${infoLines(facts).join('\n')}\n`)
    const isWhole = facts.ending === 'whole'
    const checks = [{ name: 'file is whole', ok: isWhole, value: facts.ending, limit: 'whole' }]
    if (json) printReport({ checks, results: infoResults(facts) }, true, { header: facts.header })
    else if (!isWhole) {
      process.stderr.write(
        `${path} was cut off: it has no index. The ${statistics.eventCount} events above are whole.\n`,
      )
      process.exitCode = 1
    }
  } catch (error) {
    throw describeFeedError(path, error)
  } finally {
    file.close()
  }
}

type VerifyFlags = { readonly orderbook?: string; readonly allowCrossed?: boolean; readonly json?: boolean }

async function verify(path: string, flags: VerifyFlags): Promise<void> {
  const startMs = performance.now()
  const outcome = await verifyFeed(path, flags.orderbook)
  const seconds = (performance.now() - startMs) / 1000
  const { check } = outcome
  const results: Result[] = [
    { name: path, metric: 'events', value: check.eventCount, unit: 'events' },
    { name: path, metric: 'messages', value: check.messageCount, unit: 'messages' },
    { name: path, metric: 'synthetic', value: check.syntheticCount, unit: 'events' },
    { name: path, metric: 'unmatched', value: check.unmatchedCount, unit: 'events' },
    { name: path, metric: 'rate', value: Math.round(check.eventCount / seconds), unit: 'events/s' },
  ]
  const allowCrossed = flags.allowCrossed === true || outcome.header.metadata['crossed'] === 'allowed'
  const checks = verifyChecks(outcome, allowCrossed)
  for (const { name, first } of check.findings) {
    if (first !== '') process.stderr.write(`${name}: first at ${first}\n`)
  }
  if (outcome.reference?.firstDifference) process.stderr.write(`${outcome.reference.firstDifference}\n`)
  printReport({ checks, results }, flags.json === true, {
    firstDifference: outcome.reference?.firstDifference || null,
  })
}

function verifyChecks({ check, ending, reference }: Verification, allowCrossed: boolean): Check[] {
  const checks: Check[] = [{ name: 'file is whole', ok: ending === 'whole', value: ending, limit: 'whole' }]
  for (const finding of check.findings) {
    const isAllowed = allowCrossed && (finding === check.crossed || finding === check.locked)
    checks.push({
      name: finding.name,
      ok: isAllowed || finding.count === 0,
      value: finding.count,
      limit: isAllowed ? null : 0,
    })
  }
  if (reference === null) return checks
  checks.push({
    name: 'rows equal to the order book file',
    ok: reference.equalCount === reference.rowCount && reference.firstDifference === '' && reference.rowCount > 0,
    value: reference.equalCount,
    limit: reference.rowCount,
  })
  return checks
}
