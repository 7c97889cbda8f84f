// Where an order flow puts its orders: a client session in a live market, the exchange itself in a backtest.

import type { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'

export type OrderSink = {
  /** `priceTicks` is 0 for a market order. */
  newOrder(
    symbolId: number,
    side: Side,
    orderType: OrderType,
    timeInForce: TimeInForce,
    priceTicks: number,
    quantityLots: number,
    clientOrderId: number,
  ): void
  cancelOrder(symbolId: number, clientOrderId: number): void
  /** `totalLots` counts what has filled already: ReplaceFlag.TOTAL_QUANTITY. */
  replaceOrder(symbolId: number, clientOrderId: number, priceTicks: number, totalLots: number): void
  /** Cancels all of the client's orders of a symbol. */
  massCancel(symbolId: number): void
}

const CLIENT_ORDER_ID_MAX = 0xffff_ffff

/** Client order ids of one flow: 1, 2, 3 ... They start again after 2^32 - 1, when the first are long gone. */
export class ClientOrderIds {
  #last = 0

  next(): number {
    this.#last = this.#last === CLIENT_ORDER_ID_MAX ? 1 : this.#last + 1
    return this.#last
  }
}
