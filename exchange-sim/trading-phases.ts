// Trading phases: which one each symbol is in, what changes it, and what follows. docs/exchange-rules.md says the rules.
//
//   CLOSED ──► PRE_OPEN ──► OPENING_AUCTION ──► CONTINUOUS ──► CLOSING_AUCTION ──► CLOSED
//                                 ▲                 │  ▲
//                                 └── price band ───┘  └── HALT (from and to nearly all)
//
// A symbol is watched while it is not in plain continuous trading: only then does a command cost more than a test.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import type { ByteReader } from '../base/byte-reader.ts'
import type { ByteWriter } from '../base/byte-writer.ts'
import { CommandHeader, NewOrderField, SetPhaseField } from '../protocol/command.ts'
import { EventField, type EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind, OrderType, Reason, Side, TimeInForce, TradingPhase } from '../protocol/kinds.ts'
import { type ClusterConfig, type Instrument, NO_SYMBOL_ID } from '../protocol/symbol.ts'
import { type Equilibrium, findEquilibrium, uncross } from './auction.ts'
import { type Books, SymbolWord } from './books.ts'
import { Deadlines } from './deadlines.ts'
import { putEvent, setEventContra, setEventTradeId } from './event-writer.ts'
import { endAtTheOpen, endDay, endRestingAtTheClose } from './expiring-orders.ts'
import { EVENTS_PER_ORDER, isCrossed } from './matching.ts'
import { setTradeKeys } from './price-bands.ts'
import type { Quotes } from './quotes.ts'
import { settleReference, settleSymbol } from './settling.ts'
import { takeAtTheClose } from './waiting-orders.ts'

const { PRE_OPEN, OPENING_AUCTION, CONTINUOUS, HALT, CLOSING_AUCTION, CLOSED } = TradingPhase
const { PHASE, REFERENCE_TICKS, SYMBOL_WORDS } = SymbolWord

/** From each phase, where it may go. */
const NEXT_PHASES: Readonly<Record<TradingPhase, readonly TradingPhase[]>> = {
  [PRE_OPEN]: [OPENING_AUCTION, CONTINUOUS, HALT, CLOSED],
  [OPENING_AUCTION]: [CONTINUOUS, HALT, CLOSING_AUCTION, CLOSED],
  [CONTINUOUS]: [OPENING_AUCTION, HALT, CLOSING_AUCTION, CLOSED],
  [HALT]: [OPENING_AUCTION, CONTINUOUS, CLOSING_AUCTION, CLOSED],
  [CLOSING_AUCTION]: [HALT, CLOSED],
  [CLOSED]: [PRE_OPEN],
}

export class TradingPhases {
  /** Symbols that are not in plain continuous trading. */
  watchedCount = 0
  readonly #books: Books
  readonly #quotes: Quotes
  readonly #instruments: readonly Instrument[]
  /** By symbol: how many entries of its schedule have passed. */
  readonly #scheduleIndex: Int32Array
  /** When the auction that a price band called ends; 0: none. */
  readonly #auctionEndNs: Float64Array
  /** The price around which the static band lies. */
  readonly #staticTicks: Int32Array
  /** The equilibria last told. */
  readonly #told: Equilibrium[]
  readonly #deadlines: Deadlines

  constructor(books: Books, quotes: Quotes, config: ClusterConfig) {
    this.#books = books
    this.#quotes = quotes
    this.#instruments = config.instruments
    const symbolCount = config.instruments.length
    this.#scheduleIndex = new Int32Array(symbolCount)
    this.#auctionEndNs = new Float64Array(symbolCount)
    this.#staticTicks = Int32Array.from(config.instruments, ({ openingPriceTicks }) => openingPriceTicks)
    this.#told = config.instruments.map(() => ({ priceTicks: 0, volumeLots: 0, surplusLots: 0 }))
    this.#deadlines = new Deadlines(symbolCount)
    for (const [symbolId, { schedule }] of config.instruments.entries()) {
      this.#enter(symbolId, schedule === undefined ? CONTINUOUS : CLOSED)
    }
  }

  phase(symbolId: number): TradingPhase {
    return this.#books.words[this.#books.symbolsAt + symbolId * SYMBOL_WORDS + PHASE] as TradingPhase
  }

  /** The price and volume at which the symbol's auction would trade now, as last told; 0: none. */
  indicativeTicks(symbolId: number): number {
    return this.#told[symbolId]!.priceTicks
  }

  indicativeLots(symbolId: number): number {
    return this.#told[symbolId]!.volumeLots
  }

  indicativeSurplusLots(symbolId: number): number {
    return this.#told[symbolId]!.surplusLots
  }

  /** When the next phase begins by itself; Infinity: never. */
  earliestNs(): number {
    return this.#deadlines.earliestNs()
  }

  /** Begins what is due at or before this time. */
  advance(nowNs: number, events: EventLog): void {
    while (this.#deadlines.earliestNs() <= nowNs) this.#beginNext(this.#deadlines.first(), nowNs, events)
  }

  /** Whether the symbol's phase lets nothing change but by cancels. */
  isStill(symbolId: number): boolean {
    const phase = this.phase(symbolId)
    return phase === HALT || phase === CLOSED
  }

  /** Whether the phase forbids the NEW_ORDER at `offset`, whose symbol may be none. */
  forbidsOrder(batch: AlignedBuffer, offset: number): boolean {
    const symbolId = batch.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
    if (symbolId >>> 0 >= this.#books.symbolCount) return false
    const phase = this.phase(symbolId)
    if (phase === CONTINUOUS) return false
    if (phase === HALT || phase === CLOSED) return true
    const orderType = batch.bytes[offset + NewOrderField.ORDER_TYPE]!
    const timeInForce = batch.bytes[offset + NewOrderField.TIME_IN_FORCE]!
    if (timeInForce === TimeInForce.AT_THE_OPEN || timeInForce === TimeInForce.AT_THE_CLOSE) return false
    const isUnpriced = orderType === OrderType.MARKET || orderType === OrderType.MARKET_TO_LIMIT
    return isUnpriced || timeInForce === TimeInForce.IOC || timeInForce === TimeInForce.FOK
  }

  /** The SET_PHASE at `offset`, of an operator. */
  apply(batch: AlignedBuffer, offset: number, nowNs: number, events: EventLog): void {
    events.reserve(EVENTS_PER_ORDER)
    const symbolId = batch.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
    const clientId = batch.int32[(offset + CommandHeader.CLIENT_ID) >> 2]!
    const phase = batch.bytes[offset + SetPhaseField.PHASE]! as TradingPhase
    const { symbolCount } = this.#books
    const reason = this.#refusal(symbolId, phase)
    if (reason !== 0) {
      const known = symbolId >= 0 && symbolId < symbolCount ? symbolId : NO_SYMBOL_ID
      putEvent(
        events,
        EventKind.COMMAND_REFUSED | (reason << 16) | (EventFlag.REPLY << 24),
        known,
        0,
        0,
        0,
        0,
        clientId,
        0,
      )
      return
    }
    if (symbolId !== NO_SYMBOL_ID) {
      this.#change(symbolId, phase, 0, EventFlag.REPLY, clientId, nowNs, events)
      return
    }
    putEvent(events, EventKind.PHASE_CHANGED | (EventFlag.REPLY << 24), NO_SYMBOL_ID, 0, 0, phase, 0, clientId, 0)
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (NEXT_PHASES[this.phase(symbol)].includes(phase)) this.#change(symbol, phase, 0, 0, clientId, nowNs, events)
    }
  }

  #refusal(symbolId: number, phase: TradingPhase): Reason | 0 {
    if (symbolId < NO_SYMBOL_ID || symbolId >= this.#books.symbolCount) return Reason.UNKNOWN_SYMBOL
    if (NEXT_PHASES[phase] === undefined) return Reason.BAD_PHASE
    if (symbolId === NO_SYMBOL_ID) return 0
    return NEXT_PHASES[this.phase(symbolId)].includes(phase) ? 0 : Reason.PHASE_FORBIDS
  }

  /** After a command's own events `from ..`: the symbols that they are about. */
  afterCommand(from: number, nowNs: number, events: EventLog): void {
    const to = events.count
    let lowest = this.#books.symbolCount
    let highest = -1
    for (let index = from; index < to; index++) {
      const symbolId = events.int32[(index * EventField.LENGTH + EventField.SYMBOL_ID) >> 2]!
      if (symbolId > highest) highest = symbolId
      if (symbolId >= 0 && symbolId < lowest) lowest = symbolId
    }
    // Settling a symbol between them that nothing happened to changes nothing.
    for (let symbolId = lowest; symbolId <= highest; symbolId++) this.#settle(symbolId, nowNs, events)
  }

  snapshot(symbolId: number, writer: ByteWriter): void {
    const told = this.#told[symbolId]!
    writer.uint8(this.phase(symbolId))
    writer.uint32(this.#scheduleIndex[symbolId]!)
    writer.safeInteger(this.#auctionEndNs[symbolId]!)
    writer.int32(this.#staticTicks[symbolId]!)
    writer.int32(told.priceTicks)
    writer.safeInteger(told.volumeLots)
    writer.safeInteger(told.surplusLots)
  }

  /** The reference price is known already. */
  restore(symbolId: number, reader: ByteReader): void {
    const told = this.#told[symbolId]!
    const phase = reader.uint8() as TradingPhase
    this.#scheduleIndex[symbolId] = reader.uint32()
    this.#auctionEndNs[symbolId] = reader.safeInteger()
    this.#staticTicks[symbolId] = reader.int32()
    told.priceTicks = reader.int32()
    told.volumeLots = reader.safeInteger()
    told.surplusLots = reader.safeInteger()
    this.#enter(symbolId, phase)
  }

  /** The next thing that time brings to a symbol: the end of an auction that a band called, or the schedule's next entry. */
  #beginNext(symbolId: number, nowNs: number, events: EventLog): void {
    events.reserve(EVENTS_PER_ORDER)
    const entry = this.#instruments[symbolId]!.schedule?.[this.#scheduleIndex[symbolId]!]
    const auctionEndNs = this.#auctionEndNs[symbolId]!
    if (auctionEndNs !== 0 && (entry === undefined || auctionEndNs <= entry.atNs)) {
      this.#change(symbolId, CONTINUOUS, Reason.TIME_PASSED, 0, 0, nowNs, events)
      return
    }
    assert(entry !== undefined, 'something is due')
    this.#scheduleIndex[symbolId]! += 1
    if (NEXT_PHASES[this.phase(symbolId)].includes(entry.phase)) {
      this.#change(symbolId, entry.phase, Reason.SCHEDULED, 0, 0, nowNs, events)
    } else this.#setDeadline(symbolId)
  }

  #change(
    symbolId: number,
    phase: TradingPhase,
    reason: Reason | 0,
    flags: number,
    clientId: number,
    nowNs: number,
    events: EventLog,
    auctionEndNs = 0,
  ): void {
    events.reserve(EVENTS_PER_ORDER)
    const old = this.phase(symbolId)
    const head = EventKind.PHASE_CHANGED | (reason << 16) | (flags << 24)
    const event = putEvent(events, head, symbolId, 0, 0, phase, old, clientId, 0)
    setEventTradeId(events, event, auctionEndNs)
    if (old === CONTINUOUS) this.#quotes.cancel(symbolId, Reason.PHASE_ENDED, 0, events)
    this.#auctionEndNs[symbolId] = auctionEndNs
    const told = this.#told[symbolId]!
    told.priceTicks = 0
    told.volumeLots = 0
    told.surplusLots = 0
    if (phase === CONTINUOUS || phase === OPENING_AUCTION) endRestingAtTheClose(this.#books, symbolId, events)
    if (phase === CONTINUOUS || (old === CLOSING_AUCTION && phase === CLOSED)) this.#uncross(symbolId, events)
    if (phase === CONTINUOUS || phase === CLOSING_AUCTION || phase === CLOSED)
      endAtTheOpen(this.#books, symbolId, events)
    this.#enter(symbolId, phase)
    if (phase === CLOSING_AUCTION) takeAtTheClose(this.#books, symbolId)
    settleSymbol(this.#books, symbolId, events)
    if (phase === CLOSED) endDay(this.#books, symbolId, events)
    this.#settle(symbolId, nowNs, events)
  }

  #uncross(symbolId: number, events: EventLog): void {
    const equilibrium = findEquilibrium(this.#books, symbolId, this.#referenceTicks(symbolId))
    if (equilibrium.volumeLots === 0) return
    uncross(this.#books, symbolId, equilibrium, events)
    settleReference(this.#books, symbolId, events)
    this.#staticTicks[symbolId] = equilibrium.priceTicks
  }

  #enter(symbolId: number, phase: TradingPhase): void {
    this.#books.words[this.#books.symbolsAt + symbolId * SYMBOL_WORDS + PHASE] = phase
    this.#setTradeKeys(symbolId)
    this.#setDeadline(symbolId)
    this.watchedCount = 0
    for (const [symbol, instrument] of this.#instruments.entries()) {
      if (this.phase(symbol) !== CONTINUOUS || hasRules(instrument)) this.watchedCount += 1
    }
  }

  #setTradeKeys(symbolId: number): void {
    const band = this.#instruments[symbolId]!.priceBand
    const isTrading = this.phase(symbolId) === CONTINUOUS
    setTradeKeys(this.#books, symbolId, isTrading, band, this.#staticTicks[symbolId]!, this.#referenceTicks(symbolId))
  }

  #setDeadline(symbolId: number): void {
    const endNs = this.#auctionEndNs[symbolId]!
    const entry = this.#instruments[symbolId]!.schedule?.[this.#scheduleIndex[symbolId]!]
    const dueNs = Math.min(endNs === 0 ? Number.POSITIVE_INFINITY : endNs, entry?.atNs ?? Number.POSITIVE_INFINITY)
    if (dueNs === Number.POSITIVE_INFINITY) this.#deadlines.remove(symbolId)
    else this.#deadlines.set(symbolId, dueNs, symbolId)
  }

  #settle(symbolId: number, nowNs: number, events: EventLog): void {
    const phase = this.phase(symbolId)
    if (isAuction(phase)) this.#tellIndicative(symbolId, events)
    const band = this.#instruments[symbolId]!.priceBand
    if (phase !== CONTINUOUS || band === undefined) return
    if (isCrossed(this.#books, symbolId)) {
      this.#change(symbolId, OPENING_AUCTION, Reason.PRICE_BAND, 0, 0, nowNs, events, nowNs + band.auctionNs)
    } else this.#setTradeKeys(symbolId)
  }

  #tellIndicative(symbolId: number, events: EventLog): void {
    const now = findEquilibrium(this.#books, symbolId, this.#referenceTicks(symbolId))
    const told = this.#told[symbolId]!
    if (
      now.priceTicks === told.priceTicks &&
      now.volumeLots === told.volumeLots &&
      now.surplusLots === told.surplusLots
    ) {
      return
    }
    this.#told[symbolId] = now
    events.reserve(EVENTS_PER_ORDER)
    const head = EventKind.INDICATIVE_CHANGED | ((now.surplusLots < 0 ? Side.SELL : Side.BUY) << 8)
    const event = putEvent(events, head, symbolId, now.volumeLots, now.priceTicks, 0, 0, 0, 0)
    setEventContra(events, event, Math.abs(now.surplusLots))
  }

  #referenceTicks(symbolId: number): number {
    return this.#books.words[this.#books.symbolsAt + symbolId * SYMBOL_WORDS + REFERENCE_TICKS]!
  }
}

/** Whether something of the instrument is looked at with each command. */
function hasRules(instrument: Instrument): boolean {
  const { priceBand, quoteProtection, tickTable, lowestTicks, highestTicks, minimumLots, maximumLots } = instrument
  const rules = [priceBand, quoteProtection, tickTable, lowestTicks, highestTicks, minimumLots, maximumLots]
  return rules.some((rule) => rule !== undefined)
}

function isAuction(phase: TradingPhase): boolean {
  return phase === OPENING_AUCTION || phase === CLOSING_AUCTION
}
