// What rows by order do to our resting orders: they stand in the recorded queues, first in first out.
//
// A queue is not kept as a list. Every order, recorded or ours, gets a number as it joins the end of a queue; of two at
// one price the lower number stands in front.

import { Side } from '../../protocol/kinds.ts'
import { RecordedOrders, sideOfClear } from './recorded-orders.ts'
import { NO_ASK, NO_BID } from './replay-book.ts'
import type { ReplayExchange, RowRules } from './replay-exchange.ts'
import { FillCause, type ReplayOrder } from './replay-order.ts'
import { ROW_KIND_MASK, type RowChunk, RowFlag, RowKind } from './replay-rows.ts'

export class OrderRules implements RowRules {
  readonly #exchange: ReplayExchange
  readonly #recorded: RecordedOrders
  #arrivals = 0

  constructor(exchange: ReplayExchange) {
    this.#exchange = exchange
    this.#recorded = new RecordedOrders(exchange.book, exchange.lotSize)
  }

  onRested(order: ReplayOrder): void {
    this.#arrivals += 1
    order.arrival = this.#arrivals
  }

  applyRow(chunk: RowChunk, at: number): void {
    const word = chunk.word[at]!
    const orderId = chunk.orderId[at]!
    const { book } = this.#exchange
    const [bestBid, bestAsk] = [book.bestBid, book.bestAsk]
    switch (word & ROW_KIND_MASK) {
      case RowKind.ADD:
      case RowKind.MODIFY: {
        this.#arrivals += 1
        const isBid = this.#recorded.put(orderId, word, chunk.priceTicks[at]!, chunk.quantity[at]!, this.#arrivals)
        if (isBid) this.#bidRose(bestBid, chunk.exchangeNs[at]!)
        else this.#askFell(bestAsk, chunk.exchangeNs[at]!)
        return
      }
      case RowKind.CANCEL:
        this.#recorded.remove(orderId)
        return
      case RowKind.FILL:
        if ((word & (RowFlag.BUY | RowFlag.SELL)) !== 0)
          this.#executed(orderId, chunk.priceTicks[at]!, chunk.exchangeNs[at]!)
        return
      case RowKind.CLEAR:
        this.#recorded.clear(word)
        this.#exchange.expire(sideOfClear(word), chunk.exchangeNs[at]!)
        return
      default:
    }
  }

  #bidRose(before: number, nowNs: number): void {
    const { bestBid } = this.#exchange.book
    if (bestBid > before) this.#fillSells(before === NO_BID ? NO_BID : before + 1, bestBid, nowNs)
  }

  #askFell(before: number, nowNs: number): void {
    const { bestAsk } = this.#exchange.book
    if (bestAsk < before) this.#fillBuys(before === NO_ASK ? NO_ASK : before - 1, bestAsk, nowNs)
  }

  /** Our sells from `from` up to `to`. With few orders of ours, or an empty side before, there is no lower bound. */
  #fillSells(from: number, to: number, nowNs: number): void {
    const { orders } = this.#exchange
    if (orders.lowestSell > to) return
    const isUnbounded = from === NO_BID || orders.count < Math.abs(from - to)
    const filled = orders.sells.filter(({ priceTicks }) => priceTicks <= to && (isUnbounded || priceTicks >= from))
    for (const order of filled) this.#fill(order, FillCause.CROSSED, nowNs)
  }

  #fillBuys(from: number, to: number, nowNs: number): void {
    const { orders } = this.#exchange
    if (orders.highestBuy < to) return
    const isUnbounded = from === NO_ASK || orders.count < Math.abs(from - to)
    const filled = orders.buys.filter(({ priceTicks }) => priceTicks >= to && (isUnbounded || priceTicks <= from))
    for (const order of filled) this.#fill(order, FillCause.CROSSED, nowNs)
  }

  /** A recorded order was executed: whoever of us stood before it should have been. */
  #executed(orderId: number, priceTicks: number, nowNs: number): void {
    const slot = this.#recorded.slotOf(orderId)
    if (slot === undefined) return
    const { book, orders } = this.#exchange
    const { side, ticks, arrival } = slot
    if (side === Side.BUY) {
      if (priceTicks < book.bestBid) this.#fillBuys(book.bestBid, priceTicks + 1, nowNs)
      if (orders.highestBuy < ticks) return
    } else {
      if (priceTicks > book.bestAsk) this.#fillSells(book.bestAsk, priceTicks - 1, nowNs)
      if (orders.lowestSell > ticks) return
    }
    const mine = side === Side.BUY ? orders.buys : orders.sells
    for (const order of mine.filter((own) => own.priceTicks === ticks && own.arrival < arrival)) {
      this.#fill(order, FillCause.OVERTAKEN, nowNs)
    }
  }

  #fill(order: ReplayOrder, cause: FillCause, nowNs: number): void {
    this.#exchange.fill(order, order.priceTicks, order.leaves, true, cause, nowNs)
  }
}
