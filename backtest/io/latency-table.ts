// Recorded order latencies as a text file.

import { InputFileError } from '../../feeds/io/input-file.ts'
import type { LatencyTable } from '../replay/latency-model.ts'
import { readLinesOf } from './golden-files.ts'

const NANO_DIGITS = 9

/**
 * Columns: sent, at the exchange (0: refused), answered, in nanoseconds since 1970. A line of names comes first. The times of
 * sending go on from row to row; a time at the exchange before that of sending is a refusal too, known after as long.
 */
export async function readLatencyTable(path: string, timeBaseS: number): Promise<LatencyTable> {
  const lines = await readLinesOf(path)
  if (lines === null) {
    throw new InputFileError(
      `${path} does not exist\n  It is the table that --latency table:FILE names: check the name.`,
    )
  }
  let lastSentNs = Number.NEGATIVE_INFINITY
  const rows = lines.slice(1).map((line, at) => {
    const fields = line.split(',')
    if (fields.length < 3 || !fields.every((field) => /^\d+$/.test(field))) {
      throw new InputFileError(
        `${path}:${at + 2}: a row is three times in whole nanoseconds: sent, at exchange, answered\n` +
          '  Correct the row; docs/backtest.md describes the table.',
      )
    }
    const [sentNs = 0, exchangeNs = 0, answeredNs = 0] = fields.map((field) =>
      field === '0' ? Number.NaN : timeOf(field, timeBaseS),
    )
    const fault = rowFault(sentNs, exchangeNs, answeredNs, lastSentNs)
    if (fault !== null) throw new InputFileError(`${path}:${at + 2}: ${fault}`)
    lastSentNs = sentNs
    return [sentNs, exchangeNs, answeredNs]
  })
  if (rows.length === 0) throw new InputFileError(`${path} has no rows\n  docs/backtest.md describes the table.`)
  const column = (index: number) => Float64Array.from(rows, (row) => row[index]!)
  return { sentNs: column(0), exchangeNs: column(1), answeredNs: column(2) }
}

/** What is wrong with a row, and what to do; null: nothing. */
function rowFault(sentNs: number, exchangeNs: number, answeredNs: number, lastSentNs: number): string | null {
  if (Number.isNaN(sentNs) || Number.isNaN(answeredNs))
    return 'a row without the time of sending or of the answer\n  Only the time at the exchange may be 0: the request was refused.'
  if (sentNs < lastSentNs) return 'this row was sent before the one above\n  Sort the rows by the time of sending.'
  const isAnswered = answeredNs >= sentNs && !(answeredNs < exchangeNs)
  return isAnswered ? null : 'this row was answered before it was there\n  Are the columns sent, at exchange, answered?'
}

/** Whole seconds of a time in nanoseconds, of which a double holds too few digits. */
export function secondsOf(nanos: string): number {
  return Number(nanos.slice(0, -NANO_DIGITS))
}

/** Nanoseconds since `baseS`. */
export function timeOf(nanos: string, baseS: number): number {
  return (secondsOf(nanos) - baseS) * 1e9 + Number(nanos.slice(-NANO_DIGITS))
}
