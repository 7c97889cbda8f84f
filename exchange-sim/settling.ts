// The end of a command that moved a symbol's book: waiting orders enter, then the reference price follows the trades.

import type { EventLog } from '../protocol/event.ts'
import { EventKind, OrderFlag, OrderType } from '../protocol/kinds.ts'
import { type Books, SymbolWord } from './books.ts'
import { putEvent, putOrderEvent } from './event-writer.ts'
import { canFill, EVENTS_PER_ORDER, enterOrder, limitKeyOf } from './matching.ts'
import { TermsWord } from './order-terms.ts'
import { Meta, OrderWord } from './records.ts'
import { groupOf, preventionOf } from './self-trade.ts'
import { firstWaiting, nextWaiting, stopWaiting } from './waiting-orders.ts'

const { ORDER_TRIGGERED, REFERENCE_PRICE_CHANGED } = EventKind
const { LEAVES, META, PRICE, TERMS } = OrderWord
const { FLAGS_SHIFT, SIDE_BIT, SYMBOL_SHIFT, TRIGGERED_BIT } = Meta
const { ORDER_TYPE } = TermsWord
const { ALL_OR_NONE_COUNT, LAST_TRADE_TICKS, SYMBOL_WORDS, REFERENCE_TICKS } = SymbolWord

/** Once at the end of a command, for its symbol. */
export function settleSymbol(books: Books, symbolId: number, events: EventLog): void {
  const { words } = books
  const symbol = books.symbolsAt + symbolId * SYMBOL_WORDS
  if (words[symbol + ALL_OR_NONE_COUNT] !== 0 || books.triggered.length > 0) enterWaiting(books, symbolId, events)
  settleReference(books, symbolId, events)
}

/** Moves the reference price to the last trade, and says so if that is another price. */
export function settleReference(books: Books, symbolId: number, events: EventLog): void {
  const { words } = books
  const symbol = books.symbolsAt + symbolId * SYMBOL_WORDS
  const lastTicks = words[symbol + LAST_TRADE_TICKS]!
  const referenceTicks = words[symbol + REFERENCE_TICKS]!
  if (lastTicks === referenceTicks || lastTicks === 0) return
  words[symbol + REFERENCE_TICKS] = lastTicks
  events.reserve(EVENTS_PER_ORDER)
  putEvent(events, REFERENCE_PRICE_CHANGED, symbolId, 0, lastTicks, referenceTicks, 0, 0, 0)
}

/** What was triggered enters, one after the other; then all-or-none orders that can be filled now. Either may bring about more. */
function enterWaiting(books: Books, symbolId: number, events: EventLog): void {
  for (;;) {
    let order = books.triggered.shift()
    if (order === undefined) {
      order = firstFillable(books, symbolId)
      if (order === 0) return
      stopWaiting(books, order)
    }
    enterTriggered(books, order, events)
  }
}

/** The first all-or-none order for which the book holds enough, or 0. */
function firstFillable(books: Books, symbolId: number): number {
  if (books.words[books.symbolsAt + symbolId * SYMBOL_WORDS + ALL_OR_NONE_COUNT] === 0) return 0
  let order = firstWaiting(books, symbolId)
  while (order !== 0 && !isFillable(books, order)) order = nextWaiting(books, order)
  return order
}

/** Whether it is an all-or-none order and the book holds all that it wants. */
export function isFillable(books: Books, order: number): boolean {
  const { words } = books
  const meta = words[order + META]!
  if (((meta >> FLAGS_SHIFT) & OrderFlag.ALL_OR_NONE) === 0) return false
  const group = preventionOf(words, order) === 0 ? 0 : groupOf(words, order)
  const lots = words[order + LEAVES]!
  return canFill(books, meta >>> SYMBOL_SHIFT, meta & SIDE_BIT, limitKeyOf(books, order), lots, group)
}

function enterTriggered(books: Books, order: number, events: EventLog): void {
  const { words } = books
  const terms = words[order + TERMS]!
  words[order + META]! &= ~TRIGGERED_BIT
  words[terms + ORDER_TYPE] = OrderType.LIMIT
  events.reserve(EVENTS_PER_ORDER)
  putOrderEvent(events, books, order, ORDER_TRIGGERED, 0, 0, words[order + LEAVES]!, 0)
  enterOrder(books, order, limitKeyOf(books, order), words[order + PRICE] !== 0, true, events)
}
