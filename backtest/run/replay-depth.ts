// The levels of a replayed book as a strategy looks at them: by index from the best one, found when first asked for.

import { Side } from '../../protocol/kinds.ts'
import type { DepthView } from '../../strategies/strategy.ts'
import { NO_ASK, NO_BID, type ReplayBook } from '../replay/replay-book.ts'

/** Levels that a strategy can see of each side. */
const LEVEL_COUNT_MAX = 50

export class ReplayDepth implements DepthView {
  readonly #book: ReplayBook
  readonly #lotSize: number
  readonly #bids: number[] = []
  readonly #asks: number[] = []

  constructor(book: ReplayBook, lotSize: number) {
    this.#book = book
    this.#lotSize = lotSize
  }

  /** The book may have changed. */
  reset(): void {
    this.#bids.length = 0
    this.#asks.length = 0
  }

  levelCount(side: Side): number {
    this.#reach(side, LEVEL_COUNT_MAX - 1)
    return (side === Side.BUY ? this.#bids : this.#asks).length
  }

  levelTicks(side: Side, index: number): number {
    return this.#reach(side, index)
  }

  levelLots(side: Side, index: number): number {
    const ticks = this.#reach(side, index)
    if (ticks === 0) return 0
    const levels = side === Side.BUY ? this.#book.bids : this.#book.asks
    return Math.round(levels.at(ticks) / this.#lotSize)
  }

  /** Price of the level; 0: there is none. */
  #reach(side: Side, index: number): number {
    if (index >= LEVEL_COUNT_MAX) return 0
    const isBuy = side === Side.BUY
    const known = isBuy ? this.#bids : this.#asks
    const none = isBuy ? NO_BID : NO_ASK
    while (known.length <= index) {
      const last = known.at(-1)
      const best = isBuy ? this.#book.bestBid : this.#book.bestAsk
      const next = last === undefined ? best : isBuy ? this.#book.bidBelow(last) : this.#book.askAbove(last)
      if (next === none) return 0
      known.push(next)
    }
    return known[index]!
  }
}
