// How far an incoming order may trade: nowhere outside continuous trading, else within the price band if there is one.
//
// It is kept as a key beside each ladder's best key, so that matching asks for it at no cost.

import { Side } from '../protocol/kinds.ts'
import { PRICE_TICKS_MAX } from '../protocol/limits.ts'
import type { PriceBand } from '../protocol/symbol.ts'
import type { Books } from './books.ts'
import { keyOf, Ladder, ladderOf } from './price-ladder.ts'

const { TRADE_KEY, KEY_LAST } = Ladder
const BASIS_POINTS = 10_000
/** Below every key. */
const KEY_NOWHERE = -1

export function setTradeKeys(
  books: Books,
  symbolId: number,
  isTrading: boolean,
  band: PriceBand | undefined,
  staticTicks: number,
  referenceTicks: number,
): void {
  const bids = ladderOf(books, symbolId, Side.BUY)
  const asks = ladderOf(books, symbolId, Side.SELL)
  books.words[bids + TRADE_KEY] = isTrading ? KEY_LAST : KEY_NOWHERE
  books.words[asks + TRADE_KEY] = isTrading ? KEY_LAST : KEY_NOWHERE
  if (!isTrading || band === undefined) return
  const staticReach = reachTicks(staticTicks, band.staticBasisPoints)
  const dynamicReach = reachTicks(referenceTicks, band.dynamicBasisPoints)
  const lowTicks = Math.max(1, staticTicks - staticReach, referenceTicks - dynamicReach)
  const highTicks = Math.min(PRICE_TICKS_MAX, staticTicks + staticReach, referenceTicks + dynamicReach)
  books.words[bids + TRADE_KEY] = keyOf(Side.BUY, lowTicks)
  books.words[asks + TRADE_KEY] = keyOf(Side.SELL, highTicks)
}

/** Rounded down. 0 basis points are no bound. */
function reachTicks(priceTicks: number, basisPoints: number): number {
  if (basisPoints === 0) return PRICE_TICKS_MAX
  return Math.floor((priceTicks * basisPoints) / BASIS_POINTS)
}
