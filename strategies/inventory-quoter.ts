// A fixed spread around fair value, shifted against the inventory.
//
//   reservation price = fair value - skewTicksPerLot * net lots
//   bid = floor(reservation price - halfSpreadTicks), ask = ceil(reservation price + halfSpreadTicks)
//
// The linear shift is the first-order form of the reservation price of Avellaneda and Stoikov ("High-frequency trading
// in a limit order book", Quantitative Finance 8, 2008, eq. 29), with risk aversion, variance and horizon folded into one
// number. Same context, same answer: it keeps no state of its own.

import { must } from '../base/assert.ts'
import { PRICE_TICKS_MAX } from '../protocol/limits.ts'
import type { MarketView, Parameters, QuoteProposal, Strategy, StrategyContext, StrategyKind } from './strategy.ts'

export const inventoryQuoter: StrategyKind = {
  name: 'inventory-quoter',
  summary: 'a fixed spread around fair value, shifted against the inventory',
  parameters: [
    spec('halfSpreadTicks', 'ticks', 'distance of each side from the reservation price', 3, 0.5, 100_000),
    spec('skewTicksPerLot', 'ticks per lot', 'how far one lot of inventory moves both sides', 0.1, 0, 1_000),
    { ...spec('quantityLots', 'lots', 'size of each side', 10, 1, 1_000_000_000), isWhole: true },
    {
      ...spec('positionLimitLots', 'lots', 'the side that would exceed it is made smaller', 50, 1, 1_000_000_000),
      isWhole: true,
    },
    spec('requoteThresholdTicks', 'ticks', 'a price that moved less stays where it is', 1, 0, 100_000),
    { ...spec('microprice', '0 or 1', 'fair value: 1 microprice, 0 mid', 0, 0, 1), isWhole: true },
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

  constructor(parameters: Parameters) {
    const parameter = (name: string) => must(parameters[name], 'parameters are checked before')
    this.#halfSpreadTicks = parameter('halfSpreadTicks')
    this.#skewTicksPerLot = parameter('skewTicksPerLot')
    this.#quantityLots = parameter('quantityLots')
    this.#positionLimitLots = parameter('positionLimitLots')
    this.#requoteThresholdTicks = parameter('requoteThresholdTicks')
    this.#isMicroprice = parameter('microprice') === 1
  }

  propose({ market, position, quote }: StrategyContext, proposal: QuoteProposal): void {
    const fairTicks = fairValueTicks(market, this.#isMicroprice)
    if (fairTicks === 0) return
    const reservationTicks = fairTicks - this.#skewTicksPerLot * position.netLots
    let bidTicks = Math.floor(reservationTicks - this.#halfSpreadTicks)
    let askTicks = Math.ceil(reservationTicks + this.#halfSpreadTicks)
    if (quote.bidLots > 0) bidTicks = settled(bidTicks, quote.bidTicks, this.#requoteThresholdTicks)
    if (quote.askLots > 0) askTicks = settled(askTicks, quote.askTicks, this.#requoteThresholdTicks)
    // A maker: never through the other side of the market, nor through itself.
    if (market.askLots > 0) bidTicks = Math.min(bidTicks, market.askTicks - 1)
    if (market.bidLots > 0) askTicks = Math.max(askTicks, market.bidTicks + 1)
    askTicks = Math.min(Math.max(askTicks, bidTicks + 1, 1), PRICE_TICKS_MAX)
    bidTicks = Math.min(bidTicks, askTicks - 1)
    // With the inventory at its limit the side that would add to it is left out.
    const bidLots = Math.min(this.#quantityLots, this.#positionLimitLots - position.netLots)
    const askLots = Math.min(this.#quantityLots, this.#positionLimitLots + position.netLots)
    if (bidLots > 0 && bidTicks >= 1) {
      proposal.bidTicks = bidTicks
      proposal.bidLots = bidLots
    }
    if (askLots > 0) {
      proposal.askTicks = askTicks
      proposal.askLots = askLots
    }
  }
}

/** A price that moved by less than the threshold stays, and with it the place in the queue. */
function settled(wantedTicks: number, standingTicks: number, thresholdTicks: number): number {
  return Math.abs(wantedTicks - standingTicks) < thresholdTicks ? standingTicks : wantedTicks
}

/**
 * In ticks, with fractions; 0 when nothing at all is known. With one side only, the last trade or the reference price
 * stands for the other, as far as that side does not contradict it.
 */
export function fairValueTicks(market: Readonly<MarketView>, isMicroprice: boolean): number {
  const { bidTicks, bidLots, askTicks, askLots } = market
  if (bidLots > 0 && askLots > 0) {
    if (!isMicroprice) return (bidTicks + askTicks) / 2
    return (bidTicks * askLots + askTicks * bidLots) / (bidLots + askLots)
  }
  const anchorTicks = market.lastTradeTicks > 0 ? market.lastTradeTicks : market.referenceTicks
  if (bidLots > 0) return Math.max(anchorTicks, bidTicks)
  if (askLots > 0) return anchorTicks === 0 ? askTicks : Math.min(anchorTicks, askTicks)
  return anchorTicks
}

function spec(name: string, unit: string, meaning: string, fallback: number, min: number, max: number) {
  return { name, unit, meaning, default: fallback, min, max }
}
