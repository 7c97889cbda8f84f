// What is known of one symbol: its resting orders, its active quote and its last trade.

import { assert } from '../../base/assert.ts'
import { Side, TradingPhase } from '../../protocol/kinds.ts'
import { PRICE_TICKS_MAX } from '../../protocol/limits.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import { crosses, isHidden, type NaiveOrder, openLots, oppositeOf } from './naive-order.ts'

export type NaiveQuote = {
  clientId: number
  quoteId: number
  positionVersion: number
  fencingToken: number
  expiryNs: number
  /** Of a side that was granted nothing: 0. */
  bidTicks: number
  askTicks: number
  /** Null: the side was granted nothing or is gone. */
  bid: NaiveOrder | null
  ask: NaiveOrder | null
}

/** What an auction would come to. All 0: nothing would trade. */
export type NaiveEquilibrium = {
  readonly priceTicks: number
  readonly volumeLots: number
  readonly surplusLots: number
}

export const NO_EQUILIBRIUM: NaiveEquilibrium = { priceTicks: 0, volumeLots: 0, surplusLots: 0 }

/** What traded with a symbol's quotes since a time. */
export type NaiveFills = { readonly sinceNs: number; readonly lots: readonly number[] }

export const NO_FILLS: NaiveFills = { sinceNs: 0, lots: [] }

export class NaiveBook {
  readonly symbolId: number
  referenceTicks: number
  lastTradeTicks = 0
  lastTradeLots = 0
  quote: NaiveQuote | null = null
  readonly instrument: Instrument
  phase: TradingPhase
  /** Entries of the schedule that have passed. */
  scheduleIndex = 0
  /** When an auction that a price band called ends; 0: none. */
  auctionEndNs = 0
  /** The middle of the static band. */
  staticTicks: number
  /** What was told last of the auction. */
  told: NaiveEquilibrium = NO_EQUILIBRIUM
  /** Both sides of the last quote, as granted. */
  quotedLots = 0
  /** What traded with quotes in the present window of their protection. */
  fills: NaiveFills = NO_FILLS
  /** Incoming sells trade at no lower price, incoming buys at no higher one. */
  lowTicks = 1
  highTicks = PRICE_TICKS_MAX
  /** Stops and all-or-none orders that wait, by id. */
  waiting: NaiveOrder[] = []
  /** By side: best price first, at one price displayed before hidden, and of these the one that came first. */
  readonly #resting: readonly [NaiveOrder[], NaiveOrder[]] = [[], []]

  constructor(symbolId: number, instrument: Instrument) {
    this.symbolId = symbolId
    this.instrument = instrument
    this.referenceTicks = instrument.openingPriceTicks
    this.staticTicks = instrument.openingPriceTicks
    this.phase = instrument.schedule === undefined ? TradingPhase.CONTINUOUS : TradingPhase.CLOSED
  }

  resting(side: Side): readonly NaiveOrder[] {
    return this.#resting[side]
  }

  /** What everybody may see of them. */
  displayed(side: Side): readonly NaiveOrder[] {
    return this.resting(side).filter((order) => !isHidden(order))
  }

  /** Behind all orders of its price and kind. */
  add(order: NaiveOrder): void {
    const orders = this.#resting[order.side]
    orders.push(order)
    // The sort keeps the order of arrival among equals.
    const sign = order.side === Side.BUY ? -1 : 1
    orders.sort((a, b) => sign * (a.priceTicks - b.priceTicks) || Number(isHidden(a)) - Number(isHidden(b)))
  }

  remove(order: NaiveOrder): void {
    const orders = this.#resting[order.side]
    assert(orders.includes(order), 'what is removed is there')
    orders.splice(orders.indexOf(order), 1)
    const { quote } = this
    if (quote === null || (quote.bid !== order && quote.ask !== order)) return
    if (quote.bid === order) quote.bid = null
    else quote.ask = null
    this.endEmptyQuote()
  }

  /** A quote of which nothing is left is not active any more. */
  endEmptyQuote(): void {
    if (this.quote?.bid === null && this.quote.ask === null) this.quote = null
  }

  /** The resting orders that an incoming one may trade with, the first to trade first. */
  opposite(side: Side, priceTicks: number): readonly NaiveOrder[] {
    if (this.phase !== TradingPhase.CONTINUOUS) return []
    return this.resting(oppositeOf(side)).filter(
      (order) =>
        crosses(side, priceTicks, order.priceTicks) &&
        (side === Side.BUY ? order.priceTicks <= this.highTicks : order.priceTicks >= this.lowTicks),
    )
  }

  /** The displayed orders at one price, oldest first. */
  level(side: Side, priceTicks: number): readonly NaiveOrder[] {
    return this.displayed(side).filter((order) => order.priceTicks === priceTicks)
  }

  /** Takes an order that rests or waits out. */
  takeOut(order: NaiveOrder): void {
    if (this.waiting.includes(order)) this.waiting = this.waiting.filter((other) => other !== order)
    else this.remove(order)
  }
}

/** The prices of the orders, in their order. */
export function pricesOf(orders: readonly NaiveOrder[]): readonly number[] {
  return [...new Set(orders.map((order) => order.priceTicks))]
}

export function displayedLots(orders: readonly NaiveOrder[]): number {
  return orders.reduce((sum, order) => sum + order.leavesLots, 0)
}

export function totalLots(orders: readonly NaiveOrder[]): number {
  return orders.reduce((sum, order) => sum + openLots(order), 0)
}
