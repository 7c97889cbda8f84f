// Imports captures of Bitstamp's order stream.

import { basename } from 'node:path'
import { BitstampConverter, type BitstampCounts } from '../bitstamp.ts'
import type { FeedHeader } from '../feed-header.ts'
import { scaleOf } from '../price-scale.ts'
import { BadRows, checkSteps, type ImportOptions, type ImportSummary, readLines } from './import-job.ts'
import { InputFileError } from './input-file.ts'
import { readStampedJson } from './stamped-json.ts'
import { TwoTimeFileWriter, timeNotes } from './two-time-file.ts'

export type BitstampImportOptions = ImportOptions & {
  readonly captures: readonly string[]
  readonly symbol: string
  readonly tickSize: string
  readonly lotSize: string
}

const DAY_S = 86_400

export async function importBitstamp(options: BitstampImportOptions): Promise<ImportSummary<BitstampCounts>> {
  const { symbol, tickSize, lotSize } = options
  checkSteps(options.captures[0]!, tickSize, lotSize)
  const timeBaseUnixS = await firstDayOf(options.captures)
  const header: FeedHeader = {
    ...{ source: 'bitstamp', detail: 'L3', timeBaseUnixS },
    instruments: [{ symbol, tickSize, lotSize }],
    metadata: { captures: options.captures.map((path) => basename(path)).join(' '), crossed: 'allowed' },
  }
  const writer = new TwoTimeFileWriter(options.out, header)
  try {
    const bad = new BadRows(options)
    const converter = new BitstampConverter(writer, scaleOf(tickSize), scaleOf(lotSize))
    const inputBytes = await readLines(
      options.captures,
      (lines) => {
        const line = readStampedJson(lines, timeBaseUnixS)
        const fault = typeof line === 'string' ? line : converter.add(line.localNs, line.word, line.json)
        if (fault !== null) bad.drop(lines.place(), fault)
        if (writer.farCount > 0) writer.checkTimes(lines.place())
        return true
      },
      options.onProgress,
    )
    if (writer.eventCount === 0) throw new InputFileError(`${options.captures[0]}: there is no event in it`)
    const outcome = writer.finish()
    const { eventCount, size } = outcome
    const notes = [...timeNotes(outcome), 'There is no snapshot: the book is whole only after old orders are gone.']
    return { header, counts: converter.counts, eventCount, size, dropped: bad.dropped, inputBytes, notes }
  } catch (error) {
    writer.abandon()
    throw error
  }
}

async function firstDayOf(captures: readonly string[]): Promise<number> {
  let unixS = Number.NaN
  await readLines(captures, (lines) => {
    const line = readStampedJson(lines, 0)
    if (typeof line === 'string' || !line.word.startsWith('order')) return lines.lineNumber < 1_000
    unixS = Math.floor(line.localNs / 1e9 / DAY_S) * DAY_S
    return false
  })
  if (!Number.isNaN(unixS)) return unixS
  throw new InputFileError(
    `${captures[0]}: this is no capture of Bitstamp's order stream: no line has a time, an event and a message\n` +
      '  Expected are lines such as: 1430438404518 order_created {"price": "236.47", "amount": "2.00000000", ...}',
  )
}
