// The recorded book at one place (the exchange, or us): quantity by price and the best prices.
//
// It follows the rules of the reference implementation to the letter, its quirks included: a level that crosses the book
// moves the best price of the other side behind it but leaves that side's levels in place, and after a clear the search
// for the best price starts one tick too far. docs/backtest.md says why.

import { PriceLevels } from './price-levels.ts'

/** Best prices of an empty side: below and above every price. */
export const NO_BID = -0x8000_0000
export const NO_ASK = 0x7fff_ffff

export class ReplayBook {
  readonly bids = new PriceLevels()
  readonly asks = new PriceLevels()
  bestBid = NO_BID
  bestAsk = NO_ASK
  /** Lowest bid and highest ask that were ever put in: where searches end. */
  #lowestBid = NO_ASK
  #highestAsk = NO_BID

  /** The bid level at `ticks` shows `quantity` from now on; 0 or less: it goes. */
  setBid(ticks: number, quantity: number): void {
    if (quantity > 0) {
      this.bids.set(ticks, quantity)
      if (ticks > this.bestBid) {
        this.bestBid = ticks
        if (ticks >= this.bestAsk) this.bestAsk = this.asks.lowestIn(ticks + 1, this.#highestAsk, NO_ASK)
      }
      if (ticks < this.#lowestBid) this.#lowestBid = ticks
      return
    }
    this.bids.set(ticks, 0)
    if (ticks !== this.bestBid) return
    this.bestBid = this.bids.highestIn(this.#lowestBid, ticks - 1, NO_BID)
    if (this.bestBid === NO_BID) this.#lowestBid = NO_ASK
  }

  setAsk(ticks: number, quantity: number): void {
    if (quantity > 0) {
      this.asks.set(ticks, quantity)
      if (ticks < this.bestAsk) {
        this.bestAsk = ticks
        if (this.bestBid >= ticks) this.bestBid = this.bids.highestIn(this.#lowestBid, ticks - 1, NO_BID)
      }
      if (ticks > this.#highestAsk) this.#highestAsk = ticks
      return
    }
    this.asks.set(ticks, 0)
    if (ticks !== this.bestAsk) return
    this.bestAsk = this.asks.lowestIn(ticks + 1, this.#highestAsk, NO_ASK)
    if (this.bestAsk === NO_ASK) this.#highestAsk = NO_BID
  }

  /** Bids from the best one to `ticks` go. */
  clearBids(ticks: number): void {
    if (this.bestBid !== NO_BID) this.bids.clear(ticks, this.bestBid)
    this.bestBid = this.bids.highestIn(this.#lowestBid, ticks - 2, NO_BID)
    if (this.bestBid === NO_BID) this.#lowestBid = NO_ASK
  }

  clearAsks(ticks: number): void {
    if (this.bestAsk !== NO_ASK) this.asks.clear(this.bestAsk, ticks)
    this.bestAsk = this.asks.lowestIn(ticks + 2, this.#highestAsk, NO_ASK)
    if (this.bestAsk === NO_ASK) this.#highestAsk = NO_BID
  }

  clearAll(): void {
    if (this.#lowestBid !== NO_ASK) this.bids.clear(this.#lowestBid, NO_ASK - 1)
    if (this.#highestAsk !== NO_BID) this.asks.clear(NO_BID + 1, this.#highestAsk)
    this.bestBid = NO_BID
    this.bestAsk = NO_ASK
    this.#lowestBid = NO_ASK
    this.#highestAsk = NO_BID
  }

  get isTwoSided(): boolean {
    return this.bestBid !== NO_BID && this.bestAsk !== NO_ASK
  }

  /** The next bid below `ticks`, or NO_BID. */
  bidBelow(ticks: number): number {
    return this.bids.highestIn(this.#lowestBid, ticks - 1, NO_BID)
  }

  /** The next ask above `ticks`, or NO_ASK. */
  askAbove(ticks: number): number {
    return this.asks.lowestIn(ticks + 1, this.#highestAsk, NO_ASK)
  }
}
