// The orders of a flow as commands of a client session. Whoever calls has made sure that the session has room.

import { assert } from '../../base/assert.ts'
import type { OrderSink } from '../../exchange-sim/order-flow/order-sink.ts'
import type { ClientSession } from '../../protocol/client-session.ts'
import {
  type NewOrder,
  writeCancelOrder,
  writeMassCancel,
  writeNewOrder,
  writeReplaceOrder,
} from '../../protocol/command-writer.ts'
import { OrderType, ReplaceFlag, Side, TimeInForce } from '../../protocol/kinds.ts'

export class SessionOrders implements OrderSink {
  readonly #session: ClientSession
  readonly #onSent: (clientSeq: number) => void
  /** Filled and written again and again. */
  readonly #order: NewOrder = {
    symbolId: 0,
    side: Side.BUY,
    orderType: OrderType.LIMIT,
    timeInForce: TimeInForce.GTC,
    quantityLots: 0,
    priceTicks: 0,
    clientOrderId: 0,
  }

  constructor(session: ClientSession, onSent: (clientSeq: number) => void) {
    this.#session = session
    this.#onSent = onSent
  }

  newOrder(
    symbolId: number,
    side: Side,
    orderType: OrderType,
    timeInForce: TimeInForce,
    priceTicks: number,
    quantityLots: number,
    clientOrderId: number,
  ): void {
    const order = this.#order
    order.symbolId = symbolId
    order.side = side
    order.orderType = orderType
    order.timeInForce = timeInForce
    order.priceTicks = priceTicks
    order.quantityLots = quantityLots
    order.clientOrderId = clientOrderId
    writeNewOrder(this.#session.outbox, this.#begin(), order)
    this.#finish()
  }

  cancelOrder(symbolId: number, clientOrderId: number): void {
    writeCancelOrder(this.#session.outbox, this.#begin(), symbolId, 0, clientOrderId)
    this.#finish()
  }

  replaceOrder(symbolId: number, clientOrderId: number, priceTicks: number, totalLots: number): void {
    const { outbox } = this.#session
    const { TOTAL_QUANTITY } = ReplaceFlag
    writeReplaceOrder(outbox, this.#begin(), symbolId, 0, clientOrderId, priceTicks, totalLots, TOTAL_QUANTITY)
    this.#finish()
  }

  massCancel(symbolId: number): void {
    writeMassCancel(this.#session.outbox, this.#begin(), symbolId, 0)
    this.#finish()
  }

  #begin(): number {
    const offset = this.#session.begin()
    assert(offset >= 0, 'the session has room for the step')
    return offset
  }

  #finish(): void {
    this.#onSent(this.#session.finish())
  }
}
