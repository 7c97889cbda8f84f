// Traders who follow the price: they buy what has risen and sell what has fallen.
//
// Each, at exponentially distributed times, holds the reference price against its exponentially weighted average. When it is
// further away than the threshold, the trader takes the best price in the direction of the move with a market order, of a
// geometrically distributed quantity. They keep no orders in the book, and need others who do.

import { assert } from '../../base/assert.ts'
import { NS_PER_S } from '../../base/clock.ts'
import type { Prng } from '../../base/prng.ts'
import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { geometricLots, type OrderModel } from './order-model.ts'
import type { ClientOrderIds, OrderSink } from './order-sink.ts'

export type MomentumParameters = {
  /** How often one of them looks at the price, per second. */
  readonly lookRate: number
  /** Time constant of the average. */
  readonly averageS: number
  readonly thresholdTicks: number
  readonly lotsMean: number
}

export const MOMENTUM_DEFAULTS: MomentumParameters = { lookRate: 0.5, averageS: 10, thresholdTicks: 3, lotsMean: 12 }

export class MomentumFlow implements OrderModel {
  readonly counts = { limits: 0, markets: 0, cancels: 0 }
  readonly orderCount = 0
  nextNs: number
  readonly #sink: OrderSink
  readonly #ids: ClientOrderIds
  readonly #prng: Prng
  readonly #symbolId: number
  readonly #parameters: MomentumParameters
  #averageTicks: number
  #averageNs = 0
  #bidTicks = 0
  #askTicks = 0
  #referenceTicks: number

  constructor(
    sink: OrderSink,
    ids: ClientOrderIds,
    prng: Prng,
    symbolId: number,
    openingTicks: number,
    parameters: MomentumParameters = MOMENTUM_DEFAULTS,
  ) {
    assert(parameters.lookRate > 0 && parameters.averageS > 0, 'rates and times are above 0')
    this.#sink = sink
    this.#ids = ids
    this.#prng = prng
    this.#symbolId = symbolId
    this.#parameters = parameters
    this.#averageTicks = openingTicks
    this.#referenceTicks = openingTicks
    this.nextNs = this.#waitNs()
  }

  observeTouch(bidTicks: number, askTicks: number, referenceTicks: number): void {
    this.#bidTicks = bidTicks
    this.#askTicks = askTicks
    this.#referenceTicks = referenceTicks
  }

  orderGone(): void {}

  step(): boolean {
    const { averageS, thresholdTicks, lotsMean } = this.#parameters
    const left = Math.exp((this.#averageNs - this.nextNs) / (averageS * NS_PER_S))
    this.#averageTicks = this.#referenceTicks + (this.#averageTicks - this.#referenceTicks) * left
    this.#averageNs = this.nextNs
    this.nextNs += this.#waitNs()
    const moveTicks = this.#referenceTicks - this.#averageTicks
    if (Math.abs(moveTicks) < thresholdTicks) return false
    const side = moveTicks > 0 ? Side.BUY : Side.SELL
    if ((side === Side.BUY ? this.#askTicks : this.#bidTicks) === 0) return false
    const lots = geometricLots(this.#prng, lotsMean)
    this.counts.markets += 1
    this.#sink.newOrder(this.#symbolId, side, OrderType.MARKET, TimeInForce.IOC, 0, lots, this.#ids.next())
    return true
  }

  #waitNs(): number {
    return this.#prng.nextExponential(NS_PER_S / this.#parameters.lookRate)
  }
}
