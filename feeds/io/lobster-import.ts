// Imports LOBSTER files: message file and order book file in lockstep, to a feed file.

import { basename } from 'node:path'
import type { FeedHeader } from '../feed-header.ts'
import { type LobsterCounts, LobsterImporter } from '../lobster-importer.ts'
import {
  LobsterBookRow,
  LobsterMessage,
  levelCountOf,
  readLobsterBookRow,
  readLobsterMessage,
} from '../lobster-rows.ts'
import { FeedFileWriter } from './feed-file.ts'
import { BadRows, type ImportOptions, type ImportSummary, nextLine } from './import-job.ts'
import { InputFileError } from './input-file.ts'
import { LineReader } from './line-reader.ts'
import { MARKET_TIME_ZONE, midnightUnixS, pricePerTickOf, unknownDayNotes } from './us-market.ts'

export type LobsterImportOptions = ImportOptions & {
  readonly messages: string
  readonly orderbook?: string
  readonly symbol?: string
  /** YYYY-MM-DD */
  readonly date?: string
  readonly tickSize: string
  readonly feedLatencyNs: number
}

/** AMZN_2012-06-21_34200000_57600000_message_5.csv.gz */
const FILE_NAME_PATTERN = /^([A-Za-z0-9.-]+)_(\d{4}-\d{2}-\d{2})_/
/** Rows between two looks at the progress. */
const PROGRESS_ROW_COUNT = 8_192

export async function importLobster(options: LobsterImportOptions): Promise<ImportSummary<LobsterCounts>> {
  const messages = await LineReader.open(options.messages)
  let book: LineReader | null = null
  let writer: FeedFileWriter | null = null
  try {
    if (options.orderbook !== undefined) book = await LineReader.open(options.orderbook)
    const row = book === null ? null : await firstBookRow(book)
    const header = headerOf(options, row?.levelCount ?? 0)
    writer = new FeedFileWriter(options.out, header)
    const importer = new LobsterImporter(writer.encoder, options)
    const dropped = await importRows(options, importer, messages, book, row)
    if (importer.counts.messages === 0) {
      throw new InputFileError(`${options.messages}: there is no message in it\n  Is it the LOBSTER message file?`)
    }
    writer.finish()
    const { eventCount, size } = writer.encoder
    const inputBytes = messages.fileSize + (book?.fileSize ?? 0)
    const notes = [...unknownDayNotes(header), ...missingBookNotes(options)]
    return { header, counts: importer.counts, eventCount, size, dropped, inputBytes, notes }
  } catch (error) {
    writer?.abandon()
    throw error
  } finally {
    messages.close()
    book?.close()
  }
}

async function importRows(
  options: LobsterImportOptions,
  importer: LobsterImporter,
  messages: LineReader,
  book: LineReader | null,
  row: LobsterBookRow | null,
): Promise<string[]> {
  const message = new LobsterMessage()
  const bad = new BadRows(options)
  while (await nextLine(messages)) {
    if (book !== null && row !== null && !(await nextLine(book))) {
      throw new InputFileError(
        `${book.path} ends after line ${book.lineNumber}, but ${messages.path} has more\n` +
          '  Both files must be of the same symbol and day, and whole: row k of one belongs to row k of the other.',
      )
    }
    const messageFault = readLobsterMessage(messages.bytes, messages.from, messages.to, message)
    const rowFault = book === null || row === null ? null : readLobsterBookRow(book.bytes, book.from, book.to, row)
    if (messageFault !== null) bad.drop(messages.place(), messageFault)
    else if (rowFault !== null) bad.drop(book!.place(), rowFault)
    else {
      const fault = importer.add(message, row)
      if (fault !== null) bad.drop(messages.place(), fault)
    }
    if (messages.lineNumber % PROGRESS_ROW_COUNT === 0) options.onProgress?.(messages.fileBytesRead, messages.fileSize)
  }
  options.onProgress?.(messages.fileSize, messages.fileSize)
  if (book !== null && (await nextLine(book))) {
    throw new InputFileError(
      `${messages.path} ends after line ${messages.lineNumber}, but ${book.path} has more\n` +
        '  Both files must be of the same symbol and day, and whole: row k of one belongs to row k of the other.',
    )
  }
  return bad.dropped
}

/** A row with as many levels as the order book file's first line has; the line stays to be read. */
async function firstBookRow(book: LineReader): Promise<LobsterBookRow> {
  await book.fill()
  const end = book.bytes.indexOf(0x0a)
  const levelCount = levelCountOf(book.bytes, 0, end === -1 ? book.bytes.length : end)
  if (book.bytes.length === 0 || levelCount === 0) {
    throw new InputFileError(
      `${book.path}:1: this is no LOBSTER order book row: it needs four columns for each level\n` +
        '  Is it the orderbook file? The message file is the first argument.',
    )
  }
  return new LobsterBookRow(levelCount)
}

function missingBookNotes({ orderbook }: LobsterImportOptions): string[] {
  if (orderbook !== undefined) return []
  return [
    'The book lacks the orders that the messages alone do not announce, and may cross: import again with ' +
      '--orderbook FILE, the order book file of the same day.',
  ]
}

function headerOf(options: LobsterImportOptions, levelCount: number): FeedHeader {
  const named = FILE_NAME_PATTERN.exec(basename(options.messages))
  const symbol = options.symbol ?? named?.[1]
  const date = options.date ?? named?.[2]
  if (symbol === undefined) {
    throw new InputFileError(
      `${options.messages}: the name does not say which symbol it is (SYMBOL_YYYY-MM-DD_...)\n  Add --symbol.`,
    )
  }
  pricePerTickOf(options.tickSize)
  return {
    source: 'lobster',
    detail: 'L3',
    timeBaseUnixS: date === undefined ? null : midnightUnixS(date),
    instruments: [{ symbol, tickSize: options.tickSize, lotSize: '1' }],
    metadata: {
      messages: basename(options.messages),
      ...(options.orderbook === undefined ? {} : { orderbook: basename(options.orderbook), levels: `${levelCount}` }),
      ...(date === undefined ? {} : { date, timeZone: MARKET_TIME_ZONE }),
      feedLatencyNs: `${options.feedLatencyNs}`,
    },
  }
}
