// The short way of nearly all commands: a plain limit order that comes to rest, a plain order that trades at once, and a
// cancel of a resting plain order.
//
// What is not plain, is refused, or needs something rare (a number that outgrows its word) is left to new-order.ts and
// cancel-order.ts, untouched. Each function here looks at everything before it changes anything, and calls little that
// stays a call: compiled code looks at its arrays anew after each. The parts are the same as in order-queue.ts and order-index.ts.
//
// Offsets are masked where they are read: the compiler then knows that they are small, and adds to them untested.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { CancelOrderField } from '../protocol/command.ts'
import type { EventLog } from '../protocol/event.ts'
import { CommandKind, EventFlag, EventKind, OrderType, Reason, TimeInForce } from '../protocol/kinds.ts'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../protocol/limits.ts'
import { BookLayout, type Books, SymbolWord, takeFreshRecord, takeRecord } from './books.ts'
import { putEvent, putOrderEvent } from './event-writer.ts'
import { findFar } from './far-levels.ts'
import { EVENTS_PER_ORDER, enterOrder } from './matching.ts'
import { NewOrderWord } from './new-order-check.ts'
import { findClientOrder, SPREAD_CLIENT, SPREAD_HIGH } from './order-index.ts'
import { closeLevel, Ladder, openLevel } from './price-ladder.ts'
import { LevelWord, Meta, OFFSET_MASK, OrderWord } from './records.ts'
import { settleReference } from './settling.ts'
import { COUNT_UNIT } from './wide-count.ts'

const { NEXT, PREV, LEAVES, PRICE, LEVEL, META, CLIENT_ID, CLIENT_ORDER_ID } = OrderWord
const { ORDER_ID, ID_NEXT, CLIENT_NEXT, QUANTITY } = OrderWord
const { LEVEL_LOTS, LEVEL_COUNT, HIDDEN_COUNT } = LevelWord
const { QUOTE_BIT, SIDE_BIT, SYMBOL_SHIFT, TERMS_BIT } = Meta
const { BEST_KEY, TRADE_KEY, WINDOW_AT, WINDOW_BASE, WINDOW } = Ladder
const { FAR_ROOT, KEY_LAST } = Ladder
const { LADDERS_PER_SYMBOL, LADDER_WORDS, WINDOW_KEYS, NEXT_ORDER_ID, CLIENT_COUNT_MASK } = BookLayout
const { ALL_OR_NONE_COUNT, LAST_TRADE_TICKS, REFERENCE_TICKS, SPECIAL_COUNT, SYMBOL_WORDS } = SymbolWord
const { CLIENT, SYMBOL, SHAPE, DISPLAY, MINIMUM, TRIGGER, LINKED, EXPIRE, OWNER_GROUP, SELF_TRADE } = NewOrderWord
const { PRICE: PRICE_IN, QUANTITY: QUANTITY_IN, CLIENT_ORDER } = NewOrderWord
const CANCEL_ORDER_ID = CancelOrderField.ORDER_ID / 4
const CANCEL_CLIENT_ORDER = CancelOrderField.CLIENT_ORDER_ID / 4
const { NEW_ORDER, CANCEL_ORDER } = CommandKind
const ROOM = EVENTS_PER_ORDER
const UNIT = COUNT_UNIT
const HIGH = SPREAD_HIGH
const CLIENT_SPREAD = SPREAD_CLIENT
const PRICE_MASK = PRICE_TICKS_MAX
const QUANTITY_MAX = QUANTITY_LOTS_MAX
const OFFSET = OFFSET_MASK
/** Side aside: a limit order that rests until it is cancelled, one that only takes, and a market order. */
const REST_SHAPE = (OrderType.LIMIT << 8) | (TimeInForce.GTC << 16)
const TAKE_SHAPE = (OrderType.LIMIT << 8) | (TimeInForce.IOC << 16)
const MARKET_SHAPE = (OrderType.MARKET << 8) | (TimeInForce.IOC << 16)
const { ORDER_ACCEPTED } = EventKind
const { REPLY } = EventFlag
const ACCEPTED = EventKind.ORDER_ACCEPTED | ((EventFlag.REPLY | EventFlag.RESTING) << 24)
const CANCELLED = EventKind.ORDER_CANCELLED | (Reason.BY_OWNER << 16) | ((EventFlag.REPLY | EventFlag.RESTING) << 24)

/** Applies the command at `offset` if it goes the short way, and gives whether it did. If not, nothing has changed. */
export function applyPlain(books: Books, batch: AlignedBuffer, offset: number, events: EventLog): boolean {
  if (events.count + ROOM > events.capacity) return false
  const input = batch.int32
  const kind = (input[offset >> 2]! >>> 16) & 0xff
  if (kind === NEW_ORDER) return restPlain(books, input, offset, events) || takePlain(books, input, offset, events)
  if (kind === CANCEL_ORDER) return cancelPlain(books, input, offset, events)
  return false
}

/** A new plain limit order that crosses nothing rests at once, and is accepted in reply. */
function restPlain(books: Books, input: Int32Array, offset: number, events: EventLog): boolean {
  const { words, doubles } = books
  const at = (offset >> 2) & OFFSET
  const side = input[at + SHAPE]! & SIDE_BIT
  const symbolId = input[at + SYMBOL]!
  const priceTicks = input[at + PRICE_IN]!
  const lots = input[at + QUANTITY_IN]!
  const clientId = input[at + CLIENT]!
  const clientOrderId = input[at + CLIENT_ORDER]!
  const isWrong = symbolId >>> 0 >= books.symbolCount || priceTicks < 1 || lots < 1 || lots > QUANTITY_MAX
  if (
    isWrong ||
    (input[at + SHAPE]! & ~SIDE_BIT) !== REST_SHAPE ||
    hasTerms(input, at) ||
    clientOrderId === 0 ||
    books.orderCount >= books.orderCountMax
  )
    return false
  const ladder = (books.laddersAt + (symbolId * LADDERS_PER_SYMBOL + side) * LADDER_WORDS) & OFFSET
  const opposite = (ladder + LADDER_WORDS - 2 * LADDER_WORDS * side) & OFFSET
  const key = (priceTicks - side) ^ ((side - 1) & PRICE_MASK)
  const limitKey = (priceTicks + side - 1) ^ (-side & PRICE_MASK)
  const index = (key - words[ladder + WINDOW_BASE]!) | 0
  if (words[opposite + BEST_KEY]! <= limitKey) return false
  let level = 0
  if (index >>> 0 < WINDOW_KEYS)
    level = words[((words[ladder + WINDOW_AT]! & OFFSET) + WINDOW + index) & OFFSET]! & OFFSET
  else level = findFar(books, words[ladder + FAR_ROOT]!, key) & OFFSET
  const idLow = words[NEXT_ORDER_ID]!
  const levelLots = level === 0 ? lots : (words[level + LEVEL_LOTS]! + lots) | 0
  const allOrNone = words[(books.symbolsAt + symbolId * SYMBOL_WORDS + ALL_OR_NONE_COUNT) & OFFSET]!
  if (allOrNone !== 0 || levelLots >>> 0 >= UNIT || idLow >= UNIT - 1) return false
  const clientSpread = Math.imul(clientOrderId >>> 16, HIGH) + Math.imul(clientId, CLIENT_SPREAD)
  const clientBucket = (books.clientBucketsAt + ((clientOrderId + clientSpread) & books.bucketMask)) & OFFSET
  const clientFirst = words[clientBucket]! & OFFSET
  for (let other = clientFirst; other !== 0; other = words[other + CLIENT_NEXT]! & OFFSET) {
    if (words[other + CLIENT_ORDER_ID] === clientOrderId && words[other + CLIENT_ID] === clientId) return false
  }

  if (level === 0) level = openLevel(books, ladder, side, key) & OFFSET
  const order = (books.freeRecord === 0 ? takeFreshRecord(books) : books.freeRecord) & OFFSET
  if (books.freeRecord !== 0) books.freeRecord = words[order + NEXT]!
  books.orderCount += 1
  const orderId = words[NEXT_ORDER_ID + 1]! * UNIT + idLow
  words[NEXT_ORDER_ID] = idLow + 1
  doubles[(order + ORDER_ID) >> 1] = orderId
  const youngest = words[level + PREV]! & OFFSET
  words[order + NEXT] = level
  words[order + PREV] = youngest
  words[order + LEAVES] = lots
  words[order + PRICE] = priceTicks
  words[order + LEVEL] = level
  words[order + META] = side | (symbolId << SYMBOL_SHIFT)
  words[order + CLIENT_ID] = clientId
  words[order + CLIENT_ORDER_ID] = clientOrderId
  words[order + QUANTITY] = lots
  words[youngest + NEXT] = order
  words[level + PREV] = order
  words[level + LEVEL_COUNT]! += 1
  words[level + LEVEL_LOTS] = levelLots
  const idBucket = (books.idBucketsAt + (idLow & books.bucketMask)) & OFFSET
  words[order + ID_NEXT] = words[idBucket]!
  words[idBucket] = order
  words[order + CLIENT_NEXT] = clientFirst
  words[clientBucket] = order
  words[(books.clientCountsAt + (clientId & CLIENT_COUNT_MASK)) & OFFSET]! += 1
  putEvent(events, ACCEPTED | (side << 8), symbolId, orderId, priceTicks, lots, lots, clientId, clientOrderId)
  return true
}

/** Whether anything is said of the order beside its shape, symbol, price and quantity. */
function hasTerms(input: Int32Array, at: number): boolean {
  const terms =
    input[at + DISPLAY]! |
    input[at + MINIMUM]! |
    input[at + TRIGGER]! |
    input[at + LINKED]! |
    input[at + EXPIRE]! |
    input[at + EXPIRE + 1]! |
    input[at + OWNER_GROUP]! |
    input[at + SELF_TRADE]!
  return terms !== 0
}

/** A new plain order, limit or market, trades with plain orders and quotes; what is left of it rests or is cancelled. */
function takePlain(books: Books, input: Int32Array, offset: number, events: EventLog): boolean {
  const { words } = books
  const at = (offset >> 2) & OFFSET
  const side = input[at + SHAPE]! & SIDE_BIT
  const shape = input[at + SHAPE]! & ~SIDE_BIT
  const symbolId = input[at + SYMBOL]!
  const priceTicks = input[at + PRICE_IN]!
  const lots = input[at + QUANTITY_IN]!
  const clientOrderId = input[at + CLIENT_ORDER]!
  const isPriceRight = shape === MARKET_SHAPE ? priceTicks === 0 : priceTicks >= 1
  if (shape !== REST_SHAPE && shape !== TAKE_SHAPE && shape !== MARKET_SHAPE) return false
  if (symbolId >>> 0 >= books.symbolCount || !isPriceRight || lots < 1 || lots > QUANTITY_MAX) return false
  if (hasTerms(input, at) || books.orderCount >= books.orderCountMax) return false
  const symbol = (books.symbolsAt + symbolId * SYMBOL_WORDS) & OFFSET
  const opposite = (books.laddersAt + (symbolId * LADDERS_PER_SYMBOL + (side ^ 1)) * LADDER_WORDS) & OFFSET
  const limitKey = priceTicks === 0 ? KEY_LAST : (priceTicks + side - 1) ^ (-side & PRICE_MASK)
  const bestKey = words[opposite + BEST_KEY]!
  const isSpecial = (words[symbol + SPECIAL_COUNT]! | words[symbol + ALL_OR_NONE_COUNT]!) !== 0
  const idLow = words[NEXT_ORDER_ID]!
  if (isSpecial || bestKey > limitKey || bestKey > words[opposite + TRADE_KEY]! || idLow >= UNIT - 1) return false
  if (findClientOrder(books, input[at + CLIENT]!, clientOrderId) !== 0) return false

  const order = takeRecord(books) & OFFSET
  books.doubles[(order + ORDER_ID) >> 1] = words[NEXT_ORDER_ID + 1]! * UNIT + idLow
  words[NEXT_ORDER_ID] = idLow + 1
  words[order + LEAVES] = lots
  words[order + QUANTITY] = lots
  words[order + PRICE] = priceTicks
  words[order + META] = side | (symbolId << SYMBOL_SHIFT)
  words[order + CLIENT_ID] = input[at + CLIENT]!
  words[order + CLIENT_ORDER_ID] = clientOrderId
  putOrderEvent(events, books, order, ORDER_ACCEPTED, 0, REPLY, lots, 0)
  enterOrder(books, order, limitKey, shape === REST_SHAPE, false, events)
  if (words[symbol + LAST_TRADE_TICKS] !== words[symbol + REFERENCE_TICKS]) settleReference(books, symbolId, events)
  return true
}

/** A resting plain order that its owner names by client order id goes, in reply. */
function cancelPlain(books: Books, input: Int32Array, offset: number, events: EventLog): boolean {
  const { words, doubles } = books
  const at = (offset >> 2) & OFFSET
  const clientId = input[at + CLIENT]!
  const clientOrderId = input[at + CANCEL_CLIENT_ORDER]!
  if ((input[at + CANCEL_ORDER_ID]! | input[at + CANCEL_ORDER_ID + 1]!) !== 0 || clientOrderId === 0) return false
  const clientSpread = Math.imul(clientOrderId >>> 16, HIGH) + Math.imul(clientId, CLIENT_SPREAD)
  let clientLink = (books.clientBucketsAt + ((clientOrderId + clientSpread) & books.bucketMask)) & OFFSET
  let order = words[clientLink]! & OFFSET
  while (words[order + CLIENT_ORDER_ID] !== clientOrderId || words[order + CLIENT_ID] !== clientId) {
    if (order === 0) return false
    clientLink = order + CLIENT_NEXT
    order = words[clientLink]! & OFFSET
  }
  const level = words[order + LEVEL]! & OFFSET
  const meta = words[order + META]!
  const lots = words[order + LEAVES]!
  const levelLots = (words[level + LEVEL_LOTS]! - lots) | 0
  const levelCount = (words[level + LEVEL_COUNT]! - 1) | 0
  if (order === 0 || (meta & TERMS_BIT) !== 0 || levelLots < 0) return false
  const orderId = doubles[(order + ORDER_ID) >> 1]!
  let idLink = (books.idBucketsAt + ((orderId | 0) & books.bucketMask)) & OFFSET
  for (let other = words[idLink]! & OFFSET; other !== order; other = words[idLink]! & OFFSET) idLink = other + ID_NEXT

  const next = words[order + NEXT]! & OFFSET
  const previous = words[order + PREV]! & OFFSET
  words[previous + NEXT] = next
  words[next + PREV] = previous
  words[level + LEVEL_COUNT] = levelCount
  words[level + LEVEL_LOTS] = levelLots
  words[idLink] = words[order + ID_NEXT]!
  words[clientLink] = words[order + CLIENT_NEXT]!
  words[(books.clientCountsAt + (clientId & CLIENT_COUNT_MASK)) & OFFSET]! -= 1
  words[order + NEXT] = books.freeRecord
  books.freeRecord = order
  books.orderCount -= 1
  const head = CANCELLED | ((meta & SIDE_BIT) << 8) | ((meta & QUOTE_BIT) << 24)
  const priceTicks = words[order + PRICE]!
  putEvent(events, head, meta >>> SYMBOL_SHIFT, orderId, priceTicks, lots, 0, clientId, clientOrderId)
  if ((levelCount | words[level + HIDDEN_COUNT]!) === 0) closeLevel(books, level)
  return true
}
