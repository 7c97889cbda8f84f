// Avellaneda and Stoikov's optimal quotes of a maker who dislikes inventory: "High-frequency trading in a limit order
// book", Quantitative Finance 8 (2008).
//
//   g  risk aversion (1/tick)    s2  variance (ticks^2/s)    k  decay of the arrivals (1/tick)    q  position in orders
//
//   finite horizon (eq. 29, 30), t seconds left
//     reservation price  r = mid - q g s2 t
//     spread             d = g s2 t + (2/g) ln(1 + g/k)
//   infinite horizon (section 2.3), Q = the position limit in orders; with w = g^2 s2 (Q+1)^2 / 2, s2 falls out of
//     bid                mid + (1/g) ln(1 - (1 + 2q) / ((Q+1)^2 - q^2)) - (1/g) ln(1 + g/k)
//     ask                mid + (1/g) ln(1 + (1 - 2q) / ((Q+1)^2 - q^2)) + (1/g) ln(1 + g/k)
//
// The finite horizon starts anew each time it is over. The variance is learnt from the market, and k too, unless
// parameters say them. Hummingbot's avellaneda_market_making calls g risk_factor and measures the same two.

import { must } from '../base/assert.ts'
import type { Side } from '../protocol/kinds.ts'
import { fairValueTicks } from './inventory-quoter.ts'
import { IntensityEstimate, VarianceEstimate } from './market-estimates.ts'
import { QuoteShape, SHAPE_PARAMETERS, spec, whole } from './quote-shape.ts'
import type { MarketView, Parameters, QuoteProposal, Strategy, StrategyContext, StrategyKind } from './strategy.ts'

export const avellanedaStoikov: StrategyKind = {
  name: 'avellaneda-stoikov',
  summary: 'the optimal spread and inventory shift of Avellaneda and Stoikov',
  parameters: [
    spec('riskFactor', '1/tick', 'aversion to inventory, gamma (risk_factor)', 0.05, 1e-6, 100),
    spec('horizonS', 's', 'finite horizon T, which starts anew when it is over; 0: infinite', 60, 0, 86_400),
    spec('arrivalDecay', '1/tick', 'k of the arrivals; 0: learnt from the trades', 0, 0, 1_000),
    spec('variance', 'ticks^2/s', 'of the middle; 0: learnt from the market', 0, 0, 1e9),
    spec('estimateHalfLifeS', 's', 'memory of what is learnt (volatility_buffer_size)', 120, 1, 86_400),
    spec('fitTicks', 'ticks', 'trades further from the middle do not count for k', 50, 1, 250),
    whole('microprice', '0 or 1', 'around 1 the microprice, 0 the middle', 0, 0, 1),
    ...SHAPE_PARAMETERS,
  ],
  create: (parameters) => new AvellanedaStoikov(parameters),
}

const SAMPLE_NS = 100_000_000
const DEFAULT_DECAY = 1
const DEFAULT_VARIANCE = 1
/** With a finite horizon prices drift by themselves: look again so often. */
const DRIFT_NS = 1_000_000_000

class AvellanedaStoikov implements Strategy {
  readonly name = avellanedaStoikov.name
  readonly #shape: QuoteShape
  readonly #riskFactor: number
  readonly #horizonNs: number
  readonly #arrivalDecay: number
  readonly #fixedVariance: number
  readonly #isMicroprice: boolean
  readonly #variance: VarianceEstimate
  readonly #intensity: IntensityEstimate
  readonly #fitted = { a: 1, k: DEFAULT_DECAY }
  #midTicks = 0
  #startNs = Number.NaN

  constructor(parameters: Parameters) {
    const parameter = (name: string) => must(parameters[name], 'parameters are checked before')
    this.#shape = new QuoteShape(parameters)
    this.#riskFactor = parameter('riskFactor')
    this.#horizonNs = parameter('horizonS') * 1e9
    this.#arrivalDecay = parameter('arrivalDecay')
    this.#fixedVariance = parameter('variance')
    this.#isMicroprice = parameter('microprice') === 1
    this.#variance = new VarianceEstimate(SAMPLE_NS, parameter('estimateHalfLifeS'))
    this.#intensity = new IntensityEstimate(parameter('estimateHalfLifeS'), parameter('fitTicks'))
  }

  onBook(market: Readonly<MarketView>): void {
    if (market.bidLots === 0 || market.askLots === 0) return
    this.#midTicks = (market.bidTicks + market.askTicks) / 2
    this.#variance.observe(this.#midTicks, market.nowNs)
    this.#intensity.advance(market.nowNs)
  }

  onTrade(priceTicks: number): void {
    if (this.#midTicks > 0) this.#intensity.onTrade(Math.abs(priceTicks - this.#midTicks))
  }

  onFill(side: Side, _priceTicks: number, _quantityLots: number, nowNs: number): void {
    this.#shape.onFill(side, nowNs)
  }

  propose(context: StrategyContext, proposal: QuoteProposal): void {
    const { market, position } = context
    const fairTicks = fairValueTicks(market, this.#isMicroprice)
    if (fairTicks === 0) return
    if (this.#arrivalDecay > 0) this.#fitted.k = this.#arrivalDecay
    else this.#intensity.fit(this.#fitted)
    const risk = this.#riskFactor
    const orders = position.netLots / this.#shape.quantityLots
    const halfSpread = Math.log(1 + risk / this.#fitted.k) / risk
    if (this.#horizonNs === 0) {
      const limit = Math.max(1, this.#shape.positionLimitLots / this.#shape.quantityLots)
      const held = Math.min(Math.max(orders, -limit), limit)
      const room = (limit + 1) ** 2 - held ** 2
      const bid = fairTicks + Math.log(Math.max(1e-9, 1 - (1 + 2 * held) / room)) / risk - halfSpread
      const ask = fairTicks + Math.log(Math.max(1e-9, 1 + (1 - 2 * held) / room)) / risk + halfSpread
      this.#shape.propose(bid, ask, context, proposal)
      return
    }
    if (!(market.nowNs < this.#startNs + this.#horizonNs)) this.#startNs = market.nowNs
    const leftS = (this.#startNs + this.#horizonNs - market.nowNs) / 1e9
    const variance = this.#fixedVariance > 0 ? this.#fixedVariance : this.#variance.ticks2PerS(DEFAULT_VARIANCE)
    const shift = risk * variance * leftS
    const reservation = fairTicks - orders * shift
    const half = shift / 2 + halfSpread
    proposal.askAgainNs = market.nowNs + DRIFT_NS
    this.#shape.propose(reservation - half, reservation + half, context, proposal)
  }
}
