// Orders that commands name, and the refusal of commands that name none.

import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, type EventKind, Reason } from '../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import type { CancelOrder, ReplaceOrder } from './naive-command.ts'
import { writeEvent } from './naive-events.ts'
import type { NaiveOrder } from './naive-order.ts'
import { clientOrders, hasSymbol, isRightNumber, type NaiveState } from './naive-state.ts'

export function isNamed(order: NaiveOrder, clientId: number, clientOrderId: number): boolean {
  return order.clientId === clientId && order.clientOrderId === clientOrderId
}

/** The live order that a cancel or a replace names, or why there is none for this client. */
export function findOrder(state: NaiveState, command: CancelOrder | ReplaceOrder): NaiveOrder | Reason {
  if (!isRightNumber(command.orderId)) return Reason.UNKNOWN_ORDER
  const found = clientOrders(state).find((order) =>
    command.orderId === 0
      ? command.clientOrderId !== 0 && isNamed(order, command.clientId, command.clientOrderId)
      : order.orderId === command.orderId,
  )
  if (found === undefined) return Reason.UNKNOWN_ORDER
  return found.clientId === command.clientId ? found : Reason.NOT_OWNER
}

export function refuse(
  state: NaiveState,
  kind: EventKind,
  reason: Reason,
  command: CancelOrder | ReplaceOrder,
  events: EventLog,
): void {
  writeEvent(events, {
    kind,
    flags: EventFlag.REPLY,
    reason,
    symbolId: hasSymbol(state, command.symbolId) ? command.symbolId : NO_SYMBOL_ID,
    orderId: isRightNumber(command.orderId) ? command.orderId : 0,
    clientId: command.clientId,
    clientOrderId: command.clientOrderId,
  })
}
