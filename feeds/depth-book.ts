// What every rebuilt order book can be asked, by order or by level, and what becomes of an event that is applied to it.

import { Side } from '../protocol/kinds.ts'

export type DepthLevel = { readonly priceTicks: number; readonly quantityLots: number }

/** What both books can be asked. */
export type DepthBook = {
  levelCount(side: Side): number
  /** Level `depth` of a side, 0 the best; undefined beyond the last. */
  levelAt(side: Side, depth: number): DepthLevel | undefined
  apply(kind: number, flags: number, orderId: number, priceTicks: number, quantityLots: number): BookOutcome
}

/** Best bid above best ask. */
export function isCrossed(book: DepthBook): boolean {
  const bid = book.levelAt(Side.BUY, 0)
  const ask = book.levelAt(Side.SELL, 0)
  return bid !== undefined && ask !== undefined && bid.priceTicks > ask.priceTicks
}

/** Best bid at the best ask. */
export function isLocked(book: DepthBook): boolean {
  const bid = book.levelAt(Side.BUY, 0)
  return bid !== undefined && bid.priceTicks === book.levelAt(Side.SELL, 0)?.priceTicks
}

/** What became of an event. UNKNOWN_ORDER and DUPLICATE_ORDER change nothing. */
export const BookOutcome = {
  APPLIED: 0,
  NOT_FOR_BOOK: 1,
  UNKNOWN_ORDER: 2,
  DUPLICATE_ORDER: 3,
  /** More was taken from an order than it had: it is gone. */
  EXCESS: 4,
} as const
export type BookOutcome = (typeof BookOutcome)[keyof typeof BookOutcome]

/** Where a price is, or would be inserted, in a side's levels: worst first. */
export function levelPosition(levels: readonly DepthLevel[], side: Side, priceTicks: number): number {
  let low = 0
  let high = levels.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const price = levels[middle]!.priceTicks
    if (side === Side.BUY ? price < priceTicks : price > priceTicks) low = middle + 1
    else high = middle
  }
  return low
}
