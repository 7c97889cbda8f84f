// Everything that the naive exchange knows.

import { assert } from '../../base/assert.ts'
import { Side } from '../../protocol/kinds.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import { NaiveBook } from './naive-book.ts'
import type { NaiveOrder } from './naive-order.ts'

export type NaiveState = {
  readonly books: readonly NaiveBook[]
  readonly quoteTtlNs: number
  readonly orderCountMax: number
  nextOrderId: number
  nextTradeId: number
  /** Orders that a trade of this command triggered, in the order in which they enter. Empty between commands. */
  triggered: NaiveOrder[]
}

export function newState(config: ClusterConfig, orderCountMax: number): NaiveState {
  return {
    books: config.instruments.map((instrument, symbolId) => new NaiveBook(symbolId, instrument)),
    quoteTtlNs: config.quoteTtlNs,
    orderCountMax,
    nextOrderId: 1,
    nextTradeId: 1,
    triggered: [],
  }
}

export function hasSymbol(state: NaiveState, symbolId: number): boolean {
  return symbolId >= 0 && symbolId < state.books.length
}

export function bookOf(state: NaiveState, symbolId: number): NaiveBook {
  const book = state.books[symbolId]
  assert(book !== undefined, 'a symbol of the configuration')
  return book
}

/**
 * All live orders but the sides of quotes: symbols in order, buys before sells, of a side those in the book (best first,
 * displayed before hidden, oldest first), then those that wait, by id.
 */
export function clientOrders(state: NaiveState): readonly NaiveOrder[] {
  return state.books
    .flatMap((book) =>
      [Side.BUY, Side.SELL].flatMap((side) => [
        ...book.resting(side),
        ...book.waiting.filter((order) => order.side === side),
      ]),
    )
    .filter((order) => !order.isQuote)
}

/** A whole number that a command holds in a double. */
export function isRightNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
