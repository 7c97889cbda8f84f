// Orders end when their time comes: good till a time, for the day, or for one auction.

import type { EventLog } from '../protocol/event.ts'
import { EventKind, Reason, Side, TimeInForce } from '../protocol/kinds.ts'
import { type Books, SymbolWord } from './books.ts'
import { ordersOfSide } from './cancel-order.ts'
import { EVENTS_PER_ORDER } from './matching.ts'
import { findOrder } from './order-index.ts'
import { endOrder } from './order-life.ts'
import { auctionOf } from './order-terms.ts'
import { Meta } from './records.ts'

const { AT_THE_OPEN, AT_THE_CLOSE } = TimeInForce
const { SPECIAL_COUNT, SYMBOL_WORDS } = SymbolWord

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

/** Ends the orders of a symbol that are good for the day, or were for its closing auction. */
export function endDay(books: Books, symbolId: number, events: EventLog): void {
  const { words } = books
  endWanted(
    books,
    symbolId,
    (meta, order) => (meta & Meta.DAY_BIT) !== 0 || auctionOf(words, order) === AT_THE_CLOSE,
    events,
  )
}

/** Ends the orders of a symbol that were for its opening auction. */
export function endAtTheOpen(books: Books, symbolId: number, events: EventLog): void {
  if (books.words[books.symbolsAt + symbolId * SYMBOL_WORDS + SPECIAL_COUNT] === 0) return
  endWanted(books, symbolId, (_meta, order) => auctionOf(books.words, order) === AT_THE_OPEN, events)
}

/** Ends the orders that rest for a closing auction which is not held. */
export function endRestingAtTheClose(books: Books, symbolId: number, events: EventLog): void {
  const { words } = books
  if (words[books.symbolsAt + symbolId * SYMBOL_WORDS + SPECIAL_COUNT] === 0) return
  endWanted(
    books,
    symbolId,
    (meta, order) => (meta & Meta.WAITING_BIT) === 0 && auctionOf(words, order) === AT_THE_CLOSE,
    events,
  )
}

function endWanted(
  books: Books,
  symbolId: number,
  isWanted: (meta: number, order: number) => boolean,
  events: EventLog,
): void {
  for (const side of [Side.BUY, Side.SELL]) {
    const ending = ordersOfSide(books, symbolId, side, isWanted)
    events.reserve(ending.length)
    for (const order of ending) endOrder(books, order, EventKind.ORDER_EXPIRED, Reason.PHASE_ENDED, 0, events)
  }
}
