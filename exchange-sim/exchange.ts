// The exchange: order books, matching, quotes and reference prices of all symbols. docs/exchange-rules.md says what it
// does with each command.
//
// It knows no client but by number, no position and no clock. Everything it does follows from the commands and times
// handed in. Its state is in Books, which the functions of this folder work on; this class is the door.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import type { ByteReader } from '../base/byte-reader.ts'
import { ByteWriter } from '../base/byte-writer.ts'
import { checksum } from '../base/checksum.ts'
import { CommandHeader } from '../protocol/command.ts'
import type { EventLog } from '../protocol/event.ts'
import { CommandKind, Reason, type Side, type TradingPhase } from '../protocol/kinds.ts'
import { ORDER_COUNT_MAX } from '../protocol/limits.ts'
import { type ClusterConfig, NO_SYMBOL_ID } from '../protocol/symbol.ts'
import { Books, SymbolWord } from './books.ts'
import { applyCancelOrder, applyMassCancel, cancelOrders } from './cancel-order.ts'
import { readExchange, writeExchange } from './exchange-snapshot.ts'
import { earliestExpiryNs, expireFirst } from './expiring-orders.ts'
import { InstrumentRules } from './instrument-rules.ts'
import { applyNewOrder, rejectNewOrder } from './new-order.ts'
import { applyPlain } from './plain-orders.ts'
import { findLevel, initLadders, keyOf, Ladder, ladderOf, nextLevel } from './price-ladder.ts'
import { QuoteProtection } from './quote-protection.ts'
import { Quotes } from './quotes.ts'
import { LevelWord, OrderWord } from './records.ts'
import { applyReplaceOrder, rejectReplace, replacedSymbol } from './replace-order.ts'
import { TradingPhases } from './trading-phases.ts'
import { countAt } from './wide-count.ts'

const { NEXT, LEAVES, ORDER_ID } = OrderWord
const { LEVEL_LOTS, LEVEL_COUNT, LEVEL_KEY, LEVEL_PRICE } = LevelWord
const { NEW_ORDER, CANCEL_ORDER, REPLACE_ORDER, MASS_CANCEL } = CommandKind
/** The kind's place in the first word of a command. */
const KIND_SHIFT = CommandHeader.KIND * 8
const { BEST_LEVEL } = Ladder
const { LAST_TRADE_LOTS, LAST_TRADE_TICKS, SYMBOL_WORDS, REFERENCE_TICKS } = SymbolWord

export type ExchangeOptions = {
  /** Client orders that may be live at the same time. */
  readonly orderCountMax?: number
}

export class Exchange {
  #books: Books
  #quotes: Quotes
  #phases: TradingPhases
  #protection: QuoteProtection
  readonly #rules: InstrumentRules
  readonly #config: ClusterConfig
  readonly #orderCountMax: number

  constructor(config: ClusterConfig, options: ExchangeOptions = {}) {
    this.#config = config
    this.#orderCountMax = options.orderCountMax ?? config.orderCountMax ?? ORDER_COUNT_MAX
    this.#books = emptyBooks(config, this.#orderCountMax)
    this.#quotes = new Quotes(this.#books, config.quoteTtlNs)
    this.#phases = new TradingPhases(this.#books, this.#quotes, config)
    this.#protection = new QuoteProtection(this.#quotes, config.instruments)
    this.#rules = new InstrumentRules(config.instruments)
  }

  /** The earliest time at which `advance` has something to do; Infinity when there is none. */
  nextDeadlineNs(): number {
    return Math.min(this.#quotes.earliestNs(), earliestExpiryNs(this.#books), this.#phases.earliestNs())
  }

  /** Ends what has a deadline at or before now: of one time quotes first, then orders, then phases. */
  advance(nowNs: number, events: EventLog): void {
    for (let dueNs = this.nextDeadlineNs(); dueNs <= nowNs; dueNs = this.nextDeadlineNs()) {
      this.#quotes.advance(dueNs, events)
      this.#expireOrders(dueNs, events)
      this.#phases.advance(dueNs, events)
    }
  }

  /**
   * Applies the NEW_ORDER, CANCEL_ORDER, REPLACE_ORDER or MASS_CANCEL at `offset` of the batch. Everything due at its
   * time has been advanced. Exactly one event, the first, is the reply.
   */
  apply(batch: AlignedBuffer, offset: number, nowNs: number, events: EventLog): void {
    if (this.#phases.watchedCount === 0) {
      if (!applyPlain(this.#books, batch, offset, events)) this.#applyOrder(batch, offset, nowNs, events)
    } else this.#applyWatched(batch, offset, nowNs, events)
  }

  #expireOrders(dueNs: number, events: EventLog): void {
    const from = events.count
    while (earliestExpiryNs(this.#books) === dueNs) expireFirst(this.#books, events)
    if (this.#phases.watchedCount > 0) this.#phases.afterCommand(from, dueNs, events)
  }

  /** Applies the SET_PHASE at `offset`, whose sender may send it. */
  setPhase(batch: AlignedBuffer, offset: number, nowNs: number, events: EventLog): void {
    assert(batch.bytes[offset + CommandHeader.KIND] === CommandKind.SET_PHASE, 'a change of the phase')
    this.#phases.apply(batch, offset, nowNs, events)
  }

  #applyWatched(batch: AlignedBuffer, offset: number, nowNs: number, events: EventLog): void {
    const from = events.count
    const kind = batch.bytes[offset + CommandHeader.KIND]
    events.reserve(1)
    const newReason = kind === NEW_ORDER ? this.#newOrderReason(batch, offset) : 0
    const replaceReason = kind === REPLACE_ORDER ? this.#replaceReason(batch, offset) : 0
    if (newReason !== 0) rejectNewOrder(this.#books, batch, offset, newReason, events)
    else if (replaceReason !== 0) rejectReplace(this.#books, batch, offset, replaceReason, events)
    else this.#applyOrder(batch, offset, nowNs, events)
    this.#afterCommand(from, nowNs, events)
  }

  #newOrderReason(batch: AlignedBuffer, offset: number): Reason | 0 {
    return this.#phases.forbidsOrder(batch, offset) ? Reason.PHASE_FORBIDS : this.#rules.ofOrder(batch, offset)
  }

  #replaceReason(batch: AlignedBuffer, offset: number): Reason | 0 {
    const symbolId = replacedSymbol(this.#books, batch, offset)
    if (symbolId < 0) return 0
    return this.#phases.isStill(symbolId) ? Reason.PHASE_FORBIDS : this.#rules.ofReplace(batch, offset, symbolId)
  }

  /** What follows from a command's own events `from ..`, where anything is watched. */
  #afterCommand(from: number, nowNs: number, events: EventLog): void {
    this.#protection.afterCommand(from, nowNs, events)
    this.#phases.afterCommand(from, nowNs, events)
  }

  #applyOrder(batch: AlignedBuffer, offset: number, nowNs: number, events: EventLog): void {
    const kind = (batch.int32[offset >> 2]! >>> KIND_SHIFT) & 0xff
    if (kind === NEW_ORDER) applyNewOrder(this.#books, batch, offset, nowNs, events)
    else if (kind === CANCEL_ORDER) applyCancelOrder(this.#books, batch, offset, events)
    else if (kind === REPLACE_ORDER) applyReplaceOrder(this.#books, batch, offset, events)
    else {
      assert(kind === MASS_CANCEL, 'a command of the exchange')
      applyMassCancel(this.#books, batch, offset, events)
    }
  }

  /** Applies the QUOTE at `offset`, which the desk has granted these quantities. */
  quote(
    batch: AlignedBuffer,
    offset: number,
    bidLotsGranted: number,
    askLotsGranted: number,
    nowNs: number,
    events: EventLog,
  ): void {
    assert(batch.bytes[offset + CommandHeader.KIND] === CommandKind.QUOTE, 'a quote')
    const from = events.count
    const ruleReason = this.#phases.watchedCount === 0 ? 0 : this.#rules.ofQuote(batch, offset)
    this.#quotes.apply(batch, offset, bidLotsGranted, askLotsGranted, ruleReason, nowNs, events)
    if (this.#phases.watchedCount !== 0) this.#afterCommand(from, nowNs, events)
  }

  /** 0: `quote` would accept the QUOTE at `offset` with these grants; else why not. Changes nothing. */
  quoteRefusal(batch: AlignedBuffer, offset: number, bidLotsGranted: number, askLotsGranted: number): Reason | 0 {
    const ruleReason = this.#phases.watchedCount === 0 ? 0 : this.#rules.ofQuote(batch, offset)
    return this.#quotes.refusal(batch, offset, bidLotsGranted, askLotsGranted, ruleReason)
  }

  /** False, and no event, when no quote of the symbol is active. */
  cancelQuote(symbolId: number, reason: Reason, flags: number, events: EventLog): boolean {
    assert(symbolId >= 0 && symbolId < this.#books.symbolCount, 'a symbol of the configuration')
    return this.#quotes.cancel(symbolId, reason, flags, events)
  }

  cancelAllOfClient(clientId: number, reason: Reason, events: EventLog): void {
    const from = events.count
    cancelOrders(this.#books, clientId | 0, NO_SYMBOL_ID, 0, reason, events)
    // Orders that go can begin nothing that lasts from now on, so that the time does not matter.
    if (this.#phases.watchedCount !== 0) this.#phases.afterCommand(from, 0, events)
  }

  /** 0: the side shows nothing. */
  bestTicks(symbolId: number, side: Side): number {
    const level = this.#bestLevel(symbolId, side)
    return level === 0 ? 0 : this.#books.words[level + LEVEL_PRICE]!
  }

  bestLots(symbolId: number, side: Side): number {
    const level = this.#bestLevel(symbolId, side)
    return level === 0 ? 0 : countAt(this.#books.words, level + LEVEL_LOTS)
  }

  /** Displayed quantity at one price; 0: none. */
  levelLots(symbolId: number, side: Side, priceTicks: number): number {
    const level = findLevel(this.#books, ladderOf(this.#books, symbolId, side), keyOf(side, priceTicks))
    return level === 0 ? 0 : countAt(this.#books.words, level + LEVEL_LOTS)
  }

  levelOrderCount(symbolId: number, side: Side, priceTicks: number): number {
    const level = findLevel(this.#books, ladderOf(this.#books, symbolId, side), keyOf(side, priceTicks))
    return level === 0 ? 0 : this.#books.words[level + LEVEL_COUNT]!
  }

  /** Displayed levels, best first. */
  forEachLevel(
    symbolId: number,
    side: Side,
    visit: (priceTicks: number, displayedLots: number, orderCount: number) => void,
  ): void {
    const { words } = this.#books
    const ladder = ladderOf(this.#books, symbolId, side)
    for (let level = this.#bestLevel(symbolId, side); level !== 0; ) {
      visit(words[level + LEVEL_PRICE]!, countAt(words, level + LEVEL_LOTS), words[level + LEVEL_COUNT]!)
      level = displayedFrom(this.#books, ladder, nextLevel(this.#books, ladder, words[level + LEVEL_KEY]!))
    }
  }

  /** Displayed orders, best level first, oldest first in each. */
  forEachOrder(
    symbolId: number,
    side: Side,
    visit: (orderId: number, priceTicks: number, displayedLots: number) => void,
  ): void {
    const { words, doubles } = this.#books
    const ladder = ladderOf(this.#books, symbolId, side)
    for (let level = this.#bestLevel(symbolId, side); level !== 0; ) {
      const priceTicks = words[level + LEVEL_PRICE]!
      for (let order = words[level + NEXT]!; order !== level; order = words[order + NEXT]!) {
        visit(doubles[(order + ORDER_ID) >> 1]!, priceTicks, words[order + LEAVES]!)
      }
      level = displayedFrom(this.#books, ladder, nextLevel(this.#books, ladder, words[level + LEVEL_KEY]!))
    }
  }

  referenceTicks(symbolId: number): number {
    return this.#books.words[this.#books.symbolsAt + symbolId * SYMBOL_WORDS + REFERENCE_TICKS]!
  }

  /** 0: nothing has traded yet. */
  lastTradeTicks(symbolId: number): number {
    return this.#books.words[this.#books.symbolsAt + symbolId * SYMBOL_WORDS + LAST_TRADE_TICKS]!
  }

  lastTradeLots(symbolId: number): number {
    return this.#books.words[this.#books.symbolsAt + symbolId * SYMBOL_WORDS + LAST_TRADE_LOTS]!
  }

  phase(symbolId: number): TradingPhase {
    return this.#phases.phase(symbolId)
  }

  /** The price and the quantity at which the symbol's auction would trade now; 0: no auction, or nothing would. */
  indicativeTicks(symbolId: number): number {
    return this.#phases.indicativeTicks(symbolId)
  }

  indicativeLots(symbolId: number): number {
    return this.#phases.indicativeLots(symbolId)
  }

  /** Above 0 it is bought too much, below 0 sold too much. */
  indicativeSurplusLots(symbolId: number): number {
    return this.#phases.indicativeSurplusLots(symbolId)
  }

  /** Open lots of the active quote. This and all that follows about quotes is 0 while the symbol has none. */
  quoteLots(symbolId: number, side: Side): number {
    return this.#quotes.leavesLots(symbolId, side)
  }

  /** Queue position of a side of the quote: the displayed lots at its price that came before it. */
  quoteAheadLots(symbolId: number, side: Side): number {
    return this.#quotes.aheadLots(symbolId, side)
  }

  quoteTicks(symbolId: number, side: Side): number {
    return this.#quotes.priceTicks(symbolId, side)
  }

  quoteId(symbolId: number): number {
    return this.#quotes.quoteId(symbolId)
  }

  quoteClientId(symbolId: number): number {
    return this.#quotes.clientId(symbolId)
  }

  quoteExpiryNs(symbolId: number): number {
    return this.#quotes.expiryNs(symbolId)
  }

  quotePositionVersion(symbolId: number): number {
    return this.#quotes.positionVersion(symbolId)
  }

  quoteFencingToken(symbolId: number): number {
    return this.#quotes.fencingToken(symbolId)
  }

  /** Live client orders. Sides of quotes are not among them. */
  orderCount(): number {
    return this.#books.orderCount
  }

  /** Equal on all replicas after the same records, and on whatever follows the same rules. */
  hash(): number {
    const writer = new ByteWriter(65_536)
    this.snapshot(writer)
    const bytes = writer.finish()
    return checksum(bytes, 0, bytes.length)
  }

  snapshot(writer: ByteWriter): void {
    writeExchange(this.#books, this.#quotes, this.#phases, this.#protection, writer)
  }

  /** Replaces all that it holds. The configuration must be the one that the snapshot was made under. */
  restore(reader: ByteReader): void {
    this.#books = emptyBooks(this.#config, this.#orderCountMax)
    this.#quotes = new Quotes(this.#books, this.#config.quoteTtlNs)
    this.#phases = new TradingPhases(this.#books, this.#quotes, this.#config)
    this.#protection = new QuoteProtection(this.#quotes, this.#config.instruments)
    readExchange(this.#books, this.#quotes, this.#phases, this.#protection, reader)
  }

  #bestLevel(symbolId: number, side: Side): number {
    const ladder = ladderOf(this.#books, symbolId, side)
    return displayedFrom(this.#books, ladder, this.#books.words[ladder + BEST_LEVEL]!)
  }
}

/** The first level from this one on that shows something, or 0. */
function displayedFrom(books: Books, ladder: number, level: number): number {
  const { words } = books
  let displayed = level
  while (displayed !== 0 && words[displayed + LEVEL_COUNT] === 0) {
    displayed = nextLevel(books, ladder, words[displayed + LEVEL_KEY]!)
  }
  return displayed
}

function emptyBooks(config: ClusterConfig, orderCountMax: number): Books {
  const books = new Books(config.instruments.length, orderCountMax)
  initLadders(books)
  for (const [symbolId, instrument] of config.instruments.entries()) {
    books.words[books.symbolsAt + symbolId * SYMBOL_WORDS + REFERENCE_TICKS] = instrument.openingPriceTicks
  }
  return books
}
