// The active quotes, at most one of a symbol. docs/exchange-rules.md says the checks and the effects.
//
// A quote's sides are orders in the book; QUOTE_ORDERS names their records, and matching clears them as the
// sides go. A quote with neither side left is not active.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import type { ByteReader } from '../base/byte-reader.ts'
import type { ByteWriter } from '../base/byte-writer.ts'
import { CommandHeader, QuoteField } from '../protocol/command.ts'
import type { EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind, Reason, Side, TradingPhase } from '../protocol/kinds.ts'
import { QUANTITY_LOTS_MAX, QUOTE_TTL_NS_MAX } from '../protocol/limits.ts'
import { NO_SYMBOL_ID } from '../protocol/symbol.ts'
import { BookLayout, type Books, SymbolWord, takeRecord } from './books.ts'
import { Deadlines } from './deadlines.ts'
import { putEvent, putOrderEvent, setEventContra, setEventContraLeaves, setEventTradeId } from './event-writer.ts'
import { crosses, EVENTS_PER_ORDER, enterOrder, limitKeyOf } from './matching.ts'
import { indexOrder } from './order-index.ts'
import { endOrder, shrinkOrder } from './order-life.ts'
import { enqueue } from './order-queue.ts'
import { Meta, OrderWord } from './records.ts'
import { settleSymbol } from './settling.ts'
import { addCount, countAt } from './wide-count.ts'

const { PREV, LEAVES, PRICE, LEVEL, META, CLIENT_ID, CLIENT_ORDER_ID, ORDER_ID, QUANTITY } = OrderWord
const { QUOTE_BIT, SYMBOL_SHIFT } = Meta
const { NEXT_ORDER_ID } = BookLayout
const { PHASE, SYMBOL_WORDS, QUOTE_ORDERS } = SymbolWord

/** Words of one quote in `terms`. */
const TERM_CLIENT = 0
const TERM_QUOTE_ID = 1
/** Bid price, then ask price. */
const TERM_PRICES = 2
const TERM_WORDS = 4

export class Quotes {
  readonly #books: Books
  readonly #ttlNs: number
  readonly #terms: Int32Array
  readonly #positionVersion: Float64Array
  readonly #fencingToken: Float64Array
  readonly #deadlines: Deadlines

  constructor(books: Books, ttlNs: number) {
    this.#books = books
    this.#ttlNs = ttlNs
    this.#terms = new Int32Array(books.symbolCount * TERM_WORDS)
    this.#positionVersion = new Float64Array(books.symbolCount)
    this.#fencingToken = new Float64Array(books.symbolCount)
    this.#deadlines = new Deadlines(books.symbolCount)
  }

  /** When the next active quote ends; Infinity when none is active. */
  earliestNs(): number {
    const deadlines = this.#deadlines
    while (deadlines.earliestNs() < Number.POSITIVE_INFINITY && !this.isActive(deadlines.first())) {
      // Both of its sides have traded away: it has ended already.
      deadlines.remove(deadlines.first())
    }
    return deadlines.earliestNs()
  }

  isActive(symbolId: number): boolean {
    return (this.#sideOrder(symbolId, Side.BUY) | this.#sideOrder(symbolId, Side.SELL)) !== 0
  }

  /** All of the following are 0 while no quote is active. */
  leavesLots(symbolId: number, side: number): number {
    const order = this.#sideOrder(symbolId, side)
    return order === 0 ? 0 : this.#books.words[order + LEAVES]!
  }

  orderId(symbolId: number, side: number): number {
    const order = this.#sideOrder(symbolId, side)
    return order === 0 ? 0 : this.#books.doubles[(order + ORDER_ID) >> 1]!
  }

  /** Displayed quantity that trades before this side of the quote does, at its price. */
  aheadLots(symbolId: number, side: number): number {
    const { words } = this.#books
    const own = this.#sideOrder(symbolId, side)
    if (own === 0) return 0
    const level = words[own + LEVEL]!
    let lots = 0
    for (let order = words[own + PREV]!; order !== level; order = words[order + PREV]!) lots += words[order + LEAVES]!
    return lots
  }

  priceTicks(symbolId: number, side: number): number {
    return this.isActive(symbolId) ? this.#terms[symbolId * TERM_WORDS + TERM_PRICES + side]! : 0
  }

  quoteId(symbolId: number): number {
    return this.isActive(symbolId) ? this.#terms[symbolId * TERM_WORDS + TERM_QUOTE_ID]! >>> 0 : 0
  }

  clientId(symbolId: number): number {
    return this.isActive(symbolId) ? this.#terms[symbolId * TERM_WORDS + TERM_CLIENT]! >>> 0 : 0
  }

  positionVersion(symbolId: number): number {
    return this.isActive(symbolId) ? this.#positionVersion[symbolId]! : 0
  }

  fencingToken(symbolId: number): number {
    return this.isActive(symbolId) ? this.#fencingToken[symbolId]! : 0
  }

  expiryNs(symbolId: number): number {
    return this.isActive(symbolId) ? this.#deadlines.timeNs(symbolId) : 0
  }

  /** The QUOTE command at `offset`, which the desk has granted these quantities. `ruleReason`: what the instrument has against it. */
  apply(
    batch: AlignedBuffer,
    offset: number,
    grantedBid: number,
    grantedAsk: number,
    ruleReason: Reason | 0,
    nowNs: number,
    events: EventLog,
  ): void {
    events.reserve(2 * EVENTS_PER_ORDER)
    const reason = this.#check(batch, offset, grantedBid, grantedAsk, ruleReason)
    if (reason !== 0) {
      this.#refuse(batch, offset, reason, events)
      return
    }
    const words = batch.int32
    const at = offset >> 2
    const symbolId = words[at + CommandHeader.SYMBOL_ID / 4]!
    const askedBid = words[at + QuoteField.BID_LOTS / 4]!
    const askedAsk = words[at + QuoteField.ASK_LOTS / 4]!
    assert(grantedBid >= 0 && grantedBid <= askedBid, 'the desk grants no more than was asked')
    assert(grantedAsk >= 0 && grantedAsk <= askedAsk, 'the desk grants no more than was asked')
    const oldBid = this.#sideOrder(symbolId, Side.BUY)
    const oldAsk = this.#sideOrder(symbolId, Side.SELL)
    this.#setTerms(batch, offset, grantedBid, grantedAsk, nowNs)
    const isReduced = grantedBid < askedBid || grantedAsk < askedAsk
    const acceptedReason = isReduced ? Reason.REDUCED : 0
    this.#tell(EventKind.QUOTE_ACCEPTED, symbolId, acceptedReason, EventFlag.REPLY, grantedBid, grantedAsk, events)
    // Both old sides go before a new one enters, so that a quote never trades with itself.
    const keepsBid = this.#supersede(symbolId, oldBid, Side.BUY, grantedBid, events)
    const keepsAsk = this.#supersede(symbolId, oldAsk, Side.SELL, grantedAsk, events)
    if (!keepsBid && grantedBid > 0) this.#enterSide(symbolId, Side.BUY, grantedBid, events)
    if (!keepsAsk && grantedAsk > 0) this.#enterSide(symbolId, Side.SELL, grantedAsk, events)
    settleSymbol(this.#books, symbolId, events)
  }

  /** Ends the symbol's active quote, if there is one. */
  cancel(symbolId: number, reason: Reason, flags: number, events: EventLog): boolean {
    if (!this.isActive(symbolId)) return false
    this.#end(symbolId, EventKind.QUOTE_CANCELLED, EventKind.ORDER_CANCELLED, reason, flags, events)
    return true
  }

  /** Ends all quotes whose time has come. */
  advance(nowNs: number, events: EventLog): void {
    while (this.earliestNs() <= nowNs) {
      const symbolId = this.#deadlines.first()
      this.#end(symbolId, EventKind.QUOTE_EXPIRED, EventKind.ORDER_EXPIRED, Reason.TIME_PASSED, 0, events)
    }
  }

  snapshot(symbolId: number, writer: ByteWriter): void {
    writer.uint8(this.isActive(symbolId) ? 1 : 0)
    if (!this.isActive(symbolId)) return
    writer.uint32(this.clientId(symbolId))
    writer.uint32(this.quoteId(symbolId))
    writer.safeInteger(this.positionVersion(symbolId))
    writer.safeInteger(this.fencingToken(symbolId))
    writer.safeInteger(this.expiryNs(symbolId))
    writer.int32(this.priceTicks(symbolId, Side.BUY))
    writer.int32(this.priceTicks(symbolId, Side.SELL))
    writer.safeInteger(this.orderId(symbolId, Side.BUY))
    writer.safeInteger(this.orderId(symbolId, Side.SELL))
  }

  /** The sides become known when the book is restored, after this. */
  restore(symbolId: number, reader: ByteReader): void {
    this.#deadlines.remove(symbolId)
    if (reader.uint8() === 0) return
    const terms = symbolId * TERM_WORDS
    this.#terms[terms + TERM_CLIENT] = reader.uint32()
    this.#terms[terms + TERM_QUOTE_ID] = reader.uint32()
    this.#positionVersion[symbolId] = reader.safeInteger()
    this.#fencingToken[symbolId] = reader.safeInteger()
    this.#deadlines.set(symbolId, reader.safeInteger(), symbolId)
    this.#terms[terms + TERM_PRICES + Side.BUY] = reader.int32()
    this.#terms[terms + TERM_PRICES + Side.SELL] = reader.int32()
    reader.safeInteger()
    reader.safeInteger()
  }

  #sideOrder(symbolId: number, side: number): number {
    return this.#books.words[this.#books.symbolsAt + symbolId * SYMBOL_WORDS + QUOTE_ORDERS + side]!
  }

  /** 0: a QUOTE with these grants would be accepted; else why not. Changes nothing. */
  refusal(
    batch: AlignedBuffer,
    offset: number,
    grantedBid: number,
    grantedAsk: number,
    ruleReason: Reason | 0,
  ): Reason | 0 {
    return this.#check(batch, offset, grantedBid, grantedAsk, ruleReason)
  }

  #check(
    batch: AlignedBuffer,
    offset: number,
    grantedBid: number,
    grantedAsk: number,
    ruleReason: Reason | 0,
  ): Reason | 0 {
    const words = batch.int32
    const at = offset >> 2
    const symbolId = words[at + CommandHeader.SYMBOL_ID / 4]!
    if (symbolId < 0 || symbolId >= this.#books.symbolCount) return Reason.UNKNOWN_SYMBOL
    const phase = this.#books.words[this.#books.symbolsAt + symbolId * SYMBOL_WORDS + PHASE]
    if (phase !== TradingPhase.CONTINUOUS) return Reason.PHASE_FORBIDS
    if (ruleReason !== 0) return ruleReason
    const bidTicks = words[at + QuoteField.BID_TICKS / 4]!
    const bidLots = words[at + QuoteField.BID_LOTS / 4]!
    const askTicks = words[at + QuoteField.ASK_TICKS / 4]!
    const askLots = words[at + QuoteField.ASK_LOTS / 4]!
    if (bidLots < 0 || bidLots > QUANTITY_LOTS_MAX) return Reason.QUANTITY_OUT_OF_RANGE
    if (askLots < 0 || askLots > QUANTITY_LOTS_MAX) return Reason.QUANTITY_OUT_OF_RANGE
    if (bidLots === 0 && askLots === 0) return Reason.EMPTY_QUOTE
    if (bidTicks < (bidLots === 0 ? 0 : 1) || askTicks < (askLots === 0 ? 0 : 1)) return Reason.PRICE_OUT_OF_RANGE
    if (bidLots > 0 && askLots > 0 && bidTicks >= askTicks) return Reason.CROSSED_QUOTE
    const ttlNs = batch.float64[(offset + QuoteField.TTL_NS) >> 3]!
    if (!isRight(ttlNs) || ttlNs > QUOTE_TTL_NS_MAX) return Reason.BAD_EXPIRY
    const fencingToken = batch.float64[(offset + QuoteField.FENCING_TOKEN) >> 3]!
    if (!isRight(fencingToken) || fencingToken < this.fencingToken(symbolId)) return Reason.STALE_AUTHORITY
    const positionVersion = batch.float64[(offset + QuoteField.POSITION_VERSION) >> 3]!
    if (!isRight(positionVersion) || positionVersion < this.positionVersion(symbolId)) return Reason.STALE_POSITION
    return grantedBid === 0 && grantedAsk === 0 ? Reason.EXPOSURE : 0
  }

  #refuse(batch: AlignedBuffer, offset: number, reason: Reason, events: EventLog): void {
    const words = batch.int32
    const at = offset >> 2
    const symbolId = words[at + CommandHeader.SYMBOL_ID / 4]!
    const positionVersion = batch.float64[(offset + QuoteField.POSITION_VERSION) >> 3]!
    const fencingToken = batch.float64[(offset + QuoteField.FENCING_TOKEN) >> 3]!
    const event = putEvent(
      events,
      EventKind.QUOTE_REFUSED | (reason << 16) | (EventFlag.REPLY << 24),
      symbolId >= 0 && symbolId < this.#books.symbolCount ? symbolId : NO_SYMBOL_ID,
      isRight(positionVersion) ? positionVersion : 0,
      words[at + QuoteField.BID_TICKS / 4]!,
      words[at + QuoteField.BID_LOTS / 4]!,
      words[at + QuoteField.ASK_LOTS / 4]!,
      words[at + CommandHeader.CLIENT_ID / 4]!,
      words[at + QuoteField.QUOTE_ID / 4]!,
    )
    setEventContra(events, event, isRight(fencingToken) ? fencingToken : 0)
    setEventContraLeaves(events, event, words[at + QuoteField.ASK_TICKS / 4]!)
  }

  #setTerms(batch: AlignedBuffer, offset: number, grantedBid: number, grantedAsk: number, nowNs: number): void {
    const words = batch.int32
    const at = offset >> 2
    const symbolId = words[at + CommandHeader.SYMBOL_ID / 4]!
    const terms = symbolId * TERM_WORDS
    this.#terms[terms + TERM_CLIENT] = words[at + CommandHeader.CLIENT_ID / 4]!
    this.#terms[terms + TERM_QUOTE_ID] = words[at + QuoteField.QUOTE_ID / 4]!
    this.#terms[terms + TERM_PRICES + Side.BUY] = grantedBid === 0 ? 0 : words[at + QuoteField.BID_TICKS / 4]!
    this.#terms[terms + TERM_PRICES + Side.SELL] = grantedAsk === 0 ? 0 : words[at + QuoteField.ASK_TICKS / 4]!
    this.#positionVersion[symbolId] = batch.float64[(offset + QuoteField.POSITION_VERSION) >> 3]!
    this.#fencingToken[symbolId] = batch.float64[(offset + QuoteField.FENCING_TOKEN) >> 3]!
    const ttlNs = batch.float64[(offset + QuoteField.TTL_NS) >> 3]!
    this.#deadlines.set(symbolId, nowNs + (ttlNs === 0 ? this.#ttlNs : ttlNs), symbolId)
  }

  /** An event about the quote as its terms stand. */
  #tell(
    kind: EventKind,
    symbolId: number,
    reason: Reason | 0,
    flags: number,
    bidLots: number,
    askLots: number,
    events: EventLog,
  ): void {
    const terms = symbolId * TERM_WORDS
    const event = putEvent(
      events,
      kind | (reason << 16) | (flags << 24),
      symbolId,
      this.#positionVersion[symbolId]!,
      this.#terms[terms + TERM_PRICES + Side.BUY]!,
      bidLots,
      askLots,
      this.#terms[terms + TERM_CLIENT]!,
      this.#terms[terms + TERM_QUOTE_ID]!,
    )
    setEventContra(events, event, this.#fencingToken[symbolId]!)
    setEventContraLeaves(events, event, this.#terms[terms + TERM_PRICES + Side.SELL]!)
    setEventTradeId(events, event, this.#deadlines.timeNs(symbolId))
  }

  /** Fits an old side to the new terms. True: it stands for the new one, in its place. False: it is gone. */
  #supersede(symbolId: number, order: number, side: number, lots: number, events: EventLog): boolean {
    if (order === 0) return false
    const { words } = this.#books
    const terms = symbolId * TERM_WORDS
    const isKept =
      lots > 0 && lots <= words[order + LEAVES]! && this.#terms[terms + TERM_PRICES + side] === words[order + PRICE]
    if (isKept) {
      words[order + CLIENT_ID] = this.#terms[terms + TERM_CLIENT]!
      words[order + CLIENT_ORDER_ID] = this.#terms[terms + TERM_QUOTE_ID]!
      shrinkOrder(this.#books, order, lots, 0, 0, events)
      return true
    }
    endOrder(this.#books, order, EventKind.ORDER_CANCELLED, Reason.SUPERSEDED, 0, events)
    return false
  }

  #enterSide(symbolId: number, side: number, lots: number, events: EventLog): void {
    const books = this.#books
    const { words, doubles } = books
    const terms = symbolId * TERM_WORDS
    const priceTicks = this.#terms[terms + TERM_PRICES + side]!
    const order = takeRecord(books)
    doubles[(order + ORDER_ID) >> 1] = countAt(words, NEXT_ORDER_ID)
    addCount(words, NEXT_ORDER_ID, 1)
    words[order + LEAVES] = lots
    words[order + PRICE] = priceTicks
    words[order + META] = side | QUOTE_BIT | (symbolId << SYMBOL_SHIFT)
    words[order + CLIENT_ID] = this.#terms[terms + TERM_CLIENT]!
    words[order + CLIENT_ORDER_ID] = this.#terms[terms + TERM_QUOTE_ID]!
    words[order + QUANTITY] = lots
    words[books.symbolsAt + symbolId * SYMBOL_WORDS + QUOTE_ORDERS + side] = order
    indexOrder(books, order)
    events.reserve(EVENTS_PER_ORDER)
    if (crosses(books, symbolId, side, priceTicks)) {
      putOrderEvent(events, books, order, EventKind.ORDER_ACCEPTED, 0, 0, lots, 0)
      enterOrder(books, order, limitKeyOf(books, order), true, true, events)
      return
    }
    enqueue(books, order)
    putOrderEvent(events, books, order, EventKind.ORDER_ACCEPTED, 0, EventFlag.RESTING, lots, lots)
  }

  #end(symbolId: number, kind: EventKind, sideKind: EventKind, reason: Reason, flags: number, events: EventLog): void {
    events.reserve(EVENTS_PER_ORDER)
    const bidLots = this.leavesLots(symbolId, Side.BUY)
    const askLots = this.leavesLots(symbolId, Side.SELL)
    this.#tell(kind, symbolId, reason, flags, bidLots, askLots, events)
    const bid = this.#sideOrder(symbolId, Side.BUY)
    const ask = this.#sideOrder(symbolId, Side.SELL)
    if (bid !== 0) endOrder(this.#books, bid, sideKind, reason, 0, events)
    if (ask !== 0) endOrder(this.#books, ask, sideKind, reason, 0, events)
    this.#deadlines.remove(symbolId)
  }
}

function isRight(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
