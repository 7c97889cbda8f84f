// Market data: turns the events of applied records into frames of protocol/frame.ts.
//
//   collect   after each applied record: numbers and keeps what the market may see of it
//   flush     frames of all that was collected: every L3 change and trade; L2 and L1 as they are now, once per level
//   skip      takes in what nobody will be told: only the numbers move on
//   discard   forgets it without a frame, where nobody listens (a backup, a replay)
//
// Its invariant: per channel, frames form a chain (previousSeq = lastSeq of the one before), wherever the flushes fall.
// The numbers depend on the records alone (pending-changes.ts), so that every replica counts alike.
//
// L1 and L2 are read from the exchange at the flush. So a flush comes before the exchange applies a record that is not
// collected yet.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert, must } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { copyDoubles } from '../../base/copy-doubles.ts'
import type { EventLog } from '../../protocol/event.ts'
import { L1Field, L2Field, L3Field, StateField, TradeField } from '../../protocol/frame.ts'
import { FrameWriter, frameEntryCountMax } from '../../protocol/frame-writer.ts'
import { FrameKind, L3Action, Side } from '../../protocol/kinds.ts'
import type { MarketDataChannel } from '../../protocol/subjects.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import type { BookView } from './book-view.ts'
import { ChangedLevels } from './changed-levels.ts'
import { type EntryChains, NO_ENTRY } from './entry-chains.ts'
import { PendingChanges } from './pending-changes.ts'
import type { TradeStatistics } from './trade-statistics.ts'

/** Called with one frame. The bytes are valid during the call only. */
export type FrameSink = (symbolId: number, channel: MarketDataChannel, frame: Uint8Array, recordSeq: number) => void

type ChannelShape = {
  readonly name: MarketDataChannel
  /** Its place in a symbol's row of channel numbers. */
  readonly column: number
  readonly kind: FrameKind
  readonly stride: number
  /** Where an entry keeps its own number; -1: it has none. */
  readonly seqField: number
}

const L1: ChannelShape = { name: 'l1', column: 0, kind: FrameKind.L1, stride: L1Field.LENGTH, seqField: -1 }
const L2: ChannelShape = { name: 'l2', column: 1, kind: FrameKind.L2, stride: L2Field.LENGTH, seqField: -1 }
const L3: ChannelShape = { name: 'l3', column: 2, kind: FrameKind.L3, stride: L3Field.LENGTH, seqField: L3Field.SEQ }
const TRADE: ChannelShape = {
  name: 'trade',
  column: 3,
  kind: FrameKind.TRADES,
  stride: TradeField.LENGTH,
  seqField: TradeField.SEQ,
}
const STATE: ChannelShape = { name: 'state', column: 4, kind: FrameKind.STATE, stride: StateField.LENGTH, seqField: -1 }
const CHANNELS: readonly ChannelShape[] = [L1, L2, L3, TRADE, STATE]
const L3_WORDS = L3Field.LENGTH / 4
const L1_WORDS = L1Field.LENGTH / 4
const STATE_WORDS = StateField.LENGTH / 4
/** What a frame can say of one level's quantity; more is told as this. */
const LEVEL_LOTS_MAX = 2_147_483_647

export class MarketData {
  readonly #book: BookView
  readonly #changes: PendingChanges
  readonly #levels = new ChangedLevels()
  readonly #writer = new FrameWriter()
  // What this process has published; no part of the replicated state.
  /** Last number of each channel: symbolId * CHANNELS.length + column. */
  readonly #channelSeq: Float64Array
  /** The last L1 entry published, to stay silent when nothing of it changed. */
  readonly #publishedL1: Int32Array
  readonly #isL1Published: Uint8Array
  readonly #presentL1 = new Int32Array(L1_WORDS)
  /** The last STATE entry published; all 0 when none was. */
  readonly #publishedState: Int32Array
  readonly #presentState = new AlignedBuffer(StateField.LENGTH)

  constructor(config: ClusterConfig, book: BookView) {
    const symbolCount = config.instruments.length
    this.#book = book
    this.#changes = new PendingChanges(symbolCount)
    this.#channelSeq = new Float64Array(symbolCount * CHANNELS.length)
    this.#publishedL1 = new Int32Array(symbolCount * L1_WORDS)
    this.#isL1Published = new Uint8Array(symbolCount)
    this.#publishedState = new Int32Array(symbolCount * STATE_WORDS)
  }

  /** The symbol's number after all that was collected. */
  lastSeq(symbolId: number): number {
    return must(this.#changes.lastSeq[symbolId], 'a symbol of the configuration')
  }

  /** What the trades of each symbol's session come to. */
  get statistics(): TradeStatistics {
    return this.#changes.statistics
  }

  /** Takes in events `from .. to-1` of the log: what applying the record `recordSeq` of time `timeNs` produced. */
  collect(events: EventLog, from: number, to: number, recordSeq: number, timeNs: number): void {
    events.recordSeq = recordSeq
    events.timeNs = timeNs
    this.#changes.collect(events, from, to)
  }

  /** Counts what `collect` would have taken in, and keeps nothing of it. A `discard` comes before the next flush. */
  skip(events: EventLog, from: number, to: number, recordSeq: number, timeNs: number): void {
    this.#changes.isHeard = false
    this.collect(events, from, to, recordSeq, timeNs)
  }

  /** Publishes all that was collected, and forgets it. */
  flush(epoch: number, sink: FrameSink): void {
    const changes = this.#changes
    assert(changes.isHeard, 'what was skipped cannot be told')
    for (let index = 0; index < changes.pendingCount; index++) {
      const symbolId = changes.pendingSymbols[index]!
      this.#flushEntries(L3, changes.orderChanges, symbolId, epoch, sink)
      this.#flushEntries(TRADE, changes.trades, symbolId, epoch, sink)
      this.#flushLevels(symbolId, epoch, sink)
      this.#flushL1(symbolId, epoch, sink)
      this.#readState(symbolId)
      if (!this.#isStateSame(symbolId)) this.#publishState(symbolId, epoch, sink)
    }
    changes.clear()
  }

  /** Forgets all that was collected: nobody listens. A reader that comes from another engine will see a gap. */
  discard(): void {
    const changes = this.#changes
    for (let index = 0; index < changes.pendingCount; index++) this.#standAt(changes.pendingSymbols[index]!)
    changes.clear()
    changes.isHeard = true
  }

  /**
   * Tells every symbol's L1, and every other channel's number in a frame without entries: a reader that missed
   * something learns it now, not at the next trade. For a new primary, and every now and then.
   */
  announce(epoch: number, sink: FrameSink): void {
    assert(this.#changes.pendingCount === 0, 'what was collected is flushed first')
    for (let symbolId = 0; symbolId < this.#changes.symbolCount; symbolId++) {
      for (const channel of [L3, TRADE, L2]) {
        this.#writer.begin(channel.kind, channel.stride, epoch, symbolId)
        this.#emit(channel, symbolId, this.lastSeq(symbolId), sink)
      }
      this.#readL1(symbolId)
      this.#publishL1(symbolId, epoch, sink)
      this.#readState(symbolId)
      this.#publishState(symbolId, epoch, sink)
    }
  }

  /** The book as it is, in one frame: the whole, or the first part of one that needs more (then previousSeq > 0). */
  snapshotFrame(symbolId: number, channel: 'l1' | 'l2' | 'l3', epoch: number): Uint8Array {
    let first: Uint8Array | undefined
    this.snapshotFrames(symbolId, channel, epoch, (frame) => {
      // A copy, because the next part is written into the same buffer.
      first ??= frame.slice()
    })
    return must(first, 'a snapshot has at least one part')
  }

  /** The book as it is, in as many frames as it needs, each valid during its call. */
  snapshotFrames(
    symbolId: number,
    channel: 'l1' | 'l2' | 'l3',
    epoch: number,
    sink: (frame: Uint8Array) => void,
  ): void {
    assert(symbolId >= 0 && symbolId < this.#changes.symbolCount, 'a symbol of the configuration')
    if (channel === 'l1') this.#snapshotL1(symbolId, epoch, sink)
    else if (channel === 'l2') this.#snapshotLevels(symbolId, epoch, sink)
    else this.#snapshotOrders(symbolId, epoch, sink)
  }

  snapshot(writer: ByteWriter): void {
    this.#changes.snapshot(writer)
  }

  restore(reader: ByteReader): void {
    this.#changes.restore(reader)
    for (let symbolId = 0; symbolId < this.#changes.symbolCount; symbolId++) this.#standAt(symbolId)
  }

  /** All channels continue from the symbol's present number; its L1 will be told anew. */
  #standAt(symbolId: number): void {
    const seq = this.lastSeq(symbolId)
    this.#channelSeq.fill(seq, symbolId * CHANNELS.length, (symbolId + 1) * CHANNELS.length)
    this.#isL1Published[symbolId] = 0
    this.#publishedState.fill(0, symbolId * STATE_WORDS, (symbolId + 1) * STATE_WORDS)
  }

  /** Nothing conflated: every entry, in frames as full as needed. */
  #flushEntries(channel: ChannelShape, chains: EntryChains, symbolId: number, epoch: number, sink: FrameSink): void {
    const writer = this.#writer
    for (let entry = chains.first(symbolId); entry !== NO_ENTRY; ) {
      writer.begin(channel.kind, channel.stride, epoch, symbolId)
      let last = entry
      while (entry !== NO_ENTRY && !writer.isFull) {
        const count = chains.runLength(entry, writer.countLeft)
        copyEntries(chains, entry, count, writer)
        last = entry + count - 1
        entry = chains.next(last)
      }
      const ownSeq = chains.buffer.float64[(last * channel.stride + channel.seqField) >> 3]!
      this.#emit(channel, symbolId, entry === NO_ENTRY ? this.lastSeq(symbolId) : ownSeq, sink)
    }
  }

  /** Each changed level once, with what the book shows there now. */
  #flushLevels(symbolId: number, epoch: number, sink: FrameSink): void {
    const levels = this.#levels
    findLevels(this.#changes.orderChanges, symbolId, levels)
    let partsLeft = Math.ceil(levels.count / frameEntryCountMax(L2.stride))
    for (let level = 0; level < levels.count; ) {
      const writer = this.#writer
      writer.begin(L2.kind, L2.stride, epoch, symbolId)
      for (; level < levels.count && !writer.isFull; level++) {
        const side = levels.side(level)
        const priceTicks = levels.priceTicks(level)
        const quantityLots = this.#book.levelLots(symbolId, side, priceTicks)
        const orderCount = this.#book.levelOrderCount(symbolId, side, priceTicks)
        this.#putLevel(side, priceTicks, quantityLots, orderCount)
      }
      // Each level has at least one change with a number, so there are enough numbers for the parts to differ.
      partsLeft -= 1
      this.#emit(L2, symbolId, this.lastSeq(symbolId) - partsLeft, sink)
    }
    assert(partsLeft === 0, 'as many parts as counted')
  }

  #flushL1(symbolId: number, epoch: number, sink: FrameSink): void {
    this.#readL1(symbolId)
    if (this.#isL1Published[symbolId] === 1 && this.#isL1Same(symbolId)) return
    this.#publishL1(symbolId, epoch, sink)
  }

  #publishL1(symbolId: number, epoch: number, sink: FrameSink): void {
    this.#writer.begin(L1.kind, L1.stride, epoch, symbolId)
    copyWords(this.#presentL1, 0, this.#writer.buffer.int32, this.#writer.extend(1) >> 2, L1_WORDS)
    this.#publishedL1.set(this.#presentL1, symbolId * L1_WORDS)
    this.#isL1Published[symbolId] = 1
    this.#emit(L1, symbolId, this.lastSeq(symbolId), sink)
  }

  #readL1(symbolId: number): void {
    const book = this.#book
    const present = this.#presentL1
    present[L1Field.BID_TICKS >> 2] = book.bestTicks(symbolId, Side.BUY)
    present[L1Field.BID_LOTS >> 2] = Math.min(book.bestLots(symbolId, Side.BUY), LEVEL_LOTS_MAX)
    present[L1Field.ASK_TICKS >> 2] = book.bestTicks(symbolId, Side.SELL)
    present[L1Field.ASK_LOTS >> 2] = Math.min(book.bestLots(symbolId, Side.SELL), LEVEL_LOTS_MAX)
    present[L1Field.LAST_TRADE_TICKS >> 2] = book.lastTradeTicks(symbolId)
    present[L1Field.LAST_TRADE_LOTS >> 2] = book.lastTradeLots(symbolId)
    present[L1Field.REFERENCE_TICKS >> 2] = book.referenceTicks(symbolId)
    // PHASE is the low byte of its word.
    present[L1Field.PHASE >> 2] = book.phase(symbolId)
  }

  #isL1Same(symbolId: number): boolean {
    for (let word = 0; word < L1_WORDS; word++) {
      if (this.#publishedL1[symbolId * L1_WORDS + word] !== this.#presentL1[word]) return false
    }
    return true
  }

  #readState(symbolId: number): void {
    const { statistics } = this.#changes
    const { int32: words, float64: doubles } = this.#presentState
    const surplusLots = this.#book.indicativeSurplusLots(symbolId)
    // PHASE and SURPLUS_SIDE are the low bytes of the first word.
    words[StateField.PHASE >> 2] = this.#book.phase(symbolId) | ((surplusLots < 0 ? Side.SELL : Side.BUY) << 8)
    words[StateField.INDICATIVE_TICKS >> 2] = this.#book.indicativeTicks(symbolId)
    doubles[StateField.INDICATIVE_LOTS >> 3] = this.#book.indicativeLots(symbolId)
    doubles[StateField.SURPLUS_LOTS >> 3] = Math.abs(surplusLots)
    words[StateField.OPEN_TICKS >> 2] = statistics.openTicks[symbolId]!
    words[StateField.HIGH_TICKS >> 2] = statistics.highTicks[symbolId]!
    words[StateField.LOW_TICKS >> 2] = statistics.lowTicks[symbolId]!
    words[StateField.LAST_TICKS >> 2] = statistics.lastTicks[symbolId]!
    doubles[StateField.TRADE_COUNT >> 3] = statistics.tradeCount[symbolId]!
    doubles[StateField.VOLUME_LOTS >> 3] = statistics.volumeLots[symbolId]!
    doubles[StateField.TURNOVER_HIGH >> 3] = statistics.turnoverHigh[symbolId]!
    doubles[StateField.TURNOVER_LOW >> 3] = statistics.turnoverLow[symbolId]!
  }

  #isStateSame(symbolId: number): boolean {
    for (let word = 0; word < STATE_WORDS; word++) {
      if (this.#publishedState[symbolId * STATE_WORDS + word] !== this.#presentState.int32[word]) return false
    }
    return true
  }

  #publishState(symbolId: number, epoch: number, sink: FrameSink): void {
    this.#writer.begin(STATE.kind, STATE.stride, epoch, symbolId)
    copyWords(this.#presentState.int32, 0, this.#writer.buffer.int32, this.#writer.extend(1) >> 2, STATE_WORDS)
    this.#publishedState.set(this.#presentState.int32, symbolId * STATE_WORDS)
    this.#emit(STATE, symbolId, this.lastSeq(symbolId), sink)
  }

  /** Ends the frame as the next link of its channel's chain, and hands it out. */
  #emit(channel: ChannelShape, symbolId: number, lastSeq: number, sink: FrameSink): void {
    const at = symbolId * CHANNELS.length + channel.column
    const previousSeq = this.#channelSeq[at]!
    assert(previousSeq <= lastSeq, 'a channel only moves on')
    this.#channelSeq[at] = lastSeq
    const recordSeq = this.#changes.recordSeq[symbolId]!
    const frame = this.#writer.finish(previousSeq, lastSeq, this.#changes.timeNs[symbolId]!, recordSeq)
    sink(symbolId, channel.name, frame, recordSeq)
  }

  #snapshotL1(symbolId: number, epoch: number, sink: (frame: Uint8Array) => void): void {
    this.#readL1(symbolId)
    this.#writer.begin(L1.kind, L1.stride, epoch, symbolId)
    copyWords(this.#presentL1, 0, this.#writer.buffer.int32, this.#writer.extend(1) >> 2, L1_WORDS)
    sink(this.#finishSnapshot(symbolId, 0, this.lastSeq(symbolId)))
  }

  #snapshotLevels(symbolId: number, epoch: number, sink: (frame: Uint8Array) => void): void {
    // Before its flush the book is newer than what L2 told. With the older number the reader takes the next frames,
    // whose quantities are absolute, whole; with the newer one it would drop the first part of a split frame.
    const isPending = this.#changes.isPending(symbolId)
    const seq = isPending ? this.#channelSeq[symbolId * CHANNELS.length + L2.column]! : this.lastSeq(symbolId)
    let left = 0
    for (const side of [Side.BUY, Side.SELL]) this.#book.forEachLevel(symbolId, side, () => void (left += 1))
    this.#writer.begin(FrameKind.L2_SNAPSHOT, L2.stride, epoch, symbolId)
    for (const side of [Side.BUY, Side.SELL]) {
      this.#book.forEachLevel(symbolId, side, (priceTicks, displayedLots, orderCount) => {
        if (this.#writer.isFull) {
          sink(this.#finishSnapshot(symbolId, left, seq))
          this.#writer.begin(FrameKind.L2_SNAPSHOT, L2.stride, epoch, symbolId)
        }
        this.#putLevel(side, priceTicks, displayedLots, orderCount)
        left -= 1
      })
    }
    assert(left === 0, 'as many levels as counted')
    sink(this.#finishSnapshot(symbolId, 0, seq))
  }

  #snapshotOrders(symbolId: number, epoch: number, sink: (frame: Uint8Array) => void): void {
    let left = 0
    for (const side of [Side.BUY, Side.SELL]) this.#book.forEachOrder(symbolId, side, () => void (left += 1))
    this.#writer.begin(FrameKind.L3_SNAPSHOT, L3.stride, epoch, symbolId)
    for (const side of [Side.BUY, Side.SELL]) {
      this.#book.forEachOrder(symbolId, side, (orderId, priceTicks, displayedLots) => {
        if (this.#writer.isFull) {
          sink(this.#finishSnapshot(symbolId, left, this.lastSeq(symbolId)))
          this.#writer.begin(FrameKind.L3_SNAPSHOT, L3.stride, epoch, symbolId)
        }
        this.#putOrder(side, orderId, priceTicks, displayedLots)
        left -= 1
      })
    }
    assert(left === 0, 'as many orders as counted')
    sink(this.#finishSnapshot(symbolId, 0, this.lastSeq(symbolId)))
  }

  #finishSnapshot(symbolId: number, entriesLeft: number, seq: number): Uint8Array {
    return this.#writer.finish(entriesLeft, seq, this.#changes.timeNs[symbolId]!, this.#changes.recordSeq[symbolId]!)
  }

  #putLevel(side: Side, priceTicks: number, quantityLots: number, orderCount: number): void {
    const at = this.#writer.extend(1) >> 2
    const words = this.#writer.buffer.int32
    // SIDE is the low byte of the first word.
    words[at] = side
    words[at + L2Field.PRICE_TICKS / 4] = priceTicks
    words[at + L2Field.QUANTITY_LOTS / 4] = Math.min(quantityLots, LEVEL_LOTS_MAX)
    words[at + L2Field.ORDER_COUNT / 4] = orderCount
  }

  #putOrder(side: Side, orderId: number, priceTicks: number, displayedLots: number): void {
    const at = this.#writer.next()
    const { int32, float64 } = this.#writer.buffer
    int32[at >> 2] = L3Action.ADD | (side << 8)
    int32[(at + L3Field.PRICE_TICKS) >> 2] = priceTicks
    float64[(at + L3Field.ORDER_ID) >> 3] = orderId
    int32[(at + L3Field.QUANTITY_LOTS) >> 2] = displayedLots
    int32[(at + L3Field.LEAVES_LOTS) >> 2] = displayedLots
  }
}

/** Moves `count` entries that lie side by side into the frame. */
function copyEntries(chains: EntryChains, entry: number, count: number, writer: FrameWriter): void {
  const doubles = chains.stride >> 3
  copyDoubles(chains.buffer.float64, entry * doubles, writer.buffer.float64, writer.extend(count) >> 3, count * doubles)
}

/** The levels of a symbol's displayed orders that its changes touched. */
function findLevels(changes: EntryChains, symbolId: number, levels: ChangedLevels): void {
  const words = changes.buffer.int32
  levels.clear()
  for (let entry = changes.first(symbolId); entry !== NO_ENTRY; entry = changes.next(entry)) {
    const at = entry * L3_WORDS
    const head = words[at]!
    if ((head & 0xff) !== L3Action.HIDDEN_TRADE) {
      levels.add(((head >>> 8) & 0xff) as Side, words[at + L3Field.PRICE_TICKS / 4]!)
    }
  }
}

function copyWords(source: Int32Array, from: number, target: Int32Array, to: number, count: number): void {
  for (let word = 0; word < count; word++) target[to + word] = source[from + word]!
}
