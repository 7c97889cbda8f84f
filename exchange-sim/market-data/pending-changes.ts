// What the market has not been told yet: order changes and trades, each under its symbol's number.
//
// Its invariant: a symbol's number grows by one per order change, trade or phase change that the market may see, so it
// depends on the records alone. Only displayed quantity gets in: hidden orders and reserves leave no trace but trades.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { EventField, type EventLog } from '../../protocol/event.ts'
import { L3Field, TradeField } from '../../protocol/frame.ts'
import { EventFlag, EventKind, L3Action, Side, TradingPhase } from '../../protocol/kinds.ts'
import { EntryChains } from './entry-chains.ts'
import { TradeStatistics } from './trade-statistics.ts'

// Constants of this module's own: V8 folds them into its code, and loads imported ones each time.
const { ORDER_ACCEPTED, ORDER_RESTED, ORDER_REFRESHED, ORDER_CANCELLED, ORDER_EXPIRED, ORDER_REPLACED } = EventKind
const { TRADE, ORDER_UNCROSSED, INDICATIVE_CHANGED, PHASE_CHANGED } = EventKind
const { ADD, REDUCE, DELETE, EXECUTE, HIDDEN_TRADE } = L3Action
const { BUY, SELL } = Side
const EVENT_WORDS = EventField.LENGTH / 4
const SYMBOL_WORD = EventField.SYMBOL_ID / 4
const PRICE_WORD = EventField.PRICE_TICKS / 4
const QUANTITY_WORD = EventField.QUANTITY_LOTS / 4
const LEAVES_WORD = EventField.LEAVES_LOTS / 4
const ORDER_DOUBLE = EventField.ORDER_ID / 8
const CONTRA_ORDER_DOUBLE = EventField.CONTRA_ORDER_ID / 8
const TRADE_DOUBLE = EventField.TRADE_ID / 8
const L3_WORDS = L3Field.LENGTH / 4
const TRADE_WORDS = TradeField.LENGTH / 4

// The first word of an event is kind, side, reason and flags.
const FLAGS_SHIFT = 24
const RESTING = EventFlag.RESTING << FLAGS_SHIFT
const HIDDEN = EventFlag.HIDDEN << FLAGS_SHIFT
const KEPT_PRIORITY = EventFlag.KEPT_PRIORITY << FLAGS_SHIFT
const AUCTION = EventFlag.AUCTION << FLAGS_SHIFT
/** What L3 tells of an event's flags. */
const L3_FLAGS = EventFlag.QUOTE | EventFlag.CONTRA_QUOTE
const NO_CHANGE = -1

export class PendingChanges {
  readonly symbolCount: number
  // Per symbol: its number, and time and sequence number of the last record that moved it.
  readonly lastSeq: Float64Array
  readonly timeNs: Float64Array
  readonly recordSeq: Float64Array
  /** Entries of L3Field. */
  readonly orderChanges: EntryChains
  /** Entries of TradeField. */
  readonly trades: EntryChains
  /** Of the trades of each symbol's session. */
  readonly statistics: TradeStatistics
  /** Symbols with something pending, in the order in which it came: the first `pendingCount`. */
  readonly pendingSymbols: Int32Array
  pendingCount = 0
  /** False: the numbers move on, and nothing is kept to be told. */
  isHeard = true
  readonly #isPending: Uint8Array

  constructor(symbolCount: number) {
    this.symbolCount = symbolCount
    this.lastSeq = new Float64Array(symbolCount)
    this.timeNs = new Float64Array(symbolCount)
    this.recordSeq = new Float64Array(symbolCount)
    this.orderChanges = new EntryChains(symbolCount, L3Field.LENGTH)
    this.trades = new EntryChains(symbolCount, TradeField.LENGTH)
    this.statistics = new TradeStatistics(symbolCount)
    this.pendingSymbols = new Int32Array(symbolCount)
    this.#isPending = new Uint8Array(symbolCount)
  }

  /** Takes in events `from .. to-1` of the log: what applying its record produced. */
  collect(events: EventLog, from: number, to: number): void {
    assert(from >= 0 && from <= to && to <= events.count, 'a range of the log')
    const { recordSeq, timeNs } = events
    for (let index = from; index < to; index++) {
      const symbolId = this.#collectEvent(events, index * EVENT_WORDS)
      if (symbolId === NO_CHANGE) continue
      this.timeNs[symbolId] = timeNs
      this.recordSeq[symbolId] = recordSeq
    }
  }

  isPending(symbolId: number): boolean {
    return this.#isPending[symbolId] === 1
  }

  /** Forgets what is pending. The numbers stay. */
  clear(): void {
    for (let index = 0; index < this.pendingCount; index++) {
      const symbolId = this.pendingSymbols[index]!
      this.orderChanges.clear(symbolId)
      this.trades.clear(symbolId)
      this.#isPending[symbolId] = 0
    }
    this.pendingCount = 0
    this.orderChanges.recycle()
    this.trades.recycle()
  }

  snapshot(writer: ByteWriter): void {
    writer.uint32(this.symbolCount)
    for (let symbolId = 0; symbolId < this.symbolCount; symbolId++) {
      writer.safeInteger(this.lastSeq[symbolId]!)
      writer.safeInteger(this.timeNs[symbolId]!)
      writer.safeInteger(this.recordSeq[symbolId]!)
    }
    this.statistics.snapshot(writer)
  }

  restore(reader: ByteReader): void {
    assert(this.pendingCount === 0, 'nothing collected is lost')
    const symbolCount = reader.uint32()
    assert(symbolCount === this.symbolCount, 'a snapshot of the same instruments')
    for (let symbolId = 0; symbolId < symbolCount; symbolId++) {
      this.lastSeq[symbolId] = reader.safeInteger()
      this.timeNs[symbolId] = reader.safeInteger()
      this.recordSeq[symbolId] = reader.safeInteger()
    }
    this.statistics.restore(reader)
  }

  /** The symbol whose market data the event at word `at` changed, or NO_CHANGE. */
  #collectEvent(events: EventLog, at: number): number {
    const words = events.int32
    const head = words[at]!
    const symbolId = words[at + SYMBOL_WORD]!
    switch (head & 0xff) {
      case ORDER_ACCEPTED:
      case ORDER_RESTED:
      case ORDER_REFRESHED: {
        if ((head & (RESTING | HIDDEN)) !== RESTING) return NO_CHANGE
        const leavesLots = words[at + LEAVES_WORD]!
        this.#changeOrder(ADD, symbolId, events, at, words[at + PRICE_WORD]!, leavesLots, leavesLots)
        return symbolId
      }
      case ORDER_CANCELLED:
      case ORDER_EXPIRED:
        if ((head & (RESTING | HIDDEN)) !== RESTING) return NO_CHANGE
        this.#changeOrder(DELETE, symbolId, events, at, words[at + PRICE_WORD]!, words[at + QUANTITY_WORD]!, 0)
        return symbolId
      case TRADE:
        // What an auction takes of its orders was told before its trades.
        if ((head & AUCTION) === 0) this.#executeOrder(symbolId, events, at)
        this.#addTrade(symbolId, events, at)
        this.statistics.addTrade(symbolId, words[at + PRICE_WORD]!, words[at + QUANTITY_WORD]!)
        return symbolId
      case ORDER_REPLACED:
        return (head & HIDDEN) !== 0 ? NO_CHANGE : this.#replaceOrder(symbolId, events, at)
      case ORDER_UNCROSSED:
        return (head & HIDDEN) !== 0 ? NO_CHANGE : this.#uncrossOrder(symbolId, events, at)
      case INDICATIVE_CHANGED:
        // Like a phase it is no entry of its own: the state that is told next says it.
        this.#takeSeq(symbolId)
        return symbolId
      case PHASE_CHANGED:
        if (symbolId < 0) return NO_CHANGE
        if (words[at + LEAVES_WORD] === TradingPhase.CLOSED) this.statistics.reset(symbolId)
        // The phase is part of L1: the number makes its frame newer than the one before.
        this.#takeSeq(symbolId)
        return symbolId
      default:
        return NO_CHANGE
    }
  }

  #replaceOrder(symbolId: number, events: EventLog, at: number): number {
    const words = events.int32
    const oldLots = words[at + QUANTITY_WORD]!
    const newLots = words[at + LEAVES_WORD]!
    const newTicks = words[at + PRICE_WORD]!
    if ((words[at]! & KEPT_PRIORITY) !== 0) {
      assert(newLots <= oldLots, 'only what grows loses its place')
      if (newLots === oldLots) return NO_CHANGE
      this.#changeOrder(REDUCE, symbolId, events, at, newTicks, oldLots - newLots, newLots)
      return symbolId
    }
    const oldTicks = events.float64[(at >> 1) + CONTRA_ORDER_DOUBLE]! | 0
    this.#changeOrder(DELETE, symbolId, events, at, oldTicks, oldLots, 0)
    if ((words[at]! & RESTING) !== 0) this.#changeOrder(ADD, symbolId, events, at, newTicks, newLots, newLots)
    return symbolId
  }

  /** An auction takes of an order, first what an iceberg keeps back. */
  #uncrossOrder(symbolId: number, events: EventLog, at: number): number {
    const oldLots = events.float64[(at >> 1) + CONTRA_ORDER_DOUBLE]! | 0
    const leavesLots = events.int32[at + LEAVES_WORD]!
    if (oldLots === leavesLots) return NO_CHANGE
    const priceTicks = events.int32[at + PRICE_WORD]!
    this.#changeOrder(EXECUTE, symbolId, events, at, priceTicks, oldLots - leavesLots, leavesLots)
    return symbolId
  }

  #executeOrder(symbolId: number, events: EventLog, at: number): void {
    const words = events.int32
    const isHidden = (words[at]! & HIDDEN) !== 0
    const leavesLots = isHidden ? 0 : words[at + LEAVES_WORD]!
    const action = isHidden ? HIDDEN_TRADE : EXECUTE
    this.#changeOrder(action, symbolId, events, at, words[at + PRICE_WORD]!, words[at + QUANTITY_WORD]!, leavesLots)
  }

  /** Keeps one L3 entry under the symbol's next number. */
  #changeOrder(
    action: L3Action,
    symbolId: number,
    events: EventLog,
    at: number,
    priceTicks: number,
    quantityLots: number,
    leavesLots: number,
  ): void {
    this.#takeSeq(symbolId)
    if (!this.isHeard) return
    const entry = this.orderChanges.append(symbolId) * L3_WORDS
    const { int32, float64 } = this.orderChanges.buffer
    const double = entry >> 1
    const head = events.int32[at]!
    // ACTION, SIDE and FLAGS are the low bytes of the first word.
    int32[entry] = action | (head & 0xff00) | (((head >>> FLAGS_SHIFT) & L3_FLAGS) << 16)
    int32[entry + L3Field.PRICE_TICKS / 4] = priceTicks
    float64[double + L3Field.ORDER_ID / 8] = action === HIDDEN_TRADE ? 0 : events.float64[(at >> 1) + ORDER_DOUBLE]!
    int32[entry + L3Field.QUANTITY_LOTS / 4] = quantityLots
    int32[entry + L3Field.LEAVES_LOTS / 4] = leavesLots
    float64[double + L3Field.TRADE_ID / 8] = events.float64[(at >> 1) + TRADE_DOUBLE]!
    float64[double + L3Field.SEQ / 8] = this.lastSeq[symbolId]!
  }

  #addTrade(symbolId: number, events: EventLog, at: number): void {
    this.#takeSeq(symbolId)
    if (!this.isHeard) return
    const head = events.int32[at]!
    const entry = this.trades.append(symbolId) * TRADE_WORDS
    const { int32, float64 } = this.trades.buffer
    const double = entry >> 1
    const aggressorSide = ((head >>> 8) & 0xff) === BUY ? SELL : BUY
    float64[double + TradeField.TRADE_ID / 8] = events.float64[(at >> 1) + TRADE_DOUBLE]!
    int32[entry + TradeField.PRICE_TICKS / 4] = events.int32[at + PRICE_WORD]!
    int32[entry + TradeField.QUANTITY_LOTS / 4] = events.int32[at + QUANTITY_WORD]!
    // AGGRESSOR_SIDE and AUCTION are the low bytes of one word; the word after it is unused.
    int32[entry + TradeField.AGGRESSOR_SIDE / 4] = (head & AUCTION) === 0 ? aggressorSide : BUY | (1 << 8)
    int32[entry + TradeField.AGGRESSOR_SIDE / 4 + 1] = 0
    float64[double + TradeField.SEQ / 8] = this.lastSeq[symbolId]!
    float64[double + TradeField.TIME_NS / 8] = events.timeNs
  }

  /** Moves the symbol's number on, and notes that there is something to tell of it. */
  #takeSeq(symbolId: number): void {
    assert(symbolId >= 0 && symbolId < this.symbolCount, 'a symbol of the configuration')
    if (this.#isPending[symbolId] === 0) {
      this.#isPending[symbolId] = 1
      this.pendingSymbols[this.pendingCount] = symbolId
      this.pendingCount += 1
    }
    this.lastSeq[symbolId]! += 1
  }
}
