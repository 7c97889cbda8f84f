// Decoding columns that no checksum protects: whatever the bytes are, a block comes out or a named error.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BlockDecoder } from '../../feeds/block-decoder.ts'
import { BlockEncoder } from '../../feeds/block-encoder.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { FeedFormatError } from '../../feeds/feed-format.ts'

function sampleColumns(): Uint8Array {
  const block = new FeedBlock(16)
  for (let i = 0; i < 12; i++) {
    block.kind[i] = i % 2 === 0 ? FeedKind.ADD : FeedKind.EXECUTE
    block.flags[i] = FeedFlag.BUY | (i === 5 ? FeedFlag.OFF_TICK : 0) | (i === 4 ? FeedFlag.SYNTHETIC : 0)
    block.instrumentIndex[i] = i % 3 === 0 ? 1 : 0
    block.exchangeNs[i] = 1_000 * i
    block.localNs[i] = 1_000 * i + 7 * (i % 4)
    block.priceTicks[i] = 100 + i
    block.quantityLots[i] = 10 + i
    block.orderId[i] = i === 11 ? 3 : 50 + (i >> 1)
    block.sequence[i] = 10 + 2 * i
  }
  block.count = 12
  return new BlockEncoder(16, 2).encode(block).slice()
}

test('changed columns give a block or a FeedFormatError, never anything else', () => {
  const columns = sampleColumns()
  const decoder = new BlockDecoder(2)
  const block = new FeedBlock(16)
  decoder.decode(columns, 12, block, 0)
  expect(block.orderId[11]).toBe(3)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(columns.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 16 }),
      (changes, count) => {
        const changed = columns.slice()
        for (const [at, value] of changes) changed[at] = value
        try {
          decoder.decode(changed, count, block, 0)
          for (let i = 0; i < count; i++) {
            expect(block.kind[i]).toBeGreaterThan(0)
            expect(block.instrumentIndex[i]).toBeLessThan(2)
            expect(block.quantityLots[i]).toBeGreaterThanOrEqual(0)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FeedFormatError)
        }
      },
    ),
    { numRuns: 2_000 },
  )
})

test('columns cut short are refused', () => {
  const columns = sampleColumns()
  const decoder = new BlockDecoder(2)
  const block = new FeedBlock(16)
  for (let size = 0; size < columns.length; size++) {
    expect(() => decoder.decode(columns.subarray(0, size), 12, block, 0), `${size} bytes`).toThrow(FeedFormatError)
  }
})
