// Cuts a part out of a feed, and merges feeds.

import { BookMemory } from '../book-memory.ts'
import { FeedBlock } from '../feed-block.ts'
import { FeedFlag } from '../feed-event.ts'
import { FEED_TIME_NS_MAX } from '../feed-format.ts'
import type { FeedHeader, FeedInstrument } from '../feed-header.ts'
import { checkWhole, describeFeedError, type FeedFile, FeedFileWriter, openFeed } from './feed-file.ts'
import { InputFileError } from './input-file.ts'
import { TwoTimeFileWriter } from './two-time-file.ts'

export type SliceOptions = {
  readonly path: string
  readonly out: string
  /** Nanoseconds of the feed; the end is not part of it. */
  readonly fromNs: number
  readonly toNs: number
  /** Undefined: all. */
  readonly symbols?: readonly string[]
}

/** What a feed holds of times in order. */
const MERGED_SPAN_S_MAX = FEED_TIME_NS_MAX / 2 / 1e9

/** The slice starts with the book as it is then. Gives the number of events. */
export function sliceFeed({ path, out, fromNs, toNs, symbols }: SliceOptions): number {
  const feed = openFeed(path)
  const { header } = feed.reader
  const kept = header.instruments.filter(({ symbol }) => symbols === undefined || symbols.includes(symbol))
  const indexes = header.instruments.map((instrument) => kept.indexOf(instrument))
  if (kept.length === 0) {
    feed.close()
    throw new InputFileError(
      `${path}: there is no ${symbols?.join(', ')} in it\n  It has ${header.instruments.map(({ symbol }) => symbol).join(', ')}.`,
    )
  }
  const writer = new FeedFileWriter(out, { ...header, instruments: kept })
  try {
    const memory = new BookMemory()
    const block = new FeedBlock()
    let hasStarted = false
    while (feed.reader.next(block)) {
      for (let i = 0; i < block.count; i++) {
        const instrumentIndex = indexes[block.instrumentIndex[i]!]!
        if (instrumentIndex === -1) continue
        const flags = block.flags[i]!
        const isAtExchange = (flags & FeedFlag.EXCHANGE) !== 0
        const timeNs = isAtExchange ? block.exchangeNs[i]! : block.localNs[i]!
        block.instrumentIndex[i] = instrumentIndex
        if (timeNs < fromNs) {
          if (isAtExchange) memory.apply(block, i)
          continue
        }
        if (timeNs >= toNs) continue
        if (!hasStarted) memory.write(writer.encoder, fromNs)
        hasStarted = true
        pushEvent(writer.encoder, block, i, instrumentIndex, 0)
      }
    }
    if (!hasStarted)
      throw new InputFileError(`${path}: it has no event in this time\n  ./tandem feed info shows its range.`)
    writer.finish()
    return writer.encoder.eventCount
  } catch (error) {
    writer.abandon()
    throw describeFeedError(path, error)
  } finally {
    feed.close()
  }
}

/** Merges feeds by exchange time; the same symbol in two feeds becomes one. Gives the number of events. */
export function mergeFeeds(paths: readonly string[], out: string): number {
  const feeds = paths.map((path) => openFeed(path))
  try {
    const header = mergedHeader(feeds)
    const writer = new TwoTimeFileWriter(out, header)
    try {
      mergeInto(writer, feeds, header)
      return writer.finish().eventCount
    } catch (error) {
      writer.abandon()
      throw error
    }
  } finally {
    for (const feed of feeds) feed.close()
  }
}

function mergedHeader(feeds: readonly FeedFile[]): FeedHeader {
  const headers = feeds.map(({ reader }) => reader.header)
  const first = headers[0]!
  const instruments: FeedInstrument[] = []
  for (const [at, header] of headers.entries()) {
    if (header.detail !== first.detail) {
      throw new InputFileError(
        `${feeds[at]!.path} holds ${header.detail}, ${feeds[0]!.path} ${first.detail}\n  Merge feeds of one kind.`,
      )
    }
    if ((header.timeBaseUnixS === null) !== (first.timeBaseUnixS === null)) {
      throw new InputFileError(`${feeds[at]!.path}: it says a day and another feed does not, or the reverse`)
    }
    for (const instrument of header.instruments) {
      const known = instruments.find(({ symbol }) => symbol === instrument.symbol)
      if (known === undefined) instruments.push(instrument)
      else if (known.tickSize !== instrument.tickSize || known.lotSize !== instrument.lotSize) {
        throw new InputFileError(
          `${feeds[at]!.path}: tick or lot of ${instrument.symbol} are not those of the feeds before\n` +
            '  Import it again with --tick and --lot.',
        )
      }
    }
  }
  const bases = headers.flatMap(({ timeBaseUnixS }) => (timeBaseUnixS === null ? [] : [timeBaseUnixS]))
  const baseUnixS = bases.length === 0 ? null : Math.min(...bases)
  const far = headers.findIndex(({ timeBaseUnixS }) => (timeBaseUnixS ?? 0) - (baseUnixS ?? 0) > MERGED_SPAN_S_MAX)
  if (far !== -1) {
    throw new InputFileError(
      `${feeds[far]!.path} starts more than 26 days after the earliest of the feeds, and one feed holds no more\n` +
        '  Run such feeds by themselves: ./tandem backtest takes --feed several times.',
    )
  }
  const crossed = headers.some(({ metadata }) => metadata['crossed'] === 'allowed') ? { crossed: 'allowed' } : {}
  return {
    source: headers.every(({ source }) => source === first.source) ? first.source : 'merged',
    detail: first.detail,
    timeBaseUnixS: baseUnixS,
    instruments,
    metadata: { ...crossed, merged: headers.map(({ source }) => source).join(' ') },
  }
}

function mergeInto(writer: TwoTimeFileWriter, feeds: readonly FeedFile[], header: FeedHeader): void {
  const streams = feeds.map((feed) => ({
    feed,
    block: new FeedBlock(),
    at: 0,
    shiftNs: ((feed.reader.header.timeBaseUnixS ?? 0) - (header.timeBaseUnixS ?? 0)) * 1e9,
    indexes: feed.reader.header.instruments.map(({ symbol }) =>
      header.instruments.findIndex((instrument) => instrument.symbol === symbol),
    ),
  }))
  type Stream = (typeof streams)[number]
  /** Steps to the next event that the exchange saw: what we saw of it, and when, follows from its times again. */
  const settle = (stream: Stream): boolean => {
    for (;;) {
      for (; stream.at < stream.block.count; stream.at++) {
        if ((stream.block.flags[stream.at]! & FeedFlag.EXCHANGE) !== 0) return true
      }
      if (!stream.feed.reader.next(stream.block)) {
        checkWhole(stream.feed)
        return false
      }
      stream.at = 0
    }
  }
  for (const stream of streams) stream.block.count = 0
  let open = streams.filter(settle)
  while (open.length > 0) {
    let first = open[0]!
    for (const stream of open) if (timeOf(stream) < timeOf(first)) first = stream
    pushEvent(writer, first.block, first.at, first.indexes[first.block.instrumentIndex[first.at]!]!, first.shiftNs)
    first.at += 1
    if (!settle(first)) open = open.filter((stream) => stream !== first)
  }
}

function timeOf({ block, at, shiftNs }: { block: FeedBlock; at: number; shiftNs: number }): number {
  return block.exchangeNs[at]! + shiftNs
}

function pushEvent(
  sink: Pick<TwoTimeFileWriter, 'push'>,
  block: FeedBlock,
  i: number,
  instrumentIndex: number,
  shiftNs: number,
): void {
  const times = [block.exchangeNs[i]! + shiftNs, block.localNs[i]! + shiftNs] as const
  const rest = [block.quantityLots[i]!, block.orderId[i]!, block.subTicks[i]!, block.sequence[i]!] as const
  sink.push(
    block.kind[i] as Parameters<typeof sink.push>[0],
    block.flags[i]!,
    instrumentIndex,
    ...times,
    block.priceTicks[i]!,
    ...rest,
  )
}
