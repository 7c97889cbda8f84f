// Damaged recorded feeds, in memory: read as far as they are whole, or refused with the place.

import type { Prng } from '../../base/prng.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedCheck } from '../../feeds/feed-check.ts'
import { FeedEncoder } from '../../feeds/feed-encoder.ts'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { FeedFormatError } from '../../feeds/feed-format.ts'
import { FeedReader } from '../../feeds/feed-reader.ts'
import { zstdCompression } from '../../feeds/io/zstd.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { mutate } from './mutate.ts'

const EVENT_COUNT = 300

export const feedsTarget: FuzzTarget = {
  name: 'feeds',
  summary: 'recorded feeds: read, or refused with the place',
  covers: ['feeds/feed-reader.ts', 'feeds/block-frame.ts', 'feeds/block-decoder.ts', 'feeds/feed-header.ts'],
  open: () => new FeedsSubject(),
}

class FeedsSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #zstd = zstdCompression()
  readonly #block = new FeedBlock()
  readonly #feed = sampleFeed()

  execute(random: Prng): undefined {
    const bytes = mutate(random, this.#feed)
    try {
      const source = { size: bytes.length, read: (at: number, size: number) => bytes.subarray(at, at + size) }
      const reader = new FeedReader(source, this.#zstd)
      const check = new FeedCheck(reader.header)
      while (reader.next(this.#block)) {
        for (let index = 0; index < this.#block.count; index++) check.apply(this.#block, index)
      }
      this.outcomes.add(reader.ending)
    } catch (error) {
      if (!(error instanceof FeedFormatError)) throw error
      this.outcomes.add('refused')
    }
  }

  close(): void {}
}

/** A small day of orders, in several blocks. */
function sampleFeed(): Uint8Array {
  const parts: Uint8Array[] = []
  const header = {
    ...{ source: 'fuzz', detail: 'L3' as const, timeBaseUnixS: 1_600_000_000, metadata: { note: 'for fuzzing' } },
    instruments: [{ symbol: 'AAA', tickSize: '0.01', lotSize: '1' }],
  }
  const encoder = new FeedEncoder(header, {
    compression: zstdCompression(),
    blockEventCount: 100,
    write: (bytes) => parts.push(bytes.slice()),
  })
  for (let index = 0; index < EVENT_COUNT; index++) {
    const kind = [FeedKind.ADD, FeedKind.REDUCE, FeedKind.DELETE][index % 3]!
    const flags = FeedFlag.EXCHANGE | FeedFlag.LOCAL | FeedFlag.BUY
    const orderId = 1 + Math.floor(index / 3)
    encoder.push(kind, flags, 0, index * 1_000, index * 1_000 + 5, 1_000 + (index % 5), 40, orderId, 0, 0)
  }
  encoder.finish()
  return Uint8Array.from(Buffer.concat(parts))
}
