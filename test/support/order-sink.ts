// An order sink that writes down what it is told, for tests of order flows.

import type { OrderSink } from '../../exchange-sim/order-flow/order-sink.ts'
import { nameOf, OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'

export class WrittenOrders implements OrderSink {
  readonly lines: string[] = []

  newOrder(
    symbolId: number,
    side: Side,
    orderType: OrderType,
    timeInForce: TimeInForce,
    priceTicks: number,
    quantityLots: number,
    clientOrderId: number,
  ): void {
    const kind = [nameOf(Side, side), nameOf(OrderType, orderType), nameOf(TimeInForce, timeInForce)].join(' ')
    this.lines.push(`${symbolId}: ${kind} ${quantityLots} @ ${priceTicks} #${clientOrderId}`)
  }

  cancelOrder(symbolId: number, clientOrderId: number): void {
    this.lines.push(`${symbolId}: cancel #${clientOrderId}`)
  }

  replaceOrder(symbolId: number, clientOrderId: number, priceTicks: number, totalLots: number): void {
    this.lines.push(`${symbolId}: replace #${clientOrderId} total ${totalLots} @ ${priceTicks}`)
  }

  massCancel(symbolId: number): void {
    this.lines.push(`${symbolId}: cancel all`)
  }
}
