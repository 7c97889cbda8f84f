// The chosen symbol's market over the last minutes, a column every COLUMN_MS, since the page began to show the symbol: what
// rested in the book, and what was taken from it.

import type { BookView, QuoteView, TradeView } from '../../gateway/dashboard-protocol.ts'

export const COLUMN_MS = 250
/** A quarter of an hour. */
const COLUMN_COUNT_MAX = 3_600

/** What one side took since the column before. */
export type Taken = { lots: number; tickLots: number }

export type BookColumn = {
  readonly timeMs: number
  /** Price and lots in turn, both sides. */
  readonly levels: Int32Array
  readonly bidTicks: number
  readonly askTicks: number
  readonly ourBidTicks: number
  readonly ourAskTicks: number
  readonly bought: Taken
  readonly sold: Taken
}

export class BookHistory {
  readonly columns: BookColumn[] = []
  #lastTradeId = 0
  #bought: Taken = { lots: 0, tickLots: 0 }
  #sold: Taken = { lots: 0, tickLots: 0 }

  add(timeMs: number, book: BookView, quote: QuoteView | undefined): void {
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
      bought: this.#bought,
      sold: this.#sold,
    })
    this.#bought = { lots: 0, tickLots: 0 }
    this.#sold = { lots: 0, tickLots: 0 }
    if (this.columns.length > COLUMN_COUNT_MAX) this.columns.shift()
  }

  /** Those of `tape`, oldest first, that are new. What traded before the first column is none of its. */
  addTrades(tape: readonly TradeView[]): void {
    const counts = this.columns.length > 0
    for (let at = tape.length - 1; at >= 0 && counts; at--) {
      const { tradeId, aggressor, priceTicks, quantityLots } = tape[at]!
      if (tradeId <= this.#lastTradeId) break
      const taken = aggressor === 'buy' ? this.#bought : this.#sold
      taken.lots += quantityLots
      taken.tickLots += priceTicks * quantityLots
    }
    this.#lastTradeId = tape.at(-1)?.tradeId ?? this.#lastTradeId
  }

  clear(): void {
    this.columns.length = 0
    this.#lastTradeId = 0
    this.#bought = { lots: 0, tickLots: 0 }
    this.#sold = { lots: 0, tickLots: 0 }
  }
}
