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

/**
 * Events that wait, by number from 0 in the source's order: columns of a ring. Events of one message have the same times,
 * so times, and whether both orders are done, are kept by run: neighbours with the same two times.
 */
class WaitingRows {
  kind = new Uint8Array(INITIAL_CAPACITY)
  flags = new Uint16Array(INITIAL_CAPACITY)
  instrumentIndex = new Uint16Array(INITIAL_CAPACITY)
  priceTicks = new Int32Array(INITIAL_CAPACITY)
  quantityLots = new Float64Array(INITIAL_CAPACITY)
  orderId = new Float64Array(INITIAL_CAPACITY)
  subTicks = new Int32Array(INITIAL_CAPACITY)
  sequence = new Float64Array(INITIAL_CAPACITY)
  mask = INITIAL_CAPACITY - 1
  // By number of the run.
  runExchangeNs = new Float64Array(INITIAL_CAPACITY)
  runLocalNs = new Float64Array(INITIAL_CAPACITY)
  runStart = new Float64Array(INITIAL_CAPACITY)
  runCount = new Uint32Array(INITIAL_CAPACITY)
  /** How many of the two orders are done with the run. */
  #doneCount = new Uint8Array(INITIAL_CAPACITY)
  runMask = INITIAL_CAPACITY - 1
  #oldestRun = 0
  #nextRun = 0
  #oldest = 0
  #next = 0

  /** Takes event `i` of the block without the flags of who saw it, into the run begun last. */
  push(block: FeedBlock, i: number): void {
    if (this.#next - this.#oldest > this.mask) this.#grow()
    const at = this.#next & this.mask
    this.#next += 1
    this.runCount[(this.#nextRun - 1) & this.runMask]! += 1
    this.kind[at] = block.kind[i]!
    this.flags[at] = block.flags[i]! & ~(FeedFlag.EXCHANGE | FeedFlag.LOCAL)
    this.instrumentIndex[at] = block.instrumentIndex[i]!
    this.priceTicks[at] = block.priceTicks[i]!
    this.quantityLots[at] = block.quantityLots[i]!
    this.orderId[at] = block.orderId[i]!
    this.subTicks[at] = block.subTicks[i]!
    this.sequence[at] = block.sequence[i]!
  }

  /** Gives the number of a new run. */
  beginRun(exchangeNs: number, localNs: number): number {
    if (this.#nextRun - this.#oldestRun > this.runMask) this.#growRuns()
    const number = this.#nextRun
    const at = number & this.runMask
    this.#nextRun = number + 1
    this.#doneCount[at] = 0
    this.runExchangeNs[at] = exchangeNs
    this.runLocalNs[at] = localNs
    this.runStart[at] = this.#next
    this.runCount[at] = 0
    return number
  }

  /** One of the two orders is done with the run; when both are, its place is free once the older ones are. */
  release(run: number): void {
    this.#doneCount[run & this.runMask]! += 1
    while (this.#oldestRun < this.#nextRun && this.#doneCount[this.#oldestRun & this.runMask] === 2) {
      this.#oldest += this.runCount[this.#oldestRun & this.runMask]!
      this.#oldestRun += 1
    }
  }

  #grow(): void {
    const capacity = 2 * (this.mask + 1)
    const grown = <T extends Column>(from: T, to: T) => copyRing(from, to, this.#oldest, this.#next)
    this.kind = grown(this.kind, new Uint8Array(capacity))
    this.flags = grown(this.flags, new Uint16Array(capacity))
    this.instrumentIndex = grown(this.instrumentIndex, new Uint16Array(capacity))
    this.priceTicks = grown(this.priceTicks, new Int32Array(capacity))
    this.quantityLots = grown(this.quantityLots, new Float64Array(capacity))
    this.orderId = grown(this.orderId, new Float64Array(capacity))
    this.subTicks = grown(this.subTicks, new Int32Array(capacity))
    this.sequence = grown(this.sequence, new Float64Array(capacity))
    this.mask = capacity - 1
  }

  #growRuns(): void {
    const capacity = 2 * (this.runMask + 1)
    const grown = <T extends Column>(from: T, to: T) => copyRing(from, to, this.#oldestRun, this.#nextRun)
    this.runExchangeNs = grown(this.runExchangeNs, new Float64Array(capacity))
    this.runLocalNs = grown(this.runLocalNs, new Float64Array(capacity))
    this.runStart = grown(this.runStart, new Float64Array(capacity))
    this.runCount = grown(this.runCount, new Uint32Array(capacity))
    this.#doneCount = grown(this.#doneCount, new Uint8Array(capacity))
    this.runMask = capacity - 1
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array

/** Both have a power of two of places; a number's place is its low bits. */
function copyRing<T extends Column>(from: T, to: T, oldest: number, next: number): T {
  for (let number = oldest; number < next; number++) to[number & (to.length - 1)] = from[number & (from.length - 1)]!
  return to
}

/** Runs in the order of one of their times; runs of the same time stay in the order in which they came. */
class TimeQueue {
  #times = new Float64Array(INITIAL_CAPACITY)
  #numbers = new Float64Array(INITIAL_CAPACITY)
  readonly #disorderNs: number
  #head = 0
  #tail = 0
  /** Rows of the first run that have been emitted. */
  taken = 0
  #latestNs = Number.NEGATIVE_INFINITY

  constructor(disorderNs: number) {
    this.#disorderNs = disorderNs
  }

  get isEmpty(): boolean {
    return this.#head === this.#tail
  }

  /** Number of the first run; there must be one. */
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

  /** True when no run that is still to come can be before the first. */
  isSettled(): boolean {
    return this.#head < this.#tail && this.#times[this.#head]! <= this.#latestNs - this.#disorderNs
  }

  shift(): void {
    this.taken = 0
    this.#head += 1
    if (this.#head !== this.#tail) return
    this.#head = 0
    this.#tail = 0
  }

  /** Moves the runs to the front, of larger columns when they would fill more than half. */
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
  /** The run that may still grow stands in no order yet; -1: there is none. */
  #openRun = -1
  #exchangeNs = 0
  #localNs = 0

  /** `clockOffsetNs` is added to every local time. */
  constructor(sink: FeedSink, disorder: Disorder, clockOffsetNs: number) {
    this.#sink = sink
    this.#clockOffsetNs = clockOffsetNs
    this.#byExchange = new TimeQueue(disorder.exchangeNs)
    this.#byLocal = new TimeQueue(disorder.localNs)
  }

  /** Event `i` of the block is the next in the source's order. */
  push(block: FeedBlock, i: number): void {
    const exchangeNs = block.exchangeNs[i]!
    const localNs = block.localNs[i]! + this.#clockOffsetNs
    if (this.#openRun < 0 || exchangeNs !== this.#exchangeNs || localNs !== this.#localNs) {
      this.#closeRun()
      while (this.#byExchange.isSettled() && this.#byLocal.isSettled()) this.#emitNext()
      this.#openRun = this.#rows.beginRun(exchangeNs, localNs)
      this.#exchangeNs = exchangeNs
      this.#localNs = localNs
    }
    this.#rows.push(block, i)
  }

  finish(): void {
    this.#closeRun()
    while (!this.#byExchange.isEmpty || !this.#byLocal.isEmpty) this.#emitNext()
  }

  #closeRun(): void {
    if (this.#openRun < 0) return
    this.#byExchange.push(this.#openRun, this.#exchangeNs)
    this.#byLocal.push(this.#openRun, this.#localNs)
    this.#openRun = -1
  }

  /** The rows that come next in the same way, at most what is left of the first runs. */
  #emitNext(): void {
    const { runExchangeNs, runLocalNs, runMask } = this.#rows
    const hasA = !this.#byExchange.isEmpty
    const hasB = !this.#byLocal.isEmpty
    const a = hasA ? this.#byExchange.first : 0
    const b = hasB ? this.#byLocal.first : 0
    const [atA, atB] = [a & runMask, b & runMask]
    const exchangeAheadNs = runExchangeNs[atB]! - runExchangeNs[atA]!
    const localAheadNs = runLocalNs[atB]! - runLocalNs[atA]!
    if (hasA && hasB && exchangeAheadNs === 0 && localAheadNs === 0) {
      const count = Math.min(this.#left(this.#byExchange, a), this.#left(this.#byLocal, b))
      this.counts.both += count
      this.#emit(this.#byExchange, a, count, FeedFlag.EXCHANGE | FeedFlag.LOCAL)
      this.#take(this.#byLocal, b, count)
    } else if (hasA && (!hasB || exchangeAheadNs > 0 || (exchangeAheadNs === 0 && localAheadNs > 0))) {
      const count = this.#left(this.#byExchange, a)
      this.counts.exchangeOnly += count
      this.#emit(this.#byExchange, a, count, FeedFlag.EXCHANGE)
    } else {
      assert(hasB, 'one of the orders has a row')
      const count = this.#left(this.#byLocal, b)
      this.counts.localOnly += count
      this.#emit(this.#byLocal, b, count, FeedFlag.LOCAL)
    }
  }

  #left(queue: TimeQueue, run: number): number {
    return this.#rows.runCount[run & this.#rows.runMask]! - queue.taken
  }

  /** `run` is the first of the queue. */
  #emit(queue: TimeQueue, run: number, count: number, seen: number): void {
    const rows = this.#rows
    const at = run & rows.runMask
    const first = rows.runStart[at]! + queue.taken
    const exchangeNs = rows.runExchangeNs[at]!
    const localNs = rows.runLocalNs[at]!
    for (let number = first; number < first + count; number++) {
      const row = number & rows.mask
      this.#sink.push(
        rows.kind[row]! as FeedKind,
        rows.flags[row]! | seen,
        rows.instrumentIndex[row]!,
        exchangeNs,
        localNs,
        rows.priceTicks[row]!,
        rows.quantityLots[row]!,
        rows.orderId[row]!,
        rows.subTicks[row],
        rows.sequence[row],
      )
    }
    this.#take(queue, run, count)
  }

  #take(queue: TimeQueue, run: number, count: number): void {
    queue.taken += count
    if (this.#left(queue, run) > 0) return
    queue.shift()
    this.#rows.release(run)
  }
}
