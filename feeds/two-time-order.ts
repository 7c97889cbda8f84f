// Puts events that were seen at two times into one order that both the exchange and the local side can be replayed from.
//
// Two stable orders are made of the events, one by exchange time, one by local time. Both are walked together: where the
// same times come next in both, the event is stored once, seen by both sides; otherwise the one with the earlier
// exchange time (then local time) comes first, seen by the exchange alone, or by us alone. An event whose place differs
// is so stored twice.
//
// Memory is bounded by the disorder: how far times go back in the source's order. It must be known beforehand.

import { assert } from '../base/assert.ts'
import type { FeedBlock } from './feed-block.ts'
import { FeedFlag, type FeedKind } from './feed-event.ts'
import type { FeedSink } from './feed-sink.ts'

/** How far the times of a source go back, at most, behind the latest one before. */
export type Disorder = { exchangeNs: number; localNs: number }

/** Learns the disorder and the lowest latency of events in the source's order. */
export class TwoTimeSurvey {
  readonly disorder: Disorder = { exchangeNs: 0, localNs: 0 }
  latencyMinNs = Number.POSITIVE_INFINITY
  #exchangeMaxNs = Number.NEGATIVE_INFINITY
  #localMaxNs = Number.NEGATIVE_INFINITY
  #exchangeNs = Number.NaN
  #localNs = Number.NaN

  add(exchangeNs: number, localNs: number): void {
    // Events of one message have the same times.
    if (exchangeNs === this.#exchangeNs && localNs === this.#localNs) return
    this.#exchangeNs = exchangeNs
    this.#localNs = localNs
    this.latencyMinNs = Math.min(this.latencyMinNs, localNs - exchangeNs)
    this.#exchangeMaxNs = Math.max(this.#exchangeMaxNs, exchangeNs)
    this.#localMaxNs = Math.max(this.#localMaxNs, localNs)
    this.disorder.exchangeNs = Math.max(this.disorder.exchangeNs, this.#exchangeMaxNs - exchangeNs)
    this.disorder.localNs = Math.max(this.disorder.localNs, this.#localMaxNs - localNs)
  }
}

const INITIAL_CAPACITY = 4_096

/** Events that wait, by number from 0 in the source's order: columns of a ring. */
class WaitingRows {
  kind = new Uint8Array(INITIAL_CAPACITY)
  flags = new Uint16Array(INITIAL_CAPACITY)
  instrumentIndex = new Uint16Array(INITIAL_CAPACITY)
  exchangeNs = new Float64Array(INITIAL_CAPACITY)
  localNs = new Float64Array(INITIAL_CAPACITY)
  priceTicks = new Int32Array(INITIAL_CAPACITY)
  quantityLots = new Float64Array(INITIAL_CAPACITY)
  orderId = new Float64Array(INITIAL_CAPACITY)
  subTicks = new Int32Array(INITIAL_CAPACITY)
  sequence = new Float64Array(INITIAL_CAPACITY)
  /** How many of the two orders are done with the row. */
  #doneCount = new Uint8Array(INITIAL_CAPACITY)
  mask = INITIAL_CAPACITY - 1
  #oldest = 0
  #next = 0

  /** Takes event `i` of the block without the flags of who saw it; gives its number. */
  push(block: FeedBlock, i: number, clockOffsetNs: number): number {
    if (this.#next - this.#oldest > this.mask) this.#grow()
    const number = this.#next
    const at = number & this.mask
    this.#next = number + 1
    this.#doneCount[at] = 0
    this.kind[at] = block.kind[i]!
    this.flags[at] = block.flags[i]! & ~(FeedFlag.EXCHANGE | FeedFlag.LOCAL)
    this.instrumentIndex[at] = block.instrumentIndex[i]!
    this.exchangeNs[at] = block.exchangeNs[i]!
    this.localNs[at] = block.localNs[i]! + clockOffsetNs
    this.priceTicks[at] = block.priceTicks[i]!
    this.quantityLots[at] = block.quantityLots[i]!
    this.orderId[at] = block.orderId[i]!
    this.subTicks[at] = block.subTicks[i]!
    this.sequence[at] = block.sequence[i]!
    return number
  }

  /** One of the two orders is done with the row; when both are, its place is free once the older ones are. */
  release(number: number): void {
    this.#doneCount[number & this.mask]! += 1
    while (this.#oldest < this.#next && this.#doneCount[this.#oldest & this.mask] === 2) this.#oldest += 1
  }

  #grow(): void {
    const capacity = 2 * (this.mask + 1)
    const grown = <T extends Column>(from: T, to: T): T => {
      for (let number = this.#oldest; number < this.#next; number++) {
        to[number & (capacity - 1)] = from[number & this.mask]!
      }
      return to
    }
    this.kind = grown(this.kind, new Uint8Array(capacity))
    this.flags = grown(this.flags, new Uint16Array(capacity))
    this.instrumentIndex = grown(this.instrumentIndex, new Uint16Array(capacity))
    this.exchangeNs = grown(this.exchangeNs, new Float64Array(capacity))
    this.localNs = grown(this.localNs, new Float64Array(capacity))
    this.priceTicks = grown(this.priceTicks, new Int32Array(capacity))
    this.quantityLots = grown(this.quantityLots, new Float64Array(capacity))
    this.orderId = grown(this.orderId, new Float64Array(capacity))
    this.subTicks = grown(this.subTicks, new Int32Array(capacity))
    this.sequence = grown(this.sequence, new Float64Array(capacity))
    this.#doneCount = grown(this.#doneCount, new Uint8Array(capacity))
    this.mask = capacity - 1
  }
}

type Column = Uint8Array | Uint16Array | Int32Array | Float64Array

/** Rows in the order of one of their times; rows of the same time stay in the order in which they came. */
class TimeQueue {
  #times = new Float64Array(INITIAL_CAPACITY)
  #numbers = new Float64Array(INITIAL_CAPACITY)
  readonly #disorderNs: number
  #head = 0
  #tail = 0
  #latestNs = Number.NEGATIVE_INFINITY

  constructor(disorderNs: number) {
    this.#disorderNs = disorderNs
  }

  get isEmpty(): boolean {
    return this.#head === this.#tail
  }

  /** Number of the first row; there must be one. */
  get first(): number {
    return this.#numbers[this.#head]!
  }

  push(number: number, timeNs: number): void {
    assert(timeNs >= this.#latestNs - this.#disorderNs, 'no time goes back further than was said')
    if (timeNs > this.#latestNs) this.#latestNs = timeNs
    if (this.#tail === this.#times.length) this.#makeRoom()
    const times = this.#times
    const numbers = this.#numbers
    let at = this.#tail
    for (; at > this.#head && times[at - 1]! > timeNs; at--) {
      times[at] = times[at - 1]!
      numbers[at] = numbers[at - 1]!
    }
    times[at] = timeNs
    numbers[at] = number
    this.#tail += 1
  }

  /** True when no row that is still to come can be before the first. */
  isSettled(): boolean {
    return this.#head < this.#tail && this.#times[this.#head]! <= this.#latestNs - this.#disorderNs
  }

  shift(): void {
    this.#head += 1
    if (this.#head !== this.#tail) return
    this.#head = 0
    this.#tail = 0
  }

  /** Moves the rows to the front, of larger columns when they would fill more than half. */
  #makeRoom(): void {
    const count = this.#tail - this.#head
    const isHalfFree = count * 2 <= this.#times.length
    const capacity = isHalfFree ? this.#times.length : this.#times.length * 2
    const [times, numbers] = isHalfFree
      ? [this.#times, this.#numbers]
      : [new Float64Array(capacity), new Float64Array(capacity)]
    times.set(this.#times.subarray(this.#head, this.#tail))
    numbers.set(this.#numbers.subarray(this.#head, this.#tail))
    this.#times = times
    this.#numbers = numbers
    this.#head = 0
    this.#tail = count
  }
}

export class TwoTimeOrder {
  readonly counts = { both: 0, exchangeOnly: 0, localOnly: 0 }
  readonly #sink: FeedSink
  readonly #clockOffsetNs: number
  readonly #rows = new WaitingRows()
  readonly #byExchange: TimeQueue
  readonly #byLocal: TimeQueue

  /** `clockOffsetNs` is added to every local time. */
  constructor(sink: FeedSink, disorder: Disorder, clockOffsetNs: number) {
    this.#sink = sink
    this.#clockOffsetNs = clockOffsetNs
    this.#byExchange = new TimeQueue(disorder.exchangeNs)
    this.#byLocal = new TimeQueue(disorder.localNs)
  }

  /** Event `i` of the block is the next in the source's order. */
  push(block: FeedBlock, i: number): void {
    const number = this.#rows.push(block, i, this.#clockOffsetNs)
    this.#byExchange.push(number, block.exchangeNs[i]!)
    this.#byLocal.push(number, block.localNs[i]! + this.#clockOffsetNs)
    while (this.#byExchange.isSettled() && this.#byLocal.isSettled()) this.#emitNext()
  }

  finish(): void {
    while (!this.#byExchange.isEmpty || !this.#byLocal.isEmpty) this.#emitNext()
  }

  #emitNext(): void {
    const { exchangeNs, localNs, mask } = this.#rows
    const hasA = !this.#byExchange.isEmpty
    const hasB = !this.#byLocal.isEmpty
    const a = hasA ? this.#byExchange.first : 0
    const b = hasB ? this.#byLocal.first : 0
    const [atA, atB] = [a & mask, b & mask]
    const exchangeAheadNs = exchangeNs[atB]! - exchangeNs[atA]!
    const localAheadNs = localNs[atB]! - localNs[atA]!
    if (hasA && hasB && exchangeAheadNs === 0 && localAheadNs === 0) {
      this.counts.both += 1
      this.#emit(atA, FeedFlag.EXCHANGE | FeedFlag.LOCAL)
      this.#byExchange.shift()
      this.#byLocal.shift()
      this.#rows.release(a)
      this.#rows.release(b)
    } else if (hasA && (!hasB || exchangeAheadNs > 0 || (exchangeAheadNs === 0 && localAheadNs > 0))) {
      this.counts.exchangeOnly += 1
      this.#emit(atA, FeedFlag.EXCHANGE)
      this.#byExchange.shift()
      this.#rows.release(a)
    } else {
      assert(hasB, 'one of the orders has a row')
      this.counts.localOnly += 1
      this.#emit(atB, FeedFlag.LOCAL)
      this.#byLocal.shift()
      this.#rows.release(b)
    }
  }

  #emit(at: number, seen: number): void {
    const rows = this.#rows
    this.#sink.push(
      rows.kind[at]! as FeedKind,
      rows.flags[at]! | seen,
      rows.instrumentIndex[at]!,
      rows.exchangeNs[at]!,
      rows.localNs[at]!,
      rows.priceTicks[at]!,
      rows.quantityLots[at]!,
      rows.orderId[at]!,
      rows.subTicks[at],
      rows.sequence[at],
    )
  }
}
