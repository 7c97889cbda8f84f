// A replay of one instrument: the recorded market at the exchange and at our side, our orders between them, and a clock.
//
// The recorded market does not feel our orders. Four things happen in the order of their times; at the same time: what we
// learn of the market, answers to our orders, the market at the exchange, our requests. What happens at one side between
// two looks of ours does not depend on what happens at the other, so each side catches up on its own.

import { assert } from '../../base/assert.ts'
import type { Side, TimeInForce } from '../../protocol/kinds.ts'
import { Account, type Contract, type FeeModel } from './account.ts'
import type { LatencyModel } from './latency-model.ts'
import { LevelRules } from './level-rules.ts'
import { LocalSide } from './local-side.ts'
import { OrderRules } from './order-rules.ts'
import type { QueueModel } from './queue-model.ts'
import type { ReplayBook } from './replay-book.ts'
import { type FillRule, ReplayExchange } from './replay-exchange.ts'
import { FillCause, OrderStatus, Pending, type ReplayOrder, RequestKind, ResponseKind } from './replay-order.ts'
import { nextChunk, type RowChunk, type RowSource } from './replay-rows.ts'

export type ReplaySettings = {
  readonly tickSize: number
  readonly lotSize: number
  readonly latency: LatencyModel
  readonly fillRule: FillRule
  /** Ignored when the rows are by order: then the queue is known. */
  readonly queueModel: QueueModel
  readonly fees: FeeModel
  readonly contract: Contract
}

export type ReplayObserver = {
  /** A fill of ours became known; the order tells it, with `fee` as booked. */
  onFill?(order: ReplayOrder, fee: number, nowNs: number): void
  onTrade?(word: number, priceTicks: number, quantity: number, nowNs: number): void
}

export type OrderWish = {
  readonly side: Side
  readonly priceTicks: number
  readonly quantity: number
  readonly timeInForce: TimeInForce
  readonly isPostOnly: boolean
  readonly isMarket?: boolean
}

export class Replay {
  readonly settings: ReplaySettings
  readonly account: Account
  readonly exchange: ReplayExchange
  readonly local: LocalSide
  nowNs: number
  #lastId = 0
  readonly #latency: LatencyModel

  /** `first` holds the first rows of the source; it may be the start of rows that are in memory. */
  constructor(first: RowChunk | null, source: RowSource, settings: ReplaySettings, observer: ReplayObserver = {}) {
    assert(first === null || nextChunk(first, source) !== undefined, 'the chain is asked for')
    this.settings = settings
    this.#latency = settings.latency
    this.account = new Account(settings.fees, settings.contract)
    this.local = new LocalSide(first, source, settings.lotSize, {
      onFill: (order, nowNs) => this.#bookFill(order, observer, nowNs),
      onTrade: (word, priceTicks, quantity, nowNs) => observer.onTrade?.(word, priceTicks, quantity, nowNs),
    })
    this.exchange = new ReplayExchange(first, source, this.local.responses, settings)
    this.exchange.rules = source.isByOrder
      ? new OrderRules(this.exchange)
      : new LevelRules(this.exchange, settings.queueModel)
    this.nowNs = Math.min(this.local.nextRowNs(), this.exchange.nextRowNs())
  }

  /** The market as we know it. */
  get book(): ReplayBook {
    return this.local.book
  }

  /** Lets time pass; false when nothing is left that could happen. */
  elapse(durationNs: number): boolean {
    const untilNs = this.nowNs + durationNs
    this.exchange.advance(untilNs)
    this.local.advance(untilNs)
    if (!this.#hasMore()) return false
    this.nowNs = untilNs
    return true
  }

  /** Sends an order; gives its id. */
  submit(wish: OrderWish): number {
    assert(wish.quantity > 0, 'an order has a quantity')
    this.#lastId += 1
    const order: ReplayOrder = {
      id: this.#lastId,
      side: wish.side,
      priceTicks: wish.priceTicks,
      quantity: wish.quantity,
      leaves: wish.quantity,
      timeInForce: wish.timeInForce,
      isPostOnly: wish.isPostOnly,
      isMarket: wish.isMarket === true,
      status: OrderStatus.NONE,
      pending: Pending.NEW,
      sentNs: this.nowNs,
      ...{ exchangeNs: 0, execTicks: 0, execQuantity: 0, isMaker: false, cause: FillCause.NONE },
      ...{ acceptedNs: 0, frontAtEntry: 0, front: 0, traded: 0, arrival: 0 },
    }
    this.local.orders.set(order.id, order)
    this.#send(order, RequestKind.NEW)
    return order.id
  }

  /** Asks for an order to be cancelled. It must not wait for another answer. */
  cancel(id: number): void {
    const order = this.local.orders.get(id)
    assert(order !== undefined && order.pending === Pending.NONE, 'an order that can be cancelled')
    order.pending = Pending.CANCEL
    order.sentNs = this.nowNs
    this.#send(order, RequestKind.CANCEL)
  }

  /** Drops orders that are over. */
  forgetEnded(): void {
    for (const [id, { status }] of this.local.orders) {
      const isLive = status === OrderStatus.NONE || status === OrderStatus.NEW || status === OrderStatus.PARTLY_FILLED
      if (!isLive) this.local.orders.delete(id)
    }
  }

  #send(order: ReplayOrder, kind: number): void {
    const entryNs = this.#latency.entryNs(this.nowNs)
    if (entryNs >= 0) {
      this.exchange.requests.push({ ...order }, kind, this.nowNs + entryNs)
      return
    }
    // Refused at the exchange's door.
    const refused = { ...order, pending: Pending.NONE, exchangeNs: this.nowNs - entryNs }
    if (kind === RequestKind.NEW) refused.status = OrderStatus.EXPIRED
    const answer = kind === RequestKind.NEW ? ResponseKind.REPORT : ResponseKind.CANCEL_REJECTED
    this.local.responses.push(refused, answer, this.nowNs - entryNs)
  }

  #bookFill(order: ReplayOrder, observer: ReplayObserver, nowNs: number): void {
    const price = order.execTicks * this.settings.tickSize
    const fee = this.account.book(order.side, price, order.execQuantity, order.isMaker)
    observer.onFill?.(order, fee, nowNs)
  }

  #hasMore(): boolean {
    if (this.exchange.requests.firstNs !== Number.POSITIVE_INFINITY) return true
    if (this.local.responses.firstNs !== Number.POSITIVE_INFINITY) return true
    return this.local.nextRowNs() !== Number.POSITIVE_INFINITY || this.exchange.nextRowNs() !== Number.POSITIVE_INFINITY
  }
}
