// What all quoting models here have in common once they know the two prices that they want: the rules that turn wishes
// into a quote that may stand. Their parameters have the same names everywhere.

import { must } from '../base/assert.ts'
import { Side } from '../protocol/kinds.ts'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../protocol/limits.ts'
import type { ParameterSpec, Parameters, QuoteProposal, StrategyContext } from './strategy.ts'

export const SHAPE_PARAMETERS: readonly ParameterSpec[] = [
  whole('quantityLots', 'lots', 'size of each side (order_amount, order_qty)', 10, 1, QUANTITY_LOTS_MAX),
  whole(
    'positionLimitLots',
    'lots',
    'the side that would exceed it is made smaller (max_position)',
    50,
    1,
    QUANTITY_LOTS_MAX,
  ),
  spec('minimumSpreadTicks', 'ticks', 'least distance between the two sides (minimum_spread)', 1, 0, 100_000),
  spec('requoteThresholdTicks', 'ticks', 'a price that moved less stays (order_refresh_tolerance)', 1, 0, 100_000),
  spec('filledOrderDelayS', 's', 'how long the side that filled stays away (filled_order_delay)', 0, 0, 86_400),
]

export class QuoteShape {
  readonly quantityLots: number
  readonly positionLimitLots: number
  readonly #minimumSpreadTicks: number
  readonly #requoteThresholdTicks: number
  readonly #filledOrderDelayNs: number
  #bidFreeNs = 0
  #askFreeNs = 0

  constructor(parameters: Parameters) {
    const parameter = (name: string) => must(parameters[name], 'parameters are checked before')
    this.quantityLots = parameter('quantityLots')
    this.positionLimitLots = parameter('positionLimitLots')
    this.#minimumSpreadTicks = parameter('minimumSpreadTicks')
    this.#requoteThresholdTicks = parameter('requoteThresholdTicks')
    this.#filledOrderDelayNs = parameter('filledOrderDelayS') * 1e9
  }

  onFill(side: Side, nowNs: number): void {
    if (side === Side.BUY) this.#bidFreeNs = nowNs + this.#filledOrderDelayNs
    else this.#askFreeNs = nowNs + this.#filledOrderDelayNs
  }

  /** Lots that may be bid for and offered now: the quantity, less what the position limit and the delay forbid. */
  bidLots({ market, position }: StrategyContext): number {
    if (market.nowNs < this.#bidFreeNs) return 0
    return Math.max(0, Math.min(this.quantityLots, this.positionLimitLots - position.netLots))
  }

  askLots({ market, position }: StrategyContext): number {
    if (market.nowNs < this.#askFreeNs) return 0
    return Math.max(0, Math.min(this.quantityLots, this.positionLimitLots + position.netLots))
  }

  /** The quote at these prices, which may lie between ticks. */
  propose(bidPrice: number, askPrice: number, context: StrategyContext, proposal: QuoteProposal): void {
    const { market, quote } = context
    let [bidWish, askWish] = [bidPrice, askPrice]
    const missing = this.#minimumSpreadTicks - (askWish - bidWish)
    if (missing > 0) {
      bidWish -= missing / 2
      askWish += missing / 2
    }
    let bidTicks = Math.floor(bidWish)
    let askTicks = Math.ceil(askWish)
    if (quote.bidLots > 0) bidTicks = this.#settled(bidTicks, quote.bidTicks)
    if (quote.askLots > 0) askTicks = this.#settled(askTicks, quote.askTicks)
    // A maker: never through the other side of the market, nor through itself.
    if (market.askLots > 0) bidTicks = Math.min(bidTicks, market.askTicks - 1)
    if (market.bidLots > 0) askTicks = Math.max(askTicks, market.bidTicks + 1)
    askTicks = Math.min(Math.max(askTicks, bidTicks + 1, 1), PRICE_TICKS_MAX)
    bidTicks = Math.min(bidTicks, askTicks - 1)
    const bidLots = this.bidLots(context)
    const askLots = this.askLots(context)
    if (bidLots > 0 && bidTicks >= 1) {
      proposal.bidTicks = bidTicks
      proposal.bidLots = bidLots
    }
    if (askLots > 0) {
      proposal.askTicks = askTicks
      proposal.askLots = askLots
    }
    proposal.askAgainNs = this.delayEndNs(market.nowNs, proposal.askAgainNs)
  }

  /** When a side that waits after its fill may come back, if that is before `otherwiseNs` (0: never). */
  delayEndNs(nowNs: number, otherwiseNs: number): number {
    let dueNs = otherwiseNs > 0 ? otherwiseNs : Number.POSITIVE_INFINITY
    if (this.#bidFreeNs > nowNs) dueNs = Math.min(dueNs, this.#bidFreeNs)
    if (this.#askFreeNs > nowNs) dueNs = Math.min(dueNs, this.#askFreeNs)
    return dueNs === Number.POSITIVE_INFINITY ? 0 : dueNs
  }

  #settled(wantedTicks: number, standingTicks: number): number {
    return Math.abs(wantedTicks - standingTicks) < this.#requoteThresholdTicks ? standingTicks : wantedTicks
  }
}

export function spec(
  name: string,
  unit: string,
  meaning: string,
  fallback: number,
  min: number,
  max: number,
): ParameterSpec {
  return { name, unit, meaning, default: fallback, min, max }
}

export function whole(
  name: string,
  unit: string,
  meaning: string,
  fallback: number,
  min: number,
  max: number,
): ParameterSpec {
  return { ...spec(name, unit, meaning, fallback, min, max), isWhole: true }
}
