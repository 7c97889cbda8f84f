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
}

export function newState(config: ClusterConfig, orderCountMax: number): NaiveState {
  return {
    books: config.instruments.map((instrument, symbolId) => new NaiveBook(symbolId, instrument)),
    quoteTtlNs: config.quoteTtlNs,
    orderCountMax,
    nextOrderId: 1,
    nextTradeId: 1,
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

/** All live orders but the sides of quotes: symbols in order, buys before sells, best first, oldest first. */
export function clientOrders(state: NaiveState): readonly NaiveOrder[] {
  return state.books
    .flatMap((book) => [...book.resting(Side.BUY), ...book.resting(Side.SELL)])
    .filter((order) => !order.isQuote)
}

/** A whole number that a command holds in a double. */
export function isRightNumber(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
