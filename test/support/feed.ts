// Feeds in memory, for tests: events as plain objects, written and read through the real codec.

import type { Compression } from '../../feeds/compression.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedEncoder } from '../../feeds/feed-encoder.ts'
import { FeedFlag, type FeedKind } from '../../feeds/feed-event.ts'
import type { FeedHeader } from '../../feeds/feed-header.ts'
import { type FeedEnding, FeedReader } from '../../feeds/feed-reader.ts'
import { zstdCompression } from '../../feeds/io/zstd.ts'

export type PlainEvent = {
  readonly kind: FeedKind
  readonly flags: number
  readonly instrumentIndex: number
  readonly exchangeNs: number
  readonly localNs: number
  readonly priceTicks: number
  readonly quantityLots: number
  readonly orderId: number
  readonly subTicks: number
  readonly sequence: number
}

export const plainHeader: FeedHeader = {
  source: 'test',
  detail: 'L3',
  timeBaseUnixS: 1_340_251_200,
  instruments: [
    { symbol: 'AAA', tickSize: '0.01', lotSize: '1' },
    { symbol: 'BBB', tickSize: '0.5', lotSize: '0.001' },
  ],
  metadata: { note: 'for tests' },
}

/** An event seen at the exchange and by us, with what it does not say left 0. */
export function plainEvent(kind: FeedKind, fields: Partial<PlainEvent> = {}): PlainEvent {
  return {
    kind,
    instrumentIndex: 0,
    exchangeNs: 0,
    localNs: fields.exchangeNs ?? 0,
    priceTicks: 0,
    quantityLots: 0,
    orderId: 0,
    subTicks: 0,
    sequence: 0,
    ...fields,
    flags: (fields.flags ?? 0) | FeedFlag.EXCHANGE | FeedFlag.LOCAL,
  }
}

export function writeFeed(
  events: readonly PlainEvent[],
  options: { header?: FeedHeader; blockEventCount?: number; compression?: Compression } = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  const encoder = new FeedEncoder(options.header ?? plainHeader, {
    compression: options.compression ?? zstdCompression(),
    blockEventCount: options.blockEventCount ?? 1_024,
    write: (bytes) => parts.push(bytes.slice()),
  })
  for (const event of events) pushEvent(encoder, event)
  encoder.finish()
  return new Uint8Array(Buffer.concat(parts))
}

function pushEvent(encoder: FeedEncoder, event: PlainEvent): void {
  encoder.push(
    event.kind,
    event.flags,
    event.instrumentIndex,
    event.exchangeNs,
    event.localNs,
    event.priceTicks,
    event.quantityLots,
    event.orderId,
    event.subTicks,
    event.sequence,
  )
}

export function openBytes(bytes: Uint8Array): FeedReader {
  return new FeedReader({ size: bytes.length, read: (at, size) => bytes.subarray(at, at + size) }, zstdCompression())
}

export function readFeed(bytes: Uint8Array): { events: PlainEvent[]; ending: FeedEnding } {
  const reader = openBytes(bytes)
  const block = new FeedBlock()
  const events: PlainEvent[] = []
  while (reader.next(block)) {
    for (let i = 0; i < block.count; i++) events.push(plainOf(block, i))
  }
  return { events, ending: reader.ending }
}

export function plainOf(block: FeedBlock, i: number): PlainEvent {
  const flags = block.flags[i]!
  return {
    kind: block.kind[i]! as FeedKind,
    flags,
    instrumentIndex: block.instrumentIndex[i]!,
    exchangeNs: block.exchangeNs[i]!,
    localNs: block.localNs[i]!,
    priceTicks: block.priceTicks[i]!,
    quantityLots: block.quantityLots[i]!,
    orderId: block.orderId[i]!,
    subTicks: (flags & FeedFlag.OFF_TICK) !== 0 ? block.subTicks[i]! : 0,
    sequence: block.sequence[i]!,
  }
}
