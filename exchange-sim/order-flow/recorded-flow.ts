// Turns a recorded market, order by order, into orders for an exchange that is alive: one where others trade too, so
// that a recorded order may have filled already, or may still be open when its record says that it traded.
//
// The rule. The commands follow from the record alone, never from what the exchange answers. So the same record gives
// the same commands, at any speed, in a live market and in a backtest.
//
//   recorded                      sent
//   add                           limit order, GTC, under a new client order id that names the recorded order from now on
//   reduce, modify                replace with the order's total: its open quantity in the record plus what traded of it
//                                 in the record. The exchange takes off what really filled: an order that filled more
//                                 than its record is left with less, one that filled less with more. Nothing is sent
//                                 when neither total nor price changes.
//   delete                        cancel
//   execute, fill                 the aggressor: limit order IOC against the resting side, at the recorded price, for the
//                                 traded quantity. What it does not find at that price is cancelled by the exchange.
//   the record's last of an order a cancel after the aggressor: when one of our orders took the aggressor's quantity, the
//                                 recorded order is still open, and must not haunt a market that has moved on. So the
//                                 live book comes back to the recorded one, but for what our orders changed.
//   trade without a displayed     nothing: there is no hidden order here that it could meet
//   order, halt, unmatched event
//
// References to orders that are gone are thus sent like all others; the exchange refuses them (UNKNOWN_ORDER, or
// QUANTITY_OUT_OF_RANGE when more filled than the new total), nothing changes, and the sender counts the refusals.
// What the record itself names without having added it is not sent, and counted here.
//
// A record may tell the quotes of a market maker apart, whose place ours takes (FeedFlow): they are left out. What traded
// with them is sent as an aggressor all the same. What they took themselves is not: the order that they took stands until
// the record goes on, for ours to take, and is cancelled then.

import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import type { ClientOrderIds, OrderSink } from './order-sink.ts'

export type RecordedFlowCounts = {
  added: number
  replaced: number
  cancelled: number
  aggressors: number
  /** Cancels sent because the record's last trade of an order ended it. */
  endedByTrade: number
  /** Trades without a displayed order. */
  hiddenTrades: number
  /** Events about orders that the record never added. */
  unknownOrders: number
  /** Adds under an id that is in use. */
  duplicateOrders: number
  /** Events of quotes that were left out. */
  leftOutQuotes: number
}

type RecordedOrder = {
  readonly clientOrderId: number
  readonly side: Side
  priceTicks: number
  /** As the record has it. */
  leavesLots: number
  executedLots: number
  /** Price and total that the exchange was told last. */
  sentTicks: number
  sentTotalLots: number
}

export class RecordedFlow {
  readonly counts: RecordedFlowCounts = {
    added: 0,
    replaced: 0,
    cancelled: 0,
    aggressors: 0,
    endedByTrade: 0,
    hiddenTrades: 0,
    unknownOrders: 0,
    duplicateOrders: 0,
    leftOutQuotes: 0,
  }
  readonly #sink: OrderSink
  readonly #ids: ClientOrderIds
  readonly #symbolId: number
  readonly #orders = new Map<number, RecordedOrder>()
  /** Client order ids of orders that a quote which was left out has ended. */
  readonly #endedByQuote: number[] = []

  /** The flow of one symbol. */
  constructor(sink: OrderSink, ids: ClientOrderIds, symbolId: number) {
    this.#sink = sink
    this.#ids = ids
    this.#symbolId = symbolId
  }

  add(orderId: number, side: Side, priceTicks: number, quantityLots: number): void {
    if (this.#orders.has(orderId)) {
      this.counts.duplicateOrders += 1
      return
    }
    const clientOrderId = this.#ids.next()
    this.#orders.set(orderId, {
      clientOrderId,
      side,
      priceTicks,
      leavesLots: quantityLots,
      executedLots: 0,
      sentTicks: priceTicks,
      sentTotalLots: quantityLots,
    })
    this.counts.added += 1
    const { LIMIT } = OrderType
    this.#sink.newOrder(this.#symbolId, side, LIMIT, TimeInForce.GTC, priceTicks, quantityLots, clientOrderId)
  }

  reduce(orderId: number, byLots: number): void {
    const order = this.#known(orderId)
    if (order === undefined) return
    order.leavesLots -= byLots
    if (order.leavesLots <= 0) this.#cancel(orderId, order)
    else this.#replace(order)
  }

  modify(orderId: number, side: Side, priceTicks: number, leavesLots: number): void {
    const order = this.#known(orderId)
    if (order === undefined) return
    if (leavesLots <= 0) {
      this.#cancel(orderId, order)
    } else if (side === order.side) {
      order.priceTicks = priceTicks
      order.leavesLots = leavesLots
      this.#replace(order)
    } else {
      // No exchange lets an order change sides: it is another order.
      this.#cancel(orderId, order)
      this.add(orderId, side, priceTicks, leavesLots)
    }
  }

  delete(orderId: number): void {
    const order = this.#known(orderId)
    if (order !== undefined) this.#cancel(orderId, order)
  }

  /** A trade that takes `quantityLots` of the resting order. */
  execute(orderId: number, priceTicks: number, quantityLots: number): void {
    const order = this.#known(orderId)
    if (order === undefined) return
    this.fill(orderId, priceTicks, quantityLots)
    order.leavesLots -= quantityLots
    if (order.leavesLots > 0) return
    this.counts.endedByTrade += 1
    this.#orders.delete(orderId)
    this.#sink.cancelOrder(this.#symbolId, order.clientOrderId)
  }

  has(orderId: number): boolean {
    return this.#orders.has(orderId)
  }

  /** Someone took of a quote that was left out: `side` is the quote's. */
  takeQuote(side: Side, priceTicks: number, quantityLots: number): void {
    this.counts.leftOutQuotes += 1
    this.#aggress(side, priceTicks, quantityLots)
  }

  /** A quote that was left out took of the resting order. */
  takenByQuote(orderId: number, quantityLots: number): void {
    this.counts.leftOutQuotes += 1
    const order = this.#known(orderId)
    if (order === undefined) return
    order.executedLots += quantityLots
    order.leavesLots -= quantityLots
    if (order.leavesLots > 0) return
    this.#orders.delete(orderId)
    this.#endedByQuote.push(order.clientOrderId)
  }

  /** Time has gone on: what a quote that was left out has ended is over. */
  goOn(): void {
    for (const clientOrderId of this.#endedByQuote) this.#sink.cancelOrder(this.#symbolId, clientOrderId)
    this.#endedByQuote.length = 0
  }

  /** A trade of the resting order whose effect on it the record tells on its own. */
  fill(orderId: number, priceTicks: number, quantityLots: number): void {
    const order = this.#known(orderId)
    if (order === undefined) return
    order.executedLots += quantityLots
    this.#aggress(order.side, priceTicks, quantityLots)
  }

  /** Takes of the resting side. */
  #aggress(resting: Side, priceTicks: number, quantityLots: number): void {
    this.counts.aggressors += 1
    const side = resting === Side.BUY ? Side.SELL : Side.BUY
    const { LIMIT } = OrderType
    this.#sink.newOrder(this.#symbolId, side, LIMIT, TimeInForce.IOC, priceTicks, quantityLots, this.#ids.next())
  }

  hiddenTrade(): void {
    this.counts.hiddenTrades += 1
  }

  /** The record starts its book anew. */
  clear(): void {
    this.#orders.clear()
    this.#sink.massCancel(this.#symbolId)
  }

  #known(orderId: number): RecordedOrder | undefined {
    const order = this.#orders.get(orderId)
    if (order === undefined) this.counts.unknownOrders += 1
    return order
  }

  #replace(order: RecordedOrder): void {
    const totalLots = order.leavesLots + order.executedLots
    if (totalLots === order.sentTotalLots && order.priceTicks === order.sentTicks) return
    order.sentTicks = order.priceTicks
    order.sentTotalLots = totalLots
    this.counts.replaced += 1
    this.#sink.replaceOrder(this.#symbolId, order.clientOrderId, order.priceTicks, totalLots)
  }

  #cancel(orderId: number, order: RecordedOrder): void {
    this.#orders.delete(orderId)
    this.counts.cancelled += 1
    this.#sink.cancelOrder(this.#symbolId, order.clientOrderId)
  }
}
