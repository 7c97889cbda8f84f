// Imports raw Binance captures: one pass over the lines into a waiting file, one over that into the order of two times.

import { basename } from 'node:path'
import { BinanceConverter, type BinanceCounts, localTimeNs, localTimeOfBytes } from '../binance.ts'
import { BinanceSurvey } from '../binance-survey.ts'
import type { FeedHeader } from '../feed-header.ts'
import { scaleOf, stepOf } from '../price-scale.ts'
import { BadRows, checkSteps, GapPlace, type ImportOptions, type ImportSummary, LineFiles } from './import-job.ts'
import { InputFileError } from './input-file.ts'
import { TwoTimeFileWriter, timeNotes } from './two-time-file.ts'

export type BinanceImportOptions = ImportOptions & {
  /** Files of one capture, in their order. */
  readonly captures: readonly string[]
  readonly symbol?: string
  readonly tickSize?: string
  readonly lotSize?: string
  readonly withTouch: boolean
}

export type BinanceImportCounts = BinanceCounts & { bothTimes: number; exchangeOnly: number; localOnly: number }

type Facts = { symbol: string; tickSize: string; lotSize: string; timeBaseUnixS: number }

/** Lines looked at to learn symbol and steps. */
const SURVEY_LINE_COUNT = 20_000
const DAY_S = 86_400
const SPACE = 0x20

export async function importBinance(options: BinanceImportOptions): Promise<ImportSummary<BinanceImportCounts>> {
  const files = await LineFiles.open(options.captures)
  try {
    return await importFiles(files, options, await learnFacts(files, options))
  } finally {
    files.close()
  }
}

async function importFiles(
  files: LineFiles,
  options: BinanceImportOptions,
  facts: Facts,
): Promise<ImportSummary<BinanceImportCounts>> {
  const header = headerOf(options, facts)
  const writer = new TwoTimeFileWriter(options.out, header)
  try {
    const bad = new BadRows(options)
    const gaps = new GapPlace()
    const converter = new BinanceConverter(writer, {
      tick: scaleOf(facts.tickSize),
      lot: scaleOf(facts.lotSize),
      timeBaseUnixS: facts.timeBaseUnixS,
      symbol: options.symbol,
      withTouch: options.withTouch,
    })
    const inputBytes = await files.read((lines) => {
      const { bytes, from, to } = lines
      const jsonAt = jsonPlace(bytes, from, to)
      const localNs = localTimeOfBytes(bytes, from, jsonAt - 1, facts.timeBaseUnixS)
      if (Number.isNaN(localNs) || !converter.addBytes(localNs, bytes, jsonAt, to)) {
        const line = splitLine(lines.text())
        const fault =
          typeof line === 'string' ? line : converter.add(localTimeNs(line.local, facts.timeBaseUnixS), line.json)
        if (fault !== null) bad.drop(lines.place(), fault)
      }
      if (writer.farCount > 0) writer.checkTimes(lines.place())
      gaps.look(converter.counts.gaps, lines)
      return true
    }, options.onProgress)
    if (writer.eventCount === 0) throw new InputFileError(`${options.captures[0]}: there is no event in it`)
    const outcome = writer.finish()
    const { both, exchangeOnly, localOnly } = outcome.counts
    const counts = { ...converter.counts, bothTimes: both, exchangeOnly, localOnly }
    const { eventCount, size, clockOffsetNs } = outcome
    const notes = [...timeNotes(outcome), ...gaps.notes('Depth updates')]
    const said = { ...header, metadata: { ...header.metadata, clockOffsetNs: `${clockOffsetNs}` } }
    return { header: said, counts, eventCount, size, dropped: bad.dropped, inputBytes, notes }
  } catch (error) {
    writer.abandon()
    throw error
  }
}

/** Behind the first space; 0: there is none in the line. */
function jsonPlace(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) if (bytes[at] === SPACE) return at + 1
  return 0
}

/** Local time and JSON of the line, or what is wrong with it. */
function splitLine(text: string): { local: string; json: unknown } | string {
  const space = text.indexOf(' ')
  const local = text.slice(0, space)
  if (Number.isNaN(localTimeNs(local, 0))) return 'does not start with a local time in digits and a space'
  try {
    return { local, json: JSON.parse(text.slice(space + 1)) as unknown }
  } catch {
    return 'has no whole JSON after the local time'
  }
}

/** Symbol, steps and day, as far as the options do not say them. */
async function learnFacts(files: LineFiles, options: BinanceImportOptions): Promise<Facts> {
  const survey = new BinanceSurvey(options.symbol)
  let timeBaseUnixS = 0
  let lineCount = 0
  await files.lookAhead((lines) => {
    const { bytes, from, to } = lines
    const jsonAt = jsonPlace(bytes, from, to)
    let localNs = localTimeOfBytes(bytes, from, jsonAt - 1, 0)
    if (Number.isNaN(localNs) || !survey.lookAtBytes(bytes, jsonAt, to)) {
      const line = splitLine(lines.text())
      if (typeof line === 'string') return true
      localNs = localTimeNs(line.local, 0)
      survey.lookAtJson(line.json)
    }
    lineCount += 1
    if (timeBaseUnixS === 0) timeBaseUnixS = Math.floor(localNs / 1e9 / DAY_S) * DAY_S
    return lineCount < SURVEY_LINE_COUNT
  })
  const { symbol, priceDecimals, quantityDecimals } = survey
  if (lineCount === 0 || symbol === undefined) {
    throw new InputFileError(
      `${options.captures[0]}: this is no raw Binance capture: no line has a local time and a message with a symbol\n` +
        '  Expected are lines such as: 1723161255088176367 {"stream":"btcusdt@trade","data":{...}}',
    )
  }
  const tickSize = options.tickSize ?? stepOf(priceDecimals)
  const lotSize = options.lotSize ?? stepOf(quantityDecimals)
  checkSteps(options.captures[0]!, tickSize, lotSize)
  return { symbol, tickSize, lotSize, timeBaseUnixS }
}

function headerOf(options: BinanceImportOptions, { symbol, tickSize, lotSize, timeBaseUnixS }: Facts): FeedHeader {
  return {
    source: 'binance',
    detail: 'L2',
    timeBaseUnixS,
    instruments: [{ symbol, tickSize, lotSize }],
    metadata: { captures: options.captures.map((path) => basename(path)).join(' ') },
  }
}
