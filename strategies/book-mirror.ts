// A mirror of one symbol's price levels, kept level with the engine's from market-data frames alone.
//
//            increment: kept            snapshot, then what was kept          gap
//   WAITING ----------------> WAITING --------------------------------> LIVE -----> WAITING
//
// Invariant: while LIVE, the levels are those of the engine at stream number `seq`.

import { L2Field } from '../protocol/frame.ts'
import { FrameFault, FrameReader } from '../protocol/frame-reader.ts'
import { FrameKind, Side } from '../protocol/kinds.ts'

export const MirrorState = { WAITING: 1, LIVE: 2 } as const
export type MirrorState = (typeof MirrorState)[keyof typeof MirrorState]

/** Increments kept while a snapshot is under way; with more than that the snapshot comes too late, and the oldest go. */
const KEPT_COUNT_MAX = 4_096

/** One side, best level first. */
class MirrorSide {
  readonly ticks: number[] = []
  readonly lots: number[] = []
  readonly orderCounts: number[] = []
  readonly #sign: number

  constructor(side: Side) {
    this.#sign = side === Side.BUY ? -1 : 1
  }

  clear(): void {
    this.ticks.length = 0
    this.lots.length = 0
    this.orderCounts.length = 0
  }

  set(priceTicks: number, quantityLots: number, orderCount: number): void {
    let low = 0
    let high = this.ticks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sign * this.ticks[middle]! < this.#sign * priceTicks) low = middle + 1
      else high = middle
    }
    const isThere = low < this.ticks.length && this.ticks[low] === priceTicks
    if (quantityLots > 0) {
      if (isThere) {
        this.lots[low] = quantityLots
        this.orderCounts[low] = orderCount
      } else {
        this.ticks.splice(low, 0, priceTicks)
        this.lots.splice(low, 0, quantityLots)
        this.orderCounts.splice(low, 0, orderCount)
      }
    } else if (isThere) {
      this.ticks.splice(low, 1)
      this.lots.splice(low, 1)
      this.orderCounts.splice(low, 1)
    }
  }
}

export class BookMirror {
  state: MirrorState = MirrorState.WAITING
  /** Stream number that the levels are true at. */
  seq = 0
  /** Record that they are true at. */
  recordSeq = 0
  /** Times that a gap was found, and that a snapshot closed one. */
  gapCount = 0
  repairedCount = 0
  readonly bids = new MirrorSide(Side.BUY)
  readonly asks = new MirrorSide(Side.SELL)
  readonly #reader = new FrameReader()
  readonly #kept: Uint8Array[] = []
  #isFirst = true

  /** Takes one L2 increment. True when the levels changed. Becomes WAITING at a gap: the owner asks for a snapshot. */
  onIncrement(frame: Uint8Array): boolean {
    if (this.#reader.read(frame) !== FrameFault.NONE || this.#reader.kind !== FrameKind.L2) return false
    if (this.state === MirrorState.WAITING) {
      this.#keep(frame)
      return false
    }
    return this.#apply(frame)
  }

  /** Takes the snapshot that was asked for. False when it is none, or too old to join what was kept to it. */
  onSnapshot(frame: Uint8Array): boolean {
    const reader = this.#reader
    if (reader.read(frame) !== FrameFault.NONE || reader.kind !== FrameKind.L2_SNAPSHOT) return false
    this.bids.clear()
    this.asks.clear()
    this.#takeEntries()
    this.seq = reader.lastSeq
    this.recordSeq = reader.recordSeq
    this.state = MirrorState.LIVE
    for (const kept of this.#kept.splice(0)) {
      if (this.#reader.read(kept) === FrameFault.NONE) this.#apply(kept)
      if (this.state !== MirrorState.LIVE) return false
    }
    if (!this.#isFirst) this.repairedCount += 1
    this.#isFirst = false
    return true
  }

  /** The connection broke: nothing is known until the next snapshot. */
  reset(): void {
    this.state = MirrorState.WAITING
    this.#kept.length = 0
  }

  /** The reader holds `frame`. */
  #apply(frame: Uint8Array): boolean {
    const reader = this.#reader
    if (reader.lastSeq <= this.seq) return false
    if (reader.previousSeq > this.seq) {
      this.state = MirrorState.WAITING
      this.gapCount += 1
      this.#keep(frame)
      return false
    }
    this.#takeEntries()
    this.seq = reader.lastSeq
    this.recordSeq = reader.recordSeq
    return true
  }

  #takeEntries(): void {
    const reader = this.#reader
    for (let index = 0; index < reader.count; index++) {
      const side = reader.uint8(index, L2Field.SIDE) === Side.BUY ? this.bids : this.asks
      const quantityLots = reader.int32(index, L2Field.QUANTITY_LOTS)
      side.set(reader.int32(index, L2Field.PRICE_TICKS), quantityLots, reader.int32(index, L2Field.ORDER_COUNT))
    }
  }

  #keep(frame: Uint8Array): void {
    if (this.#kept.length === KEPT_COUNT_MAX) this.#kept.shift()
    this.#kept.push(frame.slice())
  }
}
