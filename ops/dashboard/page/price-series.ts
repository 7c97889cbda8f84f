// The last minutes of one symbol as columns for the chart: the gateway's history first, then a sample of what the page
// shows, twice a second. Nothing (0 ticks) becomes a hole in the line.

import type { HistoryView, PriceView, QuoteView } from '../../gateway/dashboard-protocol.ts'

export const SAMPLE_INTERVAL_MS = 500
const SAMPLE_COUNT_MAX = 1_800

export type Column = (number | null)[]

export class PriceSeries {
  readonly timeS: number[] = []
  readonly bid: Column = []
  readonly ask: Column = []
  readonly ourBid: Column = []
  readonly ourAsk: Column = []
  readonly profit: Column = []
  readonly totalProfit: Column = []

  load(history: HistoryView): void {
    this.clear()
    history.timeMs.forEach((timeMs, at) => {
      this.#push(
        timeMs,
        [history.bidTicks[at]!, history.askTicks[at]!, history.ourBidTicks[at]!, history.ourAskTicks[at]!],
        history.profit[at]!,
        history.totalProfit[at]!,
      )
    })
  }

  sample(timeMs: number, price: PriceView, quote: QuoteView | undefined, profit: number, totalProfit: number): void {
    const ticks = [
      price.bidLots === 0 ? 0 : price.bidTicks,
      price.askLots === 0 ? 0 : price.askTicks,
      quote === undefined || quote.bidLots === 0 ? 0 : quote.bidTicks,
      quote === undefined || quote.askLots === 0 ? 0 : quote.askTicks,
    ] as const
    this.#push(timeMs, ticks, profit, totalProfit)
    if (this.timeS.length > SAMPLE_COUNT_MAX) for (const column of this.#columns()) column.shift()
  }

  clear(): void {
    for (const column of this.#columns()) column.length = 0
  }

  #columns(): Column[] {
    return [this.timeS, this.bid, this.ask, this.ourBid, this.ourAsk, this.profit, this.totalProfit]
  }

  #push(timeMs: number, ticks: readonly number[], profit: number, totalProfit: number): void {
    this.timeS.push(timeMs / 1000)
    this.bid.push(ticks[0] || null)
    this.ask.push(ticks[1] || null)
    this.ourBid.push(ticks[2] || null)
    this.ourAsk.push(ticks[3] || null)
    this.profit.push(profit)
    this.totalProfit.push(totalProfit)
  }
}
