// What a book holds at one moment, so that a part of a feed can start with it: orders in the order of their queues, or
// levels.

import type { FeedBlock } from './feed-block.ts'
import { FeedFlag, FeedKind, SIDE_FLAGS } from './feed-event.ts'
import type { FeedSink } from './feed-sink.ts'

type Held = {
  readonly instrumentIndex: number
  readonly side: number
  ticks: number
  lots: number
  readonly id: number
}

export class BookMemory {
  readonly #held = new Map<string, Held>()

  apply(block: FeedBlock, i: number): void {
    const flags = block.flags[i]!
    if ((flags & FeedFlag.UNMATCHED) !== 0) return
    const instrumentIndex = block.instrumentIndex[i]!
    const id = block.orderId[i]!
    const ticks = block.priceTicks[i]!
    const lots = block.quantityLots[i]!
    const side = flags & SIDE_FLAGS
    const key = `${instrumentIndex} ${id}`
    const order = this.#held.get(key)
    switch (block.kind[i]) {
      case FeedKind.ADD:
        this.#held.set(key, { instrumentIndex, side, ticks, lots, id })
        return
      case FeedKind.MODIFY:
        // A larger order, or one at another price, goes to the end of its queue.
        if (order !== undefined && (order.ticks !== ticks || lots > order.lots)) this.#held.delete(key)
        this.#held.set(key, { instrumentIndex, side, ticks, lots, id })
        return
      case FeedKind.REDUCE:
      case FeedKind.EXECUTE:
        if (order === undefined) return
        order.lots -= lots
        if (order.lots <= 0) this.#held.delete(key)
        return
      case FeedKind.DELETE:
        this.#held.delete(key)
        return
      case FeedKind.LEVEL: {
        const level = `${instrumentIndex} ${side} ${ticks}`
        if (lots === 0) this.#held.delete(level)
        else this.#held.set(level, { instrumentIndex, side, ticks, lots, id: -1 })
        return
      }
      case FeedKind.CLEAR:
        this.#clear(instrumentIndex, side, ticks)
        return
      default:
    }
  }

  /** Writes what is held as a snapshot at this time. */
  write(sink: FeedSink, timeNs: number): void {
    const flags = FeedFlag.EXCHANGE | FeedFlag.LOCAL | FeedFlag.SNAPSHOT
    for (const { instrumentIndex, side, ticks, lots, id } of this.#held.values()) {
      const kind = id === -1 ? FeedKind.LEVEL : FeedKind.ADD
      sink.push(kind, flags | side, instrumentIndex, timeNs, timeNs, ticks, lots, Math.max(0, id))
    }
    if (this.#held.size > 0) sink.markLast()
  }

  #clear(instrumentIndex: number, side: number, ticks: number): void {
    for (const [key, held] of this.#held) {
      if (held.instrumentIndex !== instrumentIndex || (side !== SIDE_FLAGS && held.side !== side)) continue
      const isWithin = side === SIDE_FLAGS || (side === FeedFlag.BUY ? held.ticks >= ticks : held.ticks <= ticks)
      if (isWithin) this.#held.delete(key)
    }
  }
}
