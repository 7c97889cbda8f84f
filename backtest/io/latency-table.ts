// Recorded order latencies as a text file.

import { InputFileError } from '../../feeds/io/input-file.ts'
import type { LatencyTable } from '../replay/latency-model.ts'
import { readLinesOf } from './golden-files.ts'

const NANO_DIGITS = 9

/** Columns: sent, at the exchange (0: refused), answered, in nanoseconds since 1970. A line of names comes first. */
export async function readLatencyTable(path: string, timeBaseS: number): Promise<LatencyTable> {
  const lines = await readLinesOf(path)
  if (lines === null) throw new InputFileError(`${path} does not exist`)
  const rows = lines.slice(1).map((line, at) => {
    const fields = line.split(',')
    if (fields.length < 3 || !fields.every((field) => /^\d+$/.test(field))) {
      throw new InputFileError(
        `${path}:${at + 2}: a row is three times in whole nanoseconds: sent, at exchange, answered`,
      )
    }
    return fields.map((field) => (field === '0' ? Number.NaN : timeOf(field, timeBaseS)))
  })
  if (rows.length === 0) throw new InputFileError(`${path} has no rows`)
  const column = (index: number) => Float64Array.from(rows, (row) => row[index]!)
  return { sentNs: column(0), exchangeNs: column(1), answeredNs: column(2) }
}

/** Whole seconds of a time in nanoseconds, of which a double holds too few digits. */
export function secondsOf(nanos: string): number {
  return Number(nanos.slice(0, -NANO_DIGITS))
}

/** Nanoseconds since `baseS`. */
export function timeOf(nanos: string, baseS: number): number {
  return (secondsOf(nanos) - baseS) * 1e9 + Number(nanos.slice(-NANO_DIGITS))
}
