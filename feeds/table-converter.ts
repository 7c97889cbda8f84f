// Rows of a table (CSV) to feed events, by a mapping of its columns: levels of a book, trades, quotes, or orders.

import { FeedFlag, FeedKind } from './feed-event.ts'
import type { FeedSink } from './feed-sink.ts'
import { parseUnits, type Scale } from './price-scale.ts'

export const TABLE_SHAPES = ['depth', 'trades', 'quotes', 'orders'] as const
export type TableShape = (typeof TABLE_SHAPES)[number]

/** What a column may be for. */
export const TABLE_FIELDS = [
  ...['time', 'local', 'side', 'price', 'quantity', 'snapshot', 'action', 'order', 'symbol'],
  ...['bidPrice', 'bidQuantity', 'askPrice', 'askQuantity'],
] as const
export type TableField = (typeof TABLE_FIELDS)[number]

/** By field: the index of its column. */
export type TableMapping = Readonly<Partial<Record<TableField, number>>>

export const REQUIRED_FIELDS: Readonly<Record<TableShape, readonly TableField[]>> = {
  depth: ['time', 'side', 'price', 'quantity'],
  trades: ['time', 'price', 'quantity'],
  quotes: ['time', 'bidPrice', 'bidQuantity', 'askPrice', 'askQuantity'],
  orders: ['time', 'side', 'price', 'quantity', 'action', 'order'],
}

export type TableCounts = {
  rows: number
  levels: number
  trades: number
  quotes: number
  orders: number
  snapshots: number
  /** Rows of other symbols. */
  otherSymbols: number
}

const BUY_WORDS = new Set(['buy', 'b', 'bid', 'bids', '1', 'true'])
const SELL_WORDS = new Set(['sell', 's', 'ask', 'asks', 'a', '-1', '2', 'false'])
const ACTIONS: Readonly<Record<string, FeedKind>> = {
  add: FeedKind.ADD,
  reduce: FeedKind.REDUCE,
  delete: FeedKind.DELETE,
  cancel: FeedKind.DELETE,
  modify: FeedKind.MODIFY,
  execute: FeedKind.EXECUTE,
  fill: FeedKind.FILL,
  trade: FeedKind.TRADE,
}
const TICKS_MAX = 0x7fff_ffff
const WHOLE = FeedFlag.EXCHANGE | FeedFlag.LOCAL | FeedFlag.LAST

export class TableConverter {
  readonly counts: TableCounts = {
    ...{ rows: 0, levels: 0, trades: 0, quotes: 0, orders: 0, snapshots: 0 },
    otherSymbols: 0,
  }
  readonly #sink: FeedSink
  readonly #tick: Scale
  readonly #lot: Scale
  #isInSnapshot = false

  constructor(sink: FeedSink, tick: Scale, lot: Scale) {
    this.#sink = sink
    this.#tick = tick
    this.#lot = lot
  }

  /** Takes a row; what is wrong with it, or null. */
  add(
    shape: TableShape,
    fields: readonly string[],
    mapping: TableMapping,
    exchangeNs: number,
    localNs: number,
  ): string | null {
    this.counts.rows += 1
    const text = (field: TableField) => (mapping[field] === undefined ? '' : (fields[mapping[field]] ?? ''))
    if (shape === 'quotes') return this.#quote(text, exchangeNs, localNs)
    const ticks = this.#ticks(text('price'))
    if (ticks === -1) return `has a price that is none, or off the tick: ${text('price')}`
    const lots = parseUnits(plain(text('quantity')), this.#lot)
    if (lots === -1) return `has a quantity that is none, or off the lot: ${text('quantity')}`
    const word = text('side').toLowerCase()
    const side = BUY_WORDS.has(word) ? FeedFlag.BUY : SELL_WORDS.has(word) ? FeedFlag.SELL : 0
    if (shape === 'trades') {
      this.counts.trades += 1
      if (lots === 0) return 'is a trade of nothing'
      this.#sink.push(FeedKind.TRADE, WHOLE | side, 0, exchangeNs, localNs, ticks, lots, 0)
      return null
    }
    if (side === 0) return `has a side that is none: ${text('side')}`
    if (shape === 'depth') {
      this.#level(text('snapshot').toLowerCase(), side, ticks, lots, exchangeNs, localNs)
      return null
    }
    const kind = ACTIONS[text('action').toLowerCase()]
    const orderId = Number(text('order'))
    if (kind === undefined) return `has an action that is none of ${Object.keys(ACTIONS).join(', ')}: ${text('action')}`
    if (!Number.isSafeInteger(orderId) || orderId < 0)
      return `has an order id that is no whole number: ${text('order')}`
    this.counts.orders += 1
    this.#sink.push(kind, WHOLE | side, 0, exchangeNs, localNs, ticks, lots, orderId)
    return null
  }

  /** A run of snapshot rows replaces the book. */
  #level(snapshot: string, side: number, ticks: number, lots: number, exchangeNs: number, localNs: number): void {
    const isSnapshot = snapshot === 'true' || snapshot === '1'
    if (isSnapshot && !this.#isInSnapshot) {
      this.counts.snapshots += 1
      const flags = WHOLE | FeedFlag.BUY | FeedFlag.SELL | FeedFlag.SNAPSHOT
      this.#sink.push(FeedKind.CLEAR, flags, 0, exchangeNs, localNs, 0, 0, 0)
    }
    this.#isInSnapshot = isSnapshot
    this.counts.levels += 1
    const flags = WHOLE | side | (isSnapshot ? FeedFlag.SNAPSHOT : 0)
    this.#sink.push(FeedKind.LEVEL, flags, 0, exchangeNs, localNs, ticks, lots, 0)
  }

  #quote(text: (field: TableField) => string, exchangeNs: number, localNs: number): string | null {
    this.counts.quotes += 1
    for (const [price, quantity, side] of [
      ['bidPrice', 'bidQuantity', FeedFlag.BUY],
      ['askPrice', 'askQuantity', FeedFlag.SELL],
    ] as const) {
      // An empty side has no price.
      if (text(price) === '') continue
      const ticks = this.#ticks(text(price))
      const lots = parseUnits(plain(text(quantity)), this.#lot)
      if (ticks === -1) return `has a price that is none, or off the tick: ${text(price)}`
      if (lots === -1) return `has a quantity that is none, or off the lot: ${text(quantity)}`
      this.#sink.push(FeedKind.TOUCH, WHOLE | side, 0, exchangeNs, localNs, ticks, lots, 0)
    }
    return null
  }

  #ticks(text: string): number {
    const ticks = parseUnits(plain(text), this.#tick)
    return ticks < 1 || ticks > TICKS_MAX ? -1 : ticks
  }
}

/** 1.5e-7 as 0.00000015: some sources write small numbers so. */
export function plain(text: string): string {
  if (!/e/i.test(text)) return text
  const value = Number(text)
  return Number.isFinite(value) && value >= 0 ? value.toFixed(12).replace(/\.?0+$/, '') : text
}
