// A fixed spread around fair value, shifted against the inventory.
//
//   reservation price = fair value - skewTicksPerLot * net lots
//   bid = floor(reservation price - halfSpreadTicks), ask = ceil(reservation price + halfSpreadTicks)
//
// The linear shift is the first-order form of the reservation price of Avellaneda and Stoikov ("High-frequency trading
// in a limit order book", Quantitative Finance 8, 2008), with risk aversion, variance and horizon folded into one number.

import { assert, must } from '../base/assert.ts'
import type { MarketView, Parameters, PositionView, QuoteProposal, Strategy, StrategyKind } from './strategy.ts'

export const inventoryQuoter: StrategyKind = {
  name: 'inventory-quoter',
  summary: 'a fixed spread around fair value, shifted against the inventory',
  parameters: [
    spec('halfSpreadTicks', 'ticks', 'distance of each side from the reservation price', 3, 0.5, 100_000),
    spec('skewTicksPerLot', 'ticks per lot', 'how far one lot of inventory moves both sides', 0.1, 0, 1_000),
    spec('quantityLots', 'lots', 'size of each side', 10, 1, 1_000_000),
    spec('positionLimitLots', 'lots', 'the side that would exceed it is made smaller', 50, 1, 1_000_000),
    spec('requoteThresholdTicks', 'ticks', 'a smaller change of a price leaves the quote alone', 1, 0, 100_000),
    spec('microprice', '0 or 1', 'fair value: 1 microprice, 0 mid', 0, 0, 1),
  ],
  create: (parameters) => new InventoryQuoter(parameters),
}

class InventoryQuoter implements Strategy {
  readonly name = inventoryQuoter.name
  readonly #halfSpreadTicks: number
  readonly #skewTicksPerLot: number
  readonly #quantityLots: number
  readonly #positionLimitLots: number
  readonly #requoteThresholdTicks: number
  readonly #isMicroprice: boolean
  #bidTicks = 0
  #askTicks = 0

  constructor(parameters: Parameters) {
    this.#halfSpreadTicks = must(parameters['halfSpreadTicks'], 'parameters are checked before')
    this.#skewTicksPerLot = must(parameters['skewTicksPerLot'], 'parameters are checked before')
    this.#quantityLots = must(parameters['quantityLots'], 'parameters are checked before')
    this.#positionLimitLots = must(parameters['positionLimitLots'], 'parameters are checked before')
    this.#requoteThresholdTicks = must(parameters['requoteThresholdTicks'], 'parameters are checked before')
    this.#isMicroprice = parameters['microprice'] === 1
  }

  propose(market: Readonly<MarketView>, position: Readonly<PositionView>, proposal: QuoteProposal): void {
    const fair = fairValue(market, this.#isMicroprice)
    if (fair <= 0) return
    const reservation = fair - this.#skewTicksPerLot * position.netLots
    let bidTicks = Math.max(1, Math.floor(reservation - this.#halfSpreadTicks))
    let askTicks = Math.max(bidTicks + 1, Math.ceil(reservation + this.#halfSpreadTicks))
    if (Math.abs(bidTicks - this.#bidTicks) < this.#requoteThresholdTicks) bidTicks = this.#bidTicks
    if (Math.abs(askTicks - this.#askTicks) < this.#requoteThresholdTicks) askTicks = this.#askTicks
    // A maker: never through the other side of the market.
    if (market.askLots > 0) bidTicks = Math.min(bidTicks, market.askTicks - 1)
    if (market.bidLots > 0) askTicks = Math.max(askTicks, market.bidTicks + 1)
    askTicks = Math.max(askTicks, bidTicks + 1)
    this.#bidTicks = bidTicks
    this.#askTicks = askTicks
    proposal.bidLots = bidTicks < 1 ? 0 : sideLots(this.#quantityLots, this.#positionLimitLots - position.netLots)
    proposal.askLots = sideLots(this.#quantityLots, this.#positionLimitLots + position.netLots)
    proposal.bidTicks = proposal.bidLots > 0 ? bidTicks : 0
    proposal.askTicks = proposal.askLots > 0 ? askTicks : 0
    assert(proposal.bidLots >= 0 && proposal.askLots >= 0, 'quantities are never negative')
  }
}

/** In ticks, with fractions; 0 when nothing at all is known. */
function fairValue(market: Readonly<MarketView>, isMicroprice: boolean): number {
  const { bidTicks, bidLots, askTicks, askLots } = market
  if (bidLots > 0 && askLots > 0) {
    if (!isMicroprice) return (bidTicks + askTicks) / 2
    return (bidTicks * askLots + askTicks * bidLots) / (bidLots + askLots)
  }
  const anchor = market.lastTradeTicks > 0 ? market.lastTradeTicks : market.referenceTicks
  if (bidLots > 0) return Math.max(anchor, bidTicks)
  if (askLots > 0) return Math.min(anchor, askTicks)
  return anchor
}

function sideLots(quantityLots: number, roomLots: number): number {
  return Math.max(0, Math.floor(Math.min(quantityLots, roomLots)))
}

function spec(name: string, unit: string, meaning: string, fallback: number, min: number, max: number) {
  return { name, unit, meaning, default: fallback, min, max }
}
