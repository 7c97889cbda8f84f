// How orders come to rest, shrink, and end, whatever kind they are of.

import type { EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind, type Reason } from '../protocol/kinds.ts'
import { type Books, giveRecord, SymbolWord } from './books.ts'
import { putOrderEvent, setEventContra, setEventContraLeaves } from './event-writer.ts'
import { forgetOrder } from './order-index.ts'
import { dequeue, enqueue } from './order-queue.ts'
import { openLots, releaseTerms, reserveLots, TermsWord, termsOf } from './order-terms.ts'
import { LevelWord, Meta, OrderWord } from './records.ts'
import { stopWaiting } from './waiting-orders.ts'
import { subtractCount } from './wide-count.ts'

const { ORDER_REPLACED } = EventKind
const { KEPT_PRIORITY, RESTING } = EventFlag
const { LEAVES, PRICE, LEVEL, META, QUANTITY } = OrderWord
const { LEVEL_LOTS } = LevelWord
const { HIDDEN_BIT, QUOTE_BIT, SIDE_BIT, SYMBOL_SHIFT, TERMS_BIT, TRIGGERED_BIT, WAITING_BIT } = Meta
const { RESERVE, DISPLAY } = TermsWord
const { SYMBOL_WORDS, QUOTE_ORDERS } = SymbolWord

/** Puts an order that is in no queue behind all at its price. Its LEAVES are all that is open; an iceberg shows a part. */
export function comeToRest(books: Books, order: number): void {
  const { words } = books
  const terms = termsOf(words, order)
  if (terms !== 0) {
    const lots = words[order + LEAVES]!
    const displayLots = words[terms + DISPLAY]!
    const isIceberg = displayLots !== 0 && displayLots < lots
    words[order + LEAVES] = isIceberg ? displayLots : lots
    words[terms + RESERVE] = isIceberg ? lots - displayLots : 0
  }
  enqueue(books, order)
}

/** An event about an order that rests or waits now, of `quantityLots`. Gives its index. */
export function putStanding(
  events: EventLog,
  books: Books,
  order: number,
  kind: EventKind,
  flags: number,
  quantityLots: number,
): number {
  const { words } = books
  const resting = (words[order + META]! & WAITING_BIT) === 0 ? RESTING : 0
  const event = putOrderEvent(events, books, order, kind, 0, flags | resting, quantityLots, words[order + LEAVES]!)
  setEventContraLeaves(events, event, reserveLots(words, order))
  return event
}

/** Gives a resting order an open quantity that is not above its old one; it keeps its place. An iceberg's reserve goes first. */
export function shrinkOrder(
  books: Books,
  order: number,
  newLots: number,
  reason: Reason | 0,
  flags: number,
  events: EventLog,
): void {
  const { words } = books
  const oldDisplayed = words[order + LEAVES]!
  const oldLots = openLots(words, order)
  const displayed = newLots < oldDisplayed ? newLots : oldDisplayed
  const terms = termsOf(words, order)
  if (terms !== 0) words[terms + RESERVE] = newLots - displayed
  words[order + LEAVES] = displayed
  words[order + QUANTITY]! += newLots - oldLots
  if ((words[order + META]! & HIDDEN_BIT) === 0) {
    subtractCount(words, words[order + LEVEL]! + LEVEL_LOTS, oldDisplayed - displayed)
  }
  const eventFlags = flags | RESTING | KEPT_PRIORITY
  const event = putOrderEvent(events, books, order, ORDER_REPLACED, reason, eventFlags, oldDisplayed, displayed)
  setEventContra(events, event, words[order + PRICE]!)
  setEventContraLeaves(events, event, newLots - displayed)
}

/** A live order ends: the event, and all that follows. The log has room. */
export function endOrder(
  books: Books,
  order: number,
  kind: EventKind,
  reason: Reason,
  flags: number,
  events: EventLog,
): void {
  const { words } = books
  const isResting = (words[order + META]! & (WAITING_BIT | TRIGGERED_BIT)) === 0
  const allFlags = flags | (isResting ? RESTING : 0)
  const event = putOrderEvent(events, books, order, kind, reason, allFlags, words[order + LEAVES]!, 0)
  setEventContraLeaves(events, event, reserveLots(words, order))
  removeOrder(books, order)
}

/** Takes a live order out of where it is and forgets it. */
export function removeOrder(books: Books, order: number): void {
  const meta = books.words[order + META]!
  if ((meta & WAITING_BIT) !== 0) stopWaiting(books, order)
  else if ((meta & TRIGGERED_BIT) !== 0) books.triggered.splice(books.triggered.indexOf(order), 1)
  else dequeue(books, order)
  releaseOrder(books, order)
}

/** Forgets an order that is in no queue any more. */
export function releaseOrder(books: Books, order: number): void {
  const meta = books.words[order + META]!
  forgetOrder(books, order)
  if ((meta & TERMS_BIT) !== 0) releaseTerms(books, order)
  if ((meta & QUOTE_BIT) !== 0) {
    books.words[books.symbolsAt + (meta >>> SYMBOL_SHIFT) * SYMBOL_WORDS + QUOTE_ORDERS + (meta & SIDE_BIT)] = 0
  }
  giveRecord(books, order)
}
