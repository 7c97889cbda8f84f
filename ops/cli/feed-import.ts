// `tandem feed import <source>`: one command for each source, all with the same report.

import type { Command } from 'commander'
import { importBinance } from '../../feeds/io/binance-import.ts'
import { importDbn } from '../../feeds/io/dbn-import.ts'
import { importItch } from '../../feeds/io/itch-import.ts'
import { importLobster } from '../../feeds/io/lobster-import.ts'
import { type CommonFlags, runImport, wholeNumber, withCommonOptions } from './feed-import-run.ts'
import { registerTableImports } from './feed-import-tables.ts'

const NS_PER_US = 1_000

export function registerImport(feed: Command): void {
  const from = feed.command('import').description('turns recorded data of a source into a feed file')
  registerLobster(from)
  registerBinance(from)
  registerDbn(from)
  registerItch(from)
  registerTableImports(from)
}

function registerLobster(from: Command): void {
  withCommonOptions(
    from
      .command('lobster')
      .argument('<messages>', 'LOBSTER message file')
      .description('imports LOBSTER (NASDAQ, order by order)')
      .option(
        '--orderbook <file>',
        'the order book file of the same day: adopts what the messages do not tell; without it the book may cross',
      )
      .option('--symbol <symbol>', "the symbol, when the file's name does not say it")
      .option('--date <YYYY-MM-DD>', "the day, when the file's name does not say it")
      .option('--tick <decimal>', 'tick size in dollars', '0.01')
      .option('--feed-latency-us <n>', 'local time = exchange time + n microseconds', wholeNumber, 0),
  ).action((messages: string, flags: CommonFlags & LobsterFlags) =>
    runImport(flags, [messages, flags.orderbook], (job) =>
      importLobster({
        ...job,
        messages,
        tickSize: flags.tick,
        feedLatencyNs: flags.feedLatencyUs * NS_PER_US,
        ...(flags.orderbook === undefined ? {} : { orderbook: flags.orderbook }),
        ...(flags.symbol === undefined ? {} : { symbol: flags.symbol }),
        ...(flags.date === undefined ? {} : { date: flags.date }),
      }),
    ),
  )
}

type LobsterFlags = {
  readonly orderbook?: string
  readonly symbol?: string
  readonly date?: string
  readonly tick: string
  readonly feedLatencyUs: number
}

type BinanceFlags = {
  readonly symbol?: string
  readonly tick?: string
  readonly lot?: string
  readonly bookTicker?: boolean
}

function registerBinance(from: Command): void {
  withCommonOptions(
    from
      .command('binance')
      .argument('<captures...>', 'raw captures, lines of local time and message; several files continue each other')
      .description('imports raw Binance captures (spot, USD-M, COIN-M): depth, trades, snapshots')
      .option('--symbol <symbol>', 'the one symbol to import; without it, the first that comes')
      .option('--tick <decimal>', 'tick size; without it, as fine as the prices are written')
      .option('--lot <decimal>', 'lot size; without it, as fine as the quantities are written')
      .option('--book-ticker', 'also the best bid and offer of the bookTicker stream'),
  ).action((captures: string[], flags: CommonFlags & BinanceFlags) =>
    runImport(flags, captures, (job) =>
      importBinance({
        ...job,
        captures,
        withTouch: flags.bookTicker === true,
        ...(flags.symbol === undefined ? {} : { symbol: flags.symbol }),
        ...(flags.tick === undefined ? {} : { tickSize: flags.tick }),
        ...(flags.lot === undefined ? {} : { lotSize: flags.lot }),
      }),
    ),
  )
}

function registerDbn(from: Command): void {
  withCommonOptions(
    from
      .command('dbn')
      .argument('<file>', 'DBN file, version 1 to 3')
      .description('imports Databento DBN: mbo, mbp-10, mbp-1, tbbo, trades')
      .option('--tick <decimal>', 'tick size; without it, the greatest step that fits all prices'),
  ).action((file: string, flags: CommonFlags & { readonly tick?: string }) =>
    runImport(flags, [file], (job) =>
      importDbn({ ...job, file, ...(flags.tick === undefined ? {} : { tickSize: flags.tick }) }),
    ),
  )
}

type ItchFlags = {
  readonly symbols?: string
  readonly date?: string
  readonly tick: string
  readonly feedLatencyUs: number
}

function registerItch(from: Command): void {
  withCommonOptions(
    from
      .command('itch')
      .argument('<file>', 'ITCH 5.0 file: messages, each with a two-byte length before it')
      .description('imports NASDAQ TotalView-ITCH 5.0 (order by order)')
      .option('--symbols <list>', 'the symbols to import, with commas; without it, all of the file')
      .option('--date <YYYY-MM-DD>', "the day, when the file's name does not say it")
      .option('--tick <decimal>', 'tick size in dollars', '0.01')
      .option('--feed-latency-us <n>', 'local time = exchange time + n microseconds', wholeNumber, 0),
  ).action((file: string, flags: CommonFlags & ItchFlags) =>
    runImport(flags, [file], (job) =>
      importItch({
        ...job,
        file,
        tickSize: flags.tick,
        feedLatencyNs: flags.feedLatencyUs * NS_PER_US,
        ...(flags.symbols === undefined ? {} : { symbols: flags.symbols.split(',') }),
        ...(flags.date === undefined ? {} : { date: flags.date }),
      }),
    ),
  )
}
