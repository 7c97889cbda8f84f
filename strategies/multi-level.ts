// Several quotes of growing distance and size around an inventory-shifted fair value.
//
//   reservation price = fair value - skewTicksPerLot * net lots
//   level n (from 0): price = reservation price -+ (halfSpreadTicks + n * orderLevelSpreadTicks)
//                     size  = quantityLots + n * orderLevelAmountLots
//
// It is Hummingbot's pure market making with order levels. The innermost pair follows the rules of all quoters
// (threshold, least spread); deeper levels keep their distance from it. Where one quote is all there is, it stands alone.

import { must } from '../base/assert.ts'
import type { Side } from '../protocol/kinds.ts'
import { fairValueTicks } from './inventory-quoter.ts'
import { LADDER_LEVEL_COUNT_MAX, type LadderStrategy, type QuoteLadder } from './ladder.ts'
import { QuoteShape, SHAPE_PARAMETERS, spec, whole } from './quote-shape.ts'
import {
  clearSides,
  emptySides,
  type Parameters,
  type QuoteProposal,
  type StrategyContext,
  type StrategyKind,
} from './strategy.ts'

export const multiLevel: StrategyKind = {
  name: 'multi-level',
  summary: 'several quotes of growing distance and size around fair value',
  parameters: [
    spec('halfSpreadTicks', 'ticks', 'distance of the first level (bid_spread, ask_spread)', 3, 0, 100_000),
    whole('orderLevels', 'levels', 'levels on each side (order_levels)', 3, 1, LADDER_LEVEL_COUNT_MAX),
    spec('orderLevelSpreadTicks', 'ticks', 'distance between levels (order_level_spread)', 5, 1, 100_000),
    whole(
      'orderLevelAmountLots',
      'lots',
      'how much larger each further level is (order_level_amount)',
      0,
      0,
      1_000_000,
    ),
    spec('skewTicksPerLot', 'ticks per lot', 'how far one lot of inventory moves all levels', 0.1, 0, 1_000),
    whole('microprice', '0 or 1', 'fair value: 1 the microprice, 0 the middle', 0, 0, 1),
    ...SHAPE_PARAMETERS,
  ],
  create: (parameters) => new MultiLevel(parameters),
}

class MultiLevel implements LadderStrategy {
  readonly name = multiLevel.name
  readonly #shape: QuoteShape
  readonly #halfSpreadTicks: number
  readonly #levelCount: number
  readonly #levelSpreadTicks: number
  readonly #levelAmountLots: number
  readonly #skewTicksPerLot: number
  readonly #isMicroprice: boolean
  readonly #inner: QuoteProposal = { ...emptySides(), askAgainNs: 0 }

  constructor(parameters: Parameters) {
    const parameter = (name: string) => must(parameters[name], 'parameters are checked before')
    this.#shape = new QuoteShape(parameters)
    this.#halfSpreadTicks = parameter('halfSpreadTicks')
    this.#levelCount = parameter('orderLevels')
    this.#levelSpreadTicks = parameter('orderLevelSpreadTicks')
    this.#levelAmountLots = parameter('orderLevelAmountLots')
    this.#skewTicksPerLot = parameter('skewTicksPerLot')
    this.#isMicroprice = parameter('microprice') === 1
  }

  onFill(side: Side, _priceTicks: number, _quantityLots: number, nowNs: number): void {
    this.#shape.onFill(side, nowNs)
  }

  propose(context: StrategyContext, proposal: QuoteProposal): void {
    const { market, position } = context
    const fairTicks = fairValueTicks(market, this.#isMicroprice)
    if (fairTicks === 0) return
    const reservation = fairTicks - this.#skewTicksPerLot * position.netLots
    this.#shape.propose(reservation - this.#halfSpreadTicks, reservation + this.#halfSpreadTicks, context, proposal)
  }

  proposeLadder(context: StrategyContext, ladder: QuoteLadder): void {
    const inner = this.#inner
    clearSides(inner)
    inner.askAgainNs = 0
    this.propose(context, inner)
    ladder.askAgainNs = inner.askAgainNs
    const { netLots } = context.position
    let bidRoom = this.#shape.positionLimitLots - netLots
    let askRoom = this.#shape.positionLimitLots + netLots
    for (let level = 0; level < this.#levelCount; level++) {
      const awayTicks = Math.round(level * this.#levelSpreadTicks)
      const more = level * this.#levelAmountLots
      if (inner.bidLots > 0) {
        const lots = Math.min(this.#shape.quantityLots + more, bidRoom)
        ladder.addBid(inner.bidTicks - awayTicks, lots)
        bidRoom -= lots
      }
      if (inner.askLots > 0) {
        const lots = Math.min(this.#shape.quantityLots + more, askRoom)
        ladder.addAsk(inner.askTicks + awayTicks, lots)
        askRoom -= lots
      }
    }
  }
}
