// How often orders come in a recorded feed, by their distance from the best opposite price: the rates of the
// zero-intelligence model, as its paper estimates them.
//
// Source: Cont, Stoikov, Talreja, "A stochastic model for order book dynamics", Operations Research 58 (2010), part 3:
// limit orders at distance i and side, their number per second; market orders, their number per side and second; cancels
// at distance i, their number per second and order that rests there. Time counts while both sides have orders and do not
// cross. What rests where is looked at a hundred times a second, not after each event. Executions of one side that follow
// each other at one time are one market order. A change of price is a cancel and a limit order; a change of quantity
// alone is that part of a cancel that is taken off, or nothing.

import { Side } from '../protocol/kinds.ts'
import { isCrossed } from './depth-book.ts'
import type { FeedBlock } from './feed-block.ts'
import { FeedFlag, FeedKind } from './feed-event.ts'
import { L3Book } from './l3-book.ts'

const SAMPLE_NS = 10_000_000
const NS_PER_S = 1e9
/** What is in a book without having come as an order. */
const NOT_SENT = FeedFlag.SNAPSHOT | FeedFlag.SYNTHETIC
const SIDES = [Side.BUY, Side.SELL] as const

export type MeasuredRates = {
  /** Per second and side, by distance: the first is for one tick. */
  readonly limitRates: readonly number[]
  /** Per second and side. */
  readonly marketRate: number
  /** Per second and resting order, by distance. */
  readonly cancelRates: readonly number[]
  readonly limitLotsMean: number
  readonly marketLotsMean: number
}

export class OrderRates {
  readonly counts = { limits: 0, markets: 0, cancels: 0 }
  /** How long both sides had orders, in nanoseconds. */
  twoSidedNs = 0
  readonly #book = new L3Book()
  // By distance, 0 being one tick.
  readonly #limits: Float64Array
  readonly #cancels: Float64Array
  /** Orders times nanoseconds. */
  readonly #restingNs: Float64Array
  #limitLots = 0
  #marketLots = 0
  #nowNs = Number.NaN
  #sampleNs = Number.NaN
  #isTwoSided = false
  #marketNs = Number.NaN
  #marketSide: Side = Side.BUY
  /** Lots of fills whose effect the source tells on its own, by order. */
  readonly #filledLots = new Map<number, number>()

  /** `distanceCount`: distances told apart, in ticks from 1 on; what is further away is left out. */
  constructor(distanceCount: number) {
    this.#limits = new Float64Array(distanceCount)
    this.#cancels = new Float64Array(distanceCount)
    this.#restingNs = new Float64Array(distanceCount)
  }

  /** Takes in event `i` of a block, if the exchange saw it. */
  add(block: FeedBlock, i: number): void {
    const flags = block.flags[i]!
    if ((flags & FeedFlag.EXCHANGE) === 0 || (flags & FeedFlag.UNMATCHED) !== 0) return
    this.#goOn(block.exchangeNs[i]!)
    const kind = block.kind[i]!
    const orderId = block.orderId[i]!
    const priceTicks = block.priceTicks[i]!
    const quantityLots = block.quantityLots[i]!
    const side = (flags & FeedFlag.BUY) !== 0 ? Side.BUY : Side.SELL
    if ((flags & NOT_SENT) === 0) this.#count(kind, flags, side, orderId, priceTicks, quantityLots)
    this.#book.apply(kind, flags, orderId, priceTicks, quantityLots)
    const hasBoth = this.#book.levelCount(Side.BUY) > 0 && this.#book.levelCount(Side.SELL) > 0
    this.#isTwoSided = hasBoth && !isCrossed(this.#book)
  }

  rates(): MeasuredRates {
    const seconds = this.twoSidedNs / NS_PER_S
    const { limits, markets } = this.counts
    return {
      limitRates: Array.from(this.#limits, (count) => share(count / 2, seconds)),
      marketRate: share(markets / 2, seconds),
      cancelRates: Array.from(this.#cancels, (count, at) => share(count, this.#restingNs[at]! / NS_PER_S)),
      limitLotsMean: share(this.#limitLots, limits),
      marketLotsMean: share(this.#marketLots, markets),
    }
  }

  #count(kind: number, flags: number, side: Side, orderId: number, priceTicks: number, quantityLots: number): void {
    switch (kind) {
      case FeedKind.ADD:
        this.#countLimit(side, priceTicks, quantityLots)
        return
      case FeedKind.REDUCE:
      case FeedKind.DELETE: {
        const open = this.#book.order(orderId)?.quantityLots ?? 0
        this.#countCancel(orderId, kind === FeedKind.DELETE ? open : Math.min(open, quantityLots))
        return
      }
      case FeedKind.MODIFY: {
        const order = this.#book.order(orderId)
        if (order === undefined) return
        const isMoved = order.priceTicks !== priceTicks || order.side !== side
        this.#countCancel(orderId, isMoved ? order.quantityLots : order.quantityLots - quantityLots)
        if (isMoved) this.#countLimit(side, priceTicks, quantityLots)
        return
      }
      case FeedKind.FILL:
        this.#filledLots.set(orderId, (this.#filledLots.get(orderId) ?? 0) + quantityLots)
        this.#countMarket(flags, side, quantityLots)
        return
      case FeedKind.EXECUTE:
        this.#countMarket(flags, side, quantityLots)
        return
      default:
    }
  }

  #countLimit(side: Side, priceTicks: number, quantityLots: number): void {
    const at = this.#place(side, priceTicks)
    if (at < 0) return
    this.#limits[at]! += 1
    this.counts.limits += 1
    this.#limitLots += quantityLots
  }

  /** `lots` of the order are taken off, of which those that had traded are no cancel. */
  #countCancel(orderId: number, lots: number): void {
    const filledLots = Math.min(this.#filledLots.get(orderId) ?? 0, Math.max(lots, 0))
    if (filledLots > 0) this.#filledLots.set(orderId, this.#filledLots.get(orderId)! - filledLots)
    const order = this.#book.order(orderId)
    if (order === undefined || lots <= filledLots) return
    const at = this.#place(order.side, order.priceTicks)
    if (at < 0) return
    const part = (lots - filledLots) / order.quantityLots
    this.#cancels[at]! += part
    this.counts.cancels += part
  }

  #countMarket(flags: number, restingSide: Side, quantityLots: number): void {
    if ((flags & FeedFlag.AUCTION) !== 0 || !this.#isTwoSided) return
    this.#marketLots += quantityLots
    if (this.#marketNs === this.#nowNs && this.#marketSide === restingSide) return
    this.#marketNs = this.#nowNs
    this.#marketSide = restingSide
    this.counts.markets += 1
  }

  /** The place of a price's distance from the best opposite one; -1: too far, or nothing is known. */
  #place(side: Side, priceTicks: number): number {
    if (!this.#isTwoSided) return -1
    const bestTicks = this.#book.levelAt(side === Side.BUY ? Side.SELL : Side.BUY, 0)!.priceTicks
    const distance = side === Side.BUY ? bestTicks - priceTicks : priceTicks - bestTicks
    return distance >= 1 && distance <= this.#limits.length ? distance - 1 : -1
  }

  #goOn(timeNs: number): void {
    if (Number.isNaN(this.#nowNs)) {
      this.#nowNs = timeNs
      this.#sampleNs = timeNs
    }
    if (this.#isTwoSided) this.twoSidedNs += timeNs - this.#nowNs
    this.#nowNs = timeNs
    if (timeNs - this.#sampleNs < SAMPLE_NS) return
    if (this.#isTwoSided) this.#sample(timeNs - this.#sampleNs)
    this.#sampleNs = timeNs
  }

  /** What rests now has rested since the last time. */
  #sample(durationNs: number): void {
    for (const side of SIDES) {
      for (let depth = 0; ; depth++) {
        const level = this.#book.levelAt(side, depth)
        if (level === undefined) break
        const at = this.#place(side, level.priceTicks)
        if (at < 0) break
        this.#restingNs[at]! += level.orderCount * durationNs
      }
    }
  }
}

/** How the limit rates fall with the distance i: k / i^alpha, by least squares of their logarithms. */
export function fitPowerLaw(limitRates: readonly number[]): { k: number; alpha: number } {
  const points = limitRates.flatMap((rate, at) => (rate > 0 ? [{ x: Math.log(at + 1), y: Math.log(rate) }] : []))
  const mean = (pick: (point: { x: number; y: number }) => number) =>
    share(
      points.reduce((sum, point) => sum + pick(point), 0),
      points.length,
    )
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)]
  const slope = share(
    mean((point) => (point.x - x) * (point.y - y)),
    mean((point) => (point.x - x) ** 2),
  )
  return { k: Math.exp(y - slope * x), alpha: -slope }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
