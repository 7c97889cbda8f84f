// NEW_ORDER: docs/exchange-rules.md says the checks and the effects.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import type { EventLog } from '../protocol/event.ts'
import {
  EventFlag,
  EventKind,
  OrderFlag,
  OrderType,
  Reason,
  Side,
  TimeInForce,
  TradingPhase,
} from '../protocol/kinds.ts'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../protocol/limits.ts'
import { NO_SYMBOL_ID } from '../protocol/symbol.ts'
import { BookLayout, type Books, SymbolWord, takeRecord } from './books.ts'
import { putEvent, putOrderEvent } from './event-writer.ts'
import { crosses, EVENTS_PER_ORDER, enterOrder, limitKeyOf } from './matching.ts'
import {
  checkRareOrder,
  firstTriggerTicks,
  isForAuction,
  isStop,
  mayStay,
  NewOrderWord,
  oppositeTicks,
  slidTicks,
  timeInForceOf,
  typeOf,
} from './new-order-check.ts'
import { findClientOrder, indexOrder } from './order-index.ts'
import { comeToRest, putStanding } from './order-life.ts'
import { attachTerms, setExpiry, TermsWord } from './order-terms.ts'
import { Meta, OrderWord } from './records.ts'
import { isFillable, settleSymbol } from './settling.ts'
import { startWaiting } from './waiting-orders.ts'
import { addCount, countAt } from './wide-count.ts'

const { ORDER_ACCEPTED, ORDER_REJECTED } = EventKind
const { REPLY } = EventFlag
const { BOOK_FULL, DUPLICATE_CLIENT_ORDER_ID, PRICE_OUT_OF_RANGE, QUANTITY_OUT_OF_RANGE, UNKNOWN_SYMBOL } = Reason
const { LIMIT, MARKET, MARKET_TO_LIMIT, TRAILING_STOP } = OrderType
const { DAY, GTC, GTD, AT_THE_CLOSE } = TimeInForce
const { ALL_OR_NONE, HIDDEN, POST_ONLY_SLIDE } = OrderFlag
const { DAY_BIT, FLAGS_SHIFT, GROUP_BIT, HIDDEN_BIT, SELF_TRADE_SHIFT, SYMBOL_SHIFT } = Meta
const { NEXT_ORDER_ID } = BookLayout
const { PHASE, SYMBOL_WORDS } = SymbolWord
const { CLIENT, SYMBOL, SHAPE, PRICE, QUANTITY, DISPLAY, MINIMUM, TRIGGER } = NewOrderWord
const { CLIENT_ORDER, LINKED, EXPIRE, OWNER_GROUP, SELF_TRADE } = NewOrderWord

/** Side and flags aside: a limit order that rests until it is cancelled. */
const PLAIN_SHAPE = (LIMIT << 8) | (GTC << 16)
const QUANTITY_MAX = QUANTITY_LOTS_MAX
const EVENT_ROOM = EVENTS_PER_ORDER

export function applyNewOrder(
  books: Books,
  batch: AlignedBuffer,
  offset: number,
  nowNs: number,
  events: EventLog,
): void {
  if (events.count + EVENT_ROOM > events.capacity) events.reserve(EVENT_ROOM)
  const at = offset >> 2
  const reason = checkNewOrder(books, batch, at, nowNs)
  if (reason !== 0) {
    rejectNewOrder(books, batch, offset, reason, events)
    return
  }
  enterNewOrder(books, batch, at, events)
}

function enterNewOrder(books: Books, batch: AlignedBuffer, at: number, events: EventLog): void {
  const { words } = books
  const input = batch.int32
  const shape = input[at + SHAPE]!
  const symbolId = input[at + SYMBOL]!
  const lots = input[at + QUANTITY]!
  const order = fillRecord(books, input, at)
  const hasTerms = needsTerms(input, at)
  if (hasTerms) writeTerms(books, batch, at, order)
  const isWaiting =
    isStop(typeOf(shape)) || ((shape >>> 24) & ALL_OR_NONE) !== 0 || waitsForClose(books, symbolId, shape)
  if (isWaiting && !isFillable(books, order)) {
    startWaiting(books, order)
    putOrderEvent(events, books, order, ORDER_ACCEPTED, 0, REPLY, lots, lots)
    return
  }
  const isStaying = mayStay(shape)
  if (isStaying && !crosses(books, symbolId, shape & 1, words[order + OrderWord.PRICE]!)) {
    if (!hasTerms) indexOrder(books, order)
    comeToRest(books, order)
    putStanding(events, books, order, ORDER_ACCEPTED, REPLY, lots)
  } else {
    putOrderEvent(events, books, order, ORDER_ACCEPTED, 0, REPLY, lots, 0)
    enterOrder(books, order, limitKeyOf(books, order), isStaying, hasTerms, events)
  }
  settleSymbol(books, symbolId, events)
}

function waitsForClose(books: Books, symbolId: number, shape: number): boolean {
  if (timeInForceOf(shape) !== AT_THE_CLOSE) return false
  return books.words[books.symbolsAt + symbolId * SYMBOL_WORDS + PHASE] !== TradingPhase.CLOSING_AUCTION
}

/** 0, or why the order is refused. Changes nothing. */
function checkNewOrder(books: Books, batch: AlignedBuffer, at: number, nowNs: number): Reason | 0 {
  const input = batch.int32
  const rare =
    ((input[at + SHAPE]! & ~1) - PLAIN_SHAPE) |
    input[at + DISPLAY]! |
    input[at + MINIMUM]! |
    input[at + TRIGGER]! |
    input[at + LINKED]! |
    input[at + EXPIRE]! |
    input[at + EXPIRE + 1]! |
    input[at + SELF_TRADE]!
  if (rare !== 0) return checkRareOrder(books, batch, at, nowNs)
  const quantityLots = input[at + QUANTITY]!
  if (input[at + SYMBOL]! >>> 0 >= books.symbolCount) return UNKNOWN_SYMBOL
  if (input[at + PRICE]! < 1) return PRICE_OUT_OF_RANGE
  if (quantityLots < 1 || quantityLots > QUANTITY_MAX) return QUANTITY_OUT_OF_RANGE
  const known = findClientOrder(books, input[at + CLIENT]!, input[at + CLIENT_ORDER]!)
  if (known !== 0) return DUPLICATE_CLIENT_ORDER_ID
  return books.orderCount < books.orderCountMax ? 0 : BOOK_FULL
}

/** The record of a new order with the next id, in no queue and not yet known. */
function fillRecord(books: Books, input: Int32Array, at: number): number {
  const { words, doubles } = books
  const order = takeRecord(books)
  const shape = input[at + SHAPE]!
  const lots = input[at + QUANTITY]!
  const group = input[at + OWNER_GROUP]!
  const selfTrade = input[at + SELF_TRADE]!
  doubles[(order + OrderWord.ORDER_ID) >> 1] = countAt(words, NEXT_ORDER_ID)
  addCount(words, NEXT_ORDER_ID, 1)
  words[order + OrderWord.LEAVES] = lots
  words[order + OrderWord.QUANTITY] = lots
  words[order + OrderWord.PRICE] = entryTicks(books, input, at)
  words[order + OrderWord.CLIENT_ID] = input[at + CLIENT]!
  words[order + OrderWord.CLIENT_ORDER_ID] = input[at + CLIENT_ORDER]!
  let meta = (shape & 1) | (flagsOf(shape) << FLAGS_SHIFT) | (input[at + SYMBOL]! << SYMBOL_SHIFT)
  if (timeInForceOf(shape) === DAY) meta |= DAY_BIT
  if ((flagsOf(shape) & HIDDEN) !== 0) meta |= HIDDEN_BIT
  if ((group | selfTrade) !== 0) {
    meta |= GROUP_BIT | (selfTrade << SELF_TRADE_SHIFT)
    words[order + OrderWord.OWNER_GROUP] = group
  }
  words[order + OrderWord.META] = meta
  return order
}

/** As it will rest: a market order for an auction is not displayed, having no price that would mean anything. */
function flagsOf(shape: number): number {
  return (shape >>> 24) | (typeOf(shape) === MARKET && isForAuction(shape) ? HIDDEN : 0)
}

/** The limit that it enters with; 0: none. */
function entryTicks(books: Books, input: Int32Array, at: number): number {
  const shape = input[at + SHAPE]!
  const symbolId = input[at + SYMBOL]!
  const priceTicks = input[at + PRICE]!
  if (typeOf(shape) === MARKET && isForAuction(shape)) return (shape & 1) === Side.BUY ? PRICE_TICKS_MAX : 1
  if (typeOf(shape) === MARKET_TO_LIMIT) return oppositeTicks(books, symbolId, shape & 1)
  const isSliding = ((shape >>> 24) & POST_ONLY_SLIDE) !== 0 && crosses(books, symbolId, shape & 1, priceTicks)
  return isSliding ? slidTicks(books, symbolId, shape & 1) : priceTicks
}

function needsTerms(input: Int32Array, at: number): boolean {
  const shape = input[at + SHAPE]!
  const hasFlag = ((shape >>> 24) & (HIDDEN | ALL_OR_NONE)) !== 0
  const numbers = input[at + DISPLAY]! | input[at + LINKED]! | input[at + TRIGGER]!
  return hasFlag || numbers !== 0 || timeInForceOf(shape) >= GTD
}

/** Makes the order known, with its terms. */
function writeTerms(books: Books, batch: AlignedBuffer, at: number, order: number): void {
  const { words } = books
  const input = batch.int32
  const shape = input[at + SHAPE]!
  indexOrder(books, order)
  const terms = attachTerms(books, order)
  words[terms + TermsWord.DISPLAY] = input[at + DISPLAY]!
  if (isStop(typeOf(shape))) {
    words[terms + TermsWord.ORDER_TYPE] = typeOf(shape)
    words[terms + TermsWord.TRIGGER] = firstTriggerTicks(books, input, at)
    if (typeOf(shape) === TRAILING_STOP) words[terms + TermsWord.DISTANCE] = input[at + TRIGGER]!
  }
  if (isForAuction(shape)) words[terms + TermsWord.AUCTION] = timeInForceOf(shape)
  if (timeInForceOf(shape) === GTD) setExpiry(books, order, batch.float64[(at + EXPIRE) >> 1]!)
  const linkedId = input[at + LINKED]!
  if (linkedId === 0) return
  const linked = findClientOrder(books, input[at + CLIENT]!, linkedId)
  words[terms + TermsWord.LINKED] = linkedId
  words[attachTerms(books, linked) + TermsWord.LINKED] = input[at + CLIENT_ORDER]!
}

export function rejectNewOrder(
  books: Books,
  batch: AlignedBuffer,
  offset: number,
  reason: Reason,
  events: EventLog,
): void {
  const input = batch.int32
  const at = offset >> 2
  const symbolId = input[at + SYMBOL]!
  const side = input[at + SHAPE]! & 0xff
  putEvent(
    events,
    ORDER_REJECTED | ((side === 1 ? 1 : 0) << 8) | (reason << 16) | (REPLY << 24),
    symbolId >= 0 && symbolId < books.symbolCount ? symbolId : NO_SYMBOL_ID,
    0,
    input[at + PRICE]!,
    input[at + QUANTITY]!,
    0,
    input[at + CLIENT]!,
    input[at + CLIENT_ORDER]!,
  )
}
