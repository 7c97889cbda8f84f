// The two tables of a backtest's results, the ledger of fills and the samples, as CSV and as Parquet: the same columns, the
// same values.

import { writeFileSync } from 'node:fs'
import { type ParquetColumn, ParquetFile, type ParquetKind } from '../../feeds/io/parquet-file.ts'
import { Side } from '../../protocol/kinds.ts'
import { FILL_CAUSE_NAMES, type LedgerFill, MARKOUT_HORIZONS_NS } from '../run/fill-ledger.ts'
import type { BacktestRun } from './run-backtest.ts'

type Column<Row> = ParquetColumn & { readonly of: (row: Row) => number | string }

type FillRow = { readonly symbol: string; readonly fill: LedgerFill }
type SampleRow = { readonly symbol: string; readonly values: readonly number[] }

function column<Row>(name: string, kind: ParquetKind, of: (row: Row) => number | string): Column<Row> {
  return { name, kind, of }
}

const FILL_COLUMNS: readonly Column<FillRow>[] = [
  column('symbol', 'text', ({ symbol }) => symbol),
  column('order_id', 'int64', ({ fill }) => fill.orderId),
  column('side', 'text', ({ fill }) => (fill.side === Side.BUY ? 'B' : 'S')),
  column('price', 'double', ({ fill }) => fill.price),
  column('quantity', 'double', ({ fill }) => fill.quantity),
  column('liquidity', 'text', ({ fill }) => (fill.isMaker ? 'maker' : 'taker')),
  column('why', 'text', ({ fill }) => FILL_CAUSE_NAMES[fill.cause]),
  column('queue_ahead_at_entry', 'double', ({ fill }) => fill.queueAheadAtEntry),
  column('sent_ns', 'int64', ({ fill }) => fill.sentNs),
  column('accepted_ns', 'int64', ({ fill }) => fill.acceptedNs),
  column('exchange_ns', 'int64', ({ fill }) => fill.exchangeNs),
  column('seen_ns', 'int64', ({ fill }) => fill.seenNs),
  column('entry_latency_ns', 'int64', ({ fill }) => fill.acceptedNs - fill.sentNs),
  column('response_latency_ns', 'int64', ({ fill }) => fill.seenNs - fill.exchangeNs),
  column('fee', 'double', ({ fill }) => fill.fee),
  column('position', 'double', ({ fill }) => fill.position),
  column('mid_ticks_before', 'double', ({ fill }) => fill.midTicksBefore),
  ...MARKOUT_HORIZONS_NS.map((ns, at) =>
    column<FillRow>(`markout_${ns / 1e9}s_ticks`, 'double', ({ fill }) => fill.markoutTicks[at]!),
  ),
]

const SAMPLE_NAMES = ['time_ns', 'mid', 'position', 'equity_before_fees', 'fees', 'equity', 'turnover'] as const
const SAMPLE_COLUMNS: readonly Column<SampleRow>[] = [
  column('symbol', 'text', ({ symbol }) => symbol),
  ...SAMPLE_NAMES.map((name, at) =>
    column<SampleRow>(name, at === 0 ? 'int64' : 'double', ({ values }) => values[at]!),
  ),
]

/** Writes fills and samples, each as .csv and .parquet, to paths that start with `base` (a folder and a slash). */
export function writeTables(base: string, runs: readonly BacktestRun[]): void {
  const fills = runs.flatMap(({ symbol, record }) => record.fills.map((fill) => ({ symbol, fill })))
  writeTable(`${base}fills`, FILL_COLUMNS, fills, runs)
  writeTable(`${base}samples`, SAMPLE_COLUMNS, runs.flatMap(sampleRows), runs)
}

function sampleRows({ symbol, record }: BacktestRun): SampleRow[] {
  const { timeNs, mid, position, grossEquity, fee, tradedValue } = record.samples
  const columns = [timeNs, mid, position, grossEquity, fee].map((values) => values.view())
  const [gross, fees, traded] = [grossEquity.view(), fee.view(), tradedValue.view()]
  return Array.from(timeNs.view(), (_, at) => ({
    symbol,
    values: [...columns.map((values) => values[at]!), gross[at]! - fees[at]!, traded[at]!],
  }))
}

function writeTable<Row>(
  path: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  runs: readonly BacktestRun[],
): void {
  const lines = [columns.map(({ name }) => name).join(',')]
  for (const row of rows) lines.push(columns.map(({ of }) => text(of(row))).join(','))
  writeFileSync(`${path}.csv`, `${lines.join('\n')}\n`)
  const bases = runs.map(
    ({ symbol, timeBaseUnixS }) => [`${symbol} time base (Unix s)`, String(timeBaseUnixS)] as const,
  )
  const file = new ParquetFile(`${path}.parquet`, columns, Object.fromEntries(bases))
  try {
    file.writeGroup(
      columns.map(({ kind, of }) =>
        kind === 'text' ? rows.map((row) => String(of(row))) : Float64Array.from(rows, (row) => Number(of(row))),
      ),
    )
  } catch (error) {
    file.abandon()
    throw error
  }
  file.finish()
}

/** What is not known is left empty. */
function text(value: number | string): string {
  return Number.isNaN(value) ? '' : String(value)
}
