// A fixed spread around a fair value that leans to where the book is heavier.
//
//   weight w    sum over the nearest levels of bid lots / (bid lots + ask lots), 0 .. 1
//   fair value  middle + imbalanceFactorTicks * z,   z = (w - mean of w) / deviation of w
//               or, with fairValue 1, the microprice: (bid * ask lots + ask * bid lots) / (bid lots + ask lots)
//
// Sources: the standardised imbalance as a predictor is hftbacktest's example of market making with an alpha; the
// weighted middle is the starting point of Stoikov, "The micro-price", Quantitative Finance 18 (2018). What the market's
// imbalance usually is, is forgotten by half every half-life.

import { must } from '../base/assert.ts'
import { Side } from '../protocol/kinds.ts'
import { fairValueTicks } from './inventory-quoter.ts'
import { QuoteShape, SHAPE_PARAMETERS, spec, whole } from './quote-shape.ts'
import type { MarketView, Parameters, QuoteProposal, Strategy, StrategyContext, StrategyKind } from './strategy.ts'

export const bookImbalance: StrategyKind = {
  name: 'book-imbalance',
  summary: 'a fixed spread around a fair value that leans to where the book is heavier',
  parameters: [
    spec('halfSpreadTicks', 'ticks', 'distance of each side from the reservation price (half_spread)', 3, 0, 100_000),
    spec('skewTicksPerLot', 'ticks per lot', 'how far one lot of inventory moves both sides (skew)', 0.1, 0, 1_000),
    whole('fairValue', '0 or 1', '0 standardised imbalance of the depth, 1 microprice of the touch', 0, 0, 1),
    whole('lookingDepth', 'levels', 'levels of each side that count (looking_depth)', 5, 1, 50),
    spec('imbalanceFactorTicks', 'ticks', 'shift for one deviation of the imbalance (c1)', 1, -1_000, 1_000),
    spec('imbalanceHalfLifeS', 's', 'memory of the usual imbalance', 300, 1, 86_400),
    ...SHAPE_PARAMETERS,
  ],
  create: (parameters) => new BookImbalance(parameters),
}

const SAMPLE_NS = 100_000_000

class BookImbalance implements Strategy {
  readonly name = bookImbalance.name
  readonly #shape: QuoteShape
  readonly #halfSpreadTicks: number
  readonly #skewTicksPerLot: number
  readonly #isMicroprice: boolean
  readonly #depth: number
  readonly #factorTicks: number
  readonly #halfLifeNs: number
  #weight = 0.5
  #mean = 0.5
  #variance = 0
  #sampledNs = Number.NaN

  constructor(parameters: Parameters) {
    const parameter = (name: string) => must(parameters[name], 'parameters are checked before')
    this.#shape = new QuoteShape(parameters)
    this.#halfSpreadTicks = parameter('halfSpreadTicks')
    this.#skewTicksPerLot = parameter('skewTicksPerLot')
    this.#isMicroprice = parameter('fairValue') === 1
    this.#depth = parameter('lookingDepth')
    this.#factorTicks = parameter('imbalanceFactorTicks')
    this.#halfLifeNs = parameter('imbalanceHalfLifeS') * 1e9
  }

  onBook({ depth, bidLots, askLots, nowNs }: Readonly<MarketView>): void {
    if (this.#isMicroprice || bidLots === 0 || askLots === 0) return
    let bid = 0
    let ask = 0
    for (let level = 0; level < this.#depth; level++) {
      bid += depth.levelLots(Side.BUY, level)
      ask += depth.levelLots(Side.SELL, level)
    }
    this.#weight = bid / (bid + ask)
    const elapsedNs = nowNs - this.#sampledNs
    if (elapsedNs < SAMPLE_NS) return
    this.#sampledNs = nowNs
    const share = Number.isNaN(elapsedNs) ? 1 : 1 - 2 ** (-elapsedNs / this.#halfLifeNs)
    const off = this.#weight - this.#mean
    this.#mean += share * off
    this.#variance = (1 - share) * (this.#variance + share * off * off)
  }

  onFill(side: Side, _priceTicks: number, _quantityLots: number, nowNs: number): void {
    this.#shape.onFill(side, nowNs)
  }

  propose(context: StrategyContext, proposal: QuoteProposal): void {
    let fairTicks = fairValueTicks(context.market, this.#isMicroprice)
    if (fairTicks === 0) return
    if (!this.#isMicroprice && this.#variance > 0) {
      fairTicks += (this.#factorTicks * (this.#weight - this.#mean)) / Math.sqrt(this.#variance)
    }
    const reservation = fairTicks - this.#skewTicksPerLot * context.position.netLots
    this.#shape.propose(reservation - this.#halfSpreadTicks, reservation + this.#halfSpreadTicks, context, proposal)
  }
}
