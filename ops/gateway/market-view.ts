// One symbol's market as the gateway shows it: best prices, trades and the last minutes. The book itself is a mirror
// that somebody else keeps; this holds the slices that pages are sent.

import type { Instrument } from '../../protocol/symbol.ts'
import {
  BOOK_DEPTH,
  type BookView,
  type HistoryView,
  type PriceView,
  type QuoteView,
  type TradeView,
} from './dashboard-protocol.ts'
import { Ring } from './ring.ts'
import { Slice } from './slice.ts'

const TRADE_COUNT_MAX = 500
/** History: a sample each half second, for a quarter of an hour. */
export const SAMPLE_INTERVAL_MS = 500
const SAMPLE_COUNT_MAX = 1_800

/** Where the book comes from. */
export type BookSource = {
  book(depth: number): Omit<BookView, 'symbol'>
}

type Sample = readonly [
  timeMs: number,
  bidTicks: number,
  askTicks: number,
  ourBidTicks: number,
  ourAskTicks: number,
  lastTicks: number,
  profit: number,
  totalProfit: number,
]

export class MarketView {
  readonly instrument: Instrument
  readonly priceSlice = new Slice(() => this.price)
  readonly bookSlice = new Slice(() => this.book(BOOK_DEPTH))
  readonly trades = new Ring<TradeView>(TRADE_COUNT_MAX)
  readonly price: PriceView
  readonly #source: BookSource
  readonly #samples = new Ring<Sample>(SAMPLE_COUNT_MAX)

  constructor(instrument: Instrument, source: BookSource) {
    this.instrument = instrument
    this.#source = source
    this.price = {
      symbol: instrument.symbol,
      bidTicks: 0,
      bidLots: 0,
      askTicks: 0,
      askLots: 0,
      lastTicks: 0,
      lastLots: 0,
      referenceTicks: instrument.openingPriceTicks,
      phase: 'CONTINUOUS',
      indicativeTicks: 0,
      indicativeLots: 0,
      tradeCount: 0,
      recordSeq: 0,
    }
  }

  book(depth: number): BookView {
    return { symbol: this.instrument.symbol, ...this.#source.book(depth) }
  }

  onPrice(price: Omit<PriceView, 'symbol' | 'tradeCount' | 'indicativeTicks' | 'indicativeLots'>): void {
    if (price.recordSeq < this.price.recordSeq) return
    Object.assign(this.price, price)
    this.priceSlice.touch()
  }

  onIndication(indicativeTicks: number, indicativeLots: number): void {
    if (indicativeTicks === this.price.indicativeTicks && indicativeLots === this.price.indicativeLots) return
    Object.assign(this.price, { indicativeTicks, indicativeLots })
    this.priceSlice.touch()
  }

  /** Half-way between the best prices, in ticks; NaN while a side is empty. */
  get midTicks(): number {
    const { bidLots, bidTicks, askLots, askTicks } = this.price
    return bidLots === 0 || askLots === 0 ? Number.NaN : (bidTicks + askTicks) / 2
  }

  onTrade(trade: TradeView): void {
    this.trades.push(trade)
    this.price.tradeCount++
    this.priceSlice.touch()
  }

  sample(nowMs: number, quote: QuoteView, profit: number, totalProfit: number): void {
    const { bidLots, bidTicks, askLots, askTicks, lastTicks } = this.price
    this.#samples.push([
      nowMs,
      bidLots === 0 ? 0 : bidTicks,
      askLots === 0 ? 0 : askTicks,
      quote.bidLots === 0 ? 0 : quote.bidTicks,
      quote.askLots === 0 ? 0 : quote.askTicks,
      lastTicks,
      profit,
      totalProfit,
    ])
  }

  history(): HistoryView {
    const { items } = this.#samples.since(0, SAMPLE_COUNT_MAX)
    return {
      symbol: this.instrument.symbol,
      timeMs: items.map((sample) => sample[0]),
      bidTicks: items.map((sample) => sample[1]),
      askTicks: items.map((sample) => sample[2]),
      ourBidTicks: items.map((sample) => sample[3]),
      ourAskTicks: items.map((sample) => sample[4]),
      lastTicks: items.map((sample) => sample[5]),
      profit: items.map((sample) => sample[6]),
      totalProfit: items.map((sample) => sample[7]),
    }
  }
}
