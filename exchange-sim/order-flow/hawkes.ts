// Orders that bring about more orders: market orders excite each other, and the limit orders and cancels around them; and
// the whole market changes between calm and burst.
//
// Sources: Hawkes, "Spectra of some self-exciting and mutually exciting point processes", Biometrika 58 (1971); for order
// books Bacry, Mastromatteo and Muzy, "Hawkes processes in finance", Market Microstructure and Liquidity 1 (2015);
// simulated by the thinning of Ogata, "On Lewis' simulation method for point processes", IEEE Transactions on Information
// Theory 27 (1981). With exponential kernels, per second at time t:
//
//   market buys     m(t) mu (1 - s - c) + sum over earlier buys of s b exp(-b age), over earlier sells of c b exp(-b age)
//   market sells    the same with the sides changed
//   quiet events    m(t) times the rates of the zero-intelligence model, + sum over market orders of q b exp(-b age)
//
// A market order thus has s children of its side, c of the other and q quiet ones in the mean, and in calm market orders
// come as often as in the zero-intelligence model (mu) with the same parameters. m(t) is 1 in calm and the burst factor in
// a burst; both last exponentially distributed times. What a quiet event is, and where a limit order goes, is the
// zero-intelligence model's.

import { assert } from '../../base/assert.ts'
import { NS_PER_S } from '../../base/clock.ts'
import type { Prng } from '../../base/prng.ts'
import { Side } from '../../protocol/kinds.ts'
import type { OrderModel } from './order-model.ts'
import type { ClientOrderIds, OrderSink } from './order-sink.ts'
import {
  ZERO_INTELLIGENCE_DEFAULTS,
  ZeroIntelligenceFlow,
  type ZeroIntelligenceParameters,
} from './zero-intelligence.ts'

export type HawkesParameters = {
  /** Children of a market order in the mean: market orders of its side, of the other side, and quiet events. */
  readonly selfExcitation: number
  readonly crossExcitation: number
  readonly quietExcitation: number
  /** How fast excitation decays, per second. */
  readonly decayPerS: number
  readonly calmMeanS: number
  readonly burstMeanS: number
  /** How many times as much happens in a burst. */
  readonly burstFactor: number
}

export const HAWKES_DEFAULTS: HawkesParameters = {
  selfExcitation: 0.5,
  crossExcitation: 0.1,
  quietExcitation: 2,
  decayPerS: 5,
  calmMeanS: 20,
  burstMeanS: 2,
  burstFactor: 5,
}

const QUIET = 2

export class HawkesFlow implements OrderModel {
  readonly #orders: ZeroIntelligenceFlow
  readonly #prng: Prng
  readonly #parameters: HawkesParameters
  /** Of each side's market orders, in calm and without excitation, per second. */
  readonly #marketRate: number
  /** Per second: of market buys, market sells, quiet events. */
  readonly #excitation = new Float64Array(3)
  #isBurst = false
  #regimeEndNs: number
  #nowNs = 0
  /** What the next event is: a side's market order, or QUIET. */
  #next: Side | typeof QUIET = QUIET

  constructor(
    sink: OrderSink,
    ids: ClientOrderIds,
    prng: Prng,
    symbolId: number,
    openingTicks: number,
    base: ZeroIntelligenceParameters = ZERO_INTELLIGENCE_DEFAULTS,
    parameters: HawkesParameters = HAWKES_DEFAULTS,
  ) {
    const { selfExcitation, crossExcitation, decayPerS, burstFactor } = parameters
    assert(selfExcitation >= 0 && crossExcitation >= 0 && parameters.quietExcitation >= 0, 'orders excite, or do not')
    assert(selfExcitation + crossExcitation < 1, 'a market order has less than one child, or they would never end')
    assert(decayPerS > 0 && burstFactor > 0, 'rates are above 0')
    this.#prng = prng
    this.#parameters = parameters
    this.#orders = new ZeroIntelligenceFlow(sink, ids, prng, symbolId, openingTicks, base)
    this.#marketRate = base.marketRate * (1 - selfExcitation - crossExcitation)
    this.#regimeEndNs = prng.nextExponential(parameters.calmMeanS * NS_PER_S)
    this.#goOn()
  }

  get counts() {
    return this.#orders.counts
  }

  get orderCount(): number {
    return this.#orders.orderCount
  }

  get nextNs(): number {
    return this.#nowNs
  }

  /** Whether the next event happens in a burst. */
  get isBurst(): boolean {
    return this.#isBurst
  }

  observeTouch(bidTicks: number, askTicks: number, referenceTicks: number): void {
    this.#orders.observeTouch(bidTicks, askTicks, referenceTicks)
  }

  orderGone(clientOrderId: number): void {
    this.#orders.orderGone(clientOrderId)
  }

  step(): boolean {
    const next = this.#next
    let isSent: boolean
    if (next === QUIET) isSent = this.#orders.stepQuietly()
    else {
      isSent = this.#orders.sendMarket(next)
      this.#excite(next)
    }
    this.#goOn()
    return isSent
  }

  #excite(side: Side): void {
    const { selfExcitation, crossExcitation, quietExcitation, decayPerS } = this.#parameters
    this.#excitation[side]! += selfExcitation * decayPerS
    this.#excitation[side ^ 1]! += crossExcitation * decayPerS
    this.#excitation[QUIET]! += quietExcitation * decayPerS
  }

  /** Finds the next event. Between two, rates only fall or change with the regime: candidates come at the rates of now. */
  #goOn(): void {
    for (;;) {
      const bound = this.#rate(Side.BUY) + this.#rate(Side.SELL) + this.#rate(QUIET)
      const waitNs = this.#prng.nextExponential(NS_PER_S / bound)
      if (this.#nowNs + waitNs >= this.#regimeEndNs) {
        this.#changeRegime()
        continue
      }
      this.#pass(waitNs)
      let draw = this.#prng.nextFloat() * bound
      for (const kind of [Side.BUY, Side.SELL, QUIET] as const) {
        draw -= this.#rate(kind)
        if (draw >= 0) continue
        this.#next = kind
        return
      }
    }
  }

  #rate(kind: Side | typeof QUIET): number {
    const factor = this.#isBurst ? this.#parameters.burstFactor : 1
    const rate = kind === QUIET ? this.#orders.quietRate : this.#marketRate
    return factor * rate + this.#excitation[kind]!
  }

  #changeRegime(): void {
    this.#pass(this.#regimeEndNs - this.#nowNs)
    this.#isBurst = !this.#isBurst
    const meanS = this.#isBurst ? this.#parameters.burstMeanS : this.#parameters.calmMeanS
    this.#regimeEndNs = this.#nowNs + this.#prng.nextExponential(meanS * NS_PER_S)
  }

  #pass(durationNs: number): void {
    this.#nowNs += durationNs
    const left = Math.exp((-this.#parameters.decayPerS * durationNs) / NS_PER_S)
    for (let kind = 0; kind <= QUIET; kind++) this.#excitation[kind]! *= left
  }
}
