// What we see of a replay: the recorded book as it reached us, and our orders as their answers told.

import { takeResponse } from './order-entry.ts'
import { RecordedOrders, sideOfClear } from './recorded-orders.ts'
import { ReplayBook } from './replay-book.ts'
import { FillRule } from './replay-exchange.ts'
import { Messages, OrderStatus, type ReplayOrder, ResponseKind } from './replay-order.ts'
import { nextChunk, ROW_KIND_MASK, type RowChunk, RowFlag, RowKind, type RowSource } from './replay-rows.ts'

export type LocalObserver = {
  /** A fill of ours became known. The order tells what filled and why. */
  onFill(order: ReplayOrder, nowNs: number): void
  /** A public trade became known. `word` has the side flag of its aggressor. */
  onTrade?(word: number, priceTicks: number, quantity: number, nowNs: number): void
}

export class LocalSide {
  readonly book = new ReplayBook()
  /** By id: our orders, until they are forgotten. */
  readonly orders = new Map<number, ReplayOrder>()
  readonly responses = new Messages()
  /** Rows and answers that reached us. */
  newsCount = 0
  readonly #recorded: RecordedOrders
  readonly #observer: LocalObserver
  readonly #source: Pick<RowSource, 'pull'>
  readonly #areFillsTrades: boolean
  readonly #isByOrder: boolean
  readonly #booksLastPartOnly: boolean
  #chunk: RowChunk | null
  #at = 0

  constructor(first: RowChunk | null, source: RowSource, lotSize: number, fillRule: FillRule, observer: LocalObserver) {
    this.#chunk = first
    this.#source = source
    this.#observer = observer
    this.#booksLastPartOnly = fillRule === FillRule.PARTIAL_COMPATIBLE
    this.#areFillsTrades = source.areFillsTrades === true
    this.#isByOrder = source.isByOrder
    this.#recorded = new RecordedOrders(this.book, lotSize)
  }

  /** Everything that reaches us up to `untilNs`. Rows and answers touch different things: their order does not matter. */
  advance(untilNs: number): void {
    this.#runRows(untilNs)
    while (this.responses.firstNs <= untilNs) {
      this.#takeResponse(this.responses.firstNs)
      this.newsCount += 1
    }
  }

  nextRowNs(): number {
    for (; this.#chunk !== null; this.#chunk = nextChunk(this.#chunk, this.#source as RowSource), this.#at = 0) {
      const { count, word, localNs } = this.#chunk
      for (; this.#at < count; this.#at++) if ((word[this.#at]! & RowFlag.LOCAL) !== 0) return localNs[this.#at]!
    }
    return Number.POSITIVE_INFINITY
  }

  #runRows(untilNs: number): void {
    let chunk = this.#chunk
    let at = this.#at
    let news = 0
    while (chunk !== null) {
      const { count, word, localNs } = chunk
      for (; at < count; at++) {
        if ((word[at]! & RowFlag.LOCAL) === 0) continue
        if (localNs[at]! > untilNs) {
          this.#chunk = chunk
          this.#at = at
          this.newsCount += news
          return
        }
        this.#applyRow(chunk, at)
        news += 1
      }
      chunk = nextChunk(chunk, this.#source as RowSource)
      at = 0
    }
    this.#chunk = null
    this.#at = 0
    this.newsCount += news
  }

  #applyRow(chunk: RowChunk, at: number): void {
    const word = chunk.word[at]!
    const kind = word & ROW_KIND_MASK
    const ticks = chunk.priceTicks[at]!
    if (kind === RowKind.DEPTH || kind === RowKind.SNAPSHOT) {
      if ((word & RowFlag.BUY) !== 0) this.book.setBid(ticks, chunk.quantity[at]!)
      else this.book.setAsk(ticks, chunk.quantity[at]!)
    } else if (kind === RowKind.TRADE) {
      this.#observer.onTrade?.(word, ticks, chunk.quantity[at]!, chunk.localNs[at]!)
    } else if (kind === RowKind.ADD || kind === RowKind.MODIFY) {
      this.#recorded.put(chunk.orderId[at]!, word, ticks, chunk.quantity[at]!, 0)
    } else if (kind === RowKind.CANCEL) {
      this.#recorded.remove(chunk.orderId[at]!)
    } else if (kind === RowKind.FILL) {
      // The flag is the resting order's; the other side took.
      const aggressor = (word & RowFlag.BUY) !== 0 ? RowFlag.SELL : RowFlag.BUY
      if (this.#areFillsTrades) this.#observer.onTrade?.(aggressor, ticks, chunk.quantity[at]!, chunk.localNs[at]!)
    } else if (kind === RowKind.CLEAR) {
      if (this.#isByOrder || sideOfClear(word) === null) this.#recorded.clear(word)
      else if ((word & RowFlag.BUY) !== 0) this.book.clearBids(ticks)
      else this.book.clearAsks(ticks)
    }
  }

  #takeResponse(nowNs: number): void {
    const kind = this.responses.firstKind
    const answer = this.responses.shift()
    const isFill = kind === ResponseKind.REPORT && answer.execQuantity > 0
    const isBooked = !this.#booksLastPartOnly || answer.status === OrderStatus.FILLED
    if (isFill && isBooked) this.#observer.onFill(answer, nowNs)
    takeResponse(this.orders, answer, kind)
  }
}
