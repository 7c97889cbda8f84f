// The strategy contract: what a market-making strategy is told, and what it answers.
//
// One object runs unchanged in the live simulation, in a backtest of either mode and in a simulator: it is told numbers
// and time, asked for a quote, and touches nothing else. Prices are ticks, quantities lots, times nanoseconds of one
// clock that never goes back. A strategy object serves one symbol and keeps what it learns of it to itself.
//
//   onBook, onTrade, onFill, onQuoteEnded    news, in the order in which they came; all may be left out
//   propose                                  the question: which quote should stand now?
//
// The question is asked after any news, when a quote has to be refreshed, and when the strategy itself wanted to be
// asked again. Whether and when the answer is sent is the business of the one who asks: that depends on throttles,
// limits, and what is under way. So a strategy must not take its answer for a fact; `context.quote` is what stands.
//
// Everything handed over is reused between calls: a strategy copies what it keeps.

import type { Side } from '../protocol/kinds.ts'

/** The book as others make it: a strategy never sees its own quote in it. Index 0 is the best level. */
export type DepthView = {
  levelCount(side: Side): number
  /** 0 beyond the last level. */
  levelTicks(side: Side, index: number): number
  levelLots(side: Side, index: number): number
}

/** The market of one symbol as others make it. */
export type MarketView = {
  nowNs: number
  /** 0 lots: that side is empty. */
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
  /** 0: nothing has traded yet. */
  lastTradeTicks: number
  /** The exchange's reference price: the opening price before the first trade. */
  referenceTicks: number
  readonly depth: DepthView
}

/** The committed position in the symbol. */
export type PositionView = {
  netLots: number
  /** Grows by one with each fill. */
  version: number
}

/** A two-sided quote. 0 lots: no such side, and its price is 0. */
export type QuoteSides = {
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
}

/** What a strategy is told with the question. */
export type StrategyContext = {
  readonly market: Readonly<MarketView>
  readonly position: Readonly<PositionView>
  /** Our quote as it stands: granted, and less what has been filled. All 0: none stands. */
  readonly quote: Readonly<QuoteSides>
}

/** The answer. Comes with all fields 0, which means: no quote should stand. */
export type QuoteProposal = QuoteSides & {
  /** Ask again at this time even if nothing happens; 0: no wish. */
  askAgainNs: number
}

/** One per symbol. */
export type Strategy = {
  readonly name: string
  /** The book changed. Called for each change; keep it short. */
  onBook?(market: Readonly<MarketView>): void
  /** A public trade happened. */
  onTrade?(priceTicks: number, quantityLots: number, aggressorSide: Side, nowNs: number): void
  /** One of our own fills was committed; `side` BUY when we bought. */
  onFill?(side: Side, priceTicks: number, quantityLots: number, nowNs: number): void
  /** Our quote ended by itself or was refused: why, as a Reason. */
  onQuoteEnded?(reason: number, nowNs: number): void
  /** Writes the quote that should stand now into `proposal`. */
  propose(context: StrategyContext, proposal: QuoteProposal): void
}

/** One adjustable number of a strategy: for command lines, reports and sweeps. */
export type ParameterSpec = {
  readonly name: string
  readonly unit: string
  readonly meaning: string
  readonly default: number
  readonly min: number
  readonly max: number
  /** Only whole numbers make sense. */
  readonly isWhole?: boolean
}

export type Parameters = Readonly<Record<string, number>>

/** A kind of strategy: its parameters, and how one is made. */
export type StrategyKind = {
  readonly name: string
  readonly summary: string
  readonly parameters: readonly ParameterSpec[]
  /** `parameters` have been checked: each is there and in its range. */
  create(parameters: Parameters): Strategy
}

/** The parameters with defaults filled in, or a sentence that says which one is wrong and what it may be. */
export function checkParameters(kind: StrategyKind, given: Parameters): Parameters | string {
  const checked: Record<string, number> = {}
  for (const name of Object.keys(given)) {
    if (!kind.parameters.some((spec) => spec.name === name)) {
      return `${kind.name} has no parameter ${name}; it has ${kind.parameters.map((spec) => spec.name).join(', ')}`
    }
  }
  for (const { name, unit, min, max, default: fallback, isWhole } of kind.parameters) {
    const value = given[name] ?? fallback
    if (!(value >= min && value <= max)) return `${name} is ${min} .. ${max} ${unit}, not ${value}`
    if (isWhole === true && !Number.isInteger(value)) return `${name} is a whole number of ${unit}, not ${value}`
    checked[name] = value
  }
  return checked
}

export function emptySides(): QuoteSides {
  return { bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0 }
}

export function copySides(source: Readonly<QuoteSides>, target: QuoteSides): void {
  target.bidTicks = source.bidTicks
  target.bidLots = source.bidLots
  target.askTicks = source.askTicks
  target.askLots = source.askLots
}

export function clearSides(target: QuoteSides): void {
  target.bidTicks = 0
  target.bidLots = 0
  target.askTicks = 0
  target.askLots = 0
}

export function areSidesEqual(one: Readonly<QuoteSides>, other: Readonly<QuoteSides>): boolean {
  return (
    one.bidTicks === other.bidTicks &&
    one.bidLots === other.bidLots &&
    one.askTicks === other.askTicks &&
    one.askLots === other.askLots
  )
}
