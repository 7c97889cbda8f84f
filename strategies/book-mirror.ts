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

/** Words of a level. */
const Level = { TICKS: 0, LOTS: 1, ORDER_COUNT: 2, LENGTH: 3 } as const
const LEVEL_COUNT_FIRST = 64

/** One side. Level 0 is the best; kept the other way round, so that a change near the best price moves little. */
export class MirrorSide {
  count = 0
  readonly #sign: number
  #words = new Int32Array(LEVEL_COUNT_FIRST * Level.LENGTH)

  constructor(side: Side) {
    this.#sign = side === Side.BUY ? 1 : -1
  }

  /** 0 beyond the last level. */
  ticksAt(index: number): number {
    return index < this.count ? this.#words[(this.count - 1 - index) * Level.LENGTH + Level.TICKS]! : 0
  }

  lotsAt(index: number): number {
    return index < this.count ? this.#words[(this.count - 1 - index) * Level.LENGTH + Level.LOTS]! : 0
  }

  orderCountAt(index: number): number {
    return index < this.count ? this.#words[(this.count - 1 - index) * Level.LENGTH + Level.ORDER_COUNT]! : 0
  }

  /** The level of this price; -1: there is none. */
  indexOf(priceTicks: number): number {
    const place = this.#placeOf(priceTicks)
    const isThere = place < this.count && this.#words[place * Level.LENGTH + Level.TICKS] === priceTicks
    return isThere ? this.count - 1 - place : -1
  }

  clear(): void {
    this.count = 0
  }

  set(priceTicks: number, quantityLots: number, orderCount: number): void {
    const place = this.#placeOf(priceTicks)
    const isThere = place < this.count && this.#words[place * Level.LENGTH + Level.TICKS] === priceTicks
    if (quantityLots === 0) {
      if (isThere) this.#remove(place)
      return
    }
    if (!isThere) this.#insert(place)
    const at = place * Level.LENGTH
    this.#words[at + Level.TICKS] = priceTicks
    this.#words[at + Level.LOTS] = quantityLots
    this.#words[at + Level.ORDER_COUNT] = orderCount
  }

  /** How many levels are worse than this price. */
  #placeOf(priceTicks: number): number {
    const words = this.#words
    const wanted = this.#sign * priceTicks
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sign * words[middle * Level.LENGTH + Level.TICKS]! < wanted) low = middle + 1
      else high = middle
    }
    return low
  }

  #insert(place: number): void {
    if ((this.count + 1) * Level.LENGTH > this.#words.length) this.#grow()
    const words = this.#words
    for (let at = this.count * Level.LENGTH - 1; at >= place * Level.LENGTH; at--) words[at + Level.LENGTH] = words[at]!
    this.count += 1
  }

  #remove(place: number): void {
    const words = this.#words
    this.count -= 1
    for (let at = place * Level.LENGTH; at < this.count * Level.LENGTH; at++) words[at] = words[at + Level.LENGTH]!
  }

  #grow(): void {
    const before = this.#words
    this.#words = new Int32Array(before.length * 2)
    this.#words.set(before)
  }
}

export class BookMirror {
  state: MirrorState = MirrorState.WAITING
  /** Stream number that the levels are true at. */
  seq = 0
  /** Stream number that the last increment began behind. */
  previousSeq = 0
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
    // A snapshot lists the best levels first: the other way round, none has to make room for the next.
    for (let index = reader.count - 1; index >= 0; index--) this.#takeEntry(index)
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
    for (let index = 0; index < reader.count; index++) this.#takeEntry(index)
    this.previousSeq = reader.previousSeq
    this.seq = reader.lastSeq
    this.recordSeq = reader.recordSeq
    return true
  }

  #takeEntry(index: number): void {
    const reader = this.#reader
    const side = reader.uint8(index, L2Field.SIDE) === Side.BUY ? this.bids : this.asks
    const quantityLots = reader.int32(index, L2Field.QUANTITY_LOTS)
    side.set(reader.int32(index, L2Field.PRICE_TICKS), quantityLots, reader.int32(index, L2Field.ORDER_COUNT))
  }

  #keep(frame: Uint8Array): void {
    if (this.#kept.length === KEPT_COUNT_MAX) this.#kept.shift()
    this.#kept.push(frame.slice())
  }
}
