// What few orders have besides price and quantity: a record of their own, which the order's record names.
//
//   word     0          1          2         3         4         5          6        7           8 9      10
//          +----------+----------+---------+---------+---------+----------+--------+-----------+--------+---------+
//   terms  | waitNext | waitPrev | reserve | display | trigger | distance | linked | orderType | expiry | auction |
//          +----------+----------+---------+---------+---------+----------+--------+-----------+--------+---------+
//
// Icebergs, hidden, waiting and linked orders, those that end at a time and those for one auction have terms. A symbol
// counts its orders with terms: while there are none, matching takes the short way.

import { assert } from '../base/assert.ts'
import { OrderType } from '../protocol/kinds.ts'
import { type Books, giveRecord, SymbolWord, takeRecord } from './books.ts'
import { findClientOrder, findOrder } from './order-index.ts'
import { Meta, OrderWord, RECORD_WORDS } from './records.ts'

const { LEAVES, META, CLIENT_ID, ORDER_ID, TERMS } = OrderWord
const { SYMBOL_SHIFT, TERMS_BIT } = Meta
const { SPECIAL_COUNT, SYMBOL_WORDS } = SymbolWord

export const TermsWord = {
  /** The symbol's waiting orders before and after it, by id. */
  WAIT_NEXT: 0,
  WAIT_PREV: 1,
  /** What an iceberg does not display. */
  RESERVE: 2,
  /** The most that an iceberg displays; 0: it is none. */
  DISPLAY: 3,
  /** The trade price that triggers it. */
  TRIGGER: 4,
  /** How far the trigger of a trailing stop stays behind the market. */
  DISTANCE: 5,
  /** Client order id of the order that is cancelled when this one trades. */
  LINKED: 6,
  /** While it waits: what it waits as. */
  ORDER_TYPE: 7,
  /** A double: when it ends; 0: at no time. */
  EXPIRY: 8,
  /** TimeInForce of an order for one auction only; 0: of any other. */
  AUCTION: 10,
} as const

const { RESERVE, LINKED, ORDER_TYPE, EXPIRY, AUCTION } = TermsWord

/** The order's terms, which are all 0 if it had none. The order has its symbol. */
export function attachTerms(books: Books, order: number): number {
  const { words } = books
  const meta = words[order + META]!
  if ((meta & TERMS_BIT) !== 0) return words[order + TERMS]!
  const terms = takeRecord(books)
  words.fill(0, terms, terms + RECORD_WORDS)
  words[terms + ORDER_TYPE] = OrderType.LIMIT
  words[order + TERMS] = terms
  words[order + META] = meta | TERMS_BIT
  words[books.symbolsAt + (meta >>> SYMBOL_SHIFT) * SYMBOL_WORDS + SPECIAL_COUNT]! += 1
  return terms
}

/** The order's terms, or 0. */
export function termsOf(words: Int32Array, order: number): number {
  return (words[order + META]! & TERMS_BIT) === 0 ? 0 : words[order + TERMS]!
}

export function reserveLots(words: Int32Array, order: number): number {
  const terms = termsOf(words, order)
  return terms === 0 ? 0 : words[terms + RESERVE]!
}

/** Displayed and reserve. */
export function openLots(words: Int32Array, order: number): number {
  return words[order + LEAVES]! + reserveLots(words, order)
}

export function expiryNs(books: Books, order: number): number {
  const terms = termsOf(books.words, order)
  return terms === 0 ? 0 : books.doubles[(terms + EXPIRY) >> 1]!
}

/** AT_THE_OPEN or AT_THE_CLOSE, or 0. */
export function auctionOf(words: Int32Array, order: number): number {
  const terms = termsOf(words, order)
  return terms === 0 ? 0 : words[terms + AUCTION]!
}

export function setExpiry(books: Books, order: number, timeNs: number): void {
  books.doubles[(attachTerms(books, order) + EXPIRY) >> 1] = timeNs
  books.expiries.add(timeNs, books.doubles[(order + ORDER_ID) >> 1]!)
}

/** The live order that this one is linked with, or 0. */
export function linkedOrder(books: Books, order: number): number {
  const { words } = books
  const terms = termsOf(words, order)
  if (terms === 0 || words[terms + LINKED] === 0) return 0
  const linked = findClientOrder(books, words[order + CLIENT_ID]!, words[terms + LINKED]!)
  assert(linked !== 0, 'a link ends with its order')
  return linked
}

/** The order ends, and is not found by its id any more; its record is the caller's. */
export function releaseTerms(books: Books, order: number): void {
  const { words } = books
  const terms = words[order + TERMS]!
  const linked = linkedOrder(books, order)
  if (linked !== 0) words[words[linked + TERMS]! + LINKED] = 0
  if (books.doubles[(terms + EXPIRY) >> 1] !== 0) books.expiries.noteEnd((orderId) => findOrder(books, orderId) !== 0)
  words[books.symbolsAt + (words[order + META]! >>> SYMBOL_SHIFT) * SYMBOL_WORDS + SPECIAL_COUNT]! -= 1
  giveRecord(books, terms)
}
