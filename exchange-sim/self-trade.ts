// Self-trade prevention: what happens instead of a trade between two orders of one owner group.

import type { EventLog } from '../protocol/event.ts'
import { EventKind, Reason, SelfTradePrevention } from '../protocol/kinds.ts'
import type { Books } from './books.ts'
import { putOrderEvent } from './event-writer.ts'
import { endOrder, shrinkOrder } from './order-life.ts'
import { openLots } from './order-terms.ts'
import { Meta, OrderWord } from './records.ts'

const { ORDER_CANCELLED, ORDER_REDUCED } = EventKind
const { SELF_TRADE } = Reason
const { CANCEL_NEWEST, CANCEL_OLDEST, CANCEL_BOTH } = SelfTradePrevention
const { LEAVES, META, QUANTITY, OWNER_GROUP } = OrderWord
const { GROUP_BIT, SELF_TRADE_SHIFT } = Meta

/** What an incoming order wants to happen, or 0. */
export function preventionOf(words: Int32Array, taker: number): number {
  return (words[taker + META]! >> SELF_TRADE_SHIFT) & 0xf
}

/** The owner group of an order, or 0. */
export function groupOf(words: Int32Array, order: number): number {
  return (words[order + META]! & GROUP_BIT) === 0 ? 0 : words[order + OWNER_GROUP]!
}

export function wouldSelfTrade(words: Int32Array, taker: number, maker: number): boolean {
  if (preventionOf(words, taker) === 0) return false
  const group = groupOf(words, taker)
  return group !== 0 && group === groupOf(words, maker)
}

/** Does what the taker wants. The log has room for two events more. A cancelled taker has no leaves. */
export function preventSelfTrade(books: Books, taker: number, maker: number, events: EventLog): void {
  const { words } = books
  const prevention = preventionOf(words, taker)
  if (prevention === CANCEL_OLDEST || prevention === CANCEL_BOTH) {
    endOrder(books, maker, ORDER_CANCELLED, SELF_TRADE, 0, events)
    if (prevention === CANCEL_BOTH) cancelTaker(books, taker, events)
    return
  }
  if (prevention === CANCEL_NEWEST) {
    cancelTaker(books, taker, events)
    return
  }
  const makerLots = openLots(words, maker)
  const takerLots = words[taker + LEAVES]!
  if (makerLots <= takerLots) endOrder(books, maker, ORDER_CANCELLED, SELF_TRADE, 0, events)
  else shrinkOrder(books, maker, makerLots - takerLots, SELF_TRADE, 0, events)
  if (takerLots <= makerLots) {
    cancelTaker(books, taker, events)
    return
  }
  words[taker + LEAVES] = takerLots - makerLots
  words[taker + QUANTITY]! -= makerLots
  putOrderEvent(events, books, taker, ORDER_REDUCED, SELF_TRADE, 0, makerLots, takerLots - makerLots)
}

function cancelTaker(books: Books, taker: number, events: EventLog): void {
  const { words } = books
  const lots = words[taker + LEAVES]!
  putOrderEvent(events, books, taker, ORDER_CANCELLED, SELF_TRADE, 0, lots, 0)
  words[taker + LEAVES] = 0
  words[taker + QUANTITY]! -= lots
}
