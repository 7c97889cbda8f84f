// Writes the events of orders and trades into the log. The layout is in protocol/event.ts.

import { EventField, type EventLog } from '../protocol/event.ts'
import type { EventKind, Reason } from '../protocol/kinds.ts'
import type { Books } from './books.ts'
import { Meta, OrderWord } from './records.ts'

const { PRICE, META, CLIENT_ID, CLIENT_ORDER_ID, ORDER_ID } = OrderWord
const { HIDDEN_BIT, QUOTE_BIT, SIDE_BIT, SYMBOL_SHIFT } = Meta

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

/** An event about an order, whose record tells who, what and at what price. Gives the event's index. */
export function putOrderEvent(
  events: EventLog,
  books: Books,
  order: number,
  kind: EventKind,
  reason: Reason | 0,
  flags: number,
  quantityLots: number,
  leavesLots: number,
): number {
  const { words } = books
  const meta = words[order + META]!
  return putEvent(
    events,
    kind | ((meta & SIDE_BIT) << 8) | (reason << 16) | ((flags | (meta & (QUOTE_BIT | HIDDEN_BIT))) << 24),
    meta >>> SYMBOL_SHIFT,
    books.doubles[(order + ORDER_ID) >> 1]!,
    words[order + PRICE]!,
    quantityLots,
    leavesLots,
    words[order + CLIENT_ID]!,
    words[order + CLIENT_ORDER_ID]!,
  )
}

/** The log has room for one more. `head` is kind, side, reason and flags, as they lie in the first word. */
export function putEvent(
  events: EventLog,
  head: number,
  symbolId: number,
  orderId: number,
  priceTicks: number,
  quantityLots: number,
  leavesLots: number,
  clientId: number,
  clientOrderId: number,
): number {
  const { int32, float64 } = events
  const index = events.count
  const at = index * EVENT_WORDS
  int32[at] = head
  int32[at + SYMBOL_ID_WORD] = symbolId
  float64[(at >> 1) + ORDER_DOUBLE] = orderId
  float64[(at >> 1) + CONTRA_ORDER_DOUBLE] = 0
  float64[(at >> 1) + TRADE_DOUBLE] = 0
  int32[at + PRICE_WORD] = priceTicks
  int32[at + QUANTITY_WORD] = quantityLots
  int32[at + LEAVES_WORD] = leavesLots
  int32[at + CONTRA_LEAVES_WORD] = 0
  int32[at + CLIENT_WORD] = clientId
  int32[at + CONTRA_CLIENT_WORD] = 0
  int32[at + CLIENT_ORDER_WORD] = clientOrderId
  int32[at + CONTRA_CLIENT_ORDER_WORD] = 0
  events.count = index + 1
  return index
}

/** Fields that few events have, for one that was just written. */
export function setEventContra(events: EventLog, index: number, contraOrderId: number): void {
  events.float64[((index * EVENT_WORDS) >> 1) + CONTRA_ORDER_DOUBLE] = contraOrderId
}

export function setEventTradeId(events: EventLog, index: number, tradeId: number): void {
  events.float64[((index * EVENT_WORDS) >> 1) + TRADE_DOUBLE] = tradeId
}

export function setEventContraLeaves(events: EventLog, index: number, contraLeavesLots: number): void {
  events.int32[index * EVENT_WORDS + CONTRA_LEAVES_WORD] = contraLeavesLots
}

export function setEventQuantity(events: EventLog, index: number, quantityLots: number): void {
  events.int32[index * EVENT_WORDS + QUANTITY_WORD] = quantityLots
}

/** A trade. `maker` and `taker` are records; `head` as in putEvent. */
export function putTrade(
  events: EventLog,
  books: Books,
  head: number,
  maker: number,
  taker: number,
  tradeId: number,
  priceTicks: number,
  quantityLots: number,
  makerLeavesLots: number,
  takerLeavesLots: number,
): void {
  const { words, doubles } = books
  const { int32, float64 } = events
  const at = events.count * EVENT_WORDS
  int32[at] = head
  int32[at + SYMBOL_ID_WORD] = words[maker + META]! >>> SYMBOL_SHIFT
  float64[(at >> 1) + ORDER_DOUBLE] = doubles[(maker + ORDER_ID) >> 1]!
  float64[(at >> 1) + CONTRA_ORDER_DOUBLE] = doubles[(taker + ORDER_ID) >> 1]!
  float64[(at >> 1) + TRADE_DOUBLE] = tradeId
  int32[at + PRICE_WORD] = priceTicks
  int32[at + QUANTITY_WORD] = quantityLots
  int32[at + LEAVES_WORD] = makerLeavesLots
  int32[at + CONTRA_LEAVES_WORD] = takerLeavesLots
  int32[at + CLIENT_WORD] = words[maker + CLIENT_ID]!
  int32[at + CONTRA_CLIENT_WORD] = words[taker + CLIENT_ID]!
  int32[at + CLIENT_ORDER_WORD] = words[maker + CLIENT_ORDER_ID]!
  int32[at + CONTRA_CLIENT_ORDER_WORD] = words[taker + CLIENT_ORDER_ID]!
  events.count += 1
}
