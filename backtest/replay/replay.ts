// A replay of one instrument: the recorded market at the exchange and at our side, our orders between them, and a clock.
//
// The recorded market does not feel our orders. Four things happen in the order of their times; at the same time: what we
// learn of the market, answers to our orders, the market at the exchange, our requests. What happens at one side between
// two looks of ours does not depend on what happens at the other, so each side catches up on its own.

import { assert } from '../../base/assert.ts'
import { Account, type Contract, type FeeModel } from './account.ts'
import type { LatencyModel } from './latency-model.ts'
import { LevelRules } from './level-rules.ts'
import { LocalSide } from './local-side.ts'
import { forgetEnded, newOrder, type OrderWish, sendChange, sendRequest } from './order-entry.ts'
import { OrderRules } from './order-rules.ts'
import type { QueueModel } from './queue-model.ts'
import type { ReplayBook } from './replay-book.ts'
import { type FillRule, ReplayExchange } from './replay-exchange.ts'
import { Pending, type ReplayOrder, RequestKind } from './replay-order.ts'
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
    this.local = new LocalSide(first, source, settings.lotSize, settings.fillRule, {
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

  /** Our orders as we know them, by id. */
  get orders(): ReadonlyMap<number, ReplayOrder> {
    return this.local.orders
  }

  /** Grows with everything that reached us. */
  get newsCount(): number {
    return this.local.newsCount
  }

  /** Nothing happens before; Infinity when nothing is left that could happen. */
  nextNs(): number {
    return Math.min(
      this.exchange.requests.firstNs,
      this.local.responses.firstNs,
      this.local.nextRowNs(),
      this.exchange.nextRowNs(),
    )
  }

  /** Lets time pass; false when nothing is left that could happen. */
  elapse(durationNs: number): boolean {
    const untilNs = this.nowNs + durationNs
    this.exchange.advance(untilNs)
    this.local.advance(untilNs)
    if (this.nextNs() === Number.POSITIVE_INFINITY) return false
    this.nowNs = untilNs
    return true
  }

  /** Sends an order; gives its id. */
  submit(wish: OrderWish): number {
    assert(wish.quantity > 0, 'an order has a quantity')
    this.#lastId += 1
    const order = newOrder(this.#lastId, wish, this.nowNs)
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

  /** Asks for another price or open quantity. The place in the queue stays if the price does and the quantity falls. */
  modify(id: number, priceTicks: number, openQuantity: number): void {
    const order = this.local.orders.get(id)
    assert(order !== undefined && order.pending === Pending.NONE, 'an order that can be changed')
    assert(openQuantity > 0, 'an order has a quantity')
    const { requests } = this.exchange
    sendChange(order, priceTicks, openQuantity, this.nowNs, this.#latency, requests, this.local.responses)
  }

  /** Drops orders that are over. */
  forgetEnded(): void {
    forgetEnded(this.local.orders)
  }

  #send(order: ReplayOrder, kind: number): void {
    sendRequest(order, kind, this.nowNs, this.#latency, this.exchange.requests, this.local.responses)
  }

  #bookFill(order: ReplayOrder, observer: ReplayObserver, nowNs: number): void {
    const price = order.execTicks * this.settings.tickSize
    const fee = this.account.book(order.side, price, order.execQuantity, order.isMaker)
    observer.onFill?.(order, fee, nowNs)
  }
}
