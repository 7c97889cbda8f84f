// What market data asks of an exchange. It shows what the market may see: displayed quantity of displayed orders.

import type { Side, TradingPhase } from '../../protocol/kinds.ts'

export type BookView = {
  /** 0: the side shows nothing. */
  bestTicks(symbolId: number, side: Side): number
  bestLots(symbolId: number, side: Side): number
  /** Displayed quantity at one price; 0: none. */
  levelLots(symbolId: number, side: Side, priceTicks: number): number
  /** Displayed orders at one price. */
  levelOrderCount(symbolId: number, side: Side, priceTicks: number): number
  /** Displayed levels, best first. */
  forEachLevel(
    symbolId: number,
    side: Side,
    visit: (priceTicks: number, displayedLots: number, orderCount: number) => void,
  ): void
  /** Displayed orders, best level first, oldest first in each. */
  forEachOrder(
    symbolId: number,
    side: Side,
    visit: (orderId: number, priceTicks: number, displayedLots: number) => void,
  ): void
  lastTradeTicks(symbolId: number): number
  lastTradeLots(symbolId: number): number
  referenceTicks(symbolId: number): number
  phase(symbolId: number): TradingPhase
  /** What the symbol's auction would come to now; 0: no auction, or nothing would trade. */
  indicativeTicks(symbolId: number): number
  indicativeLots(symbolId: number): number
  /** Above 0 it is bought too much, below 0 sold too much. */
  indicativeSurplusLots(symbolId: number): number
}
