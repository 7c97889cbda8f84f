// An order of the naive exchange: a plain object that says everything about it.

import { OrderFlag, OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../../protocol/limits.ts'

export type NaiveOrder = {
  orderId: number
  clientId: number
  /** Of a quote's side: the quote id. */
  clientOrderId: number
  readonly symbolId: number
  readonly side: Side
  /** A stop-limit that was triggered is a limit order, any other stop a market order. */
  orderType: OrderType
  readonly timeInForce: TimeInForce
  readonly flags: number
  /** 0: of a market order. */
  priceTicks: number
  /** Of a resting iceberg: what it displays. */
  leavesLots: number
  /** What an iceberg does not display. */
  reserveLots: number
  /** The most that an iceberg displays; 0: it is none. */
  readonly displayLots: number
  /** Of a stop: at which trade price it enters. */
  triggerTicks: number
  /** Of a trailing stop. */
  readonly distanceTicks: number
  /** 0: none. */
  linkedClientOrderId: number
  /** 0: none. */
  readonly expireTimeNs: number
  cumulativeLots: number
  readonly isQuote: boolean
  readonly ownerGroup: number
  readonly selfTradePrevention: number
}

export function isPrice(priceTicks: number): boolean {
  return priceTicks >= 1 && priceTicks <= PRICE_TICKS_MAX
}

export function isQuantity(quantityLots: number): boolean {
  return quantityLots >= 1 && quantityLots <= QUANTITY_LOTS_MAX
}

export function openLots(order: NaiveOrder): number {
  return order.leavesLots + order.reserveLots
}

export function isHidden(order: { flags: number }): boolean {
  return (order.flags & OrderFlag.HIDDEN) !== 0
}

export function isAllOrNone(order: { flags: number }): boolean {
  return (order.flags & OrderFlag.ALL_OR_NONE) !== 0
}

export function isStop(order: { orderType: number }): boolean {
  const stops: readonly number[] = [OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TRAILING_STOP]
  return stops.includes(order.orderType)
}

/** Whether it takes part in one auction and in nothing else. */
export function isForAuction(order: { timeInForce: number }): boolean {
  return order.timeInForce === TimeInForce.AT_THE_OPEN || order.timeInForce === TimeInForce.AT_THE_CLOSE
}

/** Whether what is left of it after its trades stays. */
export function mayStay(order: { orderType: number; timeInForce: number }): boolean {
  if (isForAuction(order)) return true
  if (order.orderType === OrderType.MARKET) return false
  return order.timeInForce !== TimeInForce.IOC && order.timeInForce !== TimeInForce.FOK
}

/** Whether the two must not trade, because the incoming one wants so. */
export function isSelfTrade(incoming: NaiveOrder, resting: NaiveOrder): boolean {
  if (incoming.selfTradePrevention === 0 || incoming.ownerGroup === 0) return false
  return incoming.ownerGroup === resting.ownerGroup
}

export function oppositeOf(side: Side): Side {
  return side === Side.BUY ? Side.SELL : Side.BUY
}

/** Whether an incoming order of this side and price (0: a market order) may trade with one that rests at `restingTicks`. */
export function crosses(side: Side, priceTicks: number, restingTicks: number): boolean {
  if (priceTicks === 0) return true
  return side === Side.BUY ? restingTicks <= priceTicks : restingTicks >= priceTicks
}
