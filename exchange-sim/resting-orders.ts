// The two things that happen to nearly all orders: a plain order comes to rest, and a resting order goes.
//
// Each is written out in one function, in an order that puts what is rare and calls something first or last, because
// compiled code must look at its arrays anew after each call. The parts are the same as in order-queue.ts, order-index.ts
// and event-writer.ts, which everything else uses.

import { EventField, type EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind } from '../protocol/kinds.ts'
import { BookLayout, type Books, takeFreshRecord } from './books.ts'
import { clientBucket, unchain } from './order-index.ts'
import { closeLevel, findLevel, keyOf, Ladder, openLevel } from './price-ladder.ts'
import { LevelWord, Meta, OrderWord } from './records.ts'
import { addCount, countAt, subtractCount } from './wide-count.ts'

const { NEXT, PREV, LEAVES, PRICE, LEVEL, META, CLIENT_ID, CLIENT_ORDER_ID } = OrderWord
const { ORDER_ID, ID_NEXT, CLIENT_NEXT, QUANTITY } = OrderWord
const { LEVEL_LOTS, LEVEL_COUNT, HIDDEN_COUNT } = LevelWord
const { SIDE_BIT, QUOTE_BIT, SYMBOL_SHIFT } = Meta
const { WINDOW_BASE, WINDOW_AT, WINDOW } = Ladder
const { WINDOW_KEYS, NEXT_ORDER_ID, CLIENT_COUNT_MASK } = BookLayout
const { ORDER_ACCEPTED } = EventKind
const RESTING_REPLY = EventFlag.REPLY | EventFlag.RESTING

const EVENT_WORDS = EventField.LENGTH / 4
const SYMBOL_ID_WORD = EventField.SYMBOL_ID / 4
const PRICE_WORD = EventField.PRICE_TICKS / 4
const QUANTITY_WORD = EventField.QUANTITY_LOTS / 4
const LEAVES_WORD = EventField.LEAVES_LOTS / 4
const CONTRA_LEAVES_WORD = EventField.CONTRA_LEAVES_LOTS / 4
const CLIENT_WORD = EventField.CLIENT_ID / 4
const CONTRA_CLIENT_WORD = EventField.CONTRA_CLIENT_ID / 4
const CLIENT_ORDER_WORD = EventField.CLIENT_ORDER_ID / 4
const CONTRA_CLIENT_ORDER_WORD = EventField.CONTRA_CLIENT_ORDER_ID / 4
const ORDER_DOUBLE = EventField.ORDER_ID / 8
const CONTRA_ORDER_DOUBLE = EventField.CONTRA_ORDER_ID / 8
const TRADE_DOUBLE = EventField.TRADE_ID / 8

/** A new client order with the next id, which crosses nothing, rests at once and is accepted in reply. The log has room. */
export function restOrder(
  books: Books,
  ladder: number,
  meta: number,
  priceTicks: number,
  lots: number,
  clientId: number,
  clientOrderId: number,
  events: EventLog,
): void {
  const { words, doubles } = books
  const key = keyOf(meta & SIDE_BIT, priceTicks)
  const index = key - words[ladder + WINDOW_BASE]!
  let level =
    index >>> 0 < WINDOW_KEYS ? words[words[ladder + WINDOW_AT]! + WINDOW + index]! : findLevel(books, ladder, key) | 0
  if (level === 0) level = openLevel(books, ladder, meta & SIDE_BIT, key) | 0
  let order = books.freeRecord
  if (order === 0) order = takeFreshRecord(books) | 0
  else books.freeRecord = words[order + NEXT]!

  const orderId = countAt(words, NEXT_ORDER_ID)
  addCount(words, NEXT_ORDER_ID, 1)
  doubles[(order + ORDER_ID) >> 1] = orderId
  const youngest = words[level + PREV]!
  words[order + NEXT] = level
  words[order + PREV] = youngest
  words[order + LEAVES] = lots
  words[order + PRICE] = priceTicks
  words[order + LEVEL] = level
  words[order + META] = meta
  words[order + CLIENT_ID] = clientId
  words[order + CLIENT_ORDER_ID] = clientOrderId
  words[order + QUANTITY] = lots
  words[youngest + NEXT] = order
  words[level + PREV] = order
  words[level + LEVEL_COUNT]! += 1
  addCount(words, level + LEVEL_LOTS, lots)
  const bucket = books.idBucketsAt + ((orderId | 0) & books.bucketMask)
  words[order + ID_NEXT] = words[bucket]!
  words[bucket] = order
  words[books.clientCountsAt + (clientId & CLIENT_COUNT_MASK)]! += 1
  books.orderCount += 1
  if (clientOrderId !== 0) {
    const clientChain = clientBucket(books, clientId, clientOrderId)
    words[order + CLIENT_NEXT] = words[clientChain]!
    words[clientChain] = order
  }
  const head = ORDER_ACCEPTED | ((meta & SIDE_BIT) << 8) | (RESTING_REPLY << 24)
  putResting(events, head, meta >>> SYMBOL_SHIFT, orderId, priceTicks, lots, lots, clientId, clientOrderId)
}

/** A resting client order goes, for the reason in the event's `head` (without its side). The log has room. */
export function cancelResting(books: Books, order: number, head: number, events: EventLog): void {
  const { words, doubles } = books
  const meta = words[order + META]!
  const lots = words[order + LEAVES]!
  const level = words[order + LEVEL]!
  const next = words[order + NEXT]!
  const previous = words[order + PREV]!
  const clientId = words[order + CLIENT_ID]!
  const clientOrderId = words[order + CLIENT_ORDER_ID]!
  const orderId = doubles[(order + ORDER_ID) >> 1]!
  putResting(
    events,
    head | ((meta & SIDE_BIT) << 8) | ((meta & QUOTE_BIT) << 24),
    meta >>> SYMBOL_SHIFT,
    orderId,
    words[order + PRICE]!,
    lots,
    0,
    clientId,
    clientOrderId,
  )
  words[previous + NEXT] = next
  words[next + PREV] = previous
  const count = words[level + LEVEL_COUNT]! - 1
  words[level + LEVEL_COUNT] = count
  subtractCount(words, level + LEVEL_LOTS, lots)
  words[books.clientCountsAt + (clientId & CLIENT_COUNT_MASK)]! -= 1
  books.orderCount -= 1
  words[order + NEXT] = books.freeRecord
  books.freeRecord = order
  const hidden = words[level + HIDDEN_COUNT]!
  const bucket = books.idBucketsAt + ((orderId | 0) & books.bucketMask)
  if (words[bucket] === order) words[bucket] = words[order + ID_NEXT]!
  else unchain(words, words[bucket]!, order, ID_NEXT)
  if (clientOrderId !== 0) {
    const clientChain = clientBucket(books, clientId, clientOrderId)
    if (words[clientChain] === order) words[clientChain] = words[order + CLIENT_NEXT]!
    else unchain(words, words[clientChain]!, order, CLIENT_NEXT)
  }
  if ((count | hidden) === 0) closeLevel(books, level)
}

function putResting(
  events: EventLog,
  head: number,
  symbolId: number,
  orderId: number,
  priceTicks: number,
  quantityLots: number,
  leavesLots: number,
  clientId: number,
  clientOrderId: number,
): void {
  const { int32, float64 } = events
  const at = events.count * EVENT_WORDS
  const atDouble = at >> 1
  int32[at] = head
  int32[at + SYMBOL_ID_WORD] = symbolId
  float64[atDouble + ORDER_DOUBLE] = orderId
  float64[atDouble + CONTRA_ORDER_DOUBLE] = 0
  float64[atDouble + TRADE_DOUBLE] = 0
  int32[at + PRICE_WORD] = priceTicks
  int32[at + QUANTITY_WORD] = quantityLots
  int32[at + LEAVES_WORD] = leavesLots
  int32[at + CONTRA_LEAVES_WORD] = 0
  int32[at + CLIENT_WORD] = clientId
  int32[at + CONTRA_CLIENT_WORD] = 0
  int32[at + CLIENT_ORDER_WORD] = clientOrderId
  int32[at + CONTRA_CLIENT_ORDER_WORD] = 0
  events.count += 1
}
