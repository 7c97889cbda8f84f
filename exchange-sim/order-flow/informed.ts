// Traders who know what the others do not: the value to which the price will come. Who quotes around the price of a moment
// ago loses to them.
//
// Source of the idea: Glosten and Milgrom, "Bid, ask and transaction prices in a specialist market with heterogeneously
// informed traders", Journal of Financial Economics 14 (1985). Here the value is a Brownian motion that begins at the
// opening price. At exponentially distributed times one of them looks at the touch: is the best offer below the value by the
// margin or more, it buys up to the value less the margin; is the best bid above it, it sells, likewise. The order is
// immediate-or-cancel, of a geometrically distributed quantity.

import { assert } from '../../base/assert.ts'
import { NS_PER_S } from '../../base/clock.ts'
import type { Prng } from '../../base/prng.ts'
import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { PRICE_TICKS_MAX } from '../../protocol/limits.ts'
import { geometricLots, nextNormal, type OrderModel } from './order-model.ts'
import type { ClientOrderIds, OrderSink } from './order-sink.ts'

export type InformedParameters = {
  /** How often one of them looks at the touch, per second. */
  readonly lookRate: number
  /** Standard deviation of the value after one second, in ticks. */
  readonly volatilityTicks: number
  readonly marginTicks: number
  readonly lotsMean: number
}

export const INFORMED_DEFAULTS: InformedParameters = {
  lookRate: 0.5,
  volatilityTicks: 0.5,
  marginTicks: 1,
  lotsMean: 12,
}

export class InformedFlow implements OrderModel {
  readonly counts = { limits: 0, markets: 0, cancels: 0 }
  readonly orderCount = 0
  nextNs: number
  /** What it is worth, in ticks and parts of them. */
  valueTicks: number
  readonly #sink: OrderSink
  readonly #ids: ClientOrderIds
  readonly #prng: Prng
  readonly #symbolId: number
  readonly #parameters: InformedParameters
  #valueNs = 0
  #bidTicks = 0
  #askTicks = 0

  constructor(
    sink: OrderSink,
    ids: ClientOrderIds,
    prng: Prng,
    symbolId: number,
    openingTicks: number,
    parameters: InformedParameters = INFORMED_DEFAULTS,
  ) {
    assert(parameters.lookRate > 0 && parameters.volatilityTicks >= 0, 'rates are above 0')
    this.#sink = sink
    this.#ids = ids
    this.#prng = prng
    this.#symbolId = symbolId
    this.#parameters = parameters
    this.valueTicks = openingTicks
    this.nextNs = this.#waitNs()
  }

  observeTouch(bidTicks: number, askTicks: number): void {
    this.#bidTicks = bidTicks
    this.#askTicks = askTicks
  }

  orderGone(): void {}

  step(): boolean {
    const { volatilityTicks, marginTicks } = this.#parameters
    const seconds = (this.nextNs - this.#valueNs) / NS_PER_S
    const value = this.valueTicks + volatilityTicks * Math.sqrt(seconds) * nextNormal(this.#prng)
    this.valueTicks = Math.min(Math.max(value, 1), PRICE_TICKS_MAX)
    this.#valueNs = this.nextNs
    this.nextNs += this.#waitNs()
    const buyTicks = Math.floor(this.valueTicks - marginTicks)
    if (this.#askTicks !== 0 && this.#askTicks <= buyTicks) return this.#take(Side.BUY, buyTicks)
    const sellTicks = Math.ceil(this.valueTicks + marginTicks)
    if (this.#bidTicks !== 0 && this.#bidTicks >= sellTicks) return this.#take(Side.SELL, sellTicks)
    return false
  }

  #take(side: Side, priceTicks: number): boolean {
    const lots = geometricLots(this.#prng, this.#parameters.lotsMean)
    this.counts.limits += 1
    this.#sink.newOrder(this.#symbolId, side, OrderType.LIMIT, TimeInForce.IOC, priceTicks, lots, this.#ids.next())
    return true
  }

  #waitNs(): number {
    return this.#prng.nextExponential(NS_PER_S / this.#parameters.lookRate)
  }
}
