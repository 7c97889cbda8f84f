// Orders on a fixed grid of prices around an inventory-shifted fair value.
//
//   reservation price = fair value - skewTicksPerLot * net lots
//   bids at the multiples of gridIntervalTicks at and below min(reservation price - halfSpreadTicks, best bid), gridNum of
//   them; asks mirrored
//
// The prices do not follow small moves, so that orders keep their places in the queues. It is hftbacktest's example of
// high-frequency grid trading, with its parameter names. Where one quote is all there is, the innermost pair stands.

import { must } from '../base/assert.ts'
import type { Side } from '../protocol/kinds.ts'
import { fairValueTicks } from './inventory-quoter.ts'
import { LADDER_LEVEL_COUNT_MAX, type LadderStrategy, proposeInnermost, QuoteLadder } from './ladder.ts'
import { QuoteShape, SHAPE_PARAMETERS, spec, whole } from './quote-shape.ts'
import type { Parameters, QuoteProposal, StrategyContext, StrategyKind } from './strategy.ts'

export const grid: StrategyKind = {
  name: 'grid',
  summary: 'orders on a fixed grid of prices around fair value',
  parameters: [
    spec('halfSpreadTicks', 'ticks', 'distance of the first order from the reservation price (half_spread)', 2, 0, 1e5),
    whole('gridIntervalTicks', 'ticks', 'distance between the prices (grid_interval)', 10, 1, 100_000),
    whole('gridNum', 'orders', 'orders on each side (grid_num)', 10, 1, LADDER_LEVEL_COUNT_MAX),
    spec('skewTicksPerLot', 'ticks per lot', 'how far one lot of inventory moves the grid (skew)', 0.1, 0, 1_000),
    whole('microprice', '0 or 1', 'fair value: 1 the microprice, 0 the middle', 0, 0, 1),
    ...SHAPE_PARAMETERS,
  ],
  create: (parameters) => new Grid(parameters),
}

class Grid implements LadderStrategy {
  readonly name = grid.name
  readonly #shape: QuoteShape
  readonly #halfSpreadTicks: number
  readonly #intervalTicks: number
  readonly #orderCount: number
  readonly #skewTicksPerLot: number
  readonly #isMicroprice: boolean
  readonly #ladder = new QuoteLadder()

  constructor(parameters: Parameters) {
    const parameter = (name: string) => must(parameters[name], 'parameters are checked before')
    this.#shape = new QuoteShape(parameters)
    this.#halfSpreadTicks = parameter('halfSpreadTicks')
    this.#intervalTicks = parameter('gridIntervalTicks')
    this.#orderCount = parameter('gridNum')
    this.#skewTicksPerLot = parameter('skewTicksPerLot')
    this.#isMicroprice = parameter('microprice') === 1
  }

  onFill(side: Side, _priceTicks: number, _quantityLots: number, nowNs: number): void {
    this.#shape.onFill(side, nowNs)
  }

  propose(context: StrategyContext, proposal: QuoteProposal): void {
    proposeInnermost(this, context, this.#ladder, proposal)
  }

  proposeLadder(context: StrategyContext, ladder: QuoteLadder): void {
    const { market, position } = context
    const fairTicks = fairValueTicks(market, this.#isMicroprice)
    if (fairTicks === 0) return
    const reservation = fairTicks - this.#skewTicksPerLot * position.netLots
    const interval = this.#intervalTicks
    const bidWish = reservation - this.#halfSpreadTicks
    const askWish = reservation + this.#halfSpreadTicks
    let bidTicks = Math.floor((market.bidLots > 0 ? Math.min(bidWish, market.bidTicks) : bidWish) / interval) * interval
    let askTicks = Math.ceil((market.askLots > 0 ? Math.max(askWish, market.askTicks) : askWish) / interval) * interval
    if (askTicks <= bidTicks) askTicks = bidTicks + interval
    let bidRoom = this.#shape.positionLimitLots - position.netLots
    let askRoom = this.#shape.positionLimitLots + position.netLots
    for (let level = 0; level < this.#orderCount; level++, bidTicks -= interval, askTicks += interval) {
      const bidLots = Math.min(this.#shape.bidLots(context), bidRoom)
      const askLots = Math.min(this.#shape.askLots(context), askRoom)
      ladder.addBid(bidTicks, bidLots)
      ladder.addAsk(askTicks, askLots)
      bidRoom -= bidLots
      askRoom -= askLots
    }
    ladder.askAgainNs = this.#shape.delayEndNs(market.nowNs, ladder.askAgainNs)
  }
}
