// What a record's state alone does not tell of a market's past: its trades, and its prices at regular times. Gathered
// while a journal is read once, so that any moment can be shown with what came before it.

import type { Core } from '../../../engine/core/core.ts'
import { OutputKind } from '../../../engine/core/output.ts'
import { TradeField } from '../../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../../protocol/frame-reader.ts'
import { Side } from '../../../protocol/kinds.ts'
import type { HistoryView, TradeView } from '../../gateway/dashboard-protocol.ts'

const SAMPLE_NS = 500_000_000
const TAPE_LENGTH = 120
const SAMPLE_COUNT_MAX = 1_800

type LoggedTrade = { readonly recordSeq: number; readonly trade: TradeView }
type Sample = readonly [
  bidTicks: number,
  askTicks: number,
  ourBidTicks: number,
  ourAskTicks: number,
  lastTicks: number,
  profit: number,
]

export class MarketLog {
  readonly #timeBaseUnixMs: () => number
  readonly #reader = new FrameReader()
  readonly #trades: LoggedTrade[][] = []
  /** Of all symbols at once: times, then by symbol. */
  readonly #timesNs: number[] = []
  readonly #samples: Sample[][] = []
  #nextSampleNs = 0

  constructor(timeBaseUnixMs: () => number) {
    this.#timeBaseUnixMs = timeBaseUnixMs
  }

  /** To be called after each record. */
  onRecord(core: Core): void {
    core.flush(core.epoch, {
      output: (kind, symbolId, frame, recordSeq) => {
        if (kind === OutputKind.TRADES) this.#onTrades(symbolId, frame, recordSeq)
      },
    })
    if (core.timeNs < this.#nextSampleNs) return
    this.#nextSampleNs = core.timeNs + SAMPLE_NS
    this.#timesNs.push(core.timeNs)
    core.config.instruments.forEach((_, symbolId) => {
      this.#samples[symbolId] ??= []
      this.#samples[symbolId].push(sampleOf(core, symbolId))
    })
  }

  /** The newest trades of a symbol up to a record, oldest first. */
  tradesUpTo(symbolId: number, seq: number): TradeView[] {
    const trades = this.#trades[symbolId] ?? []
    const end = countUpTo(trades.length, (index) => trades[index]!.recordSeq <= seq)
    return trades.slice(Math.max(0, end - TAPE_LENGTH), end).map(({ trade }) => trade)
  }

  /** The last minutes before a record time. `money`: what a tick times a lot is worth, by symbol. */
  historyUpTo(symbolId: number, symbol: string, timeNs: number, money: readonly number[]): HistoryView {
    const end = countUpTo(this.#timesNs.length, (index) => this.#timesNs[index]! <= timeNs)
    const from = Math.max(0, end - SAMPLE_COUNT_MAX)
    const samples = this.#samples[symbolId]?.slice(from, end) ?? []
    const base = this.#timeBaseUnixMs()
    return {
      symbol,
      timeMs: this.#timesNs.slice(from, end).map((sampleNs) => base + sampleNs / 1e6),
      bidTicks: samples.map((sample) => sample[0]),
      askTicks: samples.map((sample) => sample[1]),
      ourBidTicks: samples.map((sample) => sample[2]),
      ourAskTicks: samples.map((sample) => sample[3]),
      lastTicks: samples.map((sample) => sample[4]),
      profit: samples.map((sample) => sample[5] * money[symbolId]!),
      totalProfit: samples.map((_, index) =>
        this.#samples.reduce((sum, of, other) => sum + of[from + index]![5] * money[other]!, 0),
      ),
    }
  }

  #onTrades(symbolId: number, frame: Uint8Array, recordSeq: number): void {
    const reader = this.#reader
    if (reader.read(frame) !== FrameFault.NONE) return
    this.#trades[symbolId] ??= []
    for (let at = 0; at < reader.count; at++) {
      const trade: TradeView = {
        tradeId: reader.float64(at, TradeField.TRADE_ID),
        timeMs: this.#timeBaseUnixMs() + reader.float64(at, TradeField.TIME_NS) / 1e6,
        priceTicks: reader.int32(at, TradeField.PRICE_TICKS),
        quantityLots: reader.int32(at, TradeField.QUANTITY_LOTS),
        aggressor: reader.uint8(at, TradeField.AGGRESSOR_SIDE) === Side.BUY ? 'buy' : 'sell',
      }
      this.#trades[symbolId].push({ recordSeq, trade })
    }
  }
}

function sampleOf({ exchange, desk }: Core, symbolId: number): Sample {
  const ours = (side: Side) => (exchange.quoteLots(symbolId, side) === 0 ? 0 : exchange.quoteTicks(symbolId, side))
  const { positions } = desk
  return [
    exchange.bestTicks(symbolId, Side.BUY),
    exchange.bestTicks(symbolId, Side.SELL),
    ours(Side.BUY),
    ours(Side.SELL),
    exchange.lastTradeTicks(symbolId),
    positions.cashTickLots(symbolId) + positions.netLots(symbolId) * exchange.referenceTicks(symbolId),
  ]
}

/** How many of `count` items, in order, hold; those that do come first. */
function countUpTo(count: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low
}
