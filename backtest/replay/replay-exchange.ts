// The exchange of a replay: the recorded book, our orders beside it, and the rules by which they meet. The recorded market
// never feels our orders. How rows fill resting orders differs by level and by order: RowRules.
//
//   post-only        expires when it would take
//   limit, market    takes at once what it crosses: by the fill rules
//   IOC, FOK         never rest

import { assert } from '../../base/assert.ts'
import { Side, TimeInForce } from '../../protocol/kinds.ts'
import type { LatencyModel } from './latency-model.ts'
import { OwnOrders } from './own-orders.ts'
import { NO_ASK, NO_BID, ReplayBook } from './replay-book.ts'
import {
  FillCause,
  Messages,
  OrderStatus,
  Pending,
  type ReplayOrder,
  RequestKind,
  ResponseKind,
} from './replay-order.ts'
import { nextChunk, type RowChunk, RowFlag, type RowSource } from './replay-rows.ts'
import { roundAway } from './rounding.ts'

/**
 * How much of an order fills. WHOLE: always all of it. PARTIAL: what is there. PARTIAL_COMPATIBLE: the same with two faults
 * of the reference: what one order of ours took is there for the next one too, and we book the last part of a fill alone.
 */
export const FillRule = { WHOLE: 0, PARTIAL: 1, PARTIAL_COMPATIBLE: 2 } as const
export type FillRule = (typeof FillRule)[keyof typeof FillRule]

export type ExchangeOptions = {
  readonly tickSize: number
  readonly lotSize: number
  readonly latency: LatencyModel
  readonly fillRule: FillRule
}

export type RowRules = {
  /** The order came to rest. */
  onRested(order: ReplayOrder): void
  /** What the row at `at` does to book and orders. */
  applyRow(chunk: RowChunk, at: number): void
}

export class ReplayExchange {
  readonly book = new ReplayBook()
  readonly orders = new OwnOrders()
  readonly requests = new Messages()
  readonly responses: Messages
  readonly lotSize: number
  readonly fillRule: FillRule
  rules!: RowRules
  /** Rows that the exchange has seen. */
  rowCount = 0
  /** What takers of ours took since the last row, by price; where it counts, what one took is not there for the next. */
  readonly #taken = { [Side.BUY]: new Map<number, number>(), [Side.SELL]: new Map<number, number>() }
  #takenAtRow = 0
  #chunk: RowChunk | null
  #at = 0
  readonly #source: Pick<RowSource, 'pull'>
  readonly #latency: LatencyModel

  constructor(first: RowChunk | null, source: Pick<RowSource, 'pull'>, responses: Messages, options: ExchangeOptions) {
    this.#chunk = first
    this.#source = source
    this.responses = responses
    this.#latency = options.latency
    this.lotSize = options.lotSize
    this.fillRule = options.fillRule
  }

  /** Everything up to `untilNs` happens: rows first, then what arrives at the same time. */
  advance(untilNs: number): void {
    for (;;) {
      const requestNs = this.requests.firstNs
      this.#runRows(requestNs < untilNs ? requestNs : untilNs)
      if (requestNs > untilNs) return
      while (this.requests.firstNs === requestNs) {
        const kind = this.requests.firstKind
        const order = this.requests.shift()
        if (kind === RequestKind.CANCEL) this.#cancel(order, requestNs)
        else if (kind === RequestKind.MODIFY) this.#modify(order, requestNs)
        else this.#enter(order, requestNs)
      }
    }
  }

  /** Time of the next row; Infinity when there is none. */
  nextRowNs(): number {
    for (; this.#chunk !== null; this.#chunk = nextChunk(this.#chunk, this.#source as RowSource), this.#at = 0) {
      const { count, word, exchangeNs } = this.#chunk
      for (; this.#at < count; this.#at++) if ((word[this.#at]! & RowFlag.EXCHANGE) !== 0) return exchangeNs[this.#at]!
    }
    return Number.POSITIVE_INFINITY
  }

  #runRows(untilNs: number): void {
    const { rules } = this
    let chunk = this.#chunk
    let at = this.#at
    let applied = 0
    while (chunk !== null) {
      const { count, word, exchangeNs } = chunk
      for (; at < count; at++) {
        if ((word[at]! & RowFlag.EXCHANGE) === 0) continue
        if (exchangeNs[at]! > untilNs) {
          this.#chunk = chunk
          this.#at = at
          this.rowCount += applied
          return
        }
        rules.applyRow(chunk, at)
        applied += 1
      }
      chunk = nextChunk(chunk, this.#source as RowSource)
      at = 0
    }
    this.#chunk = null
    this.#at = 0
    this.rowCount += applied
  }

  #enter(order: ReplayOrder, nowNs: number): void {
    const { book } = this
    order.acceptedNs = nowNs
    order.exchangeNs = nowNs
    const isBuy = order.side === Side.BUY
    const best = isBuy ? book.bestAsk : book.bestBid
    const isThere = isBuy ? best !== NO_ASK : best !== NO_BID
    const isCrossing = isThere && (order.isMarket || (isBuy ? order.priceTicks >= best : order.priceTicks <= best))
    if (isCrossing && order.isPostOnly) {
      this.#end(order, OrderStatus.EXPIRED, nowNs)
      return
    }
    if (isCrossing) this.#take(order, best, nowNs)
    if (order.status === OrderStatus.FILLED || order.status === OrderStatus.EXPIRED) return
    const isResting = !order.isMarket && (order.timeInForce === TimeInForce.GTC || order.isPostOnly)
    if (!isResting) {
      this.#end(order, OrderStatus.EXPIRED, nowNs)
      return
    }
    if (order.status === OrderStatus.NONE) order.status = OrderStatus.NEW
    order.pending = Pending.NONE
    const levels = isBuy ? book.bids : book.asks
    order.front = levels.at(order.priceTicks)
    order.frontAtEntry = order.front
    order.traded = 0
    this.orders.add(order)
    this.rules.onRested(order)
    order.exchangeNs = nowNs
    this.#respond(order, ResponseKind.REPORT, nowNs)
  }

  #take(order: ReplayOrder, best: number, nowNs: number): void {
    if (this.fillRule === FillRule.WHOLE) {
      this.fill(order, best, order.leaves, false, FillCause.TAKER, nowNs)
      return
    }
    if (order.timeInForce === TimeInForce.FOK && this.#walk(order, best, false, nowNs) < order.leaves) {
      this.#end(order, OrderStatus.EXPIRED, nowNs)
      return
    }
    this.#walk(order, best, true, nowNs)
  }

  /** Goes through the displayed levels from the best one; gives the quantity within reach. */
  #walk(order: ReplayOrder, best: number, takes: boolean, nowNs: number): number {
    const { book } = this
    const isBuy = order.side === Side.BUY
    const taken = this.#takenOf(isBuy ? Side.SELL : Side.BUY)
    let found = 0
    for (let ticks = best; ticks !== NO_ASK && ticks !== NO_BID; ) {
      if (!order.isMarket && (isBuy ? ticks > order.priceTicks : ticks < order.priceTicks)) break
      const shown = (isBuy ? book.asks : book.bids).at(ticks) - (taken.get(ticks) ?? 0)
      const quantity = Math.max(0, Math.min(shown, takes ? order.leaves : order.leaves - found))
      found += quantity
      if (takes && roundAway(quantity / this.lotSize) > 0) {
        if (this.fillRule === FillRule.PARTIAL) taken.set(ticks, (taken.get(ticks) ?? 0) + quantity)
        this.fill(order, ticks, quantity, false, FillCause.TAKER, nowNs)
      }
      if (takes ? roundAway(order.leaves / this.lotSize) <= 0 : found >= order.leaves) break
      ticks = this.#nextLevel(order, ticks)
    }
    return found
  }

  /** The next displayed level behind `ticks`: within the limit of a limit order all, also those left of a crossed book. */
  #nextLevel({ side, isMarket, priceTicks }: ReplayOrder, ticks: number): number {
    const { book } = this
    if (side === Side.BUY) return isMarket ? book.askAbove(ticks) : book.asks.lowestIn(ticks + 1, priceTicks, NO_ASK)
    return isMarket ? book.bidBelow(ticks) : book.bids.highestIn(priceTicks, ticks - 1, NO_BID)
  }

  /** The record says anew what is there with each of its rows. */
  #takenOf(side: Side): Map<number, number> {
    if (this.#takenAtRow !== this.rowCount) {
      this.#taken[Side.BUY].clear()
      this.#taken[Side.SELL].clear()
      this.#takenAtRow = this.rowCount
    }
    return this.#taken[side]
  }

  #cancel(wanted: ReplayOrder, nowNs: number): void {
    const order = this.orders.find(wanted.id)
    if (order === undefined) {
      wanted.exchangeNs = nowNs
      this.#respond(wanted, ResponseKind.REJECTED, nowNs)
      return
    }
    this.orders.remove(order)
    order.sentNs = wanted.sentNs
    this.#end(order, OrderStatus.CANCELLED, nowNs)
  }

  /** At the same price, and no larger, the order keeps its place; otherwise it enters anew under its id. */
  #modify(wanted: ReplayOrder, nowNs: number): void {
    const order = this.orders.find(wanted.id)
    if (order === undefined) {
      wanted.exchangeNs = nowNs
      this.#respond(wanted, ResponseKind.REJECTED, nowNs)
      return
    }
    order.sentNs = wanted.sentNs
    const keepsPlace = order.priceTicks === wanted.priceTicks && wanted.leaves <= order.leaves
    order.quantity += wanted.leaves - order.leaves
    order.leaves = wanted.leaves
    order.pending = Pending.NONE
    order.exchangeNs = nowNs
    if (keepsPlace) {
      this.#respond(order, ResponseKind.REPORT, nowNs)
      return
    }
    this.orders.remove(order)
    order.priceTicks = wanted.priceTicks
    this.#enter(order, nowNs)
  }

  /** `quantity` of the order fills. A resting order must not be in the middle of a walk over the list it is in. */
  fill(
    order: ReplayOrder,
    priceTicks: number,
    quantity: number,
    isMaker: boolean,
    cause: FillCause,
    nowNs: number,
  ): void {
    assert(quantity > 0 && quantity <= order.leaves, 'a fill takes what is left at most')
    order.leaves -= quantity
    const isWhole = roundAway(order.leaves / this.lotSize) <= 0
    if (isWhole) order.leaves = 0
    order.status = isWhole ? OrderStatus.FILLED : OrderStatus.PARTLY_FILLED
    order.execTicks = priceTicks
    order.execQuantity = quantity
    order.isMaker = isMaker
    order.cause = cause
    order.pending = Pending.NONE
    order.exchangeNs = nowNs
    if (isMaker && isWhole) this.orders.remove(order)
    this.#respond(order, ResponseKind.REPORT, nowNs)
    order.execQuantity = 0
  }

  #end(order: ReplayOrder, status: OrderStatus, nowNs: number): void {
    order.status = status
    order.pending = Pending.NONE
    order.exchangeNs = nowNs
    this.#respond(order, ResponseKind.REPORT, nowNs)
  }

  /** Our resting orders of the side, or of both when there is none, are over. */
  expire(side: Side | null, nowNs: number): void {
    for (const order of [...this.orders.buys, ...this.orders.sells]) {
      if (side !== null && order.side !== side) continue
      this.orders.remove(order)
      this.#end(order, OrderStatus.EXPIRED, nowNs)
    }
  }

  #respond(order: ReplayOrder, kind: number, nowNs: number): void {
    this.responses.push({ ...order }, kind, nowNs + this.#latency.responseNs(nowNs))
  }
}
