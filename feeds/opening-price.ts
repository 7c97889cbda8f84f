// The price that a recorded day opens at, for each instrument: what the recorder wrote down; else that of its first trade;
// without a trade in the first events, the middle of its first book with two sides; without one, its first order.

import { Side } from '../protocol/kinds.ts'
import { FeedBlock } from './feed-block.ts'
import { FeedKind } from './feed-event.ts'
import type { FeedReader } from './feed-reader.ts'
import { bookFor } from './feed-statistics.ts'

/** The key of an instrument's reference price, in ticks, among a feed's metadata. */
export function openingPriceKey(symbol: string): string {
  return `opening price of ${symbol}, ticks`
}

/** Blocks looked at. */
const BLOCK_COUNT_MAX = 4

/** In ticks, by instrument index; 0 for an instrument without any price. The reader stands at the start afterwards. */
export function openingPrices(reader: FeedReader): number[] {
  const { instruments } = reader.header
  const books = instruments.map(() => bookFor(reader.header))
  const tradeTicks = instruments.map(() => 0)
  const midTicks = instruments.map(() => 0)
  const firstTicks = instruments.map(() => 0)
  const block = new FeedBlock()
  reader.rewind()
  for (let blocks = 0; blocks < BLOCK_COUNT_MAX && tradeTicks.includes(0) && reader.next(block); blocks++) {
    for (let i = 0; i < block.count; i++) {
      const index = block.instrumentIndex[i]!
      const kind = block.kind[i]!
      const priceTicks = block.priceTicks[i]!
      if (firstTicks[index] === 0) firstTicks[index] = priceTicks
      if ((kind === FeedKind.TRADE || kind === FeedKind.EXECUTE) && tradeTicks[index] === 0) {
        tradeTicks[index] = priceTicks
      }
      if (midTicks[index] !== 0) continue
      const book = books[index]!
      book.apply(kind, block.flags[i]!, block.orderId[i]!, priceTicks, block.quantityLots[i]!)
      const bid = book.levelAt(Side.BUY, 0)
      const ask = book.levelAt(Side.SELL, 0)
      if (bid !== undefined && ask !== undefined) {
        midTicks[index] = Math.floor((bid.priceTicks + ask.priceTicks) / 2)
      }
    }
  }
  reader.rewind()
  const { metadata } = reader.header
  const writtenTicks = instruments.map(({ symbol }) => Number(metadata[openingPriceKey(symbol)] ?? 0))
  return instruments.map(
    (_, index) => writtenTicks[index]! || tradeTicks[index] || midTicks[index] || firstTicks[index]!,
  )
}
