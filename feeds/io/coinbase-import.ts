// Imports captures of Coinbase's full channel.

import { basename } from 'node:path'
import { CoinbaseConverter, type CoinbaseCounts, isoNs } from '../coinbase.ts'
import type { FeedHeader } from '../feed-header.ts'
import { decimalsOf, scaleOf, stepOf } from '../price-scale.ts'
import { BadRows, checkSteps, GapPlace, type ImportOptions, type ImportSummary, readLines } from './import-job.ts'
import { InputFileError } from './input-file.ts'
import { readStampedJson } from './stamped-json.ts'
import { TwoTimeFileWriter, timeNotes } from './two-time-file.ts'

export type CoinbaseImportOptions = ImportOptions & {
  readonly captures: readonly string[]
  readonly product?: string
  readonly tickSize?: string
  readonly lotSize?: string
}

type Facts = {
  readonly product: string
  readonly tickSize: string
  readonly lotSize: string
  readonly timeBaseUnixS: number
  readonly firstExchangeNs: number
  readonly firstLocalNs: number
}

const DAY_S = 86_400

export async function importCoinbase(options: CoinbaseImportOptions): Promise<ImportSummary<CoinbaseCounts>> {
  const facts = await survey(options)
  const { product, tickSize, lotSize, timeBaseUnixS } = facts
  const header: FeedHeader = {
    ...{ source: 'coinbase', detail: 'L3', timeBaseUnixS },
    instruments: [{ symbol: product, tickSize, lotSize }],
    metadata: { captures: options.captures.map((path) => basename(path)).join(' ') },
  }
  const writer = new TwoTimeFileWriter(options.out, header)
  try {
    const bad = new BadRows(options)
    const gaps = new GapPlace()
    const settings = { ...facts, tick: scaleOf(tickSize), lot: scaleOf(lotSize) }
    const converter = new CoinbaseConverter(writer, settings)
    const inputBytes = await readLines(
      options.captures,
      (lines) => {
        const line = readStampedJson(lines, timeBaseUnixS)
        const fault = typeof line === 'string' ? line : converter.add(line.localNs, line.json)
        if (fault !== null) bad.drop(lines.place(), fault)
        if (writer.farCount > 0) writer.checkTimes(lines.place())
        gaps.look(converter.counts.missing, lines)
        return true
      },
      options.onProgress,
    )
    if (writer.eventCount === 0) throw new InputFileError(`${options.captures[0]}: there is no event in it`)
    const outcome = writer.finish()
    const { eventCount, size } = outcome
    return {
      ...{ header, counts: converter.counts, eventCount, size, dropped: bad.dropped, inputBytes },
      notes: [...timeNotes(outcome), ...gaps.notes('Messages')],
    }
  } catch (error) {
    writer.abandon()
    throw error
  }
}

/** The product, its steps, and the times of its first live message: one pass over all lines, as steps may be late. */
async function survey(options: CoinbaseImportOptions): Promise<Facts> {
  let product = options.product
  let priceDecimals = 0
  let sizeDecimals = 0
  let timeBaseUnixS = Number.NaN
  let firstExchangeNs = Number.NaN
  let firstLocalNs = Number.NaN
  await readLines(options.captures, (lines) => {
    const line = readStampedJson(lines, 0)
    if (typeof line === 'string') return true
    const message = (line.json ?? {}) as Record<string, unknown>
    const id = message['product_id']
    product ??= typeof id === 'string' ? id : undefined
    if (id !== product) return true
    for (const key of ['price'])
      if (typeof message[key] === 'string') priceDecimals = Math.max(priceDecimals, decimalsOf(message[key]))
    for (const key of ['size', 'remaining_size', 'new_size']) {
      if (typeof message[key] === 'string') sizeDecimals = Math.max(sizeDecimals, decimalsOf(message[key]))
    }
    const { time } = message
    if (Number.isNaN(firstExchangeNs) && typeof time === 'string' && time !== '') {
      timeBaseUnixS = Math.floor(isoNs(time, 0) / 1e9 / DAY_S) * DAY_S
      firstExchangeNs = isoNs(time, timeBaseUnixS)
      const stamped = readStampedJson(lines, timeBaseUnixS)
      if (typeof stamped !== 'string') firstLocalNs = stamped.localNs
    }
    return true
  })
  if (product === undefined || Number.isNaN(firstExchangeNs) || Number.isNaN(firstLocalNs)) {
    throw new InputFileError(
      `${options.captures[0]}: this is no capture of Coinbase's full channel: no line has a local time and a message\n` +
        '  Expected are lines such as: 2016-03-12 00:08:51,403 {"type":"open","sequence":1,"product_id":...}',
    )
  }
  const tickSize = options.tickSize ?? stepOf(priceDecimals)
  const lotSize = options.lotSize ?? stepOf(sizeDecimals)
  checkSteps(options.captures[0]!, tickSize, lotSize)
  return { product, tickSize, lotSize, timeBaseUnixS, firstExchangeNs, firstLocalNs }
}
