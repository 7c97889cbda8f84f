// Writes events (protocol/event.ts) from plain objects.

import { EventField, type EventLog } from '../../protocol/event.ts'
import { EventFlag, type EventKind, type Reason } from '../../protocol/kinds.ts'
import { isHidden, type NaiveOrder } from './naive-order.ts'

/** What is left out is 0. */
export type NaiveEvent = {
  readonly kind: EventKind
  readonly side?: number
  readonly reason?: Reason | 0
  readonly flags?: number
  readonly symbolId: number
  readonly orderId?: number
  readonly contraOrderId?: number
  readonly tradeId?: number
  readonly priceTicks?: number
  readonly quantityLots?: number
  readonly leavesLots?: number
  readonly contraLeavesLots?: number
  readonly clientId?: number
  readonly contraClientId?: number
  readonly clientOrderId?: number
  readonly contraClientOrderId?: number
}

export function writeEvent(events: EventLog, event: NaiveEvent): void {
  events.reserve(1)
  const offset = events.count * EventField.LENGTH
  const { bytes, int32, float64 } = events
  bytes[offset + EventField.KIND] = event.kind
  bytes[offset + EventField.SIDE] = event.side ?? 0
  bytes[offset + EventField.REASON] = event.reason ?? 0
  bytes[offset + EventField.FLAGS] = event.flags ?? 0
  int32[(offset + EventField.SYMBOL_ID) >> 2] = event.symbolId
  float64[(offset + EventField.ORDER_ID) >> 3] = event.orderId ?? 0
  float64[(offset + EventField.CONTRA_ORDER_ID) >> 3] = event.contraOrderId ?? 0
  float64[(offset + EventField.TRADE_ID) >> 3] = event.tradeId ?? 0
  int32[(offset + EventField.PRICE_TICKS) >> 2] = event.priceTicks ?? 0
  int32[(offset + EventField.QUANTITY_LOTS) >> 2] = event.quantityLots ?? 0
  int32[(offset + EventField.LEAVES_LOTS) >> 2] = event.leavesLots ?? 0
  int32[(offset + EventField.CONTRA_LEAVES_LOTS) >> 2] = event.contraLeavesLots ?? 0
  int32[(offset + EventField.CLIENT_ID) >> 2] = event.clientId ?? 0
  int32[(offset + EventField.CONTRA_CLIENT_ID) >> 2] = event.contraClientId ?? 0
  int32[(offset + EventField.CLIENT_ORDER_ID) >> 2] = event.clientOrderId ?? 0
  int32[(offset + EventField.CONTRA_CLIENT_ORDER_ID) >> 2] = event.contraClientOrderId ?? 0
  events.count += 1
}

/** The fields that every event of an order has. */
export function fieldsOf(order: NaiveOrder): Omit<NaiveEvent, 'kind' | 'flags'> {
  return {
    side: order.side,
    symbolId: order.symbolId,
    orderId: order.orderId,
    priceTicks: order.priceTicks,
    clientId: order.clientId,
    clientOrderId: order.clientOrderId,
  }
}

/** Flags that say of what kind an order is. */
export function orderFlags(order: NaiveOrder): number {
  return (order.isQuote ? EventFlag.QUOTE : 0) | (isHidden(order) ? EventFlag.HIDDEN : 0)
}
