// REPLACE_ORDER: docs/exchange-rules.md says the checks and the effects.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { CommandHeader, ReplaceOrderField } from '../protocol/command.ts'
import type { EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind, OrderFlag, Reason, ReplaceFlag } from '../protocol/kinds.ts'
import { ICEBERG_SLICE_COUNT_MAX, QUANTITY_LOTS_MAX } from '../protocol/limits.ts'
import type { Books } from './books.ts'
import { namedOrder, rejectChange } from './cancel-order.ts'
import { putOrderEvent, setEventContra } from './event-writer.ts'
import { crosses, EVENTS_PER_ORDER, enterOrder, limitKeyOf } from './matching.ts'
import { comeToRest, putStanding, shrinkOrder } from './order-life.ts'
import { dequeue } from './order-queue.ts'
import { openLots, TermsWord, termsOf } from './order-terms.ts'
import { Meta, OrderWord } from './records.ts'
import { settleSymbol } from './settling.ts'

const { ORDER_REPLACED, REPLACE_REJECTED } = EventKind
const { REPLY } = EventFlag
const { BAD_FLAGS, NOT_OWNER, NOT_RESTING, PRICE_OUT_OF_RANGE, QUANTITY_OUT_OF_RANGE } = Reason
const { UNKNOWN_ORDER, WOULD_TAKE } = Reason
const POST_ONLY = OrderFlag.POST_ONLY | OrderFlag.POST_ONLY_SLIDE
const { TOTAL_QUANTITY } = ReplaceFlag
const { LEAVES, PRICE, META, CLIENT_ID, QUANTITY } = OrderWord
const { FLAGS_SHIFT, SIDE_BIT, SYMBOL_SHIFT, WAITING_BIT } = Meta

export function applyReplaceOrder(books: Books, batch: AlignedBuffer, offset: number, events: EventLog): void {
  const { words } = books
  events.reserve(EVENTS_PER_ORDER)
  const clientId = batch.int32[(offset + CommandHeader.CLIENT_ID) >> 2]!
  const orderId = batch.float64[(offset + ReplaceOrderField.ORDER_ID) >> 3]!
  const clientOrderId = batch.int32[(offset + ReplaceOrderField.CLIENT_ORDER_ID) >> 2]!
  const priceTicks = batch.int32[(offset + ReplaceOrderField.PRICE_TICKS) >> 2]!
  const quantityLots = batch.int32[(offset + ReplaceOrderField.QUANTITY_LOTS) >> 2]!
  const flags = batch.int32[(offset + ReplaceOrderField.FLAGS) >> 2]!
  const order = namedOrder(books, clientId, orderId, clientOrderId)
  const reason = checkReplace(books, order, clientId, priceTicks, quantityLots, flags)
  if (reason !== 0) {
    rejectChange(books, batch, offset, REPLACE_REJECTED, reason, orderId, clientOrderId, events)
    return
  }
  const isTotal = (flags & TOTAL_QUANTITY) !== 0
  const newLots = isTotal ? quantityLots - cumulativeLots(words, order) : quantityLots
  if (priceTicks === words[order + PRICE] && newLots <= openLots(words, order)) {
    shrinkOrder(books, order, newLots, 0, REPLY, events)
  } else moveOrder(books, order, priceTicks, newLots, events)
}

/** The symbol of the order that the replace names, when it is the client's and nothing is wrong before it; else -1. */
export function replacedSymbol(books: Books, batch: AlignedBuffer, offset: number): number {
  const clientId = batch.int32[(offset + CommandHeader.CLIENT_ID) >> 2]!
  const orderId = batch.float64[(offset + ReplaceOrderField.ORDER_ID) >> 3]!
  const clientOrderId = batch.int32[(offset + ReplaceOrderField.CLIENT_ORDER_ID) >> 2]!
  if ((batch.int32[(offset + ReplaceOrderField.FLAGS) >> 2]! & ~TOTAL_QUANTITY) !== 0) return -1
  const order = namedOrder(books, clientId, orderId, clientOrderId)
  if (order === 0 || books.words[order + CLIENT_ID] !== clientId) return -1
  return books.words[order + META]! >>> SYMBOL_SHIFT
}

/** A replace that is refused before the order's own terms are looked at. */
export function rejectReplace(
  books: Books,
  batch: AlignedBuffer,
  offset: number,
  reason: Reason,
  events: EventLog,
): void {
  const orderId = batch.float64[(offset + ReplaceOrderField.ORDER_ID) >> 3]!
  const clientOrderId = batch.int32[(offset + ReplaceOrderField.CLIENT_ORDER_ID) >> 2]!
  rejectChange(books, batch, offset, REPLACE_REJECTED, reason, orderId, clientOrderId, events)
}

/** 0, or why the replace is refused. Changes nothing. */
function checkReplace(
  books: Books,
  order: number,
  clientId: number,
  priceTicks: number,
  quantityLots: number,
  flags: number,
): Reason | 0 {
  const { words } = books
  if ((flags & ~TOTAL_QUANTITY) !== 0) return BAD_FLAGS
  if (order === 0) return UNKNOWN_ORDER
  if (words[order + CLIENT_ID] !== clientId) return NOT_OWNER
  if ((words[order + META]! & WAITING_BIT) !== 0) return NOT_RESTING
  if (priceTicks < 1) return PRICE_OUT_OF_RANGE
  if (quantityLots < 1 || quantityLots > QUANTITY_LOTS_MAX) return QUANTITY_OUT_OF_RANGE
  const filledLots = cumulativeLots(words, order)
  const isTotal = (flags & TOTAL_QUANTITY) !== 0
  const newLots = isTotal ? quantityLots - filledLots : quantityLots
  if (newLots < 1 || newLots + filledLots > QUANTITY_LOTS_MAX) return QUANTITY_OUT_OF_RANGE
  const terms = termsOf(words, order)
  const displayLots = terms === 0 ? 0 : words[terms + TermsWord.DISPLAY]!
  if (displayLots !== 0 && newLots > displayLots * ICEBERG_SLICE_COUNT_MAX) return QUANTITY_OUT_OF_RANGE
  const meta = words[order + META]!
  if (((meta >> FLAGS_SHIFT) & POST_ONLY) === 0) return 0
  const isMoved = priceTicks !== words[order + PRICE] || newLots > openLots(words, order)
  const wouldTake = isMoved && crosses(books, words[order + META]! >>> SYMBOL_SHIFT, meta & SIDE_BIT, priceTicks)
  return wouldTake ? WOULD_TAKE : 0
}

/** Takes a resting order out of its place and enters it anew. */
function moveOrder(books: Books, order: number, priceTicks: number, newLots: number, events: EventLog): void {
  const { words } = books
  const symbolId = words[order + META]! >>> SYMBOL_SHIFT
  const oldTicks = words[order + PRICE]!
  const oldLots = words[order + LEAVES]!
  dequeue(books, order)
  words[order + QUANTITY]! += newLots - openLots(words, order)
  words[order + PRICE] = priceTicks
  words[order + LEAVES] = newLots
  const terms = termsOf(words, order)
  if (terms !== 0) words[terms + TermsWord.RESERVE] = 0
  if (!crosses(books, symbolId, words[order + META]! & SIDE_BIT, priceTicks)) {
    comeToRest(books, order)
    const event = putStanding(events, books, order, ORDER_REPLACED, REPLY, oldLots)
    setEventContra(events, event, oldTicks)
  } else {
    const event = putOrderEvent(events, books, order, ORDER_REPLACED, 0, REPLY, oldLots, newLots)
    setEventContra(events, event, oldTicks)
    enterOrder(books, order, limitKeyOf(books, order), true, true, events)
  }
  settleSymbol(books, symbolId, events)
}

function cumulativeLots(words: Int32Array, order: number): number {
  return words[order + QUANTITY]! - openLots(words, order)
}
