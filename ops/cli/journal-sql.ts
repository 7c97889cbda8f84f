// `tandem journal sql`: fills and positions of a journal, asked with SQL.

import type { Command } from 'commander'
import { FillStore, OtherJournalError, type Row } from '../store/fill-store.ts'
import { openJournal } from './open-journal.ts'
import { type Check, printReport, UserError } from './output.ts'

const EXAMPLES = `
Tables:
  fills      trade_id, symbol, side, lots, signed_lots, price_ticks, price, quantity, client_id, record_seq, time,
             net_lots, version, cash_tick_lots: one row per fill, with the position that it made
  positions  symbol, net_lots, version, last_trade_id, average_price, cash_tick_lots, realised_tick_lots,
             unrealised_tick_lots, realised, unrealised: after the journal's last record
  source     cluster, time_base_unix_ms, record_seq: the journal, and the record that the rest is true after

Examples:
  ./tandem journal sql var/engine-a 'SELECT symbol, side, count(*), sum(lots) FROM fills GROUP BY symbol, side'
  ./tandem journal sql var/engine-a 'SELECT * FROM positions' --json
  ./tandem journal sql var/engine-a 'SELECT * FROM fills ORDER BY record_seq DESC LIMIT 10' --store fills.db

With --store the tables stay in an SQLite file that other programs can read. It goes on where it stands, keeps fills of
segments that the engine has dropped, and may be deleted: the journal makes it again. A query changes nothing.
`

type Flags = { readonly store?: string; readonly json: boolean }

export function registerJournalSql(journal: Command): void {
  journal
    .command('sql <folder> <query>')
    .description('answers an SQL query about fills and positions')
    .option('--store <file>', 'keep the tables in this SQLite file')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action((folder: string, query: string, flags: Flags) => answer(folder, query, flags))
}

function answer(folder: string, query: string, flags: Flags): void {
  const store = openStore(flags.store ?? ':memory:')
  try {
    feed(store, folder, flags.store)
    store.protect()
    const rows = ask(store, query)
    const unequal = store.unequalSymbols()
    const checks: Check[] = [
      {
        name: 'positions are the sums of their fills',
        ok: unequal.length === 0,
        value: unequal.join(', ') || true,
        limit: true,
      },
    ]
    if (flags.json) printReport({ checks, results: [] }, true, { recordSeq: store.recordSeq, rows })
    else {
      process.stdout.write(`${tableOf(rows)}\n`)
      printReport(
        { checks, results: [{ name: 'store', metric: 'recordSeq', value: store.recordSeq, unit: 'record' }] },
        false,
      )
    }
  } finally {
    store.close()
  }
}

function openStore(path: string): FillStore {
  try {
    return new FillStore(path)
  } catch (error) {
    throw new UserError(
      `--store ${path}: ${(error as Error).message}`,
      'Name a new file, or one that an earlier run made.',
    )
  }
}

function feed(store: FillStore, folder: string, path: string | undefined): void {
  try {
    store.feed(openJournal(folder))
  } catch (error) {
    if (!(error instanceof OtherJournalError)) throw error
    throw new UserError(
      `--store ${path}: ${error.message}`,
      'Name a new file, or delete this one: it is built from the journal.',
    )
  }
}

function ask(store: FillStore, query: string): Row[] {
  try {
    return store.query(query)
  } catch (error) {
    throw new UserError(
      `the query is refused: ${(error as Error).message}`,
      './tandem journal sql --help lists tables and columns.',
    )
  }
}

function tableOf(rows: readonly Row[]): string {
  const [first] = rows
  if (first === undefined) return '(no rows)'
  const names = Object.keys(first)
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '')))]
  const widths = names.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
