// What the market has not been told yet: order changes, trades and changed levels, each under its symbol's number.
//
// Its invariant: a symbol's number grows by one per order change, trade or phase change that the market may see, so it
// depends on the records alone. Only displayed quantity gets in: hidden orders and reserves leave no trace but trades.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { EventField, type EventLog } from '../../protocol/event.ts'
import { L3Field, TradeField } from '../../protocol/frame.ts'
import { EventFlag, EventKind, L3Action, Side, TradingPhase } from '../../protocol/kinds.ts'
import { ChangedLevels } from './changed-levels.ts'
import { EntryChains } from './entry-chains.ts'
import { TradeStatistics } from './trade-statistics.ts'

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
  readonly levels: ChangedLevels
  /** Of the trades of each symbol's session. */
  readonly statistics: TradeStatistics
  /** Symbols with something pending, in the order in which it came: the first `pendingCount`. */
  readonly pendingSymbols: Int32Array
  pendingCount = 0
  readonly #isPending: Uint8Array

  constructor(symbolCount: number) {
    this.symbolCount = symbolCount
    this.lastSeq = new Float64Array(symbolCount)
    this.timeNs = new Float64Array(symbolCount)
    this.recordSeq = new Float64Array(symbolCount)
    this.orderChanges = new EntryChains(symbolCount, L3Field.LENGTH)
    this.trades = new EntryChains(symbolCount, TradeField.LENGTH)
    this.levels = new ChangedLevels(symbolCount)
    this.statistics = new TradeStatistics(symbolCount)
    this.pendingSymbols = new Int32Array(symbolCount)
    this.#isPending = new Uint8Array(symbolCount)
  }

  /** Takes in events `from .. to-1` of the log: what applying the record `recordSeq` of time `timeNs` produced. */
  collect(events: EventLog, from: number, to: number, recordSeq: number, timeNs: number): void {
    assert(from >= 0 && from <= to && to <= events.count, 'a range of the log')
    for (let index = from; index < to; index++) {
      const symbolId = this.#collectEvent(events, index * EventField.LENGTH, timeNs)
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
      this.levels.clear(symbolId)
      this.#isPending[symbolId] = 0
    }
    this.pendingCount = 0
    this.orderChanges.recycle()
    this.trades.recycle()
    this.levels.recycle()
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

  /** The symbol whose market data the event changed, or NO_CHANGE. */
  #collectEvent(events: EventLog, offset: number, timeNs: number): number {
    const flags = events.bytes[offset + EventField.FLAGS]!
    const isDisplayed = (flags & EventFlag.HIDDEN) === 0
    const isInBook = (flags & EventFlag.RESTING) !== 0 && isDisplayed
    const symbolId = events.int32[(offset + EventField.SYMBOL_ID) >> 2]!
    switch (events.bytes[offset + EventField.KIND]!) {
      case EventKind.ORDER_ACCEPTED:
      case EventKind.ORDER_RESTED:
      case EventKind.ORDER_REFRESHED:
        if (!isInBook) return NO_CHANGE
        this.#addOrder(symbolId, events, offset)
        return symbolId
      case EventKind.ORDER_CANCELLED:
      case EventKind.ORDER_EXPIRED:
        if (!isInBook) return NO_CHANGE
        this.#deleteOrder(symbolId, events, offset)
        return symbolId
      case EventKind.ORDER_REPLACED:
        if (!isDisplayed) return NO_CHANGE
        return this.#replaceOrder(symbolId, events, offset)
      case EventKind.TRADE:
        // What an auction takes of its orders was told before its trades.
        if ((flags & EventFlag.AUCTION) === 0) this.#executeOrder(symbolId, events, offset, isDisplayed)
        this.#addTrade(symbolId, events, offset, timeNs)
        this.#countTrade(symbolId, events, offset)
        return symbolId
      case EventKind.ORDER_UNCROSSED:
        return isDisplayed ? this.#uncrossOrder(symbolId, events, offset) : NO_CHANGE
      case EventKind.INDICATIVE_CHANGED:
        // Like a phase it is no entry of its own: the state that is told next says it.
        this.#nextSeq(symbolId)
        return symbolId
      case EventKind.PHASE_CHANGED:
        if (symbolId < 0) return NO_CHANGE
        if (events.int32[(offset + EventField.LEAVES_LOTS) >> 2] === TradingPhase.CLOSED)
          this.statistics.reset(symbolId)
        // The phase is part of L1: the number makes its frame newer than the one before.
        this.#nextSeq(symbolId)
        return symbolId
      default:
        return NO_CHANGE
    }
  }

  #addOrder(symbolId: number, events: EventLog, offset: number): void {
    const leavesLots = events.int32[(offset + EventField.LEAVES_LOTS) >> 2]!
    const priceTicks = events.int32[(offset + EventField.PRICE_TICKS) >> 2]!
    this.#changeOrder(L3Action.ADD, symbolId, events, offset, priceTicks, leavesLots, leavesLots)
  }

  #deleteOrder(symbolId: number, events: EventLog, offset: number): void {
    const quantityLots = events.int32[(offset + EventField.QUANTITY_LOTS) >> 2]!
    const priceTicks = events.int32[(offset + EventField.PRICE_TICKS) >> 2]!
    this.#changeOrder(L3Action.DELETE, symbolId, events, offset, priceTicks, quantityLots, 0)
  }

  #replaceOrder(symbolId: number, events: EventLog, offset: number): number {
    const flags = events.bytes[offset + EventField.FLAGS]!
    const oldLots = events.int32[(offset + EventField.QUANTITY_LOTS) >> 2]!
    const newLots = events.int32[(offset + EventField.LEAVES_LOTS) >> 2]!
    const newTicks = events.int32[(offset + EventField.PRICE_TICKS) >> 2]!
    if ((flags & EventFlag.KEPT_PRIORITY) !== 0) {
      assert(newLots <= oldLots, 'only what grows loses its place')
      if (newLots === oldLots) return NO_CHANGE
      this.#changeOrder(L3Action.REDUCE, symbolId, events, offset, newTicks, oldLots - newLots, newLots)
      return symbolId
    }
    const oldTicks = events.float64[(offset + EventField.CONTRA_ORDER_ID) >> 3]!
    this.#changeOrder(L3Action.DELETE, symbolId, events, offset, oldTicks, oldLots, 0)
    if ((flags & EventFlag.RESTING) !== 0) {
      this.#changeOrder(L3Action.ADD, symbolId, events, offset, newTicks, newLots, newLots)
    }
    return symbolId
  }

  /** An auction takes of an order, first what an iceberg keeps back. */
  #uncrossOrder(symbolId: number, events: EventLog, offset: number): number {
    const oldLots = events.float64[(offset + EventField.CONTRA_ORDER_ID) >> 3]!
    const leavesLots = events.int32[(offset + EventField.LEAVES_LOTS) >> 2]!
    const priceTicks = events.int32[(offset + EventField.PRICE_TICKS) >> 2]!
    if (oldLots === leavesLots) return NO_CHANGE
    this.#changeOrder(L3Action.EXECUTE, symbolId, events, offset, priceTicks, oldLots - leavesLots, leavesLots)
    return symbolId
  }

  #executeOrder(symbolId: number, events: EventLog, offset: number, isDisplayed: boolean): void {
    const quantityLots = events.int32[(offset + EventField.QUANTITY_LOTS) >> 2]!
    const leavesLots = isDisplayed ? events.int32[(offset + EventField.LEAVES_LOTS) >> 2]! : 0
    const priceTicks = events.int32[(offset + EventField.PRICE_TICKS) >> 2]!
    const action = isDisplayed ? L3Action.EXECUTE : L3Action.HIDDEN_TRADE
    this.#changeOrder(action, symbolId, events, offset, priceTicks, quantityLots, leavesLots)
  }

  /** Keeps one L3 entry under the symbol's next number, and notes its level as changed. */
  #changeOrder(
    action: L3Action,
    symbolId: number,
    events: EventLog,
    offset: number,
    priceTicks: number,
    quantityLots: number,
    leavesLots: number,
  ): void {
    const seq = this.#nextSeq(symbolId)
    const isHidden = action === L3Action.HIDDEN_TRADE
    const side = events.bytes[offset + EventField.SIDE] as Side
    const at = this.orderChanges.append(symbolId) * L3Field.LENGTH
    const { int32, float64 } = this.orderChanges.buffer
    // ACTION, SIDE and FLAGS are the low bytes of the first word.
    const flags = events.bytes[offset + EventField.FLAGS]! & L3_FLAGS
    int32[at >> 2] = action | (side << 8) | (flags << 16)
    int32[(at + L3Field.PRICE_TICKS) >> 2] = priceTicks
    float64[(at + L3Field.ORDER_ID) >> 3] = isHidden ? 0 : events.float64[(offset + EventField.ORDER_ID) >> 3]!
    int32[(at + L3Field.QUANTITY_LOTS) >> 2] = quantityLots
    int32[(at + L3Field.LEAVES_LOTS) >> 2] = leavesLots
    float64[(at + L3Field.TRADE_ID) >> 3] = events.float64[(offset + EventField.TRADE_ID) >> 3]!
    float64[(at + L3Field.SEQ) >> 3] = seq
    if (!isHidden) this.levels.add(symbolId, side, priceTicks)
  }

  #addTrade(symbolId: number, events: EventLog, offset: number, timeNs: number): void {
    const seq = this.#nextSeq(symbolId)
    const makerSide = events.bytes[offset + EventField.SIDE] as Side
    const at = this.trades.append(symbolId) * TradeField.LENGTH
    const { int32, float64 } = this.trades.buffer
    float64[(at + TradeField.TRADE_ID) >> 3] = events.float64[(offset + EventField.TRADE_ID) >> 3]!
    int32[(at + TradeField.PRICE_TICKS) >> 2] = events.int32[(offset + EventField.PRICE_TICKS) >> 2]!
    int32[(at + TradeField.QUANTITY_LOTS) >> 2] = events.int32[(offset + EventField.QUANTITY_LOTS) >> 2]!
    // AGGRESSOR_SIDE and AUCTION are the low bytes of one word; the word after it is unused.
    int32[(at + TradeField.AGGRESSOR_SIDE) >> 2] = makerSide === Side.BUY ? Side.SELL : Side.BUY
    if ((events.bytes[offset + EventField.FLAGS]! & EventFlag.AUCTION) !== 0) {
      int32[(at + TradeField.AGGRESSOR_SIDE) >> 2] = Side.BUY | (1 << 8)
    }
    int32[(at + TradeField.AGGRESSOR_SIDE + 4) >> 2] = 0
    float64[(at + TradeField.SEQ) >> 3] = seq
    float64[(at + TradeField.TIME_NS) >> 3] = timeNs
  }

  #countTrade(symbolId: number, events: EventLog, offset: number): void {
    const priceTicks = events.int32[(offset + EventField.PRICE_TICKS) >> 2]!
    this.statistics.addTrade(symbolId, priceTicks, events.int32[(offset + EventField.QUANTITY_LOTS) >> 2]!)
  }

  #nextSeq(symbolId: number): number {
    assert(symbolId >= 0 && symbolId < this.symbolCount, 'a symbol of the configuration')
    if (this.#isPending[symbolId] === 0) {
      this.#isPending[symbolId] = 1
      this.pendingSymbols[this.pendingCount] = symbolId
      this.pendingCount += 1
    }
    this.lastSeq[symbolId]! += 1
    return this.lastSeq[symbolId]!
  }
}
