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
import { FeedFlag } from './feed-event.ts'
import type { FeedSink } from './feed-sink.ts'

/** How far the times of a source go back, at most, behind the latest one before. */
export type Disorder = { exchangeNs: number; localNs: number }

/** Learns the disorder and the lowest latency of events in the source's order. */
export class TwoTimeSurvey {
  readonly disorder: Disorder = { exchangeNs: 0, localNs: 0 }
  latencyMinNs = Number.POSITIVE_INFINITY
  #exchangeMaxNs = Number.NEGATIVE_INFINITY
  #localMaxNs = Number.NEGATIVE_INFINITY

  add(exchangeNs: number, localNs: number): void {
    this.latencyMinNs = Math.min(this.latencyMinNs, localNs - exchangeNs)
    this.#exchangeMaxNs = Math.max(this.#exchangeMaxNs, exchangeNs)
    this.#localMaxNs = Math.max(this.#localMaxNs, localNs)
    this.disorder.exchangeNs = Math.max(this.disorder.exchangeNs, this.#exchangeMaxNs - exchangeNs)
    this.disorder.localNs = Math.max(this.disorder.localNs, this.#localMaxNs - localNs)
  }
}

type Row = {
  kind: FeedBlock['kind'][number]
  flags: number
  instrumentIndex: number
  exchangeNs: number
  localNs: number
  priceTicks: number
  quantityLots: number
  orderId: number
  subTicks: number
  sequence: number
}

/** Rows in the order of one of their times; rows of the same time stay in the order in which they came. */
class TimeQueue {
  readonly #rows: Row[] = []
  readonly #timeOf: (row: Row) => number
  readonly #disorderNs: number
  #head = 0
  #latestNs = Number.NEGATIVE_INFINITY

  constructor(timeOf: (row: Row) => number, disorderNs: number) {
    this.#timeOf = timeOf
    this.#disorderNs = disorderNs
  }

  get first(): Row | undefined {
    return this.#rows[this.#head]
  }

  push(row: Row): void {
    const timeNs = this.#timeOf(row)
    assert(timeNs >= this.#latestNs - this.#disorderNs, 'no time goes back further than was said')
    this.#latestNs = Math.max(this.#latestNs, timeNs)
    const rows = this.#rows
    let at = rows.length
    rows.push(row)
    for (; at > this.#head && this.#timeOf(rows[at - 1]!) > timeNs; at--) rows[at] = rows[at - 1]!
    rows[at] = row
  }

  /** True when no row that is still to come can be before the first. */
  isSettled(): boolean {
    const { first } = this
    return first !== undefined && this.#timeOf(first) <= this.#latestNs - this.#disorderNs
  }

  shift(): void {
    this.#head += 1
    if (this.#head < 4_096 || this.#head * 2 < this.#rows.length) return
    this.#rows.splice(0, this.#head)
    this.#head = 0
  }
}

export class TwoTimeOrder {
  readonly counts = { both: 0, exchangeOnly: 0, localOnly: 0 }
  readonly #sink: FeedSink
  readonly #clockOffsetNs: number
  readonly #byExchange: TimeQueue
  readonly #byLocal: TimeQueue

  /** `clockOffsetNs` is added to every local time. */
  constructor(sink: FeedSink, disorder: Disorder, clockOffsetNs: number) {
    this.#sink = sink
    this.#clockOffsetNs = clockOffsetNs
    this.#byExchange = new TimeQueue((row) => row.exchangeNs, disorder.exchangeNs)
    this.#byLocal = new TimeQueue((row) => row.localNs, disorder.localNs)
  }

  /** Event `i` of the block is the next in the source's order. */
  push(block: FeedBlock, i: number): void {
    const row: Row = {
      kind: block.kind[i]!,
      flags: block.flags[i]! & ~(FeedFlag.EXCHANGE | FeedFlag.LOCAL),
      instrumentIndex: block.instrumentIndex[i]!,
      exchangeNs: block.exchangeNs[i]!,
      localNs: block.localNs[i]! + this.#clockOffsetNs,
      priceTicks: block.priceTicks[i]!,
      quantityLots: block.quantityLots[i]!,
      orderId: block.orderId[i]!,
      subTicks: block.subTicks[i]!,
      sequence: block.sequence[i]!,
    }
    this.#byExchange.push(row)
    this.#byLocal.push(row)
    while (this.#byExchange.isSettled() && this.#byLocal.isSettled()) this.#emitNext()
  }

  finish(): void {
    while (this.#byExchange.first !== undefined || this.#byLocal.first !== undefined) this.#emitNext()
  }

  #emitNext(): void {
    const a = this.#byExchange.first
    const b = this.#byLocal.first
    if (a !== undefined && b !== undefined && a.exchangeNs === b.exchangeNs && a.localNs === b.localNs) {
      this.counts.both += 1
      this.#emit(a, FeedFlag.EXCHANGE | FeedFlag.LOCAL)
      this.#byExchange.shift()
      this.#byLocal.shift()
    } else if (a !== undefined && (b === undefined || isEarlier(a, b))) {
      this.counts.exchangeOnly += 1
      this.#emit(a, FeedFlag.EXCHANGE)
      this.#byExchange.shift()
    } else {
      assert(b !== undefined, 'one of the orders has a row')
      this.counts.localOnly += 1
      this.#emit(b, FeedFlag.LOCAL)
      this.#byLocal.shift()
    }
  }

  #emit(row: Row, seen: number): void {
    this.#sink.push(
      row.kind as Parameters<FeedSink['push']>[0],
      row.flags | seen,
      row.instrumentIndex,
      row.exchangeNs,
      row.localNs,
      row.priceTicks,
      row.quantityLots,
      row.orderId,
      row.subTicks,
      row.sequence,
    )
  }
}

function isEarlier(a: Row, b: Row): boolean {
  return a.exchangeNs < b.exchangeNs || (a.exchangeNs === b.exchangeNs && a.localNs < b.localNs)
}
