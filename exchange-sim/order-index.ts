// Finds live orders by order id, and by client and client order id.
//
// Both are chains of orders that start in buckets, linked through the orders' records. Ids of one issuer are mostly
// consecutive and die mostly in the order of their birth, so the low bits choose the bucket: chains stay short and
// neighbours share cache lines.

import { assert } from '../base/assert.ts'
import { BookLayout, type Books } from './books.ts'
import { Meta, OrderWord } from './records.ts'

const { META, CLIENT_ID, CLIENT_ORDER_ID, ORDER_ID, ID_NEXT, CLIENT_NEXT } = OrderWord
const { QUOTE_BIT } = Meta
const { CLIENT_COUNT_MASK } = BookLayout
/** Odd numbers that spread what is multiplied with them. */
export const SPREAD_HIGH = 0x85ebca6b | 0
export const SPREAD_CLIENT = 0x9e3779b1 | 0

/** The live order with this id, or 0. Any double may be asked for. */
export function findOrder(books: Books, orderId: number): number {
  const { words, doubles } = books
  let order = words[books.idBucketsAt + ((orderId | 0) & books.bucketMask)]!
  while (order !== 0 && doubles[(order + ORDER_ID) >> 1] !== orderId) order = words[order + ID_NEXT]!
  return order
}

/** The client's live order with this client order id (both as int32), or 0. No order has the client order id 0. */
export function findClientOrder(books: Books, clientId: number, clientOrderId: number): number {
  if (clientOrderId === 0) return 0
  const { words } = books
  let order = words[clientBucket(books, clientId, clientOrderId)]!
  while (order !== 0 && (words[order + CLIENT_ORDER_ID] !== clientOrderId || words[order + CLIENT_ID] !== clientId)) {
    order = words[order + CLIENT_NEXT]!
  }
  return order
}

/** Makes an order known under its ids. All of its record but its place in a queue is written. */
export function indexOrder(books: Books, order: number): void {
  const { words } = books
  const bucket = books.idBucketsAt + ((books.doubles[(order + ORDER_ID) >> 1]! | 0) & books.bucketMask)
  words[order + ID_NEXT] = words[bucket]!
  words[bucket] = order
  if ((words[order + META]! & QUOTE_BIT) !== 0) return
  const clientId = words[order + CLIENT_ID]!
  const clientOrderId = words[order + CLIENT_ORDER_ID]!
  words[books.clientCountsAt + (clientId & CLIENT_COUNT_MASK)]! += 1
  books.orderCount += 1
  if (clientOrderId !== 0) {
    const clientChain = clientBucket(books, clientId, clientOrderId)
    words[order + CLIENT_NEXT] = words[clientChain]!
    words[clientChain] = order
  }
}

/** The reverse of indexOrder. */
export function forgetOrder(books: Books, order: number): void {
  const { words } = books
  const bucket = books.idBucketsAt + ((books.doubles[(order + ORDER_ID) >> 1]! | 0) & books.bucketMask)
  unchain(words, bucket, order, ID_NEXT)
  if ((words[order + META]! & QUOTE_BIT) !== 0) return
  const clientId = words[order + CLIENT_ID]!
  const clientOrderId = words[order + CLIENT_ORDER_ID]!
  words[books.clientCountsAt + (clientId & CLIENT_COUNT_MASK)]! -= 1
  books.orderCount -= 1
  if (clientOrderId !== 0) unchain(words, clientBucket(books, clientId, clientOrderId), order, CLIENT_NEXT)
}

/** Takes an order out of the chain that starts in `bucket`. `link`: the word of an order that names the next one. */
export function unchain(words: Int32Array, bucket: number, order: number, link: number): void {
  let at = bucket
  while (words[at] !== order) {
    assert(words[at] !== 0, 'a live order is in its chain')
    at = words[at]! + link
  }
  words[at] = words[order + link]!
}

/** Keeps one client's consecutive ids together, and clients, as well as ids that are all multiples of 2^16, apart. */
export function clientBucket(books: Books, clientId: number, clientOrderId: number): number {
  const spread = Math.imul(clientOrderId >>> 16, SPREAD_HIGH) + Math.imul(clientId, SPREAD_CLIENT)
  return books.clientBucketsAt + ((clientOrderId + spread) & books.bucketMask)
}
