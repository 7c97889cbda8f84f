// The memory of the exchange: one array of words with all books in it, and the pool of records.
//
//   +---------+---------+---------+---------+------------+----------------+---------------+-----------+---------+
//   | counters| symbols | ladders | windows | id buckets | client buckets | client counts | far nodes | records |
//   +---------+---------+---------+---------+------------+----------------+---------------+-----------+---------+
//
// All of it is reserved at the start and never grows. Untouched pages cost address space, not memory, so an exchange with
// room for millions of orders takes what its orders have taken so far. One array and not eight, because compiled code
// checks each array once in each function. A freed record is the next one handed out, so that a calm market stays in
// the cache.

import { assert } from '../base/assert.ts'
import { OrderExpiries } from './order-expiries.ts'
import { OrderWord, RECORD_WORDS } from './records.ts'

const WINDOW_KEYS = 4096

export const BookLayout = {
  /** In this order: bids, asks, waiting buy stops, waiting sell stops. */
  LADDERS_PER_SYMBOL: 4,
  /** Prices of one ladder that are found by index. */
  WINDOW_KEYS,
  /** Words of one ladder, and of its window with the bitmaps: see price-ladder.ts. */
  LADDER_WORDS: 16,
  WINDOW_WORDS: WINDOW_KEYS / 1024 + WINDOW_KEYS / 32 + WINDOW_KEYS,
  /** Words of a node of a far tree, see far-levels.ts. */
  FAR_NODE_WORDS: 4,
  /** Counters, of two words: see wide-count.ts. */
  NEXT_ORDER_ID: 2,
  NEXT_TRADE_ID: 4,
  /** Live orders are counted under their client id's low bits. */
  CLIENT_COUNT_MASK: (1 << 20) - 1,
} as const

/** Words of a symbol. */
export const SymbolWord = {
  REFERENCE_TICKS: 0,
  LAST_TRADE_TICKS: 1,
  LAST_TRADE_LOTS: 2,
  PHASE: 3,
  /** Records of the active quote's sides, bid and ask; 0: none. */
  QUOTE_ORDERS: 4,
  /** Waiting orders, by id, and how many of them are of these kinds: see waiting-orders.ts. */
  WAITING_FIRST: 10,
  WAITING_LAST: 11,
  ALL_OR_NONE_COUNT: 12,
  TRAILING_COUNT: 13,
  /** Live orders with terms: see order-terms.ts. */
  SPECIAL_COUNT: 14,
  SYMBOL_WORDS: 16,
} as const

const { LADDERS_PER_SYMBOL, LADDER_WORDS, WINDOW_WORDS, FAR_NODE_WORDS } = BookLayout
const { NEXT_ORDER_ID, NEXT_TRADE_ID, CLIENT_COUNT_MASK } = BookLayout
const { SYMBOL_WORDS } = SymbolWord
const { NEXT } = OrderWord
/** The allocator puts 16 bytes before a large array: symbols, ladders and records at such offsets are lines of the cache. */
const LINE_START = 12
const COUNTER_WORDS = 16

export class Books {
  readonly symbolCount: number
  /** Client orders that may be live at the same time. Sides of quotes have room of their own. */
  readonly orderCountMax: number
  readonly words: Int32Array
  /** The bytes of `words`. */
  readonly doubles: Float64Array
  readonly symbolsAt: number = COUNTER_WORDS + LINE_START
  readonly laddersAt: number
  readonly windowsAt: number
  /** Chains of orders by order id and by client order id: see order-index.ts. */
  readonly idBucketsAt: number
  readonly clientBucketsAt: number
  readonly bucketMask: number
  /** Live orders per client, an upper bound: tells who has none. */
  readonly clientCountsAt: number
  /** Client orders that are live. */
  orderCount = 0
  /** First of the freed records, chained by NEXT; 0: none. */
  freeRecord = 0
  /** Offset of the first record that was never used. */
  recordEnd: number
  freeFarNode = 0
  readonly expiries = new OrderExpiries()
  /** Orders that a trade of this command triggered, in the order in which they enter. */
  readonly triggered: number[] = []
  farNodeEnd: number
  readonly #farNodesEnd: number

  constructor(symbolCount: number, orderCountMax: number) {
    assert(symbolCount >= 1, 'there is a symbol')
    assert(orderCountMax >= 1 && orderCountMax <= 1 << 22, 'the number of orders is bounded')
    this.symbolCount = symbolCount
    this.orderCountMax = orderCountMax
    // Both sides of each quote, and the one order that is being worked on.
    const orderRoom = orderCountMax + 2 * symbolCount + 1
    const bucketCount = 1 << Math.max(4, 32 - Math.clz32(orderRoom - 1))
    this.bucketMask = bucketCount - 1
    this.laddersAt = this.symbolsAt + symbolCount * SYMBOL_WORDS
    this.windowsAt = this.laddersAt + symbolCount * LADDERS_PER_SYMBOL * LADDER_WORDS
    this.idBucketsAt = this.windowsAt + symbolCount * LADDERS_PER_SYMBOL * WINDOW_WORDS
    this.clientBucketsAt = this.idBucketsAt + bucketCount
    this.clientCountsAt = this.clientBucketsAt + bucketCount
    this.farNodeEnd = this.clientCountsAt + CLIENT_COUNT_MASK + 1
    this.#farNodesEnd = this.farNodeEnd + orderRoom * FAR_NODE_WORDS
    this.recordEnd = Math.ceil(this.#farNodesEnd / RECORD_WORDS) * RECORD_WORDS + LINE_START
    // Each order may have a level to itself, and terms.
    const buffer = new ArrayBuffer((this.recordEnd + 3 * orderRoom * RECORD_WORDS) * 4)
    this.words = new Int32Array(buffer)
    this.doubles = new Float64Array(buffer)
    this.words[NEXT_ORDER_ID] = 1
    this.words[NEXT_TRADE_ID] = 1
  }

  hasFarNodeRoom(): boolean {
    return this.farNodeEnd < this.#farNodesEnd
  }
}

/** A record that nobody uses. Its words are whatever they were. */
export function takeRecord(books: Books): number {
  const freed = books.freeRecord
  if (freed === 0) return takeFreshRecord(books)
  books.freeRecord = books.words[freed + NEXT]!
  return freed
}

export function takeFreshRecord(books: Books): number {
  const record = books.recordEnd
  assert(record < books.words.length, 'as many records as orders and levels can need')
  books.recordEnd = record + RECORD_WORDS
  return record
}

export function giveRecord(books: Books, record: number): void {
  books.words[record + NEXT] = books.freeRecord
  books.freeRecord = record
}
