// What a trade does to the stops that wait. Rules: docs/exchange-rules.md.

import { OrderType, Side } from '../../protocol/kinds.ts'
import type { NaiveBook } from './naive-book.ts'
import { isStop, type NaiveOrder } from './naive-order.ts'
import type { NaiveState } from './naive-state.ts'

/** Whether a trade at this price triggers the stop. */
export function isReached(order: { side: number; triggerTicks: number }, priceTicks: number): boolean {
  return order.side === Side.BUY ? priceTicks >= order.triggerTicks : priceTicks <= order.triggerTicks
}

/** After each trade: the stops that it reaches line up to enter, by id; trailing stops follow the price. */
export function followTrade(state: NaiveState, book: NaiveBook, priceTicks: number): void {
  const reached = book.waiting.filter((order) => isStop(order) && isReached(order, priceTicks))
  book.waiting = book.waiting.filter((order) => !reached.includes(order))
  state.triggered = [...state.triggered, ...reached]
  for (const order of book.waiting) {
    if (order.orderType === OrderType.TRAILING_STOP) trail(order, priceTicks)
  }
}

function trail(order: NaiveOrder, priceTicks: number): void {
  if (order.side === Side.BUY) order.triggerTicks = Math.min(order.triggerTicks, priceTicks + order.distanceTicks)
  else order.triggerTicks = Math.max(order.triggerTicks, priceTicks - order.distanceTicks)
}
