// What rows by level do to our resting orders: a queue model says how the level's changes and trades move them up.

import { lotsPastFront, onLevelChange, onTradeAtPrice, type QueueModel } from './queue-model.ts'
import { FillRule, type ReplayExchange, type RowRules } from './replay-exchange.ts'
import { FillCause, type ReplayOrder } from './replay-order.ts'
import { ROW_KIND_MASK, type RowChunk, RowFlag, RowKind } from './replay-rows.ts'

export class LevelRules implements RowRules {
  readonly #exchange: ReplayExchange
  readonly #model: QueueModel

  constructor(exchange: ReplayExchange, model: QueueModel) {
    this.#exchange = exchange
    this.#model = model
  }

  onRested(): void {}

  applyRow(chunk: RowChunk, at: number): void {
    const word = chunk.word[at]!
    const kind = word & ROW_KIND_MASK
    const ticks = chunk.priceTicks[at]!
    if (kind === RowKind.DEPTH || kind === RowKind.SNAPSHOT) {
      if ((word & RowFlag.BUY) !== 0) this.#bidLevel(ticks, chunk.quantity[at]!, chunk.exchangeNs[at]!)
      else this.#askLevel(ticks, chunk.quantity[at]!, chunk.exchangeNs[at]!)
    } else if (kind === RowKind.TRADE) {
      if ((word & RowFlag.BUY) !== 0) this.#buyerTook(ticks, chunk.quantity[at]!, chunk.exchangeNs[at]!)
      else if ((word & RowFlag.SELL) !== 0) this.#sellerTook(ticks, chunk.quantity[at]!, chunk.exchangeNs[at]!)
    } else if (kind === RowKind.CLEAR) {
      const { book } = this.#exchange
      if ((word & RowFlag.BUY) !== 0) book.clearBids(ticks)
      else if ((word & RowFlag.SELL) !== 0) book.clearAsks(ticks)
      else book.clearAll()
    }
  }

  #bidLevel(ticks: number, quantity: number, nowNs: number): void {
    const { book, orders } = this.#exchange
    const bestBefore = book.bestBid
    if (ticks <= orders.highestBuy) {
      const before = book.bids.at(ticks)
      book.setBid(ticks, quantity)
      for (const order of orders.buys) {
        if (order.priceTicks === ticks) onLevelChange(this.#model, order, before, quantity)
      }
    } else {
      book.setBid(ticks, quantity)
    }
    const best = book.bestBid
    if (best <= bestBefore || best < orders.lowestSell) return
    for (const order of orders.sells.filter(({ priceTicks }) => priceTicks <= best)) {
      this.#fillWhole(order, FillCause.CROSSED, nowNs)
    }
  }

  #askLevel(ticks: number, quantity: number, nowNs: number): void {
    const { book, orders } = this.#exchange
    const bestBefore = book.bestAsk
    if (ticks >= orders.lowestSell) {
      const before = book.asks.at(ticks)
      book.setAsk(ticks, quantity)
      for (const order of orders.sells) {
        if (order.priceTicks === ticks) onLevelChange(this.#model, order, before, quantity)
      }
    } else {
      book.setAsk(ticks, quantity)
    }
    const best = book.bestAsk
    if (best >= bestBefore || best > orders.highestBuy) return
    for (const order of orders.buys.filter(({ priceTicks }) => priceTicks >= best)) {
      this.#fillWhole(order, FillCause.CROSSED, nowNs)
    }
  }

  #buyerTook(ticks: number, quantity: number, nowNs: number): void {
    const { orders } = this.#exchange
    if (orders.lowestSell > ticks) return
    const reached = orders.sells.filter(({ priceTicks }) => priceTicks <= ticks)
    this.#trade(reached, ticks, quantity, nowNs)
  }

  #sellerTook(ticks: number, quantity: number, nowNs: number): void {
    const { orders } = this.#exchange
    if (orders.highestBuy < ticks) return
    const reached = orders.buys.filter(({ priceTicks }) => priceTicks >= ticks)
    this.#trade(reached, ticks, quantity, nowNs)
  }

  #trade(reached: readonly ReplayOrder[], ticks: number, quantity: number, nowNs: number): void {
    const { fillRule, lotSize } = this.#exchange
    // What the trade gave to one order of ours is not there for the next one.
    let shared = quantity
    for (const order of reached) {
      if (order.priceTicks !== ticks) {
        this.#fillWhole(order, FillCause.TRADED_THROUGH, nowNs)
        continue
      }
      onTradeAtPrice(order, quantity)
      const past = lotsPastFront(order, lotSize)
      if (!(past > 0)) continue
      order.front = 0
      if (fillRule === FillRule.WHOLE) {
        this.#fillWhole(order, FillCause.QUEUE, nowNs)
        continue
      }
      const got = Math.min(past * lotSize, order.leaves, shared)
      if (fillRule !== FillRule.PARTIAL_COMPATIBLE) shared -= got
      if (got > 0) this.#exchange.fill(order, order.priceTicks, got, true, FillCause.QUEUE, nowNs)
    }
  }

  #fillWhole(order: ReplayOrder, cause: FillCause, nowNs: number): void {
    this.#exchange.fill(order, order.priceTicks, order.leaves, true, cause, nowNs)
  }
}
