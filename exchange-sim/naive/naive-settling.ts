// The end of a command that moved a book: waiting orders enter. Rules: docs/exchange-rules.md.

import type { EventLog } from '../../protocol/event.ts'
import { EventKind, OrderType } from '../../protocol/kinds.ts'
import type { NaiveBook } from './naive-book.ts'
import { fieldsOf, orderFlags, writeEvent } from './naive-events.ts'
import { isAllOrNone, isSelfTrade, type NaiveOrder, openLots } from './naive-order.ts'
import type { NaiveState } from './naive-state.ts'
import { enterBook, tellReferencePrice } from './naive-trading.ts'

/** `oldTicks`: the reference price before the command. */
export function settle(state: NaiveState, book: NaiveBook, oldTicks: number, events: EventLog): void {
  for (;;) {
    const triggered = state.triggered[0]
    const order = triggered ?? book.waiting.find((waiting) => isAllOrNone(waiting) && isFillable(book, waiting))
    if (order === undefined) break
    if (order === triggered) state.triggered = state.triggered.slice(1)
    else book.waiting = book.waiting.filter((other) => other !== order)
    order.orderType = order.priceTicks === 0 ? OrderType.MARKET : OrderType.LIMIT
    writeEvent(events, {
      ...fieldsOf(order),
      kind: EventKind.ORDER_TRIGGERED,
      flags: orderFlags(order),
      quantityLots: order.leavesLots,
    })
    enterBook(state, book, order, events)
  }
  tellReferencePrice(book, oldTicks, events)
}

export function isFillable(book: NaiveBook, order: NaiveOrder): boolean {
  return canHave(book, order, order.leavesLots)
}

/** Whether the order, if it came in now, could trade as much as this without meeting its own group. */
export function canHave(book: NaiveBook, order: NaiveOrder, wantedLots: number): boolean {
  const opposite = book.opposite(order.side, order.priceTicks)
  const own = opposite.find((resting) => isSelfTrade(order, resting))
  // Of the price at which it would meet its own group nothing counts.
  const counting = own === undefined ? opposite : opposite.slice(0, indexOfPrice(opposite, own.priceTicks))
  return counting.reduce((sum, resting) => sum + openLots(resting), 0) >= wantedLots
}

function indexOfPrice(orders: readonly NaiveOrder[], priceTicks: number): number {
  return orders.findIndex((order) => order.priceTicks === priceTicks)
}
