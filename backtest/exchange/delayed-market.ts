// What we learn of a live book: changes of its levels and trades, each at its time, later than at the exchange. In order:
// no news overtakes earlier news.

import { Side } from '../../protocol/kinds.ts'
import type { ReplayBook } from '../replay/replay-book.ts'
import { RowFlag } from '../replay/replay-rows.ts'
import type { VenueObserver } from '../run/venue.ts'

const Kind = { BID: 0, ASK: 1, BUYER_TOOK: 2, SELLER_TOOK: 3 } as const
const INITIAL_CAPACITY = 4096

export class DelayedMarket {
  #timeNs = new Float64Array(INITIAL_CAPACITY)
  #quantity = new Float64Array(INITIAL_CAPACITY)
  #ticks = new Int32Array(INITIAL_CAPACITY)
  #kind = new Uint8Array(INITIAL_CAPACITY)
  #head = 0
  #tail = 0
  #lastNs = Number.NEGATIVE_INFINITY

  /** When the next news comes; Infinity: none is under way. */
  get firstNs(): number {
    return this.#head === this.#tail ? Number.POSITIVE_INFINITY : this.#timeNs[this.#head]!
  }

  level(side: Side, ticks: number, quantity: number, timeNs: number): void {
    this.#push(side === Side.BUY ? Kind.BID : Kind.ASK, ticks, quantity, timeNs)
  }

  trade(aggressor: Side, ticks: number, quantity: number, timeNs: number): void {
    this.#push(aggressor === Side.BUY ? Kind.BUYER_TOOK : Kind.SELLER_TOOK, ticks, quantity, timeNs)
  }

  /** Brings the book to `untilNs`; gives the number of news. */
  advance(untilNs: number, book: ReplayBook, observer: Pick<VenueObserver, 'onTrade'>): number {
    const from = this.#head
    while (this.#head < this.#tail && this.#timeNs[this.#head]! <= untilNs) {
      const at = this.#head
      this.#head += 1
      const ticks = this.#ticks[at]!
      const quantity = this.#quantity[at]!
      if (this.#kind[at] === Kind.BID) book.setBid(ticks, quantity)
      else if (this.#kind[at] === Kind.ASK) book.setAsk(ticks, quantity)
      else {
        const word = this.#kind[at] === Kind.BUYER_TOOK ? RowFlag.BUY : RowFlag.SELL
        observer.onTrade(word, ticks, quantity, this.#timeNs[at]!)
      }
    }
    const count = this.#head - from
    if (this.#head === this.#tail) {
      this.#head = 0
      this.#tail = 0
    }
    return count
  }

  #push(kind: number, ticks: number, quantity: number, timeNs: number): void {
    if (this.#tail === this.#timeNs.length) this.#makeRoom()
    this.#lastNs = Math.max(this.#lastNs, timeNs)
    this.#timeNs[this.#tail] = this.#lastNs
    this.#quantity[this.#tail] = quantity
    this.#ticks[this.#tail] = ticks
    this.#kind[this.#tail] = kind
    this.#tail += 1
  }

  #makeRoom(): void {
    const count = this.#tail - this.#head
    const isHalfFree = count <= this.#timeNs.length / 2
    const capacity = isHalfFree ? this.#timeNs.length : this.#timeNs.length * 2
    const moved = <T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from.subarray(this.#head, this.#tail))
      return to
    }
    this.#timeNs = moved(this.#timeNs, new Float64Array(capacity))
    this.#quantity = moved(this.#quantity, new Float64Array(capacity))
    this.#ticks = moved(this.#ticks, new Int32Array(capacity))
    this.#kind = moved(this.#kind, new Uint8Array(capacity))
    this.#head = 0
    this.#tail = count
  }
}
