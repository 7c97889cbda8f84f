// Entering the book: an order's trades, and what becomes of the rest. Rules: docs/exchange-rules.md.

import { assert } from '../../base/assert.ts'
import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, Reason, SelfTradePrevention } from '../../protocol/kinds.ts'
import type { NaiveBook } from './naive-book.ts'
import { fieldsOf, orderFlags, writeEvent } from './naive-events.ts'
import { isSelfTrade, mayStay, type NaiveOrder, openLots } from './naive-order.ts'
import { clientOrders, type NaiveState } from './naive-state.ts'
import { followTrade } from './naive-triggers.ts'

/** An order that does not rest yet, its leaves all that is open: its trades, then the rest of it. */
export function enterBook(state: NaiveState, book: NaiveBook, order: NaiveOrder, events: EventLog): void {
  trade(state, book, order, events)
  if (order.leavesLots === 0) return
  if (mayStay(order)) {
    rest(book, order)
    writeEvent(events, {
      ...fieldsOf(order),
      kind: EventKind.ORDER_RESTED,
      flags: EventFlag.RESTING | orderFlags(order),
      quantityLots: openLots(order),
      leavesLots: order.leavesLots,
      contraLeavesLots: order.reserveLots,
    })
    return
  }
  endIncoming(order, Reason.UNFILLED_REMAINDER, events)
}

/** Puts an order into the book; an iceberg keeps back what it does not display. */
export function rest(book: NaiveBook, order: NaiveOrder): void {
  if (order.displayLots > 0 && order.leavesLots > order.displayLots) {
    order.reserveLots = order.leavesLots - order.displayLots
    order.leavesLots = order.displayLots
  }
  book.add(order)
}

function endIncoming(order: NaiveOrder, reason: Reason, events: EventLog): void {
  writeEvent(events, {
    ...fieldsOf(order),
    kind: EventKind.ORDER_CANCELLED,
    reason,
    flags: orderFlags(order),
    quantityLots: order.leavesLots,
  })
  order.leavesLots = 0
}

function trade(state: NaiveState, book: NaiveBook, incoming: NaiveOrder, events: EventLog): void {
  while (incoming.leavesLots > 0) {
    const [resting] = book.opposite(incoming.side, incoming.priceTicks)
    if (resting === undefined) return
    if (isSelfTrade(incoming, resting)) preventSelfTrade(book, incoming, resting, events)
    else tradeOnce(state, book, incoming, resting, events)
  }
}

function tradeOnce(
  state: NaiveState,
  book: NaiveBook,
  incoming: NaiveOrder,
  resting: NaiveOrder,
  events: EventLog,
): void {
  const { priceTicks } = resting
  const quantityLots = Math.min(resting.leavesLots, incoming.leavesLots)
  for (const order of [resting, incoming]) {
    order.leavesLots -= quantityLots
    order.cumulativeLots += quantityLots
  }
  book.lastTradeTicks = priceTicks
  book.lastTradeLots = quantityLots
  book.referenceTicks = priceTicks
  writeEvent(events, {
    ...fieldsOf(resting),
    kind: EventKind.TRADE,
    flags: orderFlags(resting) | (incoming.isQuote ? EventFlag.CONTRA_QUOTE : 0),
    contraOrderId: incoming.orderId,
    tradeId: state.nextTradeId,
    quantityLots,
    leavesLots: resting.leavesLots,
    contraLeavesLots: incoming.leavesLots,
    contraClientId: incoming.clientId,
    contraClientOrderId: incoming.clientOrderId,
  })
  state.nextTradeId += 1
  if (resting.leavesLots === 0) {
    book.remove(resting)
    if (resting.reserveLots > 0) refresh(book, resting, events)
  }
  cancelLinked(state, book, resting, events)
  cancelLinked(state, book, incoming, events)
  followTrade(state, book, priceTicks)
}

/** An iceberg displays its next slice, behind all at its price. */
function refresh(book: NaiveBook, order: NaiveOrder, events: EventLog): void {
  order.leavesLots = order.reserveLots
  order.reserveLots = 0
  rest(book, order)
  writeEvent(events, {
    ...fieldsOf(order),
    kind: EventKind.ORDER_REFRESHED,
    flags: EventFlag.RESTING,
    quantityLots: openLots(order),
    leavesLots: order.leavesLots,
    contraLeavesLots: order.reserveLots,
  })
}

/** The order traded: the one that it is linked with goes. */
export function cancelLinked(state: NaiveState, book: NaiveBook, order: NaiveOrder, events: EventLog): void {
  if (order.linkedClientOrderId === 0) return
  const others = [...clientOrders(state), ...state.triggered]
  const linked = others.find(
    (other) => other.clientId === order.clientId && other.clientOrderId === order.linkedClientOrderId,
  )
  order.linkedClientOrderId = 0
  // It may have ended before.
  if (linked === undefined) return
  linked.linkedClientOrderId = 0
  if (state.triggered.includes(linked)) {
    state.triggered = state.triggered.filter((other) => other !== linked)
    endIncoming(linked, Reason.LINKED_ORDER, events)
  } else cancelStanding(book, linked, EventKind.ORDER_CANCELLED, Reason.LINKED_ORDER, 0, events)
}

function preventSelfTrade(book: NaiveBook, incoming: NaiveOrder, resting: NaiveOrder, events: EventLog): void {
  const mode = incoming.selfTradePrevention
  const takenLots = Math.min(openLots(resting), incoming.leavesLots)
  const endResting = () => cancelStanding(book, resting, EventKind.ORDER_CANCELLED, Reason.SELF_TRADE, 0, events)
  if (mode === SelfTradePrevention.CANCEL_OLDEST || mode === SelfTradePrevention.CANCEL_BOTH) endResting()
  if (mode === SelfTradePrevention.CANCEL_NEWEST || mode === SelfTradePrevention.CANCEL_BOTH) {
    endIncoming(incoming, Reason.SELF_TRADE, events)
  }
  if (mode !== SelfTradePrevention.DECREMENT_AND_CANCEL) return
  if (openLots(resting) === takenLots) endResting()
  else reduceResting(resting, openLots(resting) - takenLots, Reason.SELF_TRADE, 0, events)
  if (incoming.leavesLots === takenLots) {
    endIncoming(incoming, Reason.SELF_TRADE, events)
    return
  }
  incoming.leavesLots -= takenLots
  writeEvent(events, {
    ...fieldsOf(incoming),
    kind: EventKind.ORDER_REDUCED,
    reason: Reason.SELF_TRADE,
    flags: orderFlags(incoming),
    quantityLots: takenLots,
    leavesLots: incoming.leavesLots,
  })
}

/** A resting order keeps its place and gets a smaller open quantity, or the same; an iceberg's reserve goes first. */
export function reduceResting(
  order: NaiveOrder,
  newLots: number,
  reason: Reason | 0,
  flags: number,
  events: EventLog,
): void {
  const oldLeavesLots = order.leavesLots
  order.leavesLots = Math.min(oldLeavesLots, newLots)
  order.reserveLots = newLots - order.leavesLots
  writeEvent(events, {
    ...fieldsOf(order),
    kind: EventKind.ORDER_REPLACED,
    reason,
    flags: flags | orderFlags(order) | EventFlag.RESTING | EventFlag.KEPT_PRIORITY,
    contraOrderId: order.priceTicks,
    quantityLots: oldLeavesLots,
    leavesLots: order.leavesLots,
    contraLeavesLots: order.reserveLots,
  })
}

/** Takes an order that rests or waits out, and says why. */
export function cancelStanding(
  book: NaiveBook,
  order: NaiveOrder,
  kind: EventKind,
  reason: Reason,
  flags: number,
  events: EventLog,
): void {
  assert(order.leavesLots > 0, 'what stands has something left')
  const isWaiting = book.waiting.includes(order)
  book.takeOut(order)
  writeEvent(events, {
    ...fieldsOf(order),
    kind,
    reason,
    flags: (isWaiting ? 0 : EventFlag.RESTING) | orderFlags(order) | flags,
    quantityLots: order.leavesLots,
    contraLeavesLots: order.reserveLots,
  })
}

/** Once at the end of whatever happens: a link ends with either of its orders. */
export function dissolveLinks(state: NaiveState): void {
  const live = clientOrders(state)
  const linked = live.filter(({ linkedClientOrderId }) => linkedClientOrderId !== 0)
  for (const order of linked) {
    const isLive = (other: NaiveOrder) =>
      other.clientId === order.clientId && other.clientOrderId === order.linkedClientOrderId
    if (!linked.some(isLive)) order.linkedClientOrderId = 0
  }
}

/** Once at the end of a command: tells that its trades moved the reference price. */
export function tellReferencePrice(book: NaiveBook, oldTicks: number, events: EventLog): void {
  if (book.referenceTicks === oldTicks) return
  writeEvent(events, {
    kind: EventKind.REFERENCE_PRICE_CHANGED,
    symbolId: book.symbolId,
    priceTicks: book.referenceTicks,
    quantityLots: oldTicks,
  })
}
