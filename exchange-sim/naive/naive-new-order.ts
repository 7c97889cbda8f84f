// NEW_ORDER: first all checks, then the effects. Rules: docs/exchange-rules.md.

import { must } from '../../base/assert.ts'
import type { EventLog } from '../../protocol/event.ts'
import {
  EventFlag,
  EventKind,
  OrderFlag,
  OrderType,
  Reason,
  Side,
  TimeInForce,
  TradingPhase,
} from '../../protocol/kinds.ts'
import { ICEBERG_SLICE_COUNT_MAX, PRICE_TICKS_MAX } from '../../protocol/limits.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import type { NewOrder } from './naive-command.ts'
import { fieldsOf, orderFlags, writeEvent } from './naive-events.ts'
import { isNamed } from './naive-named-order.ts'
import { isAllOrNone, isForAuction, isPrice, isQuantity, isStop, mayStay, type NaiveOrder } from './naive-order.ts'
import { phaseForbids } from './naive-phase-rules.ts'
import { instrumentRule } from './naive-rules.ts'
import { canHave, isFillable, settle } from './naive-settling.ts'
import { bookOf, clientOrders, hasSymbol, type NaiveState } from './naive-state.ts'
import { enterBook, rest } from './naive-trading.ts'
import { isReached } from './naive-triggers.ts'

export function newOrder(state: NaiveState, command: NewOrder, nowNs: number, events: EventLog): void {
  const reason = checkFields(state, command, nowNs) ?? checkAgainstBook(state, command)
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
  const order = orderOf(state, command)
  state.nextOrderId += 1
  link(state, order)
  const isEarly = order.timeInForce === TimeInForce.AT_THE_CLOSE && book.phase !== TradingPhase.CLOSING_AUCTION
  if (isStop(order) || isEarly || (isAllOrNone(order) && !isFillable(book, order))) {
    book.waiting.push(order)
    tellAccepted(order, EventFlag.REPLY, order.leavesLots, order.leavesLots, events)
    return
  }
  acceptOrder(state, order, EventFlag.REPLY, events)
  settle(state, book, oldReferenceTicks, events)
}

function orderOf(state: NaiveState, command: NewOrder): NaiveOrder {
  const isTrailing = command.orderType === OrderType.TRAILING_STOP
  return {
    orderId: state.nextOrderId,
    clientId: command.clientId,
    clientOrderId: command.clientOrderId,
    symbolId: command.symbolId,
    side: command.side as Side,
    orderType: entryType(command),
    timeInForce: command.timeInForce as TimeInForce,
    flags: isMarketForAuction(command) ? OrderFlag.HIDDEN : command.flags,
    priceTicks: entryTicks(state, command),
    leavesLots: command.quantityLots,
    reserveLots: 0,
    displayLots: command.displayLots,
    triggerTicks: isTrailing ? trailingTriggerTicks(state, command) : command.triggerTicks,
    distanceTicks: isTrailing ? command.triggerTicks : 0,
    linkedClientOrderId: command.linkedClientOrderId,
    expireTimeNs: command.expireTimeNs,
    cumulativeLots: 0,
    isQuote: false,
    ownerGroup: command.ownerGroup,
    selfTradePrevention: command.selfTradePrevention,
  }
}

/** An order that gets its limit as it enters is a limit order like any other. */
function entryType(command: NewOrder): OrderType {
  const isGivenLimit = command.orderType === OrderType.MARKET_TO_LIMIT || isMarketForAuction(command)
  return isGivenLimit ? OrderType.LIMIT : (command.orderType as OrderType)
}

function isMarketForAuction(command: NewOrder): boolean {
  return command.orderType === OrderType.MARKET && isForAuction(command)
}

function link(state: NaiveState, order: NaiveOrder): void {
  if (order.linkedClientOrderId === 0) return
  const other = clientOrders(state).find((live) => isNamed(live, order.clientId, order.linkedClientOrderId))
  must(other, 'the order to link with was found').linkedClientOrderId = order.clientOrderId
}

/** Tells that an order has its id, and lets it enter the book. */
export function acceptOrder(state: NaiveState, order: NaiveOrder, flags: number, events: EventLog): void {
  const book = bookOf(state, order.symbolId)
  const quantityLots = order.leavesLots
  if (mayStay(order) && book.opposite(order.side, order.priceTicks).length === 0) {
    rest(book, order)
    tellAccepted(order, flags | EventFlag.RESTING, quantityLots, order.leavesLots, events)
    return
  }
  tellAccepted(order, flags, quantityLots, 0, events)
  enterBook(state, book, order, events)
}

function tellAccepted(
  order: NaiveOrder,
  flags: number,
  quantityLots: number,
  leavesLots: number,
  events: EventLog,
): void {
  writeEvent(events, {
    ...fieldsOf(order),
    kind: EventKind.ORDER_ACCEPTED,
    flags: flags | orderFlags(order),
    quantityLots,
    leavesLots,
    contraLeavesLots: order.reserveLots,
  })
}

/** The limit with which it enters; 0: none. */
function entryTicks(state: NaiveState, command: NewOrder): number {
  const book = bookOf(state, command.symbolId)
  if (isMarketForAuction(command)) return command.side === Side.BUY ? PRICE_TICKS_MAX : 1
  const [best] = book.opposite(command.side as Side, command.priceTicks)
  if (best === undefined) return command.priceTicks
  if (command.orderType === OrderType.MARKET_TO_LIMIT) return best.priceTicks
  if ((command.flags & OrderFlag.POST_ONLY_SLIDE) === 0) return command.priceTicks
  return best.priceTicks + (command.side === Side.BUY ? -1 : 1)
}

function trailingTriggerTicks(state: NaiveState, command: NewOrder): number {
  const { referenceTicks } = bookOf(state, command.symbolId)
  return referenceTicks + (command.side === Side.BUY ? command.triggerTicks : -command.triggerTicks)
}

/** Checks 1 to 12. */
function checkFields(state: NaiveState, command: NewOrder, nowNs: number): Reason | undefined {
  const { orderType, flags } = command
  if (!hasSymbol(state, command.symbolId)) return Reason.UNKNOWN_SYMBOL
  const book = bookOf(state, command.symbolId)
  if (phaseForbids(book, command)) return Reason.PHASE_FORBIDS
  const rule = instrumentRule(book.instrument, command.priceTicks, command.quantityLots)
  if (rule !== undefined) return rule
  if (command.side !== Side.BUY && command.side !== Side.SELL) return Reason.BAD_SIDE
  const types: readonly number[] = Object.values(OrderType)
  if (!types.includes(orderType)) return Reason.BAD_ORDER_TYPE
  if (!timesOf(orderType).includes(command.timeInForce)) return Reason.BAD_TIME_IN_FORCE
  if (!areFlagsRight(command) || command.selfTradePrevention > 4) return Reason.BAD_FLAGS
  const hasPrice = orderType === OrderType.LIMIT || orderType === OrderType.STOP_LIMIT
  if (hasPrice ? !isPrice(command.priceTicks) : command.priceTicks !== 0) return Reason.PRICE_OUT_OF_RANGE
  if (!isQuantity(command.quantityLots)) return Reason.QUANTITY_OUT_OF_RANGE
  if (command.displayLots !== 0 && !isIceberg(command)) return Reason.BAD_DISPLAY
  if (command.minimumLots !== 0) {
    const types: readonly number[] = [OrderType.LIMIT, OrderType.MARKET]
    const isTaking = types.includes(orderType) && (flags & ~OrderFlag.HIDDEN) === 0
    if (!isTaking || command.timeInForce === TimeInForce.FOK || isForAuction(command)) return Reason.BAD_MINIMUM
    if (command.minimumLots < 1 || command.minimumLots > command.quantityLots) return Reason.BAD_MINIMUM
  }
  const reason = checkTrigger(state, command) ?? checkLink(state, command) ?? checkExpiry(command, nowNs)
  if (reason !== undefined) return reason
  const early: readonly TradingPhase[] = [TradingPhase.PRE_OPEN, TradingPhase.OPENING_AUCTION]
  const isLate = command.timeInForce === TimeInForce.AT_THE_OPEN && !early.includes(book.phase)
  return isLate ? Reason.PHASE_FORBIDS : undefined
}

function timesOf(orderType: number): readonly number[] {
  const { GTC, DAY, GTD, IOC, FOK, AT_THE_OPEN, AT_THE_CLOSE } = TimeInForce
  if (orderType === OrderType.MARKET) return [GTC, IOC, FOK, AT_THE_OPEN, AT_THE_CLOSE]
  if (orderType === OrderType.LIMIT) return [GTC, DAY, GTD, IOC, FOK, AT_THE_OPEN, AT_THE_CLOSE]
  return [GTC, DAY, GTD]
}

function areFlagsRight(command: NewOrder): boolean {
  const { POST_ONLY, POST_ONLY_SLIDE, HIDDEN, ALL_OR_NONE } = OrderFlag
  const { flags } = command
  if (flags === 0) return true
  if (command.orderType !== OrderType.LIMIT || !mayStay(command)) return false
  if (isForAuction(command)) return flags === HIDDEN
  return flags === ALL_OR_NONE || (flags & ~(POST_ONLY | POST_ONLY_SLIDE | HIDDEN)) === 0
}

function isIceberg(command: NewOrder): boolean {
  if (command.orderType !== OrderType.LIMIT || !mayStay(command)) return false
  if ((command.flags & (OrderFlag.HIDDEN | OrderFlag.ALL_OR_NONE)) !== 0) return false
  if (command.quantityLots > command.displayLots * ICEBERG_SLICE_COUNT_MAX) return false
  return command.displayLots >= 1 && command.displayLots < command.quantityLots
}

function checkTrigger(state: NaiveState, command: NewOrder): Reason | undefined {
  if (!isStop(command)) return command.triggerTicks === 0 ? undefined : Reason.BAD_TRIGGER
  if (command.triggerTicks < 1) return Reason.BAD_TRIGGER
  if (command.orderType === OrderType.TRAILING_STOP) {
    const triggerTicks = trailingTriggerTicks(state, command)
    return triggerTicks >= 1 && triggerTicks <= PRICE_TICKS_MAX ? undefined : Reason.BAD_TRIGGER
  }
  const { lastTradeTicks } = bookOf(state, command.symbolId)
  return lastTradeTicks !== 0 && isReached(command, lastTradeTicks) ? Reason.BAD_TRIGGER : undefined
}

function checkLink(state: NaiveState, command: NewOrder): Reason | undefined {
  if (command.linkedClientOrderId === 0) return undefined
  if (command.clientOrderId === 0 || !mayStay(command)) return Reason.BAD_LINK
  const other = clientOrders(state).find((order) => isNamed(order, command.clientId, command.linkedClientOrderId))
  if (other === undefined) return Reason.UNKNOWN_ORDER
  const isBeside = other.symbolId === command.symbolId && other.side === command.side
  return isBeside && other.linkedClientOrderId === 0 ? undefined : Reason.BAD_LINK
}

function checkExpiry(command: NewOrder, nowNs: number): Reason | undefined {
  const { expireTimeNs } = command
  const isRight =
    command.timeInForce === TimeInForce.GTD
      ? Number.isSafeInteger(expireTimeNs) && expireTimeNs > nowNs
      : expireTimeNs === 0
  return isRight ? undefined : Reason.BAD_EXPIRY
}

/** Checks 13 to 17. */
function checkAgainstBook(state: NaiveState, command: NewOrder): Reason | undefined {
  const live = clientOrders(state)
  if (command.clientOrderId !== 0 && live.some((order) => isNamed(order, command.clientId, command.clientOrderId))) {
    return Reason.DUPLICATE_CLIENT_ORDER_ID
  }
  if (mayStay(command) && live.length >= state.orderCountMax) return Reason.BOOK_FULL
  const book = bookOf(state, command.symbolId)
  const unpriced: readonly number[] = [OrderType.MARKET, OrderType.MARKET_TO_LIMIT]
  const opposite = book.opposite(command.side as Side, command.priceTicks)
  if (unpriced.includes(command.orderType) && !isForAuction(command) && opposite.length === 0)
    return Reason.NO_LIQUIDITY
  if ((command.flags & (OrderFlag.POST_ONLY | OrderFlag.POST_ONLY_SLIDE)) !== 0 && opposite.length > 0) {
    const isSliding = (command.flags & OrderFlag.POST_ONLY_SLIDE) !== 0 && isPrice(entryTicks(state, command))
    if (!isSliding) return Reason.WOULD_TAKE
  }
  const neededLots = command.timeInForce === TimeInForce.FOK ? command.quantityLots : command.minimumLots
  const canHaveThem = neededLots === 0 || canHave(book, orderOf(state, command), neededLots)
  return canHaveThem ? undefined : Reason.CANNOT_FILL
}
