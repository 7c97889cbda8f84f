// The closed-form quotes of Gueant, Lehalle and Fernandez-Tapia for a maker without a horizon: "Dealing with the
// inventory risk", Mathematics and Financial Economics 7 (2013), in the form of Gueant, "Optimal market making", Applied
// Mathematical Finance 24 (2017), for an order size of one.
//
//   A, k   trades reach a distance d from the middle at a rate of A exp(-k d) per second
//   s      standard deviation of the middle, ticks / s^(1/2)      g  risk aversion      q  position in orders
//
//   c1 = (1/g) ln(1 + g/k)         c2 = sqrt(g / (2 A k) (1 + g/k)^(k/g + 1))
//   half spread = c1 + s c2 / 2    skew = s c2
//   bid = fair - (half spread + skew q)    ask = fair + (half spread - skew q)
//
// A, k and s are measured as the market runs. As in hftbacktest's example of this model, two factors scale the result:
// adj1 the half spread, adj2 the skew.

import { must } from '../base/assert.ts'
import type { Side } from '../protocol/kinds.ts'
import { fairValueTicks } from './inventory-quoter.ts'
import { IntensityEstimate, VarianceEstimate } from './market-estimates.ts'
import { QuoteShape, SHAPE_PARAMETERS, spec, whole } from './quote-shape.ts'
import type { MarketView, Parameters, QuoteProposal, Strategy, StrategyContext, StrategyKind } from './strategy.ts'

export const glft: StrategyKind = {
  name: 'glft',
  summary: 'the closed-form quotes of Gueant, Lehalle and Fernandez-Tapia, calibrated as the market runs',
  parameters: [
    spec('gamma', '1/tick', 'aversion to inventory', 0.05, 1e-6, 100),
    spec('adj1', 'factor', 'scales the half spread', 1, 0, 1_000),
    spec('adj2', 'factor', 'scales the skew', 1, 0, 1_000),
    spec('calibrationHalfLifeS', 's', 'memory of what is measured', 300, 1, 86_400),
    spec('fitTicks', 'ticks', 'trades further from the middle do not count', 35, 1, 250),
    spec('warmUpS', 's', 'no quote before it has watched so long', 10, 0, 86_400),
    whole('microprice', '0 or 1', 'fair value: 1 the microprice, 0 the middle', 0, 0, 1),
    ...SHAPE_PARAMETERS,
  ],
  create: (parameters) => new Glft(parameters),
}

const SAMPLE_NS = 100_000_000
const FIT_NS = 1_000_000_000

class Glft implements Strategy {
  readonly name = glft.name
  readonly #shape: QuoteShape
  readonly #gamma: number
  readonly #spreadFactor: number
  readonly #skewFactor: number
  readonly #warmUpNs: number
  readonly #isMicroprice: boolean
  readonly #variance: VarianceEstimate
  readonly #intensity: IntensityEstimate
  readonly #fitted = { a: 0, k: 0 }
  #midTicks = 0
  #firstNs = Number.NaN
  #fitDueNs = 0

  constructor(parameters: Parameters) {
    const parameter = (name: string) => must(parameters[name], 'parameters are checked before')
    this.#shape = new QuoteShape(parameters)
    this.#gamma = parameter('gamma')
    this.#spreadFactor = parameter('adj1')
    this.#skewFactor = parameter('adj2')
    this.#warmUpNs = parameter('warmUpS') * 1e9
    this.#isMicroprice = parameter('microprice') === 1
    this.#variance = new VarianceEstimate(SAMPLE_NS, parameter('calibrationHalfLifeS'))
    this.#intensity = new IntensityEstimate(parameter('calibrationHalfLifeS'), parameter('fitTicks'))
  }

  onBook(market: Readonly<MarketView>): void {
    if (market.bidLots === 0 || market.askLots === 0) return
    if (Number.isNaN(this.#firstNs)) this.#firstNs = market.nowNs
    this.#midTicks = (market.bidTicks + market.askTicks) / 2
    this.#variance.observe(this.#midTicks, market.nowNs)
    this.#intensity.advance(market.nowNs)
    if (market.nowNs < this.#fitDueNs) return
    this.#fitDueNs = market.nowNs + FIT_NS
    this.#intensity.fit(this.#fitted)
  }

  onTrade(priceTicks: number): void {
    if (this.#midTicks > 0) this.#intensity.onTrade(Math.abs(priceTicks - this.#midTicks))
  }

  onFill(side: Side, _priceTicks: number, _quantityLots: number, nowNs: number): void {
    this.#shape.onFill(side, nowNs)
  }

  propose(context: StrategyContext, proposal: QuoteProposal): void {
    const { market, position } = context
    const { a, k } = this.#fitted
    const fairTicks = fairValueTicks(market, this.#isMicroprice)
    if (fairTicks === 0 || a === 0 || !(market.nowNs >= this.#firstNs + this.#warmUpNs)) return
    const gamma = this.#gamma
    const c1 = Math.log(1 + gamma / k) / gamma
    const c2 = Math.sqrt((gamma / (2 * a * k)) * (1 + gamma / k) ** (k / gamma + 1))
    const deviation = Math.sqrt(this.#variance.ticks2PerS(0))
    const halfSpread = (c1 + (deviation * c2) / 2) * this.#spreadFactor
    const skew = deviation * c2 * this.#skewFactor
    const reservation = fairTicks - (skew * position.netLots) / this.#shape.quantityLots
    this.#shape.propose(reservation - halfSpread, reservation + halfSpread, context, proposal)
  }
}
