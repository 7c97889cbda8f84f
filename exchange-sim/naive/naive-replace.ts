// REPLACE_ORDER. Rules: docs/exchange-rules.md.

import { must } from '../../base/assert.ts'
import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, OrderFlag, Reason, ReplaceFlag, TradingPhase } from '../../protocol/kinds.ts'
import { ICEBERG_SLICE_COUNT_MAX, QUANTITY_LOTS_MAX } from '../../protocol/limits.ts'
import type { ReplaceOrder } from './naive-command.ts'
import { fieldsOf, orderFlags, writeEvent } from './naive-events.ts'
import { findOrder, refuse } from './naive-named-order.ts'
import { isPrice, isQuantity, type NaiveOrder, openLots } from './naive-order.ts'
import { instrumentRule } from './naive-rules.ts'
import { settle } from './naive-settling.ts'
import { bookOf, type NaiveState } from './naive-state.ts'
import { enterBook, reduceResting, rest } from './naive-trading.ts'

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
  const newLots = leavesAfter(command, order)
  const { priceTicks: oldTicks, leavesLots: oldLeavesLots } = order
  const oldReferenceTicks = book.referenceTicks
  if (command.priceTicks === oldTicks && newLots <= openLots(order)) {
    reduceResting(order, newLots, 0, EventFlag.REPLY, events)
    return
  }
  book.remove(order)
  order.priceTicks = command.priceTicks
  order.leavesLots = newLots
  order.reserveLots = 0
  const crossing = book.opposite(order.side, order.priceTicks).length > 0
  if (!crossing) rest(book, order)
  writeEvent(events, {
    ...fieldsOf(order),
    kind: EventKind.ORDER_REPLACED,
    flags: EventFlag.REPLY | orderFlags(order) | (crossing ? 0 : EventFlag.RESTING),
    contraOrderId: oldTicks,
    quantityLots: oldLeavesLots,
    leavesLots: order.leavesLots,
    contraLeavesLots: order.reserveLots,
  })
  if (crossing) enterBook(state, book, order, events)
  settle(state, book, oldReferenceTicks, events)
}

function leavesAfter(command: ReplaceOrder, order: NaiveOrder): number {
  if (command.flags === ReplaceFlag.TOTAL_QUANTITY) return command.quantityLots - order.cumulativeLots
  return command.quantityLots
}

function checkReplace(state: NaiveState, command: ReplaceOrder, order: NaiveOrder): Reason | undefined {
  const { phase, instrument } = bookOf(state, order.symbolId)
  if (phase === TradingPhase.HALT || phase === TradingPhase.CLOSED) return Reason.PHASE_FORBIDS
  const rule = instrumentRule(instrument, command.priceTicks, command.quantityLots)
  if (rule !== undefined) return rule
  if (bookOf(state, order.symbolId).waiting.includes(order)) return Reason.NOT_RESTING
  if (!isPrice(command.priceTicks)) return Reason.PRICE_OUT_OF_RANGE
  if (!isQuantity(command.quantityLots)) return Reason.QUANTITY_OUT_OF_RANGE
  const newLeavesLots = leavesAfter(command, order)
  if (newLeavesLots < 1) return Reason.QUANTITY_OUT_OF_RANGE
  if (newLeavesLots + order.cumulativeLots > QUANTITY_LOTS_MAX) return Reason.QUANTITY_OUT_OF_RANGE
  if (order.displayLots > 0 && newLeavesLots > order.displayLots * ICEBERG_SLICE_COUNT_MAX) {
    return Reason.QUANTITY_OUT_OF_RANGE
  }
  if ((order.flags & (OrderFlag.POST_ONLY | OrderFlag.POST_ONLY_SLIDE)) !== 0) {
    const moves = command.priceTicks !== order.priceTicks || newLeavesLots > openLots(order)
    const opposite = bookOf(state, order.symbolId).opposite(order.side, command.priceTicks)
    if (moves && opposite.length > 0) return Reason.WOULD_TAKE
  }
  return undefined
}
