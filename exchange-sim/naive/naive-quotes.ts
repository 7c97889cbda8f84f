// Quotes: one active per symbol, replaced as a whole, ended by cancel or time. Rules: docs/exchange-rules.md.

import { assert } from '../../base/assert.ts'
import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, OrderType, Reason, Side, TimeInForce, TradingPhase } from '../../protocol/kinds.ts'
import { QUANTITY_LOTS_MAX, QUOTE_TTL_NS_MAX } from '../../protocol/limits.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import type { NaiveBook, NaiveQuote } from './naive-book.ts'
import type { Quote } from './naive-command.ts'
import { fieldsOf, type NaiveEvent, writeEvent } from './naive-events.ts'
import { acceptOrder } from './naive-new-order.ts'
import { isPrice, type NaiveOrder } from './naive-order.ts'
import { instrumentRule } from './naive-rules.ts'
import { settle } from './naive-settling.ts'
import { bookOf, hasSymbol, isRightNumber, type NaiveState } from './naive-state.ts'
import { cancelStanding } from './naive-trading.ts'

export function quote(
  state: NaiveState,
  command: Quote,
  bidLotsGranted: number,
  askLotsGranted: number,
  nowNs: number,
  events: EventLog,
): void {
  const reason = checkQuote(state, command, bidLotsGranted, askLotsGranted)
  if (reason !== undefined) {
    refuseQuote(state, command, reason, events)
    return
  }
  const book = bookOf(state, command.symbolId)
  const oldReferenceTicks = book.referenceTicks
  const oldQuote = book.quote
  const newQuote: NaiveQuote = {
    clientId: command.clientId,
    quoteId: command.quoteId,
    positionVersion: command.positionVersion,
    fencingToken: command.fencingToken,
    expiryNs: nowNs + (command.ttlNs === 0 ? state.quoteTtlNs : command.ttlNs),
    bidTicks: bidLotsGranted === 0 ? 0 : command.bidTicks,
    askTicks: askLotsGranted === 0 ? 0 : command.askTicks,
    bid: null,
    ask: null,
  }
  const isReduced = bidLotsGranted < command.bidLots || askLotsGranted < command.askLots
  writeEvent(events, {
    ...quoteFields(book.symbolId, newQuote),
    kind: EventKind.QUOTE_ACCEPTED,
    flags: EventFlag.REPLY,
    reason: isReduced ? Reason.REDUCED : 0,
    quantityLots: bidLotsGranted,
    leavesLots: askLotsGranted,
  })
  const keptBid = supersede(book, oldQuote?.bid, newQuote, newQuote.bidTicks, bidLotsGranted, events)
  const keptAsk = supersede(book, oldQuote?.ask, newQuote, newQuote.askTicks, askLotsGranted, events)
  book.quote = newQuote
  newQuote.bid = keptBid
  newQuote.ask = keptAsk
  if (keptBid === null && bidLotsGranted > 0) {
    enterSide(state, book, newQuote, Side.BUY, newQuote.bidTicks, bidLotsGranted, events)
  }
  if (keptAsk === null && askLotsGranted > 0) {
    enterSide(state, book, newQuote, Side.SELL, newQuote.askTicks, askLotsGranted, events)
  }
  book.endEmptyQuote()
  settle(state, book, oldReferenceTicks, events)
}

function checkQuote(
  state: NaiveState,
  command: Quote,
  bidLotsGranted: number,
  askLotsGranted: number,
): Reason | undefined {
  const { bidLots, askLots, bidTicks, askTicks, ttlNs, fencingToken, positionVersion } = command
  if (!hasSymbol(state, command.symbolId)) return Reason.UNKNOWN_SYMBOL
  const { phase, instrument } = bookOf(state, command.symbolId)
  if (phase !== TradingPhase.CONTINUOUS) return Reason.PHASE_FORBIDS
  const bidRule = bidLots === 0 ? undefined : instrumentRule(instrument, bidTicks, bidLots)
  const askRule = askLots === 0 ? undefined : instrumentRule(instrument, askTicks, askLots)
  if (bidRule !== undefined || askRule !== undefined) return bidRule ?? askRule
  for (const lots of [bidLots, askLots]) {
    if (lots < 0 || lots > QUANTITY_LOTS_MAX) return Reason.QUANTITY_OUT_OF_RANGE
  }
  if (bidLots === 0 && askLots === 0) return Reason.EMPTY_QUOTE
  if (!isPrice(bidTicks) && !(bidLots === 0 && bidTicks === 0)) return Reason.PRICE_OUT_OF_RANGE
  if (!isPrice(askTicks) && !(askLots === 0 && askTicks === 0)) return Reason.PRICE_OUT_OF_RANGE
  if (bidLots > 0 && askLots > 0 && bidTicks >= askTicks) return Reason.CROSSED_QUOTE
  if (!isRightNumber(ttlNs) || ttlNs > QUOTE_TTL_NS_MAX) return Reason.BAD_EXPIRY
  const active = bookOf(state, command.symbolId).quote
  if (!isRightNumber(fencingToken)) return Reason.STALE_AUTHORITY
  if (active !== null && fencingToken < active.fencingToken) return Reason.STALE_AUTHORITY
  if (!isRightNumber(positionVersion)) return Reason.STALE_POSITION
  if (active !== null && positionVersion < active.positionVersion) return Reason.STALE_POSITION
  if (bidLotsGranted === 0 && askLotsGranted === 0) return Reason.EXPOSURE
  return undefined
}

function refuseQuote(state: NaiveState, command: Quote, reason: Reason, events: EventLog): void {
  writeEvent(events, {
    kind: EventKind.QUOTE_REFUSED,
    flags: EventFlag.REPLY,
    reason,
    symbolId: hasSymbol(state, command.symbolId) ? command.symbolId : NO_SYMBOL_ID,
    clientId: command.clientId,
    clientOrderId: command.quoteId,
    orderId: isRightNumber(command.positionVersion) ? command.positionVersion : 0,
    contraOrderId: isRightNumber(command.fencingToken) ? command.fencingToken : 0,
    priceTicks: command.bidTicks,
    quantityLots: command.bidLots,
    leavesLots: command.askLots,
    contraLeavesLots: command.askTicks,
  })
}

/** What the old quote's side becomes under the new quote: the order that kept its place, or null. */
function supersede(
  book: NaiveBook,
  old: NaiveOrder | null | undefined,
  quote: NaiveQuote,
  priceTicks: number,
  lotsGranted: number,
  events: EventLog,
): NaiveOrder | null {
  if (old === null || old === undefined) return null
  const keepsPlace = lotsGranted > 0 && priceTicks === old.priceTicks && lotsGranted <= old.leavesLots
  if (!keepsPlace) {
    cancelStanding(book, old, EventKind.ORDER_CANCELLED, Reason.SUPERSEDED, 0, events)
    return null
  }
  const oldLeavesLots = old.leavesLots
  old.leavesLots = lotsGranted
  old.clientId = quote.clientId
  old.clientOrderId = quote.quoteId
  writeEvent(events, {
    ...fieldsOf(old),
    kind: EventKind.ORDER_REPLACED,
    flags: EventFlag.QUOTE | EventFlag.RESTING | EventFlag.KEPT_PRIORITY,
    contraOrderId: old.priceTicks,
    quantityLots: oldLeavesLots,
    leavesLots: lotsGranted,
  })
  return old
}

function enterSide(
  state: NaiveState,
  book: NaiveBook,
  quote: NaiveQuote,
  side: Side,
  priceTicks: number,
  quantityLots: number,
  events: EventLog,
): void {
  const order: NaiveOrder = {
    orderId: state.nextOrderId,
    clientId: quote.clientId,
    clientOrderId: quote.quoteId,
    symbolId: book.symbolId,
    side,
    orderType: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    flags: 0,
    priceTicks,
    leavesLots: quantityLots,
    cumulativeLots: 0,
    isQuote: true,
    ownerGroup: 0,
    selfTradePrevention: 0,
    reserveLots: 0,
    displayLots: 0,
    triggerTicks: 0,
    distanceTicks: 0,
    linkedClientOrderId: 0,
    expireTimeNs: 0,
  }
  state.nextOrderId += 1
  acceptOrder(state, order, EventFlag.QUOTE, events)
  if (order.leavesLots === 0) return
  if (side === Side.BUY) quote.bid = order
  else quote.ask = order
}

export function cancelQuote(
  state: NaiveState,
  symbolId: number,
  reason: Reason,
  flags: number,
  events: EventLog,
): boolean {
  const book = bookOf(state, symbolId)
  if (book.quote === null) return false
  endQuote(book, EventKind.QUOTE_CANCELLED, EventKind.ORDER_CANCELLED, reason, flags, events)
  return true
}

/** Ends every quote whose time has come. */
export function expireQuotes(state: NaiveState, nowNs: number, events: EventLog): void {
  for (const book of state.books) {
    if (book.quote === null || book.quote.expiryNs > nowNs) continue
    endQuote(book, EventKind.QUOTE_EXPIRED, EventKind.ORDER_EXPIRED, Reason.TIME_PASSED, 0, events)
  }
}

function endQuote(
  book: NaiveBook,
  quoteKind: EventKind,
  orderKind: EventKind,
  reason: Reason,
  flags: number,
  events: EventLog,
): void {
  const { quote } = book
  if (quote === null) return
  writeEvent(events, {
    ...quoteFields(book.symbolId, quote),
    kind: quoteKind,
    flags,
    reason,
    quantityLots: quote.bid?.leavesLots ?? 0,
    leavesLots: quote.ask?.leavesLots ?? 0,
  })
  for (const order of [quote.bid, quote.ask]) {
    if (order !== null) cancelStanding(book, order, orderKind, reason, 0, events)
  }
  assert(book.quote === null, 'a quote without sides has ended')
}

function quoteFields(symbolId: number, quote: NaiveQuote): Omit<NaiveEvent, 'kind' | 'flags'> {
  return {
    symbolId,
    clientId: quote.clientId,
    clientOrderId: quote.quoteId,
    orderId: quote.positionVersion,
    contraOrderId: quote.fencingToken,
    tradeId: quote.expiryNs,
    priceTicks: quote.bidTicks,
    contraLeavesLots: quote.askTicks,
  }
}
