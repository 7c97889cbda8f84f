// Writes a feed: events in, bytes out, one block held at a time. Where the bytes go is the caller's business.

import { assert } from '../base/assert.ts'
import { checksum } from '../base/checksum.ts'
import { BlockEncoder } from './block-encoder.ts'
import { encodeBlockHeader, encodeIndex, type IndexEntry } from './block-frame.ts'
import type { Compression } from './compression.ts'
import { FeedBlock } from './feed-block.ts'
import { FeedFlag, type FeedKind, SEEN_FLAGS } from './feed-event.ts'
import { aligned, BLOCK_COUNT_MAX, BLOCK_HEADER_SIZE } from './feed-format.ts'
import { encodeHeader, type FeedHeader } from './feed-header.ts'

/** Large enough that most cancels find their add in the same block, small enough to stay in the processor's cache. */
export const BLOCK_EVENT_COUNT_DEFAULT = 16_384

export type FeedEncoderOptions = {
  readonly compression: Compression
  readonly blockEventCount?: number
  /** Takes the next bytes of the file. They are valid until it returns. */
  readonly write: (bytes: Uint8Array) => void
}

export class FeedEncoder {
  readonly #block: FeedBlock
  readonly #blockEncoder: BlockEncoder
  readonly #compression: Compression
  readonly #write: (bytes: Uint8Array) => void
  readonly #entries: IndexEntry[] = []
  readonly #blockHeader = new Uint8Array(BLOCK_HEADER_SIZE)
  readonly #padding = new Uint8Array(8)
  #at = 0
  #eventCount = 0
  #finished = false

  constructor(header: FeedHeader, options: FeedEncoderOptions) {
    this.#block = new FeedBlock(options.blockEventCount ?? BLOCK_EVENT_COUNT_DEFAULT)
    this.#blockEncoder = new BlockEncoder(this.#block.capacity, header.instruments.length)
    this.#compression = options.compression
    this.#write = options.write
    this.#append(encodeHeader(header))
  }

  /** Events pushed so far. */
  get eventCount(): number {
    return this.#eventCount + this.#block.count
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#at
  }

  push(
    kind: FeedKind,
    flags: number,
    instrumentIndex: number,
    exchangeNs: number,
    localNs: number,
    priceTicks: number,
    quantityLots: number,
    orderId: number,
    subTicks = 0,
    sequence = 0,
  ): void {
    const block = this.#block
    if (block.count === block.capacity) this.flush()
    const i = block.count
    block.kind[i] = kind
    block.flags[i] = flags
    block.instrumentIndex[i] = instrumentIndex
    block.exchangeNs[i] = exchangeNs
    block.localNs[i] = localNs
    block.priceTicks[i] = priceTicks
    block.quantityLots[i] = quantityLots
    block.orderId[i] = orderId
    block.subTicks[i] = subTicks
    block.sequence[i] = sequence
    block.count = i + 1
  }

  /** Pushes events `from .. to` of another block: seen by these sides (flags) and no others, `lateNs` later at the local one. */
  pushRun(source: FeedBlock, from: number, to: number, seen: number, lateNs: number): void {
    const block = this.#block
    for (let at = from; at < to; ) {
      if (block.count === block.capacity) this.flush()
      const end = Math.min(to, at + block.capacity - block.count)
      copyEvents(source, at, end, block, seen, lateNs)
      at = end
    }
  }

  /** The event pushed last ends a message of the source. A full block waits for the next event, so it is still here. */
  markLast(): void {
    const { count, flags } = this.#block
    assert(count > 0, 'an event was pushed')
    flags[count - 1] = flags[count - 1]! | FeedFlag.LAST
  }

  /** Writes the events pushed so far as a block. */
  flush(): void {
    assert(!this.#finished, 'the feed is not finished')
    const block = this.#block
    if (block.count === 0) return
    assert(this.#entries.length < BLOCK_COUNT_MAX, 'a feed has a bounded number of blocks')
    const raw = this.#blockEncoder.encode(block)
    const stored = this.#compression.compress(raw)
    const [earliestNs, latestNs] = timeRange(block)
    const entry = { at: this.#at, earliestNs, latestNs, eventCount: block.count, storedSize: stored.length }
    encodeBlockHeader(
      {
        ...entry,
        rawSize: raw.length,
        checksum: checksum(stored, 0, stored.length),
        compression: this.#compression.code,
        firstEventIndex: this.#eventCount,
      },
      this.#blockHeader,
    )
    this.#append(this.#blockHeader)
    this.#append(stored)
    this.#append(this.#padding.subarray(0, aligned(stored.length) - stored.length))
    this.#entries.push(entry)
    this.#eventCount += block.count
    block.count = 0
  }

  /** Writes what is left, the index and the trailer. */
  finish(): void {
    this.flush()
    this.#append(encodeIndex(this.#entries, this.#at))
    this.#finished = true
  }

  #append(bytes: Uint8Array): void {
    this.#write(bytes)
    this.#at += bytes.length
  }
}

/** Adds events `from .. to` of the source to the target, which has room for them. */
function copyEvents(
  source: FeedBlock,
  from: number,
  to: number,
  target: FeedBlock,
  seen: number,
  lateNs: number,
): void {
  const { count } = target
  for (let i = from, at = count; i < to; i++, at++) {
    target.kind[at] = source.kind[i]!
    target.flags[at] = (source.flags[i]! & ~SEEN_FLAGS) | seen
    target.instrumentIndex[at] = source.instrumentIndex[i]!
    target.exchangeNs[at] = source.exchangeNs[i]!
    target.localNs[at] = source.localNs[i]! + lateNs
    target.priceTicks[at] = source.priceTicks[i]!
    target.quantityLots[at] = source.quantityLots[i]!
    target.orderId[at] = source.orderId[i]!
    target.subTicks[at] = source.subTicks[i]!
    target.sequence[at] = source.sequence[i]!
  }
  target.count = count + to - from
}

function timeRange({ count, exchangeNs }: FeedBlock): [number, number] {
  let earliestNs = Infinity
  let latestNs = -Infinity
  for (let i = 0; i < count; i++) {
    earliestNs = Math.min(earliestNs, exchangeNs[i]!)
    latestNs = Math.max(latestNs, exchangeNs[i]!)
  }
  return [earliestNs, latestNs]
}
