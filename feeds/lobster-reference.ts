// Compares a rebuilt book with a row of LOBSTER's order book file.

import { Side } from '../protocol/kinds.ts'
import type { DepthBook } from './depth-book.ts'
import type { LobsterBookRow } from './lobster-rows.ts'

/** The first difference within the row's levels, in words; null when there is none. */
export function lobsterDifference(book: DepthBook, row: LobsterBookRow, pricePerTick: number): string | null {
  return (
    sideDifference(book, Side.BUY, row.bidPrices, row.bidLots, pricePerTick) ??
    sideDifference(book, Side.SELL, row.askPrices, row.askLots, pricePerTick)
  )
}

function sideDifference(
  book: DepthBook,
  side: Side,
  prices: Float64Array,
  lots: Float64Array,
  pricePerTick: number,
): string | null {
  for (let depth = 0; depth < prices.length; depth++) {
    const level = book.levelAt(side, depth)
    const expectedLots = lots[depth]!
    if (expectedLots === 0 && level === undefined) continue
    if (level !== undefined && level.quantityLots === expectedLots) {
      if (level.priceTicks * pricePerTick === prices[depth]) continue
    }
    const name = `${side === Side.BUY ? 'bid' : 'ask'} ${depth + 1}`
    const rebuilt = level === undefined ? 'nothing' : `${level.quantityLots} at ${level.priceTicks * pricePerTick}`
    const expected = expectedLots === 0 ? 'nothing' : `${expectedLots} at ${prices[depth]}`
    return `${name} is ${rebuilt} instead of ${expected}`
  }
  return null
}
