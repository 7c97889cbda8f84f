// NEW_ORDER: docs/exchange-rules.md says the checks and the effects.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { CommandHeader, NewOrderField } from '../protocol/command.ts'
import type { EventLog } from '../protocol/event.ts'
import {
  EventFlag,
  EventKind,
  OrderFlag,
  OrderType,
  Reason,
  SelfTradePrevention,
  TimeInForce,
} from '../protocol/kinds.ts'
import { QUANTITY_LOTS_MAX } from '../protocol/limits.ts'
import { NO_SYMBOL_ID } from '../protocol/symbol.ts'
import { BookLayout, type Books, takeRecord } from './books.ts'
import { putEvent, putOrderEvent } from './event-writer.ts'
import { canFill, crosses, EVENTS_PER_ORDER, enterOrder, settleReference } from './matching.ts'
import { findClientOrder, indexOrder } from './order-index.ts'
import { enqueue } from './order-queue.ts'
import { keyOf, Ladder, ladderOf } from './price-ladder.ts'
import { Meta, OrderWord } from './records.ts'
import { restOrder } from './resting-orders.ts'
import { addCount, countAt } from './wide-count.ts'

const { ORDER_ACCEPTED, ORDER_REJECTED } = EventKind
const { REPLY, RESTING } = EventFlag
const {
  BAD_DISPLAY,
  BAD_EXPIRY,
  BAD_FLAGS,
  BAD_MINIMUM,
  BAD_ORDER_TYPE,
  BAD_SIDE,
  BAD_TIME_IN_FORCE,
  BAD_TRIGGER,
  BOOK_FULL,
  CANNOT_FILL,
  DUPLICATE_CLIENT_ORDER_ID,
  NO_LIQUIDITY,
  PRICE_OUT_OF_RANGE,
  QUANTITY_OUT_OF_RANGE,
  UNKNOWN_ORDER,
  UNKNOWN_SYMBOL,
  WOULD_TAKE,
} = Reason
const { LIMIT, MARKET } = OrderType
const { FOK, GTC, IOC } = TimeInForce
const { POST_ONLY } = OrderFlag
const { DECREMENT_AND_CANCEL } = SelfTradePrevention
const { LEAVES, PRICE, META, CLIENT_ID, CLIENT_ORDER_ID, ORDER_ID, QUANTITY, OWNER_GROUP } = OrderWord
const { FLAGS_SHIFT, GROUP_BIT, SELF_TRADE_SHIFT, SYMBOL_SHIFT } = Meta
const { BEST_KEY, KEY_LAST, TRADE_KEY } = Ladder
const { NEXT_ORDER_ID, LADDERS_PER_SYMBOL, LADDER_WORDS } = BookLayout

const SYMBOL_WORD = CommandHeader.SYMBOL_ID / 4
const CLIENT_WORD = CommandHeader.CLIENT_ID / 4
/** Side, type, time in force and flags, a byte each from the lowest. */
const SHAPE_WORD = NewOrderField.SIDE / 4
const PRICE_WORD = NewOrderField.PRICE_TICKS / 4
const QUANTITY_WORD = NewOrderField.QUANTITY_LOTS / 4
const DISPLAY_WORD = NewOrderField.DISPLAY_LOTS / 4
const MINIMUM_WORD = NewOrderField.MINIMUM_LOTS / 4
const TRIGGER_WORD = NewOrderField.TRIGGER_TICKS / 4
const CLIENT_ORDER_WORD = NewOrderField.CLIENT_ORDER_ID / 4
const LINKED_WORD = NewOrderField.LINKED_CLIENT_ORDER_ID / 4
const EXPIRE_WORD = NewOrderField.EXPIRE_TIME_NS / 4
const OWNER_GROUP_WORD = NewOrderField.OWNER_GROUP / 4
const SELF_TRADE_WORD = NewOrderField.SELF_TRADE_PREVENTION / 4

/** Side and flags aside: a limit order that rests until it is cancelled. */
const PLAIN_SHAPE = (LIMIT << 8) | (GTC << 16)
const SHAPE_MASK = 0xfffffe
const QUANTITY_MAX = QUANTITY_LOTS_MAX
const EVENT_ROOM = EVENTS_PER_ORDER

export function applyNewOrder(books: Books, batch: AlignedBuffer, offset: number, events: EventLog): void {
  if (events.count + EVENT_ROOM > events.capacity) events.reserve(EVENT_ROOM)
  const input = batch.int32
  const at = offset >> 2
  const reason = checkNewOrder(books, batch, at)
  if (reason !== 0) {
    rejectNewOrder(books, batch, offset, reason, events)
    return
  }
  const shape = input[at + SHAPE_WORD]!
  const side = shape & 1
  const symbolId = input[at + SYMBOL_WORD]!
  const priceTicks = input[at + PRICE_WORD]!
  const ladder = books.laddersAt + (symbolId * LADDERS_PER_SYMBOL + side) * LADDER_WORDS
  const opposite = ladder + (1 - 2 * side) * LADDER_WORDS
  const limitKey = priceTicks === 0 ? KEY_LAST : keyOf(side ^ 1, priceTicks)
  const isPlain = (((shape & ~1) - PLAIN_SHAPE) | input[at + OWNER_GROUP_WORD]! | input[at + SELF_TRADE_WORD]!) === 0
  if (isPlain && books.words[opposite + BEST_KEY]! > limitKey) {
    const meta = side | (symbolId << SYMBOL_SHIFT)
    const clientId = input[at + CLIENT_WORD]!
    const clientOrderId = input[at + CLIENT_ORDER_WORD]!
    restOrder(books, ladder, meta, priceTicks, input[at + QUANTITY_WORD]!, clientId, clientOrderId, events)
    return
  }
  enterNewOrder(books, input, at, limitKey, events)
}

/** An order that is not plain, or that crosses. */
function enterNewOrder(books: Books, input: Int32Array, at: number, limitKey: number, events: EventLog): void {
  const shape = input[at + SHAPE_WORD]!
  const symbolId = input[at + SYMBOL_WORD]!
  const quantityLots = input[at + QUANTITY_WORD]!
  const order = fillRecord(books, input, at)
  const mayRest = (shape & SHAPE_MASK) === PLAIN_SHAPE
  const opposite = ladderOf(books, symbolId, (shape & 1) ^ 1)
  const bestKey = books.words[opposite + BEST_KEY]!
  if (mayRest && (bestKey > limitKey || bestKey > books.words[opposite + TRADE_KEY]!)) {
    indexOrder(books, order)
    enqueue(books, order)
    putOrderEvent(events, books, order, ORDER_ACCEPTED, 0, REPLY | RESTING, quantityLots, quantityLots)
    return
  }
  putOrderEvent(events, books, order, ORDER_ACCEPTED, 0, REPLY, quantityLots, 0)
  enterOrder(books, order, limitKey, mayRest, false, events)
  settleReference(books, symbolId, events)
}

/** 0, or why the order is refused. Changes nothing. */
function checkNewOrder(books: Books, batch: AlignedBuffer, at: number): Reason | 0 {
  const input = batch.int32
  const rare =
    ((input[at + SHAPE_WORD]! & ~1) - PLAIN_SHAPE) |
    input[at + DISPLAY_WORD]! |
    input[at + MINIMUM_WORD]! |
    input[at + TRIGGER_WORD]! |
    input[at + LINKED_WORD]! |
    input[at + EXPIRE_WORD]! |
    input[at + EXPIRE_WORD + 1]! |
    input[at + SELF_TRADE_WORD]!
  if (rare !== 0) return checkRareOrder(books, batch, at)
  const quantityLots = input[at + QUANTITY_WORD]!
  if (input[at + SYMBOL_WORD]! >>> 0 >= books.symbolCount) return UNKNOWN_SYMBOL
  if (input[at + PRICE_WORD]! < 1) return PRICE_OUT_OF_RANGE
  if (quantityLots < 1 || quantityLots > QUANTITY_MAX) return QUANTITY_OUT_OF_RANGE
  const known = findClientOrder(books, input[at + CLIENT_WORD]!, input[at + CLIENT_ORDER_WORD]!)
  if (known !== 0) return DUPLICATE_CLIENT_ORDER_ID
  return books.orderCount < books.orderCountMax ? 0 : BOOK_FULL
}

function checkRareOrder(books: Books, batch: AlignedBuffer, at: number): Reason | 0 {
  const input = batch.int32
  if (input[at + SYMBOL_WORD]! >>> 0 >= books.symbolCount) return UNKNOWN_SYMBOL
  const shapeReason = checkShape(input, at)
  if (shapeReason !== 0) return shapeReason
  const quantityLots = input[at + QUANTITY_WORD]!
  if (quantityLots < 1 || quantityLots > QUANTITY_MAX) return QUANTITY_OUT_OF_RANGE
  const rareReason = checkRareFields(batch, at)
  if (rareReason !== 0) return rareReason
  const known = findClientOrder(books, input[at + CLIENT_WORD]!, input[at + CLIENT_ORDER_WORD]!)
  if (known !== 0) return DUPLICATE_CLIENT_ORDER_ID
  const mayRest = (input[at + SHAPE_WORD]! & SHAPE_MASK) === PLAIN_SHAPE
  if (mayRest && books.orderCount >= books.orderCountMax) return BOOK_FULL
  return checkLiquidity(books, input, at)
}

/** Checks 2 to 6. */
function checkShape(input: Int32Array, at: number): Reason | 0 {
  const shape = input[at + SHAPE_WORD]!
  const type = (shape >> 8) & 0xff
  const timeInForce = (shape >> 16) & 0xff
  const flags = shape >>> 24
  if ((shape & 0xff) > 1) return BAD_SIDE
  if (type !== LIMIT && type !== MARKET) return BAD_ORDER_TYPE
  if (timeInForce !== GTC && timeInForce !== IOC && timeInForce !== FOK) {
    return BAD_TIME_IN_FORCE
  }
  if ((flags & ~POST_ONLY) !== 0) return BAD_FLAGS
  if (flags !== 0 && (type !== LIMIT || timeInForce !== GTC)) return BAD_FLAGS
  if (input[at + SELF_TRADE_WORD]! >>> 0 > DECREMENT_AND_CANCEL) return BAD_FLAGS
  const priceTicks = input[at + PRICE_WORD]!
  if (type === LIMIT ? priceTicks < 1 : priceTicks !== 0) return PRICE_OUT_OF_RANGE
  return 0
}

/** Checks 8 to 12. */
function checkRareFields(batch: AlignedBuffer, at: number): Reason | 0 {
  const input = batch.int32
  if (input[at + DISPLAY_WORD] !== 0) return BAD_DISPLAY
  if (input[at + MINIMUM_WORD] !== 0) return BAD_MINIMUM
  if (input[at + TRIGGER_WORD] !== 0) return BAD_TRIGGER
  if (input[at + LINKED_WORD] !== 0) return UNKNOWN_ORDER
  if (batch.float64[(at + EXPIRE_WORD) >> 1] !== 0) return BAD_EXPIRY
  return 0
}

/** Checks 15 to 17. */
function checkLiquidity(books: Books, input: Int32Array, at: number): Reason | 0 {
  const shape = input[at + SHAPE_WORD]!
  const side = shape & 1
  const symbolId = input[at + SYMBOL_WORD]!
  const priceTicks = input[at + PRICE_WORD]!
  const isMarket = ((shape >> 8) & 0xff) === MARKET
  const opposite = ladderOf(books, symbolId, side ^ 1)
  if (isMarket && books.words[opposite + BEST_KEY]! > books.words[opposite + TRADE_KEY]!) return NO_LIQUIDITY
  const isPostOnly = ((shape >>> 24) & POST_ONLY) !== 0
  if (isPostOnly && crosses(books, symbolId, side, priceTicks)) return WOULD_TAKE
  if (((shape >> 16) & 0xff) === FOK) {
    const limitKey = isMarket ? KEY_LAST : keyOf(side ^ 1, priceTicks)
    if (!canFill(books, symbolId, side, limitKey, input[at + QUANTITY_WORD]!)) return CANNOT_FILL
  }
  return 0
}

/** The record of a new order with the next id, in no queue and not yet known. */
function fillRecord(books: Books, input: Int32Array, at: number): number {
  const { words, doubles } = books
  const order = takeRecord(books)
  const shape = input[at + SHAPE_WORD]!
  const quantityLots = input[at + QUANTITY_WORD]!
  const orderId = countAt(words, NEXT_ORDER_ID)
  const group = input[at + OWNER_GROUP_WORD]!
  const selfTrade = input[at + SELF_TRADE_WORD]!
  addCount(words, NEXT_ORDER_ID, 1)
  doubles[(order + ORDER_ID) >> 1] = orderId
  words[order + LEAVES] = quantityLots
  words[order + QUANTITY] = quantityLots
  words[order + PRICE] = input[at + PRICE_WORD]!
  words[order + CLIENT_ID] = input[at + CLIENT_WORD]!
  words[order + CLIENT_ORDER_ID] = input[at + CLIENT_ORDER_WORD]!
  let meta = (shape & 1) | ((shape >>> 24) << FLAGS_SHIFT) | (input[at + SYMBOL_WORD]! << SYMBOL_SHIFT)
  if ((group | selfTrade) !== 0) {
    meta |= GROUP_BIT | (selfTrade << SELF_TRADE_SHIFT)
    words[order + OWNER_GROUP] = group
  }
  words[order + META] = meta
  return order
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
  const symbolId = input[at + SYMBOL_WORD]!
  const side = input[at + SHAPE_WORD]! & 0xff
  putEvent(
    events,
    ORDER_REJECTED | ((side === 1 ? 1 : 0) << 8) | (reason << 16) | (REPLY << 24),
    symbolId >= 0 && symbolId < books.symbolCount ? symbolId : NO_SYMBOL_ID,
    0,
    input[at + PRICE_WORD]!,
    input[at + QUANTITY_WORD]!,
    0,
    input[at + CLIENT_WORD]!,
    input[at + CLIENT_ORDER_WORD]!,
  )
}
