// How large a quote may be: the limit on what the active quotes could add to positions.
//
// A reservation is what one active quote still has open, per side. It is never booked or released here: the numbers of
// the exchange are handed in after each change (`observe`), so that a reservation cannot outlive its quote. The sums
// over all symbols are kept running.
//
// Invariants, with the same limit L for a symbol and for the sums:
//   position + bid reservation <= +L      position - ask reservation >= -L      for each symbol
//   sum of bid reservations    <=  L      sum of ask reservations    <=  L      over all symbols
// A fill keeps them: it moves lots from the reservation to the position.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'

export class Exposure {
  readonly limitLots: number
  readonly #bidLots: Float64Array
  readonly #askLots: Float64Array
  #bidLotsTotal = 0
  #askLotsTotal = 0
  #bidLotsHighest = 0
  #askLotsHighest = 0

  constructor(symbolCount: number, limitLots: number) {
    assert(limitLots > 0, 'there is a limit')
    this.limitLots = limitLots
    this.#bidLots = new Float64Array(symbolCount)
    this.#askLots = new Float64Array(symbolCount)
  }

  get bidLotsTotal(): number {
    return this.#bidLotsTotal
  }

  get askLotsTotal(): number {
    return this.#askLotsTotal
  }

  /** Most that was ever reserved at once, per side. */
  get bidLotsHighest(): number {
    return this.#bidLotsHighest
  }

  get askLotsHighest(): number {
    return this.#askLotsHighest
  }

  bidLots(symbolId: number): number {
    return this.#bidLots[symbolId]!
  }

  askLots(symbolId: number): number {
    return this.#askLots[symbolId]!
  }

  /** The most that a new quote's bid may be. The reservation of the quote that it replaces does not count. */
  bidLotsAllowed(symbolId: number, netLots: number): number {
    const bySymbol = this.limitLots - netLots
    const bySum = this.limitLots - (this.#bidLotsTotal - this.#bidLots[symbolId]!)
    return Math.max(0, Math.min(bySymbol, bySum))
  }

  askLotsAllowed(symbolId: number, netLots: number): number {
    const bySymbol = this.limitLots + netLots
    const bySum = this.limitLots - (this.#askLotsTotal - this.#askLots[symbolId]!)
    return Math.max(0, Math.min(bySymbol, bySum))
  }

  /** A quote of this size becomes active in place of the symbol's old one. It may trade at once, but it reserved this much. */
  activate(symbolId: number, bidLots: number, askLots: number): void {
    this.observe(symbolId, bidLots, askLots)
    this.#bidLotsHighest = Math.max(this.#bidLotsHighest, this.#bidLotsTotal)
    this.#askLotsHighest = Math.max(this.#askLotsHighest, this.#askLotsTotal)
  }

  /** What the symbol's active quote has open now; 0 and 0 when there is none. */
  observe(symbolId: number, bidLots: number, askLots: number): void {
    assert(bidLots >= 0 && askLots >= 0, 'a quote has nothing negative open')
    this.#bidLotsTotal += bidLots - this.#bidLots[symbolId]!
    this.#askLotsTotal += askLots - this.#askLots[symbolId]!
    this.#bidLots[symbolId] = bidLots
    this.#askLots[symbolId] = askLots
    assert(this.#bidLotsTotal >= 0 && this.#bidLotsTotal <= this.limitLots, 'bids stay within the limit')
    assert(this.#askLotsTotal >= 0 && this.#askLotsTotal <= this.limitLots, 'asks stay within the limit')
  }

  snapshot(writer: ByteWriter): void {
    writer.safeInteger(this.#bidLotsHighest)
    writer.safeInteger(this.#askLotsHighest)
  }

  /** Reservations are not in a snapshot: the restored exchange tells them, through `observe`. */
  restore(reader: ByteReader): void {
    this.#bidLotsHighest = reader.safeInteger()
    this.#askLotsHighest = reader.safeInteger()
  }
}
