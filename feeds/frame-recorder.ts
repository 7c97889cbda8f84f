// From the L3 frames of one symbol, as the engine publishes them, to feed events with both times: the record's, and when
// the frame reached us.
//
// A recording starts with a snapshot, asked for while frames already come: those wait, and what the snapshot has in it
// already is passed over. After a gap the same happens again: GAP, CLEAR, the new snapshot's orders.

import { L3Field } from '../protocol/frame.ts'
import { FrameFault, FrameReader } from '../protocol/frame-reader.ts'
import { EventFlag, FrameKind, L3Action, Side } from '../protocol/kinds.ts'
import { FeedFlag, FeedKind, SIDE_FLAGS } from './feed-event.ts'
import type { FeedSink } from './feed-sink.ts'

export type FrameRecorderCounts = {
  frames: number
  entries: number
  snapshots: number
  gaps: number
  badFrames: number
}

type Waiting = { readonly frame: Uint8Array; readonly localNs: number }

/** Frames that wait for a snapshot; more than these, and the snapshot never came. */
const WAITING_COUNT_MAX = 10_000
const BOTH_TIMES = FeedFlag.EXCHANGE | FeedFlag.LOCAL

export class FrameRecorder {
  readonly counts: FrameRecorderCounts = { frames: 0, entries: 0, snapshots: 0, gaps: 0, badFrames: 0 }
  readonly #sink: FeedSink
  readonly #instrumentIndex: number
  readonly #symbolId: number
  readonly #reader = new FrameReader()
  readonly #waiting: Waiting[] = []
  #seq = -1
  /** Someone must ask the engine for a snapshot. */
  needsSnapshot = true

  constructor(sink: FeedSink, instrumentIndex: number, symbolId: number) {
    this.#sink = sink
    this.#instrumentIndex = instrumentIndex
    this.#symbolId = symbolId
  }

  /** A frame of the symbol's l3 subject: it is copied when it has to wait. */
  receive(frame: Uint8Array, localNs: number): void {
    if (this.needsSnapshot) {
      if (this.#waiting.length < WAITING_COUNT_MAX) this.#waiting.push({ frame: frame.slice(), localNs })
      return
    }
    if (!this.#read(frame, FrameKind.L3)) return
    const reader = this.#reader
    if (reader.lastSeq <= this.#seq) return
    if (reader.previousSeq > this.#seq) {
      this.counts.gaps += 1
      const missing = reader.previousSeq - this.#seq
      const flags = BOTH_TIMES | FeedFlag.LAST
      this.#sink.push(FeedKind.GAP, flags, this.#instrumentIndex, reader.timeNs, localNs, 0, missing, 0)
      this.needsSnapshot = true
      this.#waiting.push({ frame: frame.slice(), localNs })
      return
    }
    this.counts.frames += 1
    this.#apply(localNs)
  }

  /** A whole snapshot of the symbol's orders. False: it is none, or too old for what waits; ask again. */
  takeSnapshot(frame: Uint8Array, localNs: number): boolean {
    if (!this.needsSnapshot) return true
    if (!this.#read(frame, FrameKind.L3_SNAPSHOT)) return false
    const reader = this.#reader
    // A part of a longer one: it does not hold all orders.
    if (reader.previousSeq > 0) return false
    const first = this.#waiting[0]
    if (first !== undefined && !this.#isJoined(first.frame, reader.lastSeq)) return false
    this.#read(frame, FrameKind.L3_SNAPSHOT)
    this.counts.snapshots += 1
    this.#seq = reader.lastSeq
    const { timeNs } = reader
    const index = this.#instrumentIndex
    const snapshotFlags = BOTH_TIMES | FeedFlag.SNAPSHOT
    this.#sink.push(FeedKind.CLEAR, snapshotFlags | SIDE_FLAGS, index, timeNs, localNs, 0, 0, 0, 0, this.#seq)
    for (let entry = 0; entry < reader.count; entry++) {
      const side = reader.uint8(entry, L3Field.SIDE) === Side.BUY ? FeedFlag.BUY : FeedFlag.SELL
      const ticks = reader.int32(entry, L3Field.PRICE_TICKS)
      const lots = reader.int32(entry, L3Field.LEAVES_LOTS)
      const orderId = reader.float64(entry, L3Field.ORDER_ID)
      this.#sink.push(FeedKind.ADD, snapshotFlags | side, index, timeNs, localNs, ticks, lots, orderId, 0, this.#seq)
    }
    this.#sink.markLast()
    this.needsSnapshot = false
    for (const waiting of this.#waiting.splice(0)) this.receive(waiting.frame, waiting.localNs)
    return true
  }

  /** False when the frame, the first that waits, starts after the snapshot ends. */
  #isJoined(frame: Uint8Array, snapshotSeq: number): boolean {
    return !this.#read(frame, FrameKind.L3) || this.#reader.previousSeq <= snapshotSeq
  }

  #read(frame: Uint8Array, kind: FrameKind): boolean {
    const isRight = this.#reader.read(frame) === FrameFault.NONE
    if (isRight && this.#reader.kind === kind && this.#reader.streamId === this.#symbolId) return true
    this.counts.badFrames += 1
    return false
  }

  #apply(localNs: number): void {
    const reader = this.#reader
    let isAny = false
    for (let entry = 0; entry < reader.count; entry++) {
      const seq = reader.float64(entry, L3Field.SEQ)
      if (seq <= this.#seq) continue
      const [kind, more] = eventOf(reader.uint8(entry, L3Field.ACTION) as L3Action)
      const side = reader.uint8(entry, L3Field.SIDE) === Side.BUY ? FeedFlag.BUY : FeedFlag.SELL
      const ticks = reader.int32(entry, L3Field.PRICE_TICKS)
      const isAdd = kind === FeedKind.ADD
      const lots = reader.int32(entry, isAdd ? L3Field.LEAVES_LOTS : L3Field.QUANTITY_LOTS)
      const isTrade = kind === FeedKind.TRADE
      const orderId = isTrade ? reader.float64(entry, L3Field.TRADE_ID) : reader.float64(entry, L3Field.ORDER_ID)
      // A trade's side is its aggressor's, an order's its own: the entry has that of the order that rested.
      const shown = isTrade ? SIDE_FLAGS - side : side
      const flags = BOTH_TIMES | more | shown | quoteFlags(reader.uint8(entry, L3Field.FLAGS))
      this.#sink.push(kind, flags, this.#instrumentIndex, reader.timeNs, localNs, ticks, lots, orderId, 0, seq)
      this.counts.entries += 1
      isAny = true
    }
    this.#seq = reader.lastSeq
    if (isAny) this.#sink.markLast()
  }
}

function quoteFlags(flags: number): number {
  const isQuote = (flags & EventFlag.QUOTE) !== 0
  return (isQuote ? FeedFlag.QUOTE : 0) | ((flags & EventFlag.CONTRA_QUOTE) !== 0 ? FeedFlag.BY_QUOTE : 0)
}

function eventOf(action: L3Action): readonly [FeedKind, number] {
  switch (action) {
    case L3Action.ADD:
      return [FeedKind.ADD, 0]
    case L3Action.REDUCE:
      return [FeedKind.REDUCE, 0]
    case L3Action.DELETE:
      return [FeedKind.DELETE, 0]
    case L3Action.EXECUTE:
      return [FeedKind.EXECUTE, 0]
    case L3Action.HIDDEN_TRADE:
      return [FeedKind.TRADE, FeedFlag.HIDDEN]
  }
}
