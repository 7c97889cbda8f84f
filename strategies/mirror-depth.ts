// The levels of a mirrored book without our own quote in it: a maker that looked at its own prices would chase them.

import { Side } from '../protocol/kinds.ts'
import type { BookMirror } from './book-mirror.ts'
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
    const { ticks } = this.#side(side)
    return this.#ownIndex(side) === -1 ? ticks.length : ticks.length - 1
  }

  levelTicks(side: Side, index: number): number {
    return this.#side(side).ticks[this.#skipOwn(side, index)] ?? 0
  }

  levelLots(side: Side, index: number): number {
    const { ticks, lots } = this.#side(side)
    const at = this.#skipOwn(side, index)
    const shown = lots[at] ?? 0
    return ticks[at] === this.#ownTicks(side) ? Math.max(0, shown - this.#ownLots(side)) : shown
  }

  #skipOwn(side: Side, index: number): number {
    const own = this.#ownIndex(side)
    return own !== -1 && index >= own ? index + 1 : index
  }

  /** Index of the level that is ours alone; -1: there is none. */
  #ownIndex(side: Side): number {
    const own = this.#ownLots(side)
    if (own === 0) return -1
    const { ticks, lots } = this.#side(side)
    const index = ticks.indexOf(this.#ownTicks(side))
    return index !== -1 && lots[index]! <= own ? index : -1
  }

  #side(side: Side): { readonly ticks: readonly number[]; readonly lots: readonly number[] } {
    return side === Side.BUY ? this.#mirror.bids : this.#mirror.asks
  }

  #ownTicks(side: Side): number {
    return side === Side.BUY ? this.#quote.bidTicks : this.#quote.askTicks
  }

  #ownLots(side: Side): number {
    return side === Side.BUY ? this.#quote.bidLots : this.#quote.askLots
  }
}
