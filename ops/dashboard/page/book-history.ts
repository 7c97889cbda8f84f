// The chosen symbol's book over the last minutes, a column every COLUMN_MS, since the page began to show the symbol.

import type { BookView, QuoteView, TradeView } from '../../gateway/dashboard-protocol.ts'

export const COLUMN_MS = 250
/** A quarter of an hour. */
const COLUMN_COUNT_MAX = 3_600
const TRADE_COUNT_MAX = 5_000

export type BookColumn = {
  readonly timeMs: number
  /** Price and lots in turn, both sides. */
  readonly levels: Int32Array
  readonly bidTicks: number
  readonly askTicks: number
  readonly ourBidTicks: number
  readonly ourAskTicks: number
}

export class BookHistory {
  readonly columns: BookColumn[] = []
  readonly trades: TradeView[] = []
  #symbol = ''

  /** Another symbol begins anew. */
  add(timeMs: number, book: BookView, quote: QuoteView | undefined): void {
    if (book.symbol !== this.#symbol) this.clear(book.symbol)
    const levels = new Int32Array((book.bids.length + book.asks.length) * 2)
    let at = 0
    for (const side of [book.bids, book.asks]) {
      for (const [ticks, lots] of side) {
        levels[at++] = ticks
        levels[at++] = lots
      }
    }
    this.columns.push({
      timeMs,
      levels,
      bidTicks: book.bids[0]?.[0] ?? 0,
      askTicks: book.asks[0]?.[0] ?? 0,
      ourBidTicks: quote === undefined || quote.bidLots === 0 ? 0 : quote.bidTicks,
      ourAskTicks: quote === undefined || quote.askLots === 0 ? 0 : quote.askTicks,
    })
    if (this.columns.length > COLUMN_COUNT_MAX) this.columns.shift()
  }

  /** Those of `tape`, oldest first, that are new. */
  addTrades(tape: readonly TradeView[]): void {
    const last = this.trades.at(-1)?.tradeId ?? 0
    for (const trade of tape) if (trade.tradeId > last) this.trades.push(trade)
    if (this.trades.length > TRADE_COUNT_MAX) this.trades.splice(0, this.trades.length - TRADE_COUNT_MAX)
  }

  clear(symbol: string): void {
    this.#symbol = symbol
    this.columns.length = 0
    this.trades.length = 0
  }
}
