// The recorded-feed format: what is written is read back, cut files give their whole blocks, damage is found.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NO_COMPRESSION } from '../../feeds/compression.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FEED_FLAGS_MAX, FEED_KIND_MAX, FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { FEED_TIME_NS_MAX, FeedFormatError } from '../../feeds/feed-format.ts'
import { openBytes, type PlainEvent, plainEvent, plainHeader, plainOf, readFeed, writeFeed } from '../support/feed.ts'

const timeArbitrary = fc.oneof(
  fc.integer({ min: 0, max: 1_000 }),
  fc.integer({ min: -FEED_TIME_NS_MAX / 2, max: FEED_TIME_NS_MAX / 2 }),
)

const eventArbitrary: fc.Arbitrary<PlainEvent> = fc
  .record({
    kind: fc.integer({ min: 1, max: FEED_KIND_MAX }) as fc.Arbitrary<FeedKind>,
    flags: fc.integer({ min: 0, max: FEED_FLAGS_MAX }),
    instrumentIndex: fc.integer({ min: 0, max: 1 }),
    exchangeNs: timeArbitrary,
    localNs: timeArbitrary,
    priceTicks: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
    quantityLots: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.maxSafeNat()),
    orderId: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.maxSafeNat()),
    subTicks: fc.integer({ min: -999_999, max: 999_999 }),
    sequence: fc.oneof(fc.constant(0), fc.maxSafeNat()),
  })
  .map((event) => ({ ...event, subTicks: (event.flags & FeedFlag.OFF_TICK) !== 0 ? event.subTicks : 0 }))

/** A small day: orders that come, shrink, trade and go, over several blocks. */
function smallDay(eventCount: number): PlainEvent[] {
  const events: PlainEvent[] = []
  for (let i = 0; i < eventCount; i++) {
    const orderId = 1_000 + Math.floor(i / 3)
    const fields = { exchangeNs: 34_200e9 + i * 1_234_567, orderId, priceTicks: 22_000 + (i % 7), quantityLots: 100 }
    if (i % 3 === 0) events.push(plainEvent(FeedKind.ADD, { ...fields, flags: FeedFlag.BUY }))
    else if (i % 3 === 1) events.push(plainEvent(FeedKind.REDUCE, { ...fields, quantityLots: 40, flags: FeedFlag.BUY }))
    else events.push(plainEvent(FeedKind.DELETE, { ...fields, quantityLots: 60, flags: FeedFlag.BUY | FeedFlag.LAST }))
  }
  return events
}

describe('round trip', () => {
  test('any events come back as they were written, in any block size', () => {
    fc.assert(
      fc.property(
        fc.array(eventArbitrary, { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (events, blockEventCount, isCompressed) => {
          const options = isCompressed ? { blockEventCount } : { blockEventCount, compression: NO_COMPRESSION }
          const { events: readBack, ending } = readFeed(writeFeed(events, options))
          expect(readBack).toEqual(events)
          expect(ending).toBe('whole')
        },
      ),
      { numRuns: 150 },
    )
  })

  test('the header comes back, and a feed without events is whole', () => {
    const bytes = writeFeed([])
    expect(openBytes(bytes).header).toEqual(plainHeader)
    expect(readFeed(bytes)).toEqual({ events: [], ending: 'whole' })
  })

  test('a cancel in the block of its add costs little: a repeated day takes below four bytes an event', () => {
    const events = smallDay(3_000)
    expect(writeFeed(events, { blockEventCount: 3_000 }).length / events.length).toBeLessThan(4)
  })

  test('the index finds the block of a time', () => {
    const events = smallDay(100)
    const reader = openBytes(writeFeed(events, { blockEventCount: 10 }))
    expect(reader.index()).toHaveLength(10)
    reader.seek(events[57]!.exchangeNs)
    const block = new FeedBlock()
    expect(reader.next(block)).toBe(true)
    expect(block.firstEventIndex).toBe(50)
    expect(plainOf(block, 7)).toEqual(events[57])
    reader.seek(Infinity)
    expect(reader.next(block)).toBe(false)
    expect(reader.ending).toBe('whole')
    reader.rewind()
    expect(reader.next(block)).toBe(true)
    expect(block.firstEventIndex).toBe(0)
  })
})

describe('damage', () => {
  const events = smallDay(60)
  const bytes = writeFeed(events, { blockEventCount: 10 })
  const ends = openBytes(bytes)
    .index()!
    .map((entry) => entry.at)

  test('a file cut at any byte gives its whole blocks, or an error that says why not', () => {
    for (let size = 0; size < bytes.length; size++) {
      const cut = bytes.subarray(0, size)
      if (size < ends[0]!) {
        expect(() => readFeed(cut), `cut at ${size}`).toThrow(FeedFormatError)
        continue
      }
      const wholeBlocks = Math.max(0, ends.filter((at) => at <= size).length - 1)
      const { events: readBack, ending } = readFeed(cut)
      // The last block is whole when the index has begun.
      expect(readBack.length, `cut at ${size}`).toBeGreaterThanOrEqual(wholeBlocks * 10)
      expect(readBack).toEqual(events.slice(0, readBack.length))
      expect(ending).toBe('truncated')
    }
  })

  test('a flipped bit at any byte is found', () => {
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice()
      damaged[at] = damaged[at]! ^ (1 << (at % 8))
      let outcome: string
      try {
        outcome = readFeed(damaged).ending
      } catch (error) {
        expect(error).toBeInstanceOf(FeedFormatError)
        outcome = 'error'
      }
      expect(outcome, `flipped at ${at}`).not.toBe('whole')
    }
  })

  test('random bytes behind a valid header are no block', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 200 }), (noise) => {
        const file = new Uint8Array([...bytes.subarray(0, ends[0]), ...noise])
        expect(() => readFeed(file)).toThrow(FeedFormatError)
      }),
      { numRuns: 50 },
    )
  })

  test('another file is refused by name, a later version by number', () => {
    expect(() => readFeed(new TextEncoder().encode('time,price\n34200,1\n'))).toThrow(/not a feed file/)
    const later = bytes.slice()
    later[8] = 2
    expect(() => readFeed(later)).toThrow(/version 2/)
  })
})
