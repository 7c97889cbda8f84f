// An order sink that hands each order to an exchange at once, and counts what the exchange answers.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { Exchange } from '../../exchange-sim/exchange.ts'
import type { OrderSink } from '../../exchange-sim/order-flow/order-sink.ts'
import {
  stampSession,
  writeCancelOrder,
  writeMassCancel,
  writeNewOrder,
  writeReplaceOrder,
} from '../../protocol/command-writer.ts'
import { EventField, EventLog } from '../../protocol/event.ts'
import {
  EventKind,
  nameOf,
  type OrderType,
  Reason,
  ReplaceFlag,
  type Side,
  type TimeInForce,
} from '../../protocol/kinds.ts'

export class ExchangeOrders implements OrderSink {
  readonly exchange = new Exchange({
    clusterId: 'test',
    instruments: [{ symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 10_000 }],
    exposureLots: 100,
    quoteTtlNs: 30_000_000_000,
  })
  /** Replies by kind, refusals by reason. */
  readonly answers = new Map<string, number>()
  readonly #command = new AlignedBuffer(128)
  readonly #events = new EventLog()

  newOrder(
    symbolId: number,
    side: Side,
    orderType: OrderType,
    timeInForce: TimeInForce,
    priceTicks: number,
    quantityLots: number,
    clientOrderId: number,
    clientId = 1,
  ): void {
    const order = { symbolId, side, orderType, timeInForce, priceTicks, quantityLots, clientOrderId }
    writeNewOrder(this.#command, 0, order)
    this.#apply(clientId)
  }

  cancelOrder(symbolId: number, clientOrderId: number): void {
    writeCancelOrder(this.#command, 0, symbolId, 0, clientOrderId)
    this.#apply(1)
  }

  replaceOrder(symbolId: number, clientOrderId: number, priceTicks: number, totalLots: number): void {
    const { TOTAL_QUANTITY } = ReplaceFlag
    writeReplaceOrder(this.#command, 0, symbolId, 0, clientOrderId, priceTicks, totalLots, TOTAL_QUANTITY)
    this.#apply(1)
  }

  massCancel(symbolId: number): void {
    writeMassCancel(this.#command, 0, symbolId, 0)
    this.#apply(1)
  }

  #apply(clientId: number): void {
    stampSession(this.#command, 0, clientId, 1, 1)
    this.#events.clear()
    this.exchange.apply(this.#command, 0, 0, this.#events)
    const reason = this.#events.bytes[EventField.REASON]!
    const kind = this.#events.bytes[EventField.KIND]!
    const isRefused = kind === EventKind.ORDER_REJECTED || kind === EventKind.CANCEL_REJECTED
    const name =
      isRefused || kind === EventKind.REPLACE_REJECTED
        ? `${nameOf(EventKind, kind)} ${nameOf(Reason, reason)}`
        : nameOf(EventKind, kind)
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1)
  }
}
