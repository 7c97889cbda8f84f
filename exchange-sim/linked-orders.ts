// One cancels the other: when one of two linked orders trades, the other one is cancelled at once.

import type { EventLog } from '../protocol/event.ts'
import { EventKind, Reason } from '../protocol/kinds.ts'
import type { Books } from './books.ts'
import { endOrder } from './order-life.ts'
import { linkedOrder } from './order-terms.ts'

/** The order traded. The log has room for one event more. */
export function cancelLinked(books: Books, order: number, events: EventLog): void {
  const linked = linkedOrder(books, order)
  if (linked !== 0) endOrder(books, linked, EventKind.ORDER_CANCELLED, Reason.LINKED_ORDER, 0, events)
}
