// From feed events to the rows that hftbacktest reads: kind and flags in one word, two times, price and quantity as
// doubles, order id. By order, a row states what an order has left, where an event says what changed.

import { priceOf } from './event-price.ts'
import type { FeedBlock } from './feed-block.ts'
import { FeedFlag, FeedKind, SIDE_FLAGS } from './feed-event.ts'
import type { FeedHeader } from './feed-header.ts'
import { type Scale, scaleOf, toNumber } from './price-scale.ts'

const RowKind = { DEPTH: 1, TRADE: 2, CLEAR: 3, SNAPSHOT: 4, ADD: 10, CANCEL: 11, MODIFY: 12, FILL: 13 } as const

const RowFlag = { EXCHANGE: 2 ** 31, LOCAL: 2 ** 30, BUY: 2 ** 29, SELL: 2 ** 28 } as const

export type RowSink = (
  word: number,
  exchangeNs: number,
  localNs: number,
  price: number,
  quantity: number,
  orderId: number,
) => void

export class BacktestRows {
  readonly #sink: RowSink
  readonly #tick: Scale
  readonly #lot: Scale
  /** What each order has left, in lots. */
  readonly #leaves = new Map<number, number>()

  readonly #instrumentIndex: number

  /** For one instrument of the header. */
  constructor(header: FeedHeader, sink: RowSink, instrumentIndex = 0) {
    const instrument = header.instruments[instrumentIndex]!
    this.#instrumentIndex = instrumentIndex
    this.#sink = sink
    this.#tick = scaleOf(instrument.tickSize)
    this.#lot = scaleOf(instrument.lotSize)
  }

  add(block: FeedBlock): void {
    for (let i = 0; i < block.count; i++) {
      if (block.instrumentIndex[i] !== this.#instrumentIndex) continue
      if ((block.flags[i]! & FeedFlag.UNMATCHED) === 0) this.#addEvent(block, i)
    }
  }

  #addEvent(block: FeedBlock, i: number): void {
    const orderId = block.orderId[i]!
    const quantityLots = block.quantityLots[i]!
    switch (block.kind[i]) {
      case FeedKind.ADD:
      case FeedKind.MODIFY:
        this.#leaves.set(orderId, quantityLots)
        this.#emit(block.kind[i] === FeedKind.ADD ? RowKind.ADD : RowKind.MODIFY, block, i, quantityLots, orderId)
        return
      case FeedKind.REDUCE:
        this.#emitLeaves(block, i, (this.#leaves.get(orderId) ?? 0) - quantityLots)
        return
      case FeedKind.DELETE:
        this.#emitLeaves(block, i, 0)
        return
      case FeedKind.EXECUTE:
        this.#emit(RowKind.FILL, block, i, quantityLots, orderId)
        this.#emitLeaves(block, i, (this.#leaves.get(orderId) ?? 0) - quantityLots)
        return
      case FeedKind.FILL:
        this.#emit(RowKind.FILL, block, i, quantityLots, orderId)
        return
      case FeedKind.TRADE:
        this.#emit(RowKind.TRADE, block, i, quantityLots, 0)
        return
      case FeedKind.LEVEL: {
        // Its converter does not say again what a snapshot undid.
        if ((block.flags[i]! & FeedFlag.SYNTHETIC) !== 0) return
        const isSnapshot = (block.flags[i]! & FeedFlag.SNAPSHOT) !== 0
        this.#emit(isSnapshot ? RowKind.SNAPSHOT : RowKind.DEPTH, block, i, quantityLots, 0)
        return
      }
      case FeedKind.CLEAR:
        this.#leaves.clear()
        this.#emit(RowKind.CLEAR, block, i, 0, 0)
        return
      default:
    }
  }

  #emitLeaves(block: FeedBlock, i: number, leavesLots: number): void {
    const orderId = block.orderId[i]!
    if (leavesLots > 0) {
      this.#leaves.set(orderId, leavesLots)
      this.#emit(RowKind.MODIFY, block, i, leavesLots, orderId)
    } else {
      this.#leaves.delete(orderId)
      this.#emit(RowKind.CANCEL, block, i, 0, orderId)
    }
  }

  #emit(kind: number, block: FeedBlock, i: number, lots: number, orderId: number): void {
    const flags = block.flags[i]!
    let word: number = kind
    if ((flags & FeedFlag.EXCHANGE) !== 0) word += RowFlag.EXCHANGE
    if ((flags & FeedFlag.LOCAL) !== 0) word += RowFlag.LOCAL
    // Both sides are none: everything goes.
    if ((flags & SIDE_FLAGS) === FeedFlag.BUY) word += RowFlag.BUY
    if ((flags & SIDE_FLAGS) === FeedFlag.SELL) word += RowFlag.SELL
    const price = priceOf(block, i, this.#tick)
    this.#sink(word, block.exchangeNs[i]!, block.localNs[i]!, price, toNumber(lots, this.#lot), orderId)
  }
}
