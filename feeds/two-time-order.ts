// Puts events that were seen at two times into one order that both the exchange and the local side can be replayed from.
//
// Two stable orders are made of the events, one by exchange time, one by local time. Both are walked together: where the
// same times come next in both, the event is stored once, seen by both sides; otherwise the one with the earlier
// exchange time (then local time) comes first, seen by the exchange alone, or by us alone. An event whose place differs
// is so stored twice.
//
// Memory is bounded by the disorder: how far times go back in the source's order. It must be known beforehand.

import { assert } from '../base/assert.ts'
import { FeedBlock } from './feed-block.ts'
import { FeedFlag } from './feed-event.ts'

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

/** Where events go in their order: the feed encoder. */
export type RunSink = {
  /** Takes events `from .. to` of the block: seen by these sides (flags), `lateNs` later at the local one. */
  pushRun(block: FeedBlock, from: number, to: number, seen: number, lateNs: number): void
}

const INITIAL_CAPACITY = 4_096

/**
 * Events that wait, in the blocks in which they came, by runs: neighbours in a block with the same two times, as those of
 * one message have. Runs are numbered from 0 in the source's order, and kept in columns of a ring.
 */
class WaitingRuns {
  exchangeNs = new Float64Array(INITIAL_CAPACITY)
  localNs = new Float64Array(INITIAL_CAPACITY)
  start = new Uint32Array(INITIAL_CAPACITY)
  count = new Uint32Array(INITIAL_CAPACITY)
  mask = INITIAL_CAPACITY - 1
  #blockNumber = new Uint32Array(INITIAL_CAPACITY)
  /** How many of the two orders are done with the run. */
  #doneCount = new Uint8Array(INITIAL_CAPACITY)
  #oldest = 0
  #next = 0
  /** Blocks with runs that wait, by number less that of the oldest. */
  readonly #blocks: FeedBlock[] = []
  #oldestBlock = 0
  readonly #spare: FeedBlock[] = []

  addBlock(block: FeedBlock): void {
    this.#blocks.push(block)
  }

  /** A block whose events no longer wait, or a new one. */
  takeSpare(): FeedBlock {
    return this.#spare.pop() ?? new FeedBlock()
  }

  blockOf(run: number): FeedBlock {
    return this.#blocks[this.#blockNumber[run & this.mask]! - this.#oldestBlock]!
  }

  /** Events `start .. end` of the block added last are the next run; gives its number. */
  push(exchangeNs: number, localNs: number, start: number, end: number): number {
    if (this.#next - this.#oldest > this.mask) this.#grow()
    const number = this.#next
    const at = number & this.mask
    this.#next = number + 1
    this.#doneCount[at] = 0
    this.#blockNumber[at] = this.#oldestBlock + this.#blocks.length - 1
    this.exchangeNs[at] = exchangeNs
    this.localNs[at] = localNs
    this.start[at] = start
    this.count[at] = end - start
    return number
  }

  /** One of the two orders is done with the run; when both are, its place is free once the older ones are. */
  release(run: number): void {
    this.#doneCount[run & this.mask]! += 1
    while (this.#oldest < this.#next && this.#doneCount[this.#oldest & this.mask] === 2) this.#oldest += 1
    // A block whose last run has gone goes too; the newest may still get runs.
    const needed = this.#oldest < this.#next ? this.#blockNumber[this.#oldest & this.mask]! : Number.POSITIVE_INFINITY
    while (this.#blocks.length > 1 && this.#oldestBlock < needed) {
      this.#spare.push(this.#blocks.shift()!)
      this.#oldestBlock += 1
    }
  }

  #grow(): void {
    const capacity = 2 * (this.mask + 1)
    const grown = <T extends Column>(from: T, to: T) => copyRing(from, to, this.#oldest, this.#next)
    this.exchangeNs = grown(this.exchangeNs, new Float64Array(capacity))
    this.localNs = grown(this.localNs, new Float64Array(capacity))
    this.start = grown(this.start, new Uint32Array(capacity))
    this.count = grown(this.count, new Uint32Array(capacity))
    this.#blockNumber = grown(this.#blockNumber, new Uint32Array(capacity))
    this.#doneCount = grown(this.#doneCount, new Uint8Array(capacity))
    this.mask = capacity - 1
  }
}

type Column = Uint8Array | Uint32Array | Float64Array

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
  /** Events of the first run that have been emitted. */
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
  readonly #sink: RunSink
  readonly #clockOffsetNs: number
  readonly #runs = new WaitingRuns()
  readonly #byExchange: TimeQueue
  readonly #byLocal: TimeQueue

  /** `clockOffsetNs` is added to every local time. */
  constructor(sink: RunSink, disorder: Disorder, clockOffsetNs: number) {
    this.#sink = sink
    this.#clockOffsetNs = clockOffsetNs
    this.#byExchange = new TimeQueue(disorder.exchangeNs)
    this.#byLocal = new TimeQueue(disorder.localNs)
  }

  /** The events of the block are the next in the source's order. It stays here until `takeSpare` gives it back. */
  push(block: FeedBlock): void {
    const { count, exchangeNs, localNs } = block
    this.#runs.addBlock(block)
    for (let start = 0; start < count; ) {
      const exchange = exchangeNs[start]!
      const local = localNs[start]!
      let end = start + 1
      while (end < count && exchangeNs[end] === exchange && localNs[end] === local) end += 1
      const run = this.#runs.push(exchange, local, start, end)
      this.#byExchange.push(run, exchange)
      this.#byLocal.push(run, local)
      while (this.#byExchange.isSettled() && this.#byLocal.isSettled()) this.#emitNext()
      start = end
    }
  }

  /** A block to fill and push next. */
  takeSpare(): FeedBlock {
    return this.#runs.takeSpare()
  }

  finish(): void {
    while (!this.#byExchange.isEmpty || !this.#byLocal.isEmpty) this.#emitNext()
  }

  /** The events that come next in the same way, at most what is left of the first runs. */
  #emitNext(): void {
    const { exchangeNs, localNs, mask } = this.#runs
    const hasA = !this.#byExchange.isEmpty
    const hasB = !this.#byLocal.isEmpty
    const a = hasA ? this.#byExchange.first : 0
    const b = hasB ? this.#byLocal.first : 0
    const [atA, atB] = [a & mask, b & mask]
    const exchangeAheadNs = exchangeNs[atB]! - exchangeNs[atA]!
    const localAheadNs = localNs[atB]! - localNs[atA]!
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
      assert(hasB, 'one of the orders has an event')
      const count = this.#left(this.#byLocal, b)
      this.counts.localOnly += count
      this.#emit(this.#byLocal, b, count, FeedFlag.LOCAL)
    }
  }

  #left(queue: TimeQueue, run: number): number {
    return this.#runs.count[run & this.#runs.mask]! - queue.taken
  }

  /** `run` is the first of the queue. */
  #emit(queue: TimeQueue, run: number, count: number, seen: number): void {
    const start = this.#runs.start[run & this.#runs.mask]! + queue.taken
    this.#sink.pushRun(this.#runs.blockOf(run), start, start + count, seen, this.#clockOffsetNs)
    this.#take(queue, run, count)
  }

  #take(queue: TimeQueue, run: number, count: number): void {
    queue.taken += count
    if (this.#left(queue, run) > 0) return
    queue.shift()
    this.#runs.release(run)
  }
}
