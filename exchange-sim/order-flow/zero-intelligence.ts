// Orders without a mind: a seeded generator of limit orders, market orders and cancels of one symbol.
//
// Source: Cont, Stoikov, Talreja, "A stochastic model for order book dynamics", Operations Research 58 (2010). All events
// are independent and exponentially distributed:
//
//   limit orders   i ticks from the opposite best price, on each side, at rate lambda(i) per second
//   market orders  on each side, at rate mu per second
//   cancels        of each resting order that is i ticks from the opposite best price, at rate theta(i) per second
//
// The default rates are the paper's estimates for Sky Perfect Communications on the Tokyo Stock Exchange (its table 1),
// beyond five ticks its power law lambda(i) = k / i^alpha and its last theta. The paper counts orders of one size; here
// sizes are geometrically distributed.
//
// It knows its own orders, which it is told are gone, and what everybody is told: the touch and the reference price.

import { assert } from '../../base/assert.ts'
import { NS_PER_S } from '../../base/clock.ts'
import type { Prng } from '../../base/prng.ts'
import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { PRICE_TICKS_MAX } from '../../protocol/limits.ts'
import { geometricLots, type OrderModel } from './order-model.ts'
import type { ClientOrderIds, OrderSink } from './order-sink.ts'

export type ZeroIntelligenceParameters = {
  /** Per second and side, by distance from the opposite best price: the first is for one tick. */
  readonly limitRates: readonly number[]
  /** Per second and side. */
  readonly marketRate: number
  /** Per second and resting order, by distance; the last one is for all greater distances. */
  readonly cancelRates: readonly number[]
  readonly limitLotsMean: number
  readonly marketLotsMean: number
  /** Own orders at most. Above it limit orders are left out. */
  readonly orderCountMax: number
}

/** Levels of the default: about as many orders on each of them as are cancelled before the price comes. */
const LEVEL_COUNT = 20
const LIMIT_RATES = [1.85, 1.51, 1.09, 0.88, 0.77]
const POWER_LAW = { k: 1.92, alpha: 0.52 }

export const ZERO_INTELLIGENCE_DEFAULTS: ZeroIntelligenceParameters = {
  limitRates: Array.from(
    { length: LEVEL_COUNT },
    (_, at) => LIMIT_RATES[at] ?? POWER_LAW.k / (at + 1) ** POWER_LAW.alpha,
  ),
  marketRate: 0.94,
  cancelRates: [0.71, 0.81, 0.68, 0.56, 0.47],
  limitLotsMean: 10,
  marketLotsMean: 12,
  orderCountMax: 4_096,
}

type OwnOrder = { readonly clientOrderId: number; readonly side: Side; readonly priceTicks: number }

export class ZeroIntelligenceFlow implements OrderModel {
  readonly counts = { limits: 0, markets: 0, cancels: 0 }
  readonly #sink: OrderSink
  readonly #ids: ClientOrderIds
  readonly #prng: Prng
  readonly #symbolId: number
  readonly #parameters: ZeroIntelligenceParameters
  /** Sums of the limit rates up to each distance. */
  readonly #limitRateSums: Float64Array
  readonly #cancelRateMax: number
  /** Own orders in no order, and where each is. */
  readonly #orders: OwnOrder[] = []
  readonly #places = new Map<number, number>()
  #bidTicks = 0
  #askTicks = 0
  #referenceTicks: number
  #nextNs = 0

  constructor(
    sink: OrderSink,
    ids: ClientOrderIds,
    prng: Prng,
    symbolId: number,
    openingTicks: number,
    parameters: ZeroIntelligenceParameters = ZERO_INTELLIGENCE_DEFAULTS,
  ) {
    const { limitRates, cancelRates, marketRate } = parameters
    assert(limitRates.length > 0 && cancelRates.length > 0, 'there are rates')
    assert(
      [...limitRates, ...cancelRates, marketRate].every((rate) => rate >= 0),
      'rates are not negative',
    )
    this.#sink = sink
    this.#ids = ids
    this.#prng = prng
    this.#symbolId = symbolId
    this.#parameters = parameters
    this.#referenceTicks = openingTicks
    this.#limitRateSums = new Float64Array(limitRates.length)
    let sum = 0
    for (let at = 0; at < limitRates.length; at++) {
      sum += limitRates[at]!
      this.#limitRateSums[at] = sum
    }
    this.#cancelRateMax = Math.max(...cancelRates)
    assert(sum > 0, 'limit orders arrive')
    this.#nextNs = this.#waitNs()
  }

  /** Own orders that are believed to rest. */
  get orderCount(): number {
    return this.#orders.length
  }

  /** When the next event happens, in nanoseconds of the model since its start. */
  get nextNs(): number {
    return this.#nextNs
  }

  /** 0 for a side without orders. */
  observeTouch(bidTicks: number, askTicks: number, referenceTicks: number): void {
    this.#bidTicks = bidTicks
    this.#askTicks = askTicks
    this.#referenceTicks = referenceTicks
  }

  /** One of its orders has traded, was cancelled or was refused: nothing of it is left. */
  orderGone(clientOrderId: number): void {
    const place = this.#places.get(clientOrderId)
    if (place === undefined) return
    const last = this.#orders.pop()!
    this.#places.delete(clientOrderId)
    if (last.clientOrderId === clientOrderId) return
    this.#orders[place] = last
    this.#places.set(last.clientOrderId, place)
  }

  /** Lets the next event happen. Not each one sends an order: see `thinning` below. Returns whether one was sent. */
  step(): boolean {
    const prng = this.#prng
    const { marketRate } = this.#parameters
    const draw = prng.nextFloat() * this.#totalRate() - 2 * marketRate
    const isSent = draw < 0 ? this.sendMarket(draw < -marketRate ? Side.BUY : Side.SELL) : this.#stepQuietly(draw)
    this.#nextNs += this.#waitNs()
    return isSent
  }

  /** How often a limit order or a cancel comes now, per second. */
  get quietRate(): number {
    return this.#totalRate() - 2 * this.#parameters.marketRate
  }

  /** A limit order or a cancel, at a time that another model says. */
  stepQuietly(): boolean {
    return this.#stepQuietly(this.#prng.nextFloat() * this.quietRate)
  }

  #stepQuietly(draw: number): boolean {
    const limitRate = this.#limitRate()
    if (draw >= 2 * limitRate) return this.#cancelOne()
    return this.#sendLimit(draw % limitRate, draw < limitRate ? Side.BUY : Side.SELL)
  }

  #limitRate(): number {
    return this.#limitRateSums[this.#limitRateSums.length - 1]!
  }

  #totalRate(): number {
    return 2 * (this.#limitRate() + this.#parameters.marketRate) + this.#cancelRateMax * this.#orders.length
  }

  #waitNs(): number {
    return this.#prng.nextExponential(NS_PER_S / this.#totalRate())
  }

  /** `draw`: uniform below the sum of the limit rates; it chooses the distance. */
  #sendLimit(draw: number, side: Side): boolean {
    if (this.#orders.length >= this.#parameters.orderCountMax) return false
    const sums = this.#limitRateSums
    let distance = 1
    while (distance < sums.length && draw >= sums[distance - 1]!) distance += 1
    const priceTicks = this.#oppositeTicks(side) + (side === Side.BUY ? -distance : distance)
    if (priceTicks < 1 || priceTicks > PRICE_TICKS_MAX) return false
    const clientOrderId = this.#ids.next()
    this.#places.set(clientOrderId, this.#orders.length)
    this.#orders.push({ clientOrderId, side, priceTicks })
    this.counts.limits += 1
    const lots = geometricLots(this.#prng, this.#parameters.limitLotsMean)
    this.#sink.newOrder(this.#symbolId, side, OrderType.LIMIT, TimeInForce.GTC, priceTicks, lots, clientOrderId)
    return true
  }

  /** A market order, if there is anything to take. */
  sendMarket(side: Side): boolean {
    if ((side === Side.BUY ? this.#askTicks : this.#bidTicks) === 0) return false
    this.counts.markets += 1
    const lots = geometricLots(this.#prng, this.#parameters.marketLotsMean)
    this.#sink.newOrder(this.#symbolId, side, OrderType.MARKET, TimeInForce.IOC, 0, lots, this.#ids.next())
    return true
  }

  /**
   * Thinning: events come at the highest cancel rate for each order, and one is let through with the share that the
   * rate at the order's distance is of the highest.
   */
  #cancelOne(): boolean {
    const { cancelRates } = this.#parameters
    const order = this.#orders[this.#prng.nextBelow(this.#orders.length)]!
    const distance = Math.max(1, Math.abs(this.#oppositeTicks(order.side) - order.priceTicks))
    const rate = cancelRates[Math.min(distance, cancelRates.length) - 1]!
    if (!this.#prng.nextChance(rate / this.#cancelRateMax)) return false
    this.orderGone(order.clientOrderId)
    this.counts.cancels += 1
    this.#sink.cancelOrder(this.#symbolId, order.clientOrderId)
    return true
  }

  /** The best price of the other side; where there is none, beside what is known. */
  #oppositeTicks(side: Side): number {
    if (side === Side.BUY) return this.#askTicks || Math.max(this.#bidTicks, this.#referenceTicks) + 1
    return this.#bidTicks || Math.max(1, (this.#askTicks || this.#referenceTicks) - 1)
  }
}
