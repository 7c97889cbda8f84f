// Entering the book: an order's trades, and what becomes of the rest. Rules: docs/exchange-rules.md.

import { assert } from '../../base/assert.ts'
import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, OrderType, Reason, TimeInForce } from '../../protocol/kinds.ts'
import type { NaiveBook } from './naive-book.ts'
import { fieldsOf, quoteFlag, writeEvent } from './naive-events.ts'
import type { NaiveOrder } from './naive-order.ts'
import type { NaiveState } from './naive-state.ts'

/** Whether what is left of it after its trades stays in the book. */
export function mayRest(order: { orderType: number; timeInForce: number }): boolean {
  return order.orderType === OrderType.LIMIT && order.timeInForce === TimeInForce.GTC
}

/** An accepted order that does not rest yet: its trades, then the rest of it. */
export function enterBook(state: NaiveState, book: NaiveBook, order: NaiveOrder, events: EventLog): void {
  trade(state, book, order, events)
  if (order.leavesLots === 0) return
  if (mayRest(order)) {
    book.add(order)
    writeEvent(events, {
      ...fieldsOf(order),
      kind: EventKind.ORDER_RESTED,
      flags: EventFlag.RESTING | quoteFlag(order),
      quantityLots: order.leavesLots,
      leavesLots: order.leavesLots,
    })
    return
  }
  writeEvent(events, {
    ...fieldsOf(order),
    kind: EventKind.ORDER_CANCELLED,
    reason: Reason.UNFILLED_REMAINDER,
    flags: quoteFlag(order),
    quantityLots: order.leavesLots,
  })
}

function trade(state: NaiveState, book: NaiveBook, incoming: NaiveOrder, events: EventLog): void {
  for (const resting of book.opposite(incoming.side, incoming.priceTicks)) {
    if (incoming.leavesLots === 0) return
    const quantityLots = Math.min(resting.leavesLots, incoming.leavesLots)
    for (const order of [resting, incoming]) {
      order.leavesLots -= quantityLots
      order.cumulativeLots += quantityLots
    }
    if (resting.leavesLots === 0) book.remove(resting)
    book.lastTradeTicks = resting.priceTicks
    book.lastTradeLots = quantityLots
    book.referenceTicks = resting.priceTicks
    writeEvent(events, {
      ...fieldsOf(resting),
      kind: EventKind.TRADE,
      flags: quoteFlag(resting) | (incoming.isQuote ? EventFlag.CONTRA_QUOTE : 0),
      contraOrderId: incoming.orderId,
      tradeId: state.nextTradeId,
      quantityLots,
      leavesLots: resting.leavesLots,
      contraLeavesLots: incoming.leavesLots,
      contraClientId: incoming.clientId,
      contraClientOrderId: incoming.clientOrderId,
    })
    state.nextTradeId += 1
  }
}

/** Takes a resting order out, and says why. */
export function cancelResting(
  book: NaiveBook,
  order: NaiveOrder,
  kind: EventKind,
  reason: Reason,
  flags: number,
  events: EventLog,
): void {
  assert(order.leavesLots > 0, 'what rests has something left')
  book.remove(order)
  writeEvent(events, {
    ...fieldsOf(order),
    kind,
    reason,
    flags: EventFlag.RESTING | quoteFlag(order) | flags,
    quantityLots: order.leavesLots,
  })
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
