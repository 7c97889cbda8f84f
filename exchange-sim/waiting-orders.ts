// Orders that wait outside of the book: stops for a trade at their trigger, all-or-none orders for the book to hold all of
// what they want, orders at the close for the closing auction. docs/exchange-rules.md says the rules.
//
// A symbol's waiting orders are a list in the order of their ids. Stops are also in two ladders, by trigger: those of buys
// with the lowest first, those of sells with the highest. Trailing stops, whose triggers move, are looked at one by one.

import { OrderType, TimeInForce } from '../protocol/kinds.ts'
import { type Books, SymbolWord } from './books.ts'
import { dequeue, enqueueAt } from './order-queue.ts'
import { TermsWord, termsOf } from './order-terms.ts'
import { keyOf, Ladder, ladderOf } from './price-ladder.ts'
import { Meta, OrderWord } from './records.ts'

const { NEXT, LEAVES, META, ORDER_ID, TERMS } = OrderWord
const { SIDE_BIT, SYMBOL_SHIFT, TRIGGERED_BIT, WAITING_BIT } = Meta
const { WAIT_NEXT, WAIT_PREV, TRIGGER, DISTANCE, ORDER_TYPE, AUCTION } = TermsWord
const { SYMBOL_WORDS, ALL_OR_NONE_COUNT, WAITING_FIRST, WAITING_LAST, TRAILING_COUNT } = SymbolWord
const { BEST_KEY, BEST_LEVEL } = Ladder
/** The ladders of stops come after those of the book. */
const STOP_LADDERS = 2

function symbolOf(books: Books, order: number): number {
  return books.symbolsAt + (books.words[order + META]! >>> SYMBOL_SHIFT) * SYMBOL_WORDS
}

/** Begins to wait. All terms are written; its id is above those of all that wait. */
export function startWaiting(books: Books, order: number): void {
  const { words } = books
  const terms = words[order + TERMS]!
  const symbol = symbolOf(books, order)
  const last = words[symbol + WAITING_LAST]!
  words[terms + WAIT_NEXT] = 0
  words[terms + WAIT_PREV] = last
  if (last === 0) words[symbol + WAITING_FIRST] = order
  else words[termsOf(words, last) + WAIT_NEXT] = order
  words[symbol + WAITING_LAST] = order
  words[order + META]! |= WAITING_BIT
  const type = words[terms + ORDER_TYPE]!
  if (type === OrderType.TRAILING_STOP) words[symbol + TRAILING_COUNT]! += 1
  else if (type === OrderType.LIMIT) words[symbol + ALL_OR_NONE_COUNT]! += words[terms + AUCTION] === 0 ? 1 : 0
  else {
    const side = words[order + META]! & SIDE_BIT
    const ladder = ladderOf(books, words[order + META]! >>> SYMBOL_SHIFT, STOP_LADDERS + side)
    enqueueAt(books, order, ladder, side ^ 1, words[terms + TRIGGER]!, words[order + LEAVES]!)
  }
}

export function stopWaiting(books: Books, order: number): void {
  const { words } = books
  const terms = words[order + TERMS]!
  const symbol = symbolOf(books, order)
  const next = words[terms + WAIT_NEXT]!
  const previous = words[terms + WAIT_PREV]!
  if (previous === 0) words[symbol + WAITING_FIRST] = next
  else words[termsOf(words, previous) + WAIT_NEXT] = next
  if (next === 0) words[symbol + WAITING_LAST] = previous
  else words[termsOf(words, next) + WAIT_PREV] = previous
  words[order + META]! &= ~WAITING_BIT
  const type = words[terms + ORDER_TYPE]!
  if (type === OrderType.TRAILING_STOP) words[symbol + TRAILING_COUNT]! -= 1
  else if (type === OrderType.LIMIT) words[symbol + ALL_OR_NONE_COUNT]! -= words[terms + AUCTION] === 0 ? 1 : 0
  else dequeue(books, order)
}

/** The symbol's first waiting order, or 0. */
export function firstWaiting(books: Books, symbolId: number): number {
  return books.words[books.symbolsAt + symbolId * SYMBOL_WORDS + WAITING_FIRST]!
}

export function nextWaiting(books: Books, order: number): number {
  return books.words[books.words[order + TERMS]! + WAIT_NEXT]!
}

/** The closing auction begins: the orders that waited for it line up to enter, in the order of their ids. */
export function takeAtTheClose(books: Books, symbolId: number): void {
  const { words } = books
  for (let order = firstWaiting(books, symbolId); order !== 0; ) {
    const next = nextWaiting(books, order)
    if (words[words[order + TERMS]! + AUCTION] === TimeInForce.AT_THE_CLOSE) {
      stopWaiting(books, order)
      words[order + META]! |= TRIGGERED_BIT
      books.triggered.push(order)
    }
    order = next
  }
}

/** A trade happened: the stops that it reaches line up to enter, in the order of their ids; trailing triggers follow it. */
export function noteTrade(books: Books, symbolId: number, priceTicks: number): void {
  if (firstWaiting(books, symbolId) === 0) return
  const reached: number[] = []
  takeReached(books, symbolId, 0, priceTicks, reached)
  takeReached(books, symbolId, 1, priceTicks, reached)
  if (books.words[books.symbolsAt + symbolId * SYMBOL_WORDS + TRAILING_COUNT] !== 0) {
    followTrade(books, symbolId, priceTicks, reached)
  }
  if (reached.length === 0) return
  const idOf = (order: number) => books.doubles[(order + ORDER_ID) >> 1]!
  reached.sort((a, b) => idOf(a) - idOf(b))
  for (const order of reached) {
    books.words[order + META]! |= TRIGGERED_BIT
    books.triggered.push(order)
  }
}

function takeReached(books: Books, symbolId: number, side: number, priceTicks: number, reached: number[]): void {
  const { words } = books
  const ladder = ladderOf(books, symbolId, STOP_LADDERS + side)
  while (words[ladder + BEST_KEY]! <= keyOf(side ^ 1, priceTicks)) {
    const order = words[words[ladder + BEST_LEVEL]! + NEXT]!
    stopWaiting(books, order)
    reached.push(order)
  }
}

function followTrade(books: Books, symbolId: number, priceTicks: number, reached: number[]): void {
  const { words } = books
  for (let order = firstWaiting(books, symbolId); order !== 0; ) {
    const terms = words[order + TERMS]!
    const next = words[terms + WAIT_NEXT]!
    if (words[terms + ORDER_TYPE] === OrderType.TRAILING_STOP) {
      const triggerTicks = words[terms + TRIGGER]!
      const isBuy = (words[order + META]! & SIDE_BIT) === 0
      if (isBuy ? priceTicks >= triggerTicks : priceTicks <= triggerTicks) {
        stopWaiting(books, order)
        reached.push(order)
      } else {
        const distance = words[terms + DISTANCE]!
        words[terms + TRIGGER] = isBuy
          ? Math.min(triggerTicks, priceTicks + distance)
          : Math.max(triggerTicks, priceTicks - distance)
      }
    }
    order = next
  }
}
