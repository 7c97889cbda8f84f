// Matching: an incoming order against the opposite side of its book, best price first, oldest first.

import { EventField, type EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind, Reason } from '../protocol/kinds.ts'
import { PRICE_TICKS_MAX } from '../protocol/limits.ts'
import { BookLayout, type Books, giveRecord, SymbolWord } from './books.ts'
import { putOrderEvent, putTrade } from './event-writer.ts'
import { clientBucket, indexOrder, unchain } from './order-index.ts'
import { comeToRest, putStanding, releaseOrder } from './order-life.ts'
import { closeLevel, keyOf, Ladder, ladderOf, nextLevel } from './price-ladder.ts'
import { LevelWord, Meta, OFFSET_MASK, OrderWord } from './records.ts'
import { canHave, matchSpecial } from './special-matching.ts'
import { addCount, countAt, subtractCount } from './wide-count.ts'

const { ORDER_CANCELLED, ORDER_RESTED, TRADE } = EventKind
const { CONTRA_QUOTE, QUOTE } = EventFlag
const { UNFILLED_REMAINDER } = Reason
const { NEXT, PREV, LEAVES, PRICE, META, CLIENT_ID, CLIENT_ORDER_ID, ORDER_ID, ID_NEXT, CLIENT_NEXT } = OrderWord
const { LEVEL_LOTS, LEVEL_COUNT, LEVEL_KEY, LEVEL_PRICE, HIDDEN_COUNT } = LevelWord
const { QUOTE_BIT, SELF_TRADE_MASK, SIDE_BIT, SYMBOL_SHIFT, TERMS_BIT } = Meta
const { BEST_KEY, BEST_LEVEL, KEY_LAST, KEY_NONE, TRADE_KEY } = Ladder
const { NEXT_TRADE_ID, CLIENT_COUNT_MASK } = BookLayout
const EVENT_WORDS = EventField.LENGTH / 4
const QUANTITY_WORD = EventField.QUANTITY_LOTS / 4
const OFFSET = OFFSET_MASK
const { LAST_TRADE_LOTS, LAST_TRADE_TICKS, SPECIAL_COUNT, SYMBOL_WORDS } = SymbolWord

/** Events of one command besides those of its trades. */
export const EVENTS_PER_ORDER = 8
const EVENTS_BESIDE_TRADES = EVENTS_PER_ORDER

/** The key on the opposite side up to which the order crosses. */
export function limitKeyOf(books: Books, order: number): number {
  const priceTicks = books.words[order + PRICE]!
  if (priceTicks === 0) return KEY_LAST
  return keyOf((books.words[order + META]! & SIDE_BIT) ^ 1, priceTicks)
}

/** Whether an order at this price would trade at once. */
export function crosses(books: Books, symbolId: number, side: number, priceTicks: number): boolean {
  const { words } = books
  const ladder = ladderOf(books, symbolId, side ^ 1)
  const bestKey = words[ladder + BEST_KEY]!
  return bestKey <= keyOf(side ^ 1, priceTicks) && bestKey <= words[ladder + TRADE_KEY]!
}

/** Whether resting orders cross each other: while nothing may trade, or beyond a price band. */
export function isCrossed(books: Books, symbolId: number): boolean {
  const { words } = books
  const bidKey = words[ladderOf(books, symbolId, 0) + BEST_KEY]!
  const askKey = words[ladderOf(books, symbolId, 1) + BEST_KEY]!
  // A bid's key counts down from the highest price, an offer's up from 1.
  return bidKey !== KEY_NONE && askKey !== KEY_NONE && bidKey + askKey < PRICE_TICKS_MAX
}

/** Whether as much as this can be had up to the key. `group`: an owner group that must not be met, or 0. */
export function canFill(
  books: Books,
  symbolId: number,
  side: number,
  limitKey: number,
  lots: number,
  group: number,
): boolean {
  const { words } = books
  const isSpecial = (words[books.symbolsAt + symbolId * SYMBOL_WORDS + SPECIAL_COUNT]! | group) !== 0
  if (isSpecial) return canHave(books, symbolId, side, limitKey, lots, group)
  const ladder = ladderOf(books, symbolId, side ^ 1)
  const lastKey = Math.min(limitKey, words[ladder + TRADE_KEY]!)
  let missingLots = lots
  let level = words[ladder + BEST_LEVEL]!
  while (level !== 0 && words[level + LEVEL_KEY]! <= lastKey) {
    missingLots -= countAt(words, level + LEVEL_LOTS)
    if (missingLots <= 0) return true
    level = nextLevel(books, ladder, words[level + LEVEL_KEY]!)
  }
  return false
}

/** Trades an incoming order, whose record is in no queue, as far as it crosses. Gives what is left of it. */
export function matchOrder(books: Books, taker: number, limitKey: number, events: EventLog): number {
  const { words } = books
  const meta = words[taker + META]!
  const symbol = books.symbolsAt + (meta >>> SYMBOL_SHIFT) * SYMBOL_WORDS
  const special = (meta & (TERMS_BIT | SELF_TRADE_MASK)) | words[symbol + SPECIAL_COUNT]!
  if (special !== 0) return matchSpecial(books, taker, limitKey, events)
  const ladder = ladderOf(books, meta >>> SYMBOL_SHIFT, (meta & SIDE_BIT) ^ 1)
  const lastKey = Math.min(limitKey, words[ladder + TRADE_KEY]!)
  let lots = words[taker + LEAVES]!
  while (lots > 0 && words[ladder + BEST_KEY]! <= lastKey) {
    const level = words[ladder + BEST_LEVEL]!
    events.reserve(words[level + LEVEL_COUNT]! + EVENTS_BESIDE_TRADES)
    lots = matchLevel(books, level, taker, lots, events)
    if ((words[level + LEVEL_COUNT]! | words[level + HIDDEN_COUNT]!) === 0) closeLevel(books, level)
  }
  words[taker + LEAVES] = lots
  return lots
}

/** Trades the incoming order with the orders of one level and gives what is left of it. */
function matchLevel(books: Books, level: number, taker: number, takerLots: number, events: EventLog): number {
  const { words } = books
  let lots = matchPlain(books, level, taker, takerLots, events)
  for (let maker = words[level + NEXT]!; lots > 0 && maker !== level; maker = words[level + NEXT]!) {
    lots = matchQuote(books, level, maker, taker, lots, events)
    lots = matchPlain(books, level, taker, lots, events)
  }
  const symbol = books.symbolsAt + (words[taker + META]! >>> SYMBOL_SHIFT) * SYMBOL_WORDS
  words[symbol + LAST_TRADE_TICKS] = words[level + LEVEL_PRICE]!
  words[symbol + LAST_TRADE_LOTS] = events.int32[(events.count - 1) * EVENT_WORDS + QUANTITY_WORD]!
  subtractCount(words, level + LEVEL_LOTS, takerLots - lots)
  return lots
}

/** Trades with the oldest orders of a level, up to the first side of a quote, and gives what is left of the taker. */
function matchPlain(books: Books, level: number, taker: number, takerLots: number, events: EventLog): number {
  const { words } = books
  const idMask = books.bucketMask
  const takerFlags = (words[taker + META]! & QUOTE_BIT) * (CONTRA_QUOTE / QUOTE)
  const firstTradeId = countAt(words, NEXT_TRADE_ID)
  const priceTicks = words[level + LEVEL_PRICE]!
  let lots = takerLots
  let makersGone = 0
  let tradeCount = 0
  let freeRecord = books.freeRecord
  let maker = words[level + NEXT]! & OFFSET
  while (lots > 0 && maker !== level && (words[maker + META]! & QUOTE_BIT) === 0) {
    const meta = words[maker + META]!
    const makerLots = words[maker + LEAVES]!
    const quantityLots = makerLots < lots ? makerLots : lots
    const leavesLots = makerLots - quantityLots
    lots -= quantityLots
    const head = TRADE | ((meta & SIDE_BIT) << 8) | (takerFlags << 24)
    putTrade(events, books, head, maker, taker, firstTradeId + tradeCount, priceTicks, quantityLots, leavesLots, lots)
    tradeCount += 1
    if (leavesLots > 0) {
      words[maker + LEAVES] = leavesLots
      break
    }
    const clientId = words[maker + CLIENT_ID]!
    const clientOrderId = words[maker + CLIENT_ORDER_ID]!
    const idBucket = books.idBucketsAt + ((books.doubles[(maker + ORDER_ID) >> 1]! | 0) & idMask)
    unchain(words, idBucket, maker, ID_NEXT)
    if (clientOrderId !== 0) unchain(words, clientBucket(books, clientId, clientOrderId), maker, CLIENT_NEXT)
    words[books.clientCountsAt + (clientId & CLIENT_COUNT_MASK)]! -= 1
    const next = words[maker + NEXT]! & OFFSET
    words[maker + NEXT] = freeRecord
    freeRecord = maker
    makersGone += 1
    maker = next
  }
  books.freeRecord = freeRecord
  books.orderCount -= makersGone
  words[level + NEXT] = maker
  words[maker + PREV] = level
  words[level + LEVEL_COUNT]! -= makersGone
  addCount(words, NEXT_TRADE_ID, tradeCount)
  return lots
}

/** Trades with a side of a quote, the oldest order of its level. */
function matchQuote(
  books: Books,
  level: number,
  maker: number,
  taker: number,
  takerLots: number,
  events: EventLog,
): number {
  const { words } = books
  const meta = words[maker + META]!
  const makerLots = words[maker + LEAVES]!
  const quantityLots = makerLots < takerLots ? makerLots : takerLots
  const leavesLots = makerLots - quantityLots
  const lots = takerLots - quantityLots
  const takerFlags = (words[taker + META]! & QUOTE_BIT) * (CONTRA_QUOTE / QUOTE)
  const head = TRADE | ((meta & SIDE_BIT) << 8) | ((QUOTE_BIT | takerFlags) << 24)
  const tradeId = countAt(words, NEXT_TRADE_ID)
  putTrade(events, books, head, maker, taker, tradeId, words[level + LEVEL_PRICE]!, quantityLots, leavesLots, lots)
  addCount(words, NEXT_TRADE_ID, 1)
  words[maker + LEAVES] = leavesLots
  if (leavesLots > 0) return lots
  const next = words[maker + NEXT]!
  words[level + NEXT] = next
  words[next + PREV] = level
  words[level + LEVEL_COUNT]! -= 1
  releaseOrder(books, maker)
  return lots
}

/** Enters an order that goes on to trade. `isKnown`: it is live already (a replaced one). Its record is given back if it ends. */
export function enterOrder(
  books: Books,
  order: number,
  limitKey: number,
  mayRest: boolean,
  isKnown: boolean,
  events: EventLog,
): void {
  const leavesLots = matchOrder(books, order, limitKey, events)
  if (leavesLots > 0 && mayRest) {
    if (!isKnown) indexOrder(books, order)
    comeToRest(books, order)
    putStanding(events, books, order, ORDER_RESTED, 0, leavesLots)
    return
  }
  if (leavesLots > 0) putOrderEvent(events, books, order, ORDER_CANCELLED, UNFILLED_REMAINDER, 0, leavesLots, 0)
  if (isKnown) releaseOrder(books, order)
  else giveRecord(books, order)
}
