// CANCEL_ORDER and MASS_CANCEL: docs/exchange-rules.md says the checks and the effects.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { CancelOrderField, CommandHeader, MassCancelField } from '../protocol/command.ts'
import type { EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind, Reason, Side } from '../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../protocol/symbol.ts'
import { BookLayout, type Books } from './books.ts'
import { putEvent, setEventQuantity } from './event-writer.ts'
import { EVENTS_PER_ORDER } from './matching.ts'
import { findClientOrder, findOrder } from './order-index.ts'
import { endOrder } from './order-life.ts'
import { Ladder, ladderOf, nextLevel } from './price-ladder.ts'
import { LevelWord, Meta, OrderWord } from './records.ts'
import { firstWaiting, nextWaiting } from './waiting-orders.ts'

const { CANCEL_REJECTED, MASS_CANCELLED, ORDER_CANCELLED } = EventKind
const { REPLY } = EventFlag
const { BAD_SIDE, BY_OWNER, NOT_OWNER, UNKNOWN_ORDER, UNKNOWN_SYMBOL } = Reason
const { NEXT, META, CLIENT_ID } = OrderWord
const { LEVEL_KEY, HIDDEN_QUEUE } = LevelWord
const { QUOTE_BIT, SIDE_BIT } = Meta
const { BEST_LEVEL } = Ladder
const { CLIENT_COUNT_MASK } = BookLayout
const EVENT_ROOM = EVENTS_PER_ORDER
const CLIENT_WORD = CommandHeader.CLIENT_ID / 4
const CLIENT_ORDER_WORD = CancelOrderField.CLIENT_ORDER_ID / 4
const ORDER_DOUBLE = CancelOrderField.ORDER_ID / 8

export function applyCancelOrder(books: Books, batch: AlignedBuffer, offset: number, events: EventLog): void {
  const { words } = books
  if (events.count + EVENT_ROOM > events.capacity) events.reserve(EVENT_ROOM)
  const clientId = batch.int32[(offset >> 2) + CLIENT_WORD]!
  const orderId = batch.float64[(offset >> 3) + ORDER_DOUBLE]!
  const clientOrderId = batch.int32[(offset >> 2) + CLIENT_ORDER_WORD]!
  const order = namedOrder(books, clientId, orderId, clientOrderId)
  if (order === 0 || words[order + CLIENT_ID] !== clientId) {
    const reason = order === 0 ? UNKNOWN_ORDER : NOT_OWNER
    rejectChange(books, batch, offset, CANCEL_REJECTED, reason, orderId, clientOrderId, events)
    return
  }
  endOrder(books, order, ORDER_CANCELLED, BY_OWNER, REPLY, events)
}

/** The live client order that a command names, by id or as one of the client's; or 0. It may be another client's. */
export function namedOrder(books: Books, clientId: number, orderId: number, clientOrderId: number): number {
  if (orderId === 0) return findClientOrder(books, clientId, clientOrderId)
  const order = findOrder(books, orderId)
  return order !== 0 && (books.words[order + META]! & QUOTE_BIT) === 0 ? order : 0
}

/** The refusal of a cancel or a replace. */
export function rejectChange(
  books: Books,
  batch: AlignedBuffer,
  offset: number,
  kind: EventKind,
  reason: Reason,
  orderId: number,
  clientOrderId: number,
  events: EventLog,
): void {
  const symbolId = batch.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
  putEvent(
    events,
    kind | (reason << 16) | (REPLY << 24),
    symbolId >= 0 && symbolId < books.symbolCount ? symbolId : NO_SYMBOL_ID,
    Number.isSafeInteger(orderId) && orderId > 0 ? orderId : 0,
    0,
    0,
    0,
    batch.int32[(offset + CommandHeader.CLIENT_ID) >> 2]!,
    clientOrderId,
  )
}

export function applyMassCancel(books: Books, batch: AlignedBuffer, offset: number, events: EventLog): void {
  events.reserve(EVENTS_PER_ORDER)
  const clientId = batch.int32[(offset + CommandHeader.CLIENT_ID) >> 2]!
  const symbolId = batch.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
  const sides = batch.int32[(offset + MassCancelField.SIDES) >> 2]!
  const isSymbolRight = symbolId >= NO_SYMBOL_ID && symbolId < books.symbolCount
  if (!isSymbolRight || sides < 0 || sides > 2) {
    const reason = isSymbolRight ? BAD_SIDE : UNKNOWN_SYMBOL
    rejectChange(books, batch, offset, CANCEL_REJECTED, reason, 0, 0, events)
    return
  }
  const head = MASS_CANCELLED | (REPLY << 24)
  const reply = putEvent(events, head, symbolId, 0, 0, 0, 0, clientId, 0)
  setEventQuantity(events, reply, cancelOrders(books, clientId, symbolId, sides, BY_OWNER, events))
}

/** Cancels a client's live orders of one symbol (or NO_SYMBOL_ID for all), `sides` as in MassCancelField. Gives how many. */
export function cancelOrders(
  books: Books,
  clientId: number,
  symbolId: number,
  sides: number,
  reason: Reason,
  events: EventLog,
): number {
  const first = symbolId === NO_SYMBOL_ID ? 0 : symbolId
  const last = symbolId === NO_SYMBOL_ID ? books.symbolCount - 1 : symbolId
  let count = 0
  for (let symbol = first; symbol <= last; symbol++) {
    // Counts of several clients may share a place, so that it can say too many, never too few.
    if (books.words[books.clientCountsAt + (clientId & CLIENT_COUNT_MASK)] === 0) break
    if (sides !== 2) count += cancelSide(books, clientId, symbol, Side.BUY, reason, events)
    if (sides !== 1) count += cancelSide(books, clientId, symbol, Side.SELL, reason, events)
  }
  return count
}

function cancelSide(
  books: Books,
  clientId: number,
  symbolId: number,
  side: Side,
  reason: Reason,
  events: EventLog,
): number {
  const found = ordersOfSide(
    books,
    symbolId,
    side,
    (meta, order) => books.words[order + CLIENT_ID] === clientId && (meta & QUOTE_BIT) === 0,
  )
  events.reserve(found.length)
  for (const order of found) endOrder(books, order, ORDER_CANCELLED, reason, 0, events)
  return found.length
}

/** The live orders of a side that are wanted: best price first, displayed before hidden, oldest first; then those that wait, by id. */
export function ordersOfSide(
  books: Books,
  symbolId: number,
  side: Side,
  isWanted: (meta: number, order: number) => boolean,
): number[] {
  const { words } = books
  const found: number[] = []
  const ladder = ladderOf(books, symbolId, side)
  for (let level = words[ladder + BEST_LEVEL]!; level !== 0; ) {
    for (const queue of [level, level + HIDDEN_QUEUE]) {
      for (let order = words[queue + NEXT]!; order !== queue; order = words[order + NEXT]!) {
        if (isWanted(words[order + META]!, order)) found.push(order)
      }
    }
    level = nextLevel(books, ladder, words[level + LEVEL_KEY]!)
  }
  for (let order = firstWaiting(books, symbolId); order !== 0; order = nextWaiting(books, order)) {
    const meta = words[order + META]!
    if ((meta & SIDE_BIT) === side && isWanted(meta, order)) found.push(order)
  }
  return found
}
