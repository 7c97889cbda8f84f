// Matching where an order is of a special kind: step by step, each time looking anew at who is first, because a trade
// may refresh an iceberg, cancel a linked order or trigger a stop. The plain way is in matching.ts.

import type { EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind } from '../protocol/kinds.ts'
import { BookLayout, type Books, SymbolWord } from './books.ts'
import { putTrade } from './event-writer.ts'
import { cancelLinked } from './linked-orders.ts'
import { comeToRest, putStanding, removeOrder } from './order-life.ts'
import { dequeue } from './order-queue.ts'
import { openLots, reserveLots } from './order-terms.ts'
import { Ladder, ladderOf, nextLevel } from './price-ladder.ts'
import { LevelWord, Meta, OrderWord } from './records.ts'
import { groupOf, preventSelfTrade, wouldSelfTrade } from './self-trade.ts'
import { noteTrade } from './waiting-orders.ts'
import { addCount, countAt, subtractCount } from './wide-count.ts'

const { ORDER_REFRESHED, TRADE } = EventKind
const { CONTRA_QUOTE, QUOTE } = EventFlag
const { NEXT, LEAVES, PRICE, LEVEL, META } = OrderWord
const { LEVEL_LOTS, LEVEL_KEY, HIDDEN_QUEUE } = LevelWord
const { HIDDEN_BIT, QUOTE_BIT, SIDE_BIT, SYMBOL_SHIFT } = Meta
const { BEST_KEY, BEST_LEVEL, TRADE_KEY } = Ladder
const { NEXT_TRADE_ID } = BookLayout
const { LAST_TRADE_LOTS, LAST_TRADE_TICKS, SYMBOL_WORDS } = SymbolWord
/** One step, and what may come after the last one. */
const EVENTS_PER_STEP = 16

/** Trades an incoming order as far as it crosses. Gives what is left of it. */
export function matchSpecial(books: Books, taker: number, limitKey: number, events: EventLog): number {
  const { words } = books
  const ladder = ladderOf(books, words[taker + META]! >>> SYMBOL_SHIFT, (words[taker + META]! & SIDE_BIT) ^ 1)
  const lastKey = Math.min(limitKey, words[ladder + TRADE_KEY]!)
  for (;;) {
    events.reserve(EVENTS_PER_STEP)
    const lots = words[taker + LEAVES]!
    if (lots === 0 || words[ladder + BEST_KEY]! > lastKey) return lots
    const maker = firstOf(words, words[ladder + BEST_LEVEL]!)
    if (wouldSelfTrade(words, taker, maker)) preventSelfTrade(books, taker, maker, events)
    else trade(books, taker, maker, events)
  }
}

/** The order of a level that trades first: the oldest displayed one, else the oldest hidden one. */
function firstOf(words: Int32Array, level: number): number {
  const displayed = words[level + NEXT]!
  return displayed === level ? words[level + HIDDEN_QUEUE + NEXT]! : displayed
}

function trade(books: Books, taker: number, maker: number, events: EventLog): void {
  const { words } = books
  const meta = words[maker + META]!
  const symbolId = meta >>> SYMBOL_SHIFT
  const priceTicks = words[maker + PRICE]!
  const quantityLots = Math.min(words[maker + LEAVES]!, words[taker + LEAVES]!)
  const makerLots = words[maker + LEAVES]! - quantityLots
  const takerLots = words[taker + LEAVES]! - quantityLots
  words[maker + LEAVES] = makerLots
  words[taker + LEAVES] = takerLots
  if ((meta & HIDDEN_BIT) === 0) subtractCount(words, words[maker + LEVEL]! + LEVEL_LOTS, quantityLots)
  const takerFlags = (words[taker + META]! & QUOTE_BIT) * (CONTRA_QUOTE / QUOTE)
  const head = TRADE | ((meta & SIDE_BIT) << 8) | (((meta & (QUOTE_BIT | HIDDEN_BIT)) | takerFlags) << 24)
  const tradeId = countAt(words, NEXT_TRADE_ID)
  addCount(words, NEXT_TRADE_ID, 1)
  putTrade(events, books, head, maker, taker, tradeId, priceTicks, quantityLots, makerLots, takerLots)
  const symbol = books.symbolsAt + symbolId * SYMBOL_WORDS
  words[symbol + LAST_TRADE_TICKS] = priceTicks
  words[symbol + LAST_TRADE_LOTS] = quantityLots
  const isGone = makerLots === 0 && reserveLots(words, maker) === 0
  if (makerLots === 0 && !isGone) refresh(books, maker, events)
  cancelLinked(books, maker, events)
  if (isGone) removeOrder(books, maker)
  cancelLinked(books, taker, events)
  noteTrade(books, symbolId, priceTicks)
}

/** An iceberg shows its next slice, behind all that is displayed at its price. */
function refresh(books: Books, order: number, events: EventLog): void {
  dequeue(books, order)
  books.words[order + LEAVES] = reserveLots(books.words, order)
  comeToRest(books, order)
  putStanding(events, books, order, ORDER_REFRESHED, 0, openLots(books.words, order))
}

/**
 * Whether as much as this can be had up to the key, reserves and hidden orders included. `group`: not 0, and a level with
 * an order of this owner group ends the search.
 */
export function canHave(
  books: Books,
  symbolId: number,
  side: number,
  limitKey: number,
  lots: number,
  group: number,
): boolean {
  const { words } = books
  const ladder = ladderOf(books, symbolId, side ^ 1)
  const lastKey = Math.min(limitKey, words[ladder + TRADE_KEY]!)
  let missingLots = lots
  let level = words[ladder + BEST_LEVEL]!
  while (level !== 0 && words[level + LEVEL_KEY]! <= lastKey) {
    for (const queue of [level, level + HIDDEN_QUEUE]) {
      for (let order = words[queue + NEXT]!; order !== queue; order = words[order + NEXT]!) {
        if (group !== 0 && groupOf(words, order) === group) return false
        missingLots -= openLots(words, order)
      }
    }
    if (missingLots <= 0) return true
    level = nextLevel(books, ladder, words[level + LEVEL_KEY]!)
  }
  return false
}
