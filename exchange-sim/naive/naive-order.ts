// An order of the naive exchange: a plain object that says everything about it.

import { type OrderType, Side, type TimeInForce } from '../../protocol/kinds.ts'

export type NaiveOrder = {
  orderId: number
  clientId: number
  /** Of a quote's side: the quote id. */
  clientOrderId: number
  readonly symbolId: number
  readonly side: Side
  readonly orderType: OrderType
  readonly timeInForce: TimeInForce
  readonly flags: number
  /** 0: of a market order. */
  priceTicks: number
  leavesLots: number
  cumulativeLots: number
  readonly isQuote: boolean
  readonly ownerGroup: number
  readonly selfTradePrevention: number
}

export function oppositeOf(side: Side): Side {
  return side === Side.BUY ? Side.SELL : Side.BUY
}

/** Whether an incoming order of this side and price (0: a market order) may trade with one that rests at `restingTicks`. */
export function crosses(side: Side, priceTicks: number, restingTicks: number): boolean {
  if (priceTicks === 0) return true
  return side === Side.BUY ? restingTicks <= priceTicks : restingTicks >= priceTicks
}
