// Positions, quotes, exposure and fills as the gateway knows them: the engine's committed statements, mirrored.
//
// Invariant: exposure is the sum over the standing quotes, and a symbol's position version never goes back.

import { costAfter } from '../../engine/desk/positions.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import type { ExposureView, FillView, PositionView, QuoteEventView, QuoteView } from './dashboard-protocol.ts'
import { Markouts } from './markouts.ts'
import { Ring } from './ring.ts'
import { Slice } from './slice.ts'

const FILL_COUNT_MAX = 1_000
const QUOTE_EVENT_COUNT_MAX = 400

/** One of our fills and the position that it made. */
export type FillStatement = {
  symbolId: number
  tradeId: number
  timeMs: number
  side: 'buy' | 'sell'
  priceTicks: number
  quantityLots: number
  netLots: number
  version: number
  cashTickLots: number
  recordSeq: number
}

/** A symbol's standing quote; no lots on both sides: none stands. */
export type QuoteStatement = {
  symbolId: number
  quoteId: number
  clientId: number
  bidTicks: number
  bidLots: number
  bidAheadLots?: number | undefined
  askTicks: number
  askLots: number
  askAheadLots?: number | undefined
  positionVersion: number
  fencingToken: number
  expiresAtMs: number
  recordSeq: number
}

/** A position as the engine answers. */
export type HeldPosition = {
  netLots: number
  version: number
  cashTickLots: number
  costTickLots: number
  lastTradeId: number
  recordSeq: number
}

export class DeskView {
  readonly fills = new Ring<FillView>(FILL_COUNT_MAX)
  readonly markouts = new Markouts()
  readonly quoteEvents = new Ring<QuoteEventView>(QUOTE_EVENT_COUNT_MAX)
  readonly exposureSlice = new Slice(() => this.exposure())
  readonly positionSlices: readonly Slice[]
  readonly quoteSlices: readonly Slice[]
  readonly #symbols: readonly string[]
  readonly #limitLots: number
  readonly #positions: PositionView[]
  readonly #quotes: QuoteView[]
  #quotingEnabled = true
  readonly #symbolsOff = new Set<string>()
  #controlSeq = 0
  /** Newest record that any of this is true at. */
  recordSeq = 0

  constructor(config: ClusterConfig) {
    this.#symbols = config.instruments.map((instrument) => instrument.symbol)
    this.#limitLots = config.exposureLots
    this.#positions = this.#symbols.map(noPosition)
    this.#quotes = this.#symbols.map(noQuote)
    this.positionSlices = this.#positions.map((position) => new Slice(() => position))
    this.quoteSlices = this.#quotes.map((quote) => new Slice(() => quote))
  }

  position(symbolId: number): PositionView {
    return this.#positions[symbolId]!
  }

  quote(symbolId: number): QuoteView {
    return this.#quotes[symbolId]!
  }

  exposure(): ExposureView {
    let bidLots = 0
    let askLots = 0
    let recordSeq = this.#controlSeq
    for (const quote of this.#quotes) {
      bidLots += quote.bidLots
      askLots += quote.askLots
      recordSeq = Math.max(recordSeq, quote.recordSeq)
    }
    return {
      limitLots: this.#limitLots,
      bidLots,
      askLots,
      quotingEnabled: this.#quotingEnabled,
      symbolsOff: [...this.#symbolsOff],
      recordSeq,
    }
  }

  /** A fill as it is committed. False when it was known already. */
  onFill(fill: FillStatement): boolean {
    const position = this.#positions[fill.symbolId]!
    if (fill.version <= position.version) return false
    const signedLots = fill.side === 'buy' ? fill.quantityLots : -fill.quantityLots
    position.costTickLots = costAfter(position.netLots, position.costTickLots, signedLots, fill.priceTicks)
    position.netLots = fill.netLots
    position.version = fill.version
    position.cashTickLots = fill.cashTickLots
    position.lastTradeId = fill.tradeId
    position.timeMs = fill.timeMs
    this.#stamp(position, fill.recordSeq)
    this.positionSlices[fill.symbolId]!.touch()
    this.markouts.onFill(fill.symbolId, fill.tradeId, fill.side, fill.priceTicks, fill.timeMs)
    this.fills.push({
      symbol: position.symbol,
      tradeId: fill.tradeId,
      timeMs: fill.timeMs,
      side: fill.side,
      priceTicks: fill.priceTicks,
      quantityLots: fill.quantityLots,
      netLots: fill.netLots,
      positionVersion: fill.version,
      recordSeq: fill.recordSeq,
    })
    return true
  }

  /** The position as the engine answers when asked: the start, and what repairs a gap. */
  loadPosition(symbolId: number, held: HeldPosition): void {
    const position = this.#positions[symbolId]!
    if (held.version < position.version) return
    if (position.recordSeq > 0 && isSame(position, held)) return
    Object.assign(position, held)
    this.#stamp(position, held.recordSeq)
    this.positionSlices[symbolId]!.touch()
  }

  /** Marks a position to the reference price. */
  mark(symbolId: number, referenceTicks: number): void {
    const position = this.#positions[symbolId]!
    const profitTickLots = position.cashTickLots + position.netLots * referenceTicks
    if (profitTickLots === position.profitTickLots) return
    position.profitTickLots = profitTickLots
    this.positionSlices[symbolId]!.touch()
  }

  onQuote(stated: QuoteStatement): void {
    const quote = this.#quotes[stated.symbolId]!
    if (stated.recordSeq < quote.recordSeq) return
    const { symbolId, ...view } = stated
    if (isSame(quote, view)) return
    // At another price, the queue is another one.
    if (view.bidTicks !== quote.bidTicks) quote.bidAheadLots = undefined
    if (view.askTicks !== quote.askTicks) quote.askAheadLots = undefined
    Object.assign(quote, view)
    this.#stamp(quote, stated.recordSeq)
    this.quoteSlices[symbolId]!.touch()
    this.exposureSlice.touch()
  }

  /** A fill took lots off a side of the standing quote. */
  reduceQuote(symbolId: number, side: 'buy' | 'sell', lots: number, recordSeq: number): void {
    const quote = this.#quotes[symbolId]!
    if (recordSeq < quote.recordSeq) return
    if (side === 'buy') quote.bidLots = Math.max(0, quote.bidLots - lots)
    else quote.askLots = Math.max(0, quote.askLots - lots)
    this.#stamp(quote, recordSeq)
    this.quoteSlices[symbolId]!.touch()
    this.exposureSlice.touch()
  }

  endQuote(symbolId: number, recordSeq: number): void {
    const quote = this.#quotes[symbolId]!
    if (recordSeq < quote.recordSeq || (quote.bidLots === 0 && quote.askLots === 0)) return
    Object.assign(quote, noQuote(quote.symbol))
    this.#stamp(quote, recordSeq)
    this.quoteSlices[symbolId]!.touch()
    this.exposureSlice.touch()
  }

  /** The switch for all symbols. False when it was so already. */
  setQuoting(enabled: boolean, recordSeq: number): boolean {
    if (recordSeq < this.#controlSeq || enabled === this.#quotingEnabled) return false
    this.#quotingEnabled = enabled
    this.#stampControl(recordSeq)
    return true
  }

  /** One symbol's own switch. False when it was so already. */
  setSymbolQuoting(symbolId: number, enabled: boolean, recordSeq: number): boolean {
    const symbol = this.#symbols[symbolId]!
    if (recordSeq < this.#controlSeq || enabled === !this.#symbolsOff.has(symbol)) return false
    if (enabled) this.#symbolsOff.delete(symbol)
    else this.#symbolsOff.add(symbol)
    this.#stampControl(recordSeq)
    return true
  }

  #stampControl(recordSeq: number): void {
    this.#controlSeq = recordSeq
    this.exposureSlice.touch()
  }

  #stamp(part: { recordSeq: number }, recordSeq: number): void {
    part.recordSeq = recordSeq
    this.recordSeq = Math.max(this.recordSeq, recordSeq)
  }
}

/** Whether all that is stated is so already; the record number tells when it became so. */
function isSame(held: object, stated: object): boolean {
  return Object.entries(stated).every(
    ([name, value]) => name === 'recordSeq' || held[name as keyof typeof held] === value,
  )
}

function noPosition(symbol: string): PositionView {
  return {
    symbol,
    netLots: 0,
    version: 0,
    cashTickLots: 0,
    costTickLots: 0,
    lastTradeId: 0,
    profitTickLots: 0,
    timeMs: 0,
    recordSeq: 0,
  }
}

function noQuote(symbol: string): QuoteView {
  return {
    symbol,
    quoteId: 0,
    clientId: 0,
    bidTicks: 0,
    bidLots: 0,
    bidAheadLots: undefined,
    askTicks: 0,
    askLots: 0,
    askAheadLots: undefined,
    positionVersion: 0,
    fencingToken: 0,
    expiresAtMs: 0,
    recordSeq: 0,
  }
}
