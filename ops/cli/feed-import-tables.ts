// `tandem feed import` of Coinbase, Bitstamp, tables in CSV files and arrays of hftbacktest.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { importBitstamp } from '../../feeds/io/bitstamp-import.ts'
import { importCoinbase } from '../../feeds/io/coinbase-import.ts'
import { importNpz } from '../../feeds/io/npz-import.ts'
import { importTables, type TimeUnit } from '../../feeds/io/table-import.ts'
import { TABLE_FIELDS, TABLE_SHAPES, type TableField, type TableShape } from '../../feeds/table-converter.ts'
import { type CommonFlags, runImport, withCommonOptions } from './feed-import-run.ts'

type StepFlags = CommonFlags & { readonly tick?: string; readonly lot?: string }

export function registerTableImports(from: Command): void {
  registerCoinbase(from)
  registerBitstamp(from)
  registerTardis(from)
  registerCsv(from)
  registerNpz(from)
}

function registerCoinbase(from: Command): void {
  withStepOptions(
    from
      .command('coinbase')
      .argument('<captures...>', 'captures, lines of local time and message; several files continue each other')
      .description("imports captures of Coinbase's full channel (order by order)")
      .option('--product <id>', 'the one product to import; without it, the first that comes'),
  ).action((captures: string[], flags: StepFlags & { readonly product?: string }) =>
    runImport(flags, captures, (job) =>
      importCoinbase({
        ...{ ...job, ...stepsOf(flags), captures },
        ...(flags.product === undefined ? {} : { product: flags.product }),
      }),
    ),
  )
}

function registerBitstamp(from: Command): void {
  withCommonOptions(
    from
      .command('bitstamp')
      .argument('<captures...>', 'captures, lines of local time, event and message')
      .description("imports captures of Bitstamp's order stream (order by order)")
      .option('--symbol <symbol>', 'what the stream is of', 'BTCUSD')
      .option('--tick <decimal>', 'tick size', '0.01')
      .option('--lot <decimal>', 'lot size', '0.00000001'),
  ).action(
    (
      captures: string[],
      flags: CommonFlags & { readonly symbol: string; readonly tick: string; readonly lot: string },
    ) =>
      runImport(flags, captures, (job) =>
        importBitstamp({ ...job, captures, symbol: flags.symbol, tickSize: flags.tick, lotSize: flags.lot }),
      ),
  )
}

function registerTardis(from: Command): void {
  withStepOptions(
    from
      .command('tardis')
      .argument('<files...>', 'CSV files of one symbol and day: incremental_book_L2, trades, quotes')
      .description('imports CSV files of Tardis.dev; several are merged by their local times')
      .option('--symbol <symbol>', 'the one symbol to import; without it, the first that comes'),
  ).action((files: string[], flags: StepFlags & { readonly symbol?: string }) =>
    runImport(flags, files, (job) =>
      importTables({
        ...{ ...job, ...stepsOf(flags), files, source: 'tardis' as const },
        ...(flags.symbol === undefined ? {} : { symbol: flags.symbol }),
      }),
    ),
  )
}

type CsvFlags = StepFlags & {
  readonly as: TableShape
  readonly map: Readonly<Partial<Record<TableField, string>>>
  readonly timeUnit: TimeUnit
  readonly symbol?: string
}

function registerCsv(from: Command): void {
  withStepOptions(
    from
      .command('csv')
      .argument('<files...>', 'CSV files with a line of column names')
      .description('imports any table by a mapping of its columns')
      .addOption(new Option('--as <shape>', 'what the rows are').choices(TABLE_SHAPES).makeOptionMandatory())
      .requiredOption(
        '--map <list>',
        `field=column with commas; fields are ${TABLE_FIELDS.join(', ')}. local: when we knew of it`,
        mapping,
      )
      .addOption(new Option('--time-unit <unit>', 'of times since 1970').choices(['ns', 'us', 'ms', 's']).default('us'))
      .option('--symbol <symbol>', 'the name of the instrument, and with a symbol column the one to import'),
  ).action((files: string[], flags: CsvFlags) =>
    runImport(flags, files, (job) =>
      importTables({
        ...{ ...job, ...stepsOf(flags), files, source: 'csv' as const },
        table: { shape: flags.as, columns: flags.map, timeUnit: flags.timeUnit },
        ...(flags.symbol === undefined ? {} : { symbol: flags.symbol }),
      }),
    ),
  )
}

function registerNpz(from: Command): void {
  withStepOptions(
    from
      .command('hftbacktest')
      .argument('<file>', 'an .npz file with an array of events')
      .description("imports hftbacktest's event arrays (./tandem feed export npz writes them)")
      .option('--symbol <symbol>', 'what the events are of', 'UNKNOWN'),
  ).action((file: string, flags: StepFlags & { readonly symbol: string }) =>
    runImport(flags, [file], (job) => importNpz({ ...job, ...stepsOf(flags), file, symbol: flags.symbol })),
  )
}

function withStepOptions(command: Command): Command {
  return withCommonOptions(
    command
      .option('--tick <decimal>', 'tick size; without it, as fine as the prices are written')
      .option('--lot <decimal>', 'lot size; without it, as fine as the quantities are written'),
  )
}

function stepsOf({ tick, lot }: StepFlags): { tickSize?: string; lotSize?: string } {
  return { ...(tick === undefined ? {} : { tickSize: tick }), ...(lot === undefined ? {} : { lotSize: lot }) }
}

function mapping(text: string): Partial<Record<TableField, string>> {
  const columns: Partial<Record<TableField, string>> = {}
  for (const pair of text.split(',')) {
    const [name = '', column = ''] = pair.split('=')
    const field = TABLE_FIELDS.find((one) => one === name)
    if (field === undefined || column === '') {
      throw new InvalidArgumentError(`field=column is needed; fields are ${TABLE_FIELDS.join(', ')}.`)
    }
    columns[field] = column
  }
  return columns
}
