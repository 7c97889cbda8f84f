// From a recorded feed to the rows of a replay, chunk by chunk.

import { BacktestRows } from '../feeds/backtest-rows.ts'
import { FeedBlock } from '../feeds/feed-block.ts'
import type { FeedHeader } from '../feeds/feed-header.ts'
import { ROW_CHUNK_SIZE, RowChunk, type RowSource } from './replay/replay-rows.ts'
import { roundAway } from './replay/rounding.ts'

/** Where blocks come from: a feed reader. */
export type BlockSource = { readonly header: FeedHeader; next(block: FeedBlock): boolean }

/** Fills chunks; the ones that are full are taken off the front. */
export class RowChunks {
  readonly #hasOrders: boolean
  readonly #tickSize: number
  #open: RowChunk
  readonly full: RowChunk[] = []

  constructor(hasOrders: boolean, tickSize: number) {
    this.#hasOrders = hasOrders
    this.#tickSize = tickSize
    this.#open = new RowChunk(hasOrders)
  }

  /** `word` is the event word of the row: kind, and flags in its top four bits. */
  push(word: number, exchangeNs: number, localNs: number, price: number, quantity: number, orderId: number): void {
    const chunk = this.#open
    const at = chunk.count
    chunk.word[at] = ((word >>> 28) << 4) | (word & 15)
    chunk.exchangeNs[at] = exchangeNs
    chunk.localNs[at] = localNs
    chunk.priceTicks[at] = roundAway(price / this.#tickSize)
    chunk.quantity[at] = quantity
    if (this.#hasOrders) chunk.orderId[at] = orderId
    chunk.count = at + 1
    if (chunk.count === ROW_CHUNK_SIZE) this.#close()
  }

  finish(): void {
    if (this.#open.count > 0) this.#close()
  }

  #close(): void {
    this.full.push(this.#open)
    this.#open = new RowChunk(this.#hasOrders)
  }
}

/** Rows of one instrument of a feed. */
export class FeedRows implements RowSource {
  readonly isByOrder: boolean
  readonly areFillsTrades: boolean
  readonly #blocks: BlockSource
  readonly #chunks: RowChunks
  readonly #rows: BacktestRows
  readonly #block = new FeedBlock()
  #hasEnded = false

  constructor(blocks: BlockSource, instrumentIndex = 0) {
    this.#blocks = blocks
    this.isByOrder = blocks.header.detail === 'L3'
    // Databento tells both: the trade, and the fills of resting orders.
    this.areFillsTrades = blocks.header.source !== 'dbn'
    const chunks = new RowChunks(this.isByOrder, Number(blocks.header.instruments[instrumentIndex]!.tickSize))
    this.#chunks = chunks
    this.#rows = new BacktestRows(
      blocks.header,
      (word, exchangeNs, localNs, price, quantity, orderId) =>
        chunks.push(word, exchangeNs, localNs, price, quantity, orderId),
      instrumentIndex,
    )
  }

  pull(): RowChunk | null {
    while (this.#chunks.full.length === 0 && !this.#hasEnded) {
      if (this.#blocks.next(this.#block)) {
        this.#rows.add(this.#block)
      } else {
        this.#chunks.finish()
        this.#hasEnded = true
      }
    }
    return this.#chunks.full.shift() ?? null
  }
}
