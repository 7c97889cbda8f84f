// Orders end when their time comes: good till a time, or for the day.

import type { EventLog } from '../protocol/event.ts'
import { EventKind, Reason, Side } from '../protocol/kinds.ts'
import type { Books } from './books.ts'
import { ordersOfSide } from './cancel-order.ts'
import { EVENTS_PER_ORDER } from './matching.ts'
import { findOrder } from './order-index.ts'
import { endOrder } from './order-life.ts'
import { Meta } from './records.ts'

/** When the next order ends; Infinity when none has a time to end. */
export function earliestExpiryNs(books: Books): number {
  const { expiries } = books
  if (expiries.isEmpty) return Number.POSITIVE_INFINITY
  // What ended before its time leaves its entry behind.
  while (!expiries.isEmpty && findOrder(books, expiries.firstId()) === 0) expiries.dropFirst()
  return expiries.isEmpty ? Number.POSITIVE_INFINITY : expiries.firstNs()
}

/** Ends the order whose time comes first. There is one, and `earliestExpiryNs` has found it. */
export function expireFirst(books: Books, events: EventLog): void {
  const { expiries } = books
  const order = findOrder(books, expiries.firstId())
  expiries.dropFirst()
  events.reserve(EVENTS_PER_ORDER)
  endOrder(books, order, EventKind.ORDER_EXPIRED, Reason.TIME_PASSED, 0, events)
}

/** Ends the orders of a symbol that are good for the day. */
export function endDay(books: Books, symbolId: number, events: EventLog): void {
  for (const side of [Side.BUY, Side.SELL]) {
    const ending = ordersOfSide(books, symbolId, side, (meta) => (meta & Meta.DAY_BIT) !== 0)
    events.reserve(ending.length)
    for (const order of ending) endOrder(books, order, EventKind.ORDER_EXPIRED, Reason.PHASE_ENDED, 0, events)
  }
}
