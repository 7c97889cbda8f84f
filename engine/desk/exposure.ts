// How large a quote may be: the limit on what the active quotes could add to positions.
//
// A reservation is what one active quote still has open, per side. It is never booked or released here: the numbers of
// the exchange are handed in after each change (`observe`), so that a reservation cannot outlive its quote. The sums
// over all symbols are kept running. What is contended for is shared out by fair-share.ts.
//
// Invariants, with the same limit L for a symbol and for the sums:
//   position + bid reservation <= +L      position - ask reservation >= -L      for each symbol
//   sum of bid reservations    <=  L      sum of ask reservations    <=  L      over all symbols
// A fill keeps them: it moves lots from the reservation to the position.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { Reason, Side } from '../../protocol/kinds.ts'
import { FairShare } from './fair-share.ts'

export class Exposure {
  readonly limitLots: number
  /** What the last `grant` gave, and what kept it from giving more: 0 when it gave all. */
  grantedLots = 0
  cutReason: Reason | 0 = 0
  readonly #bids: FairShare
  readonly #asks: FairShare
  #bidLotsHighest = 0
  #askLotsHighest = 0

  constructor(symbolCount: number, limitLots: number) {
    assert(limitLots > 0, 'there is a limit')
    this.limitLots = limitLots
    this.#bids = new FairShare(symbolCount, limitLots)
    this.#asks = new FairShare(symbolCount, limitLots)
  }

  get bidLotsTotal(): number {
    return this.#bids.heldTotal
  }

  get askLotsTotal(): number {
    return this.#asks.heldTotal
  }

  /** Most that was ever reserved at once, per side. */
  get bidLotsHighest(): number {
    return this.#bidLotsHighest
  }

  get askLotsHighest(): number {
    return this.#askLotsHighest
  }

  bidLots(symbolId: number): number {
    return this.#bids.heldLots(symbolId)
  }

  askLots(symbolId: number): number {
    return this.#asks.heldLots(symbolId)
  }

  /**
   * Decides how much of `wantedLots` a new quote's side may have: `grantedLots` and `cutReason`. Changes nothing else. The
   * reservation of the quote that it replaces does not count.
   */
  grant(symbolId: number, side: Side, wantedLots: number, netLots: number, nowNs: number): void {
    const shares = side === Side.BUY ? this.#bids : this.#asks
    const byPosition = this.#byPosition(side, netLots)
    const allowed = shares.allowedLots(symbolId, Math.min(wantedLots, byPosition), nowNs)
    this.grantedLots = Math.max(0, Math.min(wantedLots, byPosition, allowed))
    if (this.grantedLots === wantedLots) this.cutReason = 0
    else if (byPosition <= allowed) this.cutReason = Reason.POSITION_LIMIT
    else this.cutReason = allowed === shares.freeLots(symbolId) ? Reason.EXPOSURE : Reason.FAIR_SHARE
  }

  /** The symbol's node wants to quote these quantities, whatever it was granted. */
  ask(symbolId: number, bidLots: number, askLots: number, netLots: number, nowNs: number): void {
    this.#bids.ask(symbolId, Math.max(0, Math.min(bidLots, this.#byPosition(Side.BUY, netLots))), nowNs)
    this.#asks.ask(symbolId, Math.max(0, Math.min(askLots, this.#byPosition(Side.SELL, netLots))), nowNs)
  }

  /** Nobody wants to quote the symbol any more. */
  forget(symbolId: number): void {
    this.#bids.forget(symbolId)
    this.#asks.forget(symbolId)
  }

  /** A quote of this size becomes active in place of the symbol's old one. It may trade at once, but it reserved this much. */
  activate(symbolId: number, bidLots: number, askLots: number, nowNs: number): void {
    this.observe(symbolId, bidLots, askLots, nowNs)
    this.#bidLotsHighest = Math.max(this.#bidLotsHighest, this.bidLotsTotal)
    this.#askLotsHighest = Math.max(this.#askLotsHighest, this.askLotsTotal)
  }

  /** What the symbol's active quote has open now; 0 and 0 when there is none. */
  observe(symbolId: number, bidLots: number, askLots: number, nowNs: number): void {
    assert(bidLots >= 0 && askLots >= 0, 'a quote has nothing negative open')
    this.#bids.hold(symbolId, bidLots, nowNs)
    this.#asks.hold(symbolId, askLots, nowNs)
    assert(this.bidLotsTotal >= 0 && this.bidLotsTotal <= this.limitLots, 'bids stay within the limit')
    assert(this.askLotsTotal >= 0 && this.askLotsTotal <= this.limitLots, 'asks stay within the limit')
  }

  /** Reservations are not in a snapshot: the restored exchange tells them. */
  load(symbolId: number, bidLots: number, askLots: number): void {
    this.#bids.load(symbolId, bidLots)
    this.#asks.load(symbolId, askLots)
  }

  snapshot(writer: ByteWriter): void {
    writer.safeInteger(this.#bidLotsHighest)
    writer.safeInteger(this.#askLotsHighest)
    this.#bids.snapshot(writer)
    this.#asks.snapshot(writer)
  }

  restore(reader: ByteReader): void {
    this.#bidLotsHighest = reader.safeInteger()
    this.#askLotsHighest = reader.safeInteger()
    this.#bids.restore(reader)
    this.#asks.restore(reader)
  }

  /** What the side may be so that its fill leaves the position within the limit. */
  #byPosition(side: Side, netLots: number): number {
    return side === Side.BUY ? this.limitLots - netLots : this.limitLots + netLots
  }
}

/** Was a quote refused for want of exposure? */
export function isForExposure(reason: Reason | 0): boolean {
  return reason === Reason.EXPOSURE || reason === Reason.FAIR_SHARE || reason === Reason.POSITION_LIMIT
}
