// Imports NASDAQ ITCH 5.0 files: a look at the stock directory, then one pass over the messages.

import { basename } from 'node:path'
import { SYMBOL_COUNT_MAX } from '../../protocol/limits.ts'
import type { FeedHeader } from '../feed-header.ts'
import { ITCH_MESSAGE_HEADER_SIZE, ItchConverter, type ItchCounts, readItchStock } from '../itch.ts'
import { ByteStream } from './byte-stream.ts'
import { FeedFileWriter } from './feed-file.ts'
import { BadRows, type ImportOptions, type ImportSummary } from './import-job.ts'
import { InputFileError } from './input-file.ts'
import { MARKET_TIME_ZONE, midnightUnixS, pricePerTickOf, unknownDayNotes } from './us-market.ts'

export type ItchImportOptions = ImportOptions & {
  readonly file: string
  /** Those to import; undefined: all of the file. */
  readonly symbols?: readonly string[]
  /** YYYY-MM-DD */
  readonly date?: string
  readonly tickSize: string
  readonly feedLatencyNs: number
}

const PROGRESS_MESSAGE_COUNT = 65_536

export async function importItch(options: ItchImportOptions): Promise<ImportSummary<ItchCounts>> {
  const pricePerTick = pricePerTickOf(options.tickSize)
  const found = await survey(options)
  const header = headerOf(options, [...found.values()])
  const locates = new Map([...found.keys()].map((locate, index) => [locate, index]))
  const writer = new FeedFileWriter(options.out, header)
  const bad = new BadRows(options)
  try {
    const { tickSize, feedLatencyNs } = options
    const converter = new ItchConverter(writer.encoder, { locates, pricePerTick, tickSize, feedLatencyNs })
    const inputBytes = await readMessages(options, (stream, length) => {
      const fault = converter.add(stream.view, stream.at, length)
      if (fault !== null) bad.drop(`${stream.path}: byte ${stream.position}`, fault)
      return true
    })
    const { eventCount } = writer.encoder
    if (eventCount === 0) throw new InputFileError(`${options.file}: there is no event in it`)
    writer.finish()
    const { size } = writer.encoder
    const notes = unknownDayNotes(header)
    return { header, counts: converter.counts, eventCount, size, dropped: bad.dropped, inputBytes, notes }
  } catch (error) {
    writer.abandon()
    throw error
  }
}

async function readMessages(
  options: { readonly file: string; readonly onProgress?: (bytesRead: number, bytesTotal: number) => void },
  onMessage: (stream: ByteStream, length: number) => boolean,
): Promise<number> {
  const stream = await ByteStream.open(options.file)
  try {
    for (let count = 0; stream.has(2) || (await stream.fill(2)); count++) {
      const length = stream.view.getUint16(stream.at)
      // A length of nothing ends a session.
      if (length !== 0 && length < ITCH_MESSAGE_HEADER_SIZE) {
        throw new InputFileError(
          `${stream.path}: byte ${stream.position}: a message of ${length} bytes is not possible\n` +
            '  Is it an ITCH 5.0 file, with a two-byte length before each message?',
        )
      }
      if (!stream.has(2 + length) && !(await stream.fill(2 + length))) break
      stream.at += 2
      if (length > 0 && !onMessage(stream, length)) return stream.fileSize
      stream.at += length
      if (count % PROGRESS_MESSAGE_COUNT === 0) options.onProgress?.(stream.fileBytesRead, stream.fileSize)
    }
    stream.checkEnd('a message')
    options.onProgress?.(stream.fileSize, stream.fileSize)
    return stream.fileSize
  } finally {
    stream.close()
  }
}

/** The stocks by locate code: those of the directory, which comes before the first order. */
async function survey({ file, symbols }: ItchImportOptions): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  let isOrderSeen = false
  await readMessages({ file }, ({ view, at }, length) => {
    const stock = readItchStock(view, at, length)
    if (stock === null) return true
    const isWanted = symbols === undefined || symbols.includes(stock.symbol)
    if (isWanted) found.set(stock.locate, stock.symbol)
    if (view.getUint8(at) !== 0x52) isOrderSeen = true
    return !isOrderSeen || (symbols !== undefined && found.size < symbols.length)
  })
  const missing = (symbols ?? []).filter((symbol) => ![...found.values()].includes(symbol))
  if (missing.length > 0) throw new InputFileError(`${file}: there is no ${missing.join(', ')} in it`)
  if (found.size === 0) {
    throw new InputFileError(`${file}: there is no stock in it\n  Is it an ITCH 5.0 file?`)
  }
  if (found.size > SYMBOL_COUNT_MAX) {
    throw new InputFileError(
      `${file}: there are ${found.size} stocks in it, and a feed holds ${SYMBOL_COUNT_MAX}\n` +
        '  Name those to import: --symbols AAPL,MSFT',
    )
  }
  return found
}

function headerOf(options: ItchImportOptions, symbols: readonly string[]): FeedHeader {
  const date = options.date ?? dateOf(basename(options.file))
  return {
    source: 'itch',
    detail: 'L3',
    timeBaseUnixS: date === undefined ? null : midnightUnixS(date),
    instruments: symbols.map((symbol) => ({ symbol, tickSize: options.tickSize, lotSize: '1' })),
    metadata: {
      file: basename(options.file),
      ...(date === undefined ? {} : { date, timeZone: MARKET_TIME_ZONE }),
      feedLatencyNs: `${options.feedLatencyNs}`,
    },
  }
}

/** The exchange names its files 01302020.NASDAQ_ITCH50; others write 20200130. */
function dateOf(name: string): string | undefined {
  const american = /(?<!\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(20\d\d)(?!\d)/.exec(name)
  if (american !== null) return `${american[3]}-${american[1]}-${american[2]}`
  const plain = /(?<!\d)(20\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?!\d)/.exec(name)
  return plain === null ? undefined : `${plain[1]}-${plain[2]}-${plain[3]}`
}
