// The levels of a mirrored book without our own quote in it: a maker that looked at its own prices would chase them.

import { Side } from '../protocol/kinds.ts'
import type { BookMirror, MirrorSide } from './book-mirror.ts'
import type { DepthView, QuoteSides } from './strategy.ts'

export class MirrorDepth implements DepthView {
  readonly #mirror: BookMirror
  readonly #quote: Readonly<QuoteSides>

  /** `quote`: ours as it stands; looked at anew with each question. */
  constructor(mirror: BookMirror, quote: Readonly<QuoteSides>) {
    this.#mirror = mirror
    this.#quote = quote
  }

  levelCount(side: Side): number {
    const { count } = this.#side(side)
    return this.#ownIndex(side) === -1 ? count : count - 1
  }

  levelTicks(side: Side, index: number): number {
    return this.#side(side).ticksAt(this.#skipOwn(side, index))
  }

  levelLots(side: Side, index: number): number {
    const levels = this.#side(side)
    const at = this.#skipOwn(side, index)
    const shown = levels.lotsAt(at)
    return levels.ticksAt(at) === this.#ownTicks(side) ? Math.max(0, shown - this.#ownLots(side)) : shown
  }

  #skipOwn(side: Side, index: number): number {
    const own = this.#ownIndex(side)
    return own !== -1 && index >= own ? index + 1 : index
  }

  /** Index of the level that is ours alone; -1: there is none. */
  #ownIndex(side: Side): number {
    const own = this.#ownLots(side)
    if (own === 0) return -1
    const levels = this.#side(side)
    const index = levels.indexOf(this.#ownTicks(side))
    return index !== -1 && levels.lotsAt(index) <= own ? index : -1
  }

  #side(side: Side): MirrorSide {
    return side === Side.BUY ? this.#mirror.bids : this.#mirror.asks
  }

  #ownTicks(side: Side): number {
    return side === Side.BUY ? this.#quote.bidTicks : this.#quote.askTicks
  }

  #ownLots(side: Side): number {
    return side === Side.BUY ? this.#quote.bidLots : this.#quote.askLots
  }
}
