// The commands of orders: new, cancel, replace, mass cancel. First all checks, then the effects.
// Rules: docs/exchange-rules.md.

import { must } from '../../base/assert.ts'
import type { EventLog } from '../../protocol/event.ts'
import {
  EventFlag,
  EventKind,
  OrderFlag,
  OrderType,
  Reason,
  ReplaceFlag,
  Side,
  TimeInForce,
  TradingPhase,
} from '../../protocol/kinds.ts'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../../protocol/limits.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { totalLots } from './naive-book.ts'
import type { CancelOrder, MassCancel, NewOrder, ReplaceOrder } from './naive-command.ts'
import { fieldsOf, writeEvent } from './naive-events.ts'
import type { NaiveOrder } from './naive-order.ts'
import { phaseForbids } from './naive-phase-rules.ts'
import { bookOf, clientOrders, hasSymbol, isRightNumber, type NaiveState } from './naive-state.ts'
import { cancelResting, enterBook, mayRest, tellReferencePrice } from './naive-trading.ts'

export function isPrice(priceTicks: number): boolean {
  return priceTicks >= 1 && priceTicks <= PRICE_TICKS_MAX
}

export function isQuantity(quantityLots: number): boolean {
  return quantityLots >= 1 && quantityLots <= QUANTITY_LOTS_MAX
}

export function newOrder(state: NaiveState, command: NewOrder, events: EventLog): void {
  const reason = checkFields(state, command) ?? checkAgainstBook(state, command)
  if (reason !== undefined) {
    writeEvent(events, {
      kind: EventKind.ORDER_REJECTED,
      flags: EventFlag.REPLY,
      reason,
      symbolId: hasSymbol(state, command.symbolId) ? command.symbolId : NO_SYMBOL_ID,
      side: command.side <= 1 ? command.side : 0,
      priceTicks: command.priceTicks,
      quantityLots: command.quantityLots,
      clientId: command.clientId,
      clientOrderId: command.clientOrderId,
    })
    return
  }
  const book = bookOf(state, command.symbolId)
  const oldReferenceTicks = book.referenceTicks
  const order: NaiveOrder = {
    orderId: state.nextOrderId,
    clientId: command.clientId,
    clientOrderId: command.clientOrderId,
    symbolId: command.symbolId,
    side: command.side as Side,
    orderType: command.orderType as OrderType,
    timeInForce: command.timeInForce as TimeInForce,
    flags: command.flags,
    priceTicks: command.priceTicks,
    leavesLots: command.quantityLots,
    cumulativeLots: 0,
    isQuote: false,
    ownerGroup: command.ownerGroup,
    selfTradePrevention: command.selfTradePrevention,
  }
  state.nextOrderId += 1
  acceptOrder(state, order, EventFlag.REPLY, events)
  tellReferencePrice(book, oldReferenceTicks, events)
}

/** Tells that an order has its id, and lets it enter the book. */
export function acceptOrder(state: NaiveState, order: NaiveOrder, flags: number, events: EventLog): void {
  const book = bookOf(state, order.symbolId)
  const restsAtOnce = mayRest(order) && book.opposite(order.side, order.priceTicks).length === 0
  writeEvent(events, {
    ...fieldsOf(order),
    kind: EventKind.ORDER_ACCEPTED,
    flags: flags | (restsAtOnce ? EventFlag.RESTING : 0),
    quantityLots: order.leavesLots,
    leavesLots: restsAtOnce ? order.leavesLots : 0,
  })
  if (restsAtOnce) book.add(order)
  else enterBook(state, book, order, events)
}

/** Checks 1 to 12: what can be said of the command by itself. */
function checkFields(state: NaiveState, command: NewOrder): Reason | undefined {
  const { orderType, timeInForce, flags } = command
  if (!hasSymbol(state, command.symbolId)) return Reason.UNKNOWN_SYMBOL
  if (phaseForbids(bookOf(state, command.symbolId), command)) return Reason.PHASE_FORBIDS
  if (command.side !== Side.BUY && command.side !== Side.SELL) return Reason.BAD_SIDE
  if (orderType !== OrderType.LIMIT && orderType !== OrderType.MARKET) return Reason.BAD_ORDER_TYPE
  const timesInForce: readonly number[] = [TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK]
  if (!timesInForce.includes(timeInForce)) return Reason.BAD_TIME_IN_FORCE
  if (flags !== 0 && flags !== OrderFlag.POST_ONLY) return Reason.BAD_FLAGS
  if (flags === OrderFlag.POST_ONLY && !mayRest(command)) return Reason.BAD_FLAGS
  if (command.selfTradePrevention > 4) return Reason.BAD_FLAGS
  if (orderType === OrderType.LIMIT && !isPrice(command.priceTicks)) return Reason.PRICE_OUT_OF_RANGE
  if (orderType === OrderType.MARKET && command.priceTicks !== 0) return Reason.PRICE_OUT_OF_RANGE
  if (!isQuantity(command.quantityLots)) return Reason.QUANTITY_OUT_OF_RANGE
  if (command.displayLots !== 0) return Reason.BAD_DISPLAY
  if (command.minimumLots !== 0) return Reason.BAD_MINIMUM
  if (command.triggerTicks !== 0) return Reason.BAD_TRIGGER
  if (command.linkedClientOrderId !== 0) return Reason.UNKNOWN_ORDER
  if (command.expireTimeNs !== 0) return Reason.BAD_EXPIRY
  return undefined
}

/** Checks 13 to 17. */
function checkAgainstBook(state: NaiveState, command: NewOrder): Reason | undefined {
  const live = clientOrders(state)
  if (command.clientOrderId !== 0 && live.some((order) => isNamed(order, command.clientId, command.clientOrderId))) {
    return Reason.DUPLICATE_CLIENT_ORDER_ID
  }
  if (mayRest(command) && live.length >= state.orderCountMax) return Reason.BOOK_FULL
  const opposite = bookOf(state, command.symbolId).opposite(command.side as Side, command.priceTicks)
  if (command.orderType === OrderType.MARKET && opposite.length === 0) return Reason.NO_LIQUIDITY
  if (command.flags === OrderFlag.POST_ONLY && opposite.length > 0) return Reason.WOULD_TAKE
  if (command.timeInForce === TimeInForce.FOK && totalLots(opposite) < command.quantityLots) return Reason.CANNOT_FILL
  return undefined
}

function isNamed(order: NaiveOrder, clientId: number, clientOrderId: number): boolean {
  return order.clientId === clientId && order.clientOrderId === clientOrderId
}

/** The live order that a cancel or a replace names, or why there is none for this client. */
function findOrder(state: NaiveState, command: CancelOrder | ReplaceOrder): NaiveOrder | Reason {
  if (!isRightNumber(command.orderId)) return Reason.UNKNOWN_ORDER
  const found = clientOrders(state).find((order) =>
    command.orderId === 0
      ? command.clientOrderId !== 0 && isNamed(order, command.clientId, command.clientOrderId)
      : order.orderId === command.orderId,
  )
  if (found === undefined) return Reason.UNKNOWN_ORDER
  return found.clientId === command.clientId ? found : Reason.NOT_OWNER
}

function refuse(
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

export function cancelOrder(state: NaiveState, command: CancelOrder, events: EventLog): void {
  const order = findOrder(state, command)
  if (typeof order === 'number') {
    refuse(state, EventKind.CANCEL_REJECTED, order, command, events)
    return
  }
  const book = bookOf(state, order.symbolId)
  cancelResting(book, order, EventKind.ORDER_CANCELLED, Reason.BY_OWNER, EventFlag.REPLY, events)
}

export function replaceOrder(state: NaiveState, command: ReplaceOrder, events: EventLog): void {
  const areFlagsKnown = command.flags === 0 || command.flags === ReplaceFlag.TOTAL_QUANTITY
  const found = areFlagsKnown ? findOrder(state, command) : Reason.BAD_FLAGS
  const order = typeof found === 'number' ? null : found
  const reason = typeof found === 'number' ? found : checkReplace(state, command, found)
  if (order === null || reason !== undefined) {
    refuse(state, EventKind.REPLACE_REJECTED, must(reason, 'a refusal has a reason'), command, events)
    return
  }
  const book = bookOf(state, order.symbolId)
  const newLeavesLots = leavesAfter(command, order)
  const { priceTicks: oldTicks, leavesLots: oldLeavesLots } = order
  const oldReferenceTicks = book.referenceTicks
  const keepsPlace = command.priceTicks === oldTicks && newLeavesLots <= oldLeavesLots
  if (!keepsPlace) book.remove(order)
  order.priceTicks = command.priceTicks
  order.leavesLots = newLeavesLots
  const crossing = !keepsPlace && book.opposite(order.side, order.priceTicks).length > 0
  if (!keepsPlace && !crossing) book.add(order)
  writeEvent(events, {
    ...fieldsOf(order),
    kind: EventKind.ORDER_REPLACED,
    flags: EventFlag.REPLY | (crossing ? 0 : EventFlag.RESTING) | (keepsPlace ? EventFlag.KEPT_PRIORITY : 0),
    contraOrderId: oldTicks,
    quantityLots: oldLeavesLots,
    leavesLots: newLeavesLots,
  })
  if (crossing) enterBook(state, book, order, events)
  tellReferencePrice(book, oldReferenceTicks, events)
}

function leavesAfter(command: ReplaceOrder, order: NaiveOrder): number {
  if (command.flags === ReplaceFlag.TOTAL_QUANTITY) return command.quantityLots - order.cumulativeLots
  return command.quantityLots
}

function checkReplace(state: NaiveState, command: ReplaceOrder, order: NaiveOrder): Reason | undefined {
  const { phase } = bookOf(state, order.symbolId)
  if (phase === TradingPhase.HALT || phase === TradingPhase.CLOSED) return Reason.PHASE_FORBIDS
  if (!isPrice(command.priceTicks)) return Reason.PRICE_OUT_OF_RANGE
  if (!isQuantity(command.quantityLots)) return Reason.QUANTITY_OUT_OF_RANGE
  const newLeavesLots = leavesAfter(command, order)
  if (newLeavesLots < 1) return Reason.QUANTITY_OUT_OF_RANGE
  if (newLeavesLots + order.cumulativeLots > QUANTITY_LOTS_MAX) return Reason.QUANTITY_OUT_OF_RANGE
  if (order.flags === OrderFlag.POST_ONLY) {
    const moves = command.priceTicks !== order.priceTicks || newLeavesLots > order.leavesLots
    const opposite = bookOf(state, order.symbolId).opposite(order.side, command.priceTicks)
    if (moves && opposite.length > 0) return Reason.WOULD_TAKE
  }
  return undefined
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
    cancelResting(bookOf(state, order.symbolId), order, EventKind.ORDER_CANCELLED, reason, 0, events)
  }
}
