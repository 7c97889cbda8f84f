// Orders that are taken out: cancel, mass cancel, the end of their time. Rules: docs/exchange-rules.md.

import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, Reason, type TimeInForce } from '../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import type { NaiveBook } from './naive-book.ts'
import type { CancelOrder, MassCancel } from './naive-command.ts'
import { writeEvent } from './naive-events.ts'
import { findOrder, refuse } from './naive-named-order.ts'
import type { NaiveOrder } from './naive-order.ts'
import { bookOf, clientOrders, hasSymbol, type NaiveState } from './naive-state.ts'
import { cancelStanding } from './naive-trading.ts'

export function cancelOrder(state: NaiveState, command: CancelOrder, events: EventLog): void {
  const order = findOrder(state, command)
  if (typeof order === 'number') {
    refuse(state, EventKind.CANCEL_REJECTED, order, command, events)
    return
  }
  const book = bookOf(state, order.symbolId)
  cancelStanding(book, order, EventKind.ORDER_CANCELLED, Reason.BY_OWNER, EventFlag.REPLY, events)
}

export function massCancel(state: NaiveState, command: MassCancel, events: EventLog): void {
  const isForAll = command.symbolId === NO_SYMBOL_ID
  const reason =
    !isForAll && !hasSymbol(state, command.symbolId)
      ? Reason.UNKNOWN_SYMBOL
      : command.sides > 2
        ? Reason.BAD_SIDE
        : undefined
  if (reason !== undefined) {
    writeEvent(events, {
      kind: EventKind.CANCEL_REJECTED,
      flags: EventFlag.REPLY,
      reason,
      symbolId: hasSymbol(state, command.symbolId) ? command.symbolId : NO_SYMBOL_ID,
      clientId: command.clientId,
    })
    return
  }
  const orders = clientOrders(state).filter(
    (order) =>
      order.clientId === command.clientId &&
      (isForAll || order.symbolId === command.symbolId) &&
      (command.sides === 0 || order.side === command.sides - 1),
  )
  writeEvent(events, {
    kind: EventKind.MASS_CANCELLED,
    flags: EventFlag.REPLY,
    symbolId: command.symbolId,
    quantityLots: orders.length,
    clientId: command.clientId,
  })
  cancelAll(state, orders, Reason.BY_OWNER, events)
}

export function cancelAllOfClient(state: NaiveState, clientId: number, reason: Reason, events: EventLog): void {
  const orders = clientOrders(state).filter((order) => order.clientId === clientId)
  cancelAll(state, orders, reason, events)
}

function cancelAll(state: NaiveState, orders: readonly NaiveOrder[], reason: Reason, events: EventLog): void {
  for (const order of orders) {
    cancelStanding(bookOf(state, order.symbolId), order, EventKind.ORDER_CANCELLED, reason, 0, events)
  }
}

/** Ends the orders whose time this is, by id. */
export function expireOrders(state: NaiveState, dueNs: number, events: EventLog): void {
  const due = clientOrders(state).filter((order) => order.expireTimeNs === dueNs)
  for (const order of due.sort((a, b) => a.orderId - b.orderId)) {
    const book = bookOf(state, order.symbolId)
    cancelStanding(book, order, EventKind.ORDER_EXPIRED, Reason.TIME_PASSED, 0, events)
  }
}

/** Ends the orders of a book that have one of these times in force; `isWaitingToo`: also those that wait. */
export function endOrders(
  state: NaiveState,
  book: NaiveBook,
  times: readonly TimeInForce[],
  isWaitingToo: boolean,
  events: EventLog,
): void {
  for (const order of clientOrders(state)) {
    if (order.symbolId !== book.symbolId || !times.includes(order.timeInForce)) continue
    if (!isWaitingToo && book.waiting.includes(order)) continue
    cancelStanding(book, order, EventKind.ORDER_EXPIRED, Reason.PHASE_ENDED, 0, events)
  }
}
