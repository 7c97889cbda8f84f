// The order book of one instrument by price level, rebuilt from a recorded feed. It believes the feed, and so may be
// crossed where the feed is. Each side keeps its levels sorted, the best one last.

import { Side } from '../protocol/kinds.ts'
import { BookOutcome, type DepthBook, type DepthLevel, levelPosition } from './depth-book.ts'
import { FeedFlag, FeedKind } from './feed-event.ts'

export class L2Book implements DepthBook {
  readonly #sides: readonly [DepthLevel[], DepthLevel[]] = [[], []]

  levelCount(side: Side): number {
    return this.#sides[side].length
  }

  levelAt(side: Side, depth: number): DepthLevel | undefined {
    const levels = this.#sides[side]
    return levels[levels.length - 1 - depth]
  }

  apply(kind: number, flags: number, _orderId: number, priceTicks: number, quantityLots: number): BookOutcome {
    if ((flags & FeedFlag.UNMATCHED) !== 0) return BookOutcome.NOT_FOR_BOOK
    if (kind === FeedKind.LEVEL) {
      this.set((flags & FeedFlag.BUY) !== 0 ? Side.BUY : Side.SELL, priceTicks, quantityLots)
      return BookOutcome.APPLIED
    }
    if (kind !== FeedKind.CLEAR) return BookOutcome.NOT_FOR_BOOK
    this.clear(flags, priceTicks)
    return BookOutcome.APPLIED
  }

  /** 0 lots remove the level. */
  set(side: Side, priceTicks: number, quantityLots: number): void {
    const levels = this.#sides[side]
    const position = levelPosition(levels, side, priceTicks)
    const isThere = levels[position]?.priceTicks === priceTicks
    if (quantityLots === 0) {
      if (isThere) levels.splice(position, 1)
      return
    }
    levels.splice(position, isThere ? 1 : 0, { priceTicks, quantityLots })
  }

  /** With both side flags everything goes, with one the levels from the best one to `priceTicks`. */
  clear(flags: number, priceTicks: number): void {
    const isBoth = (flags & FeedFlag.BUY) !== 0 && (flags & FeedFlag.SELL) !== 0
    for (const side of [Side.BUY, Side.SELL] as const) {
      if ((flags & (side === Side.BUY ? FeedFlag.BUY : FeedFlag.SELL)) === 0) continue
      const levels = this.#sides[side]
      levels.length = isBoth ? 0 : levelPosition(levels, side, priceTicks)
    }
  }
}
