// The strategy contract: what a market-making strategy is told, and what it answers.
//
// One object runs unchanged in the live simulation, in a backtest and in a simulator: it is told numbers and time, asked
// for a quote, and touches nothing else. Prices are ticks, quantities lots, times nanoseconds of one clock that never
// goes back. The views are reused between calls: a strategy copies what it keeps.

/** The market of one symbol as others make it: the strategy's own quote is not in it. */
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
}

/** The committed position in the symbol. */
export type PositionView = {
  netLots: number
  /** Grows by one with each fill. */
  version: number
}

/** A two-sided quote. 0 lots: no such side. */
export type QuoteProposal = {
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
}

/** One per symbol: a strategy keeps what it learns of its symbol to itself. */
export type Strategy = {
  readonly name: string
  /** A public trade happened. */
  onTrade?(priceTicks: number, quantityLots: number, aggressorSide: number, nowNs: number): void
  /** One of our own fills was committed: `quantityLots` is positive when we bought. */
  onFill?(priceTicks: number, quantityLots: number, nowNs: number): void
  /**
   * Writes the quote it wants to stand now into `proposal`, which comes with all fields 0. Called after each change of
   * the market or the position, and when a quote has to be refreshed.
   */
  propose(market: Readonly<MarketView>, position: Readonly<PositionView>, proposal: QuoteProposal): void
}

/** One adjustable number of a strategy: for command lines, reports and sweeps. */
export type ParameterSpec = {
  readonly name: string
  readonly unit: string
  readonly meaning: string
  readonly default: number
  readonly min: number
  readonly max: number
}

export type Parameters = Readonly<Record<string, number>>

/** A kind of strategy: its parameters, and how one is made. */
export type StrategyKind = {
  readonly name: string
  readonly summary: string
  readonly parameters: readonly ParameterSpec[]
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
  for (const { name, unit, min, max, default: fallback } of kind.parameters) {
    const value = given[name] ?? fallback
    if (!(value >= min && value <= max)) return `${name} is ${min} .. ${max} ${unit}, not ${value}`
    checked[name] = value
  }
  return checked
}
