// Coinbase's full channel (order by order) to feed events.
//
//   message   what it does here
//   open      ADD: the order rests with its remaining size. Before the first message with a time: part of the snapshot
//   match     EXECUTE of the maker, whose side the message names
//   change    REDUCE or MODIFY of an order that rests
//   done      DELETE of an order that rests; others never did, or are gone with their last match
//   received  nothing: it does not rest yet
//
// Source: Coinbase Exchange, WebSocket "full" channel. Orders are named by UUIDs; the feed numbers them from 1.

import { FeedFlag, FeedKind } from './feed-event.ts'
import type { FeedSink } from './feed-sink.ts'
import { parseUnits, type Scale } from './price-scale.ts'

export type CoinbaseCounts = {
  snapshotOrders: number
  opened: number
  matched: number
  changed: number
  done: number
  received: number
  /** Messages that a snapshot has in it already, other products, other types. */
  skipped: number
  /** Orders at prices that no feed can hold: more than 2^31 ticks. */
  outOfRange: number
  /** Messages missing by their numbers. */
  missing: number
}

type LiveOrder = { readonly id: number; readonly flags: number; readonly ticks: number; leaves: number }

const TICKS_MAX = 0x7fff_ffff
const BOTH_TIMES = FeedFlag.EXCHANGE | FeedFlag.LOCAL

export type CoinbaseSettings = {
  readonly product: string
  readonly tick: Scale
  readonly lot: Scale
  readonly timeBaseUnixS: number
  /** Times of the first live message: the snapshot before it has none of its own. */
  readonly firstExchangeNs: number
  readonly firstLocalNs: number
}

export class CoinbaseConverter {
  readonly counts: CoinbaseCounts = {
    ...{ snapshotOrders: 0, opened: 0, matched: 0, changed: 0, done: 0, received: 0 },
    ...{ skipped: 0, outOfRange: 0, missing: 0 },
  }
  readonly #sink: FeedSink
  readonly #settings: CoinbaseSettings
  readonly #orders = new Map<string, LiveOrder>()
  #lastId = 0
  #sequence = 0
  #isLive = false

  constructor(sink: FeedSink, settings: CoinbaseSettings) {
    this.#sink = sink
    this.#settings = settings
  }

  /** Takes a message; what is wrong with it, or null. */
  add(localNs: number, json: unknown): string | null {
    if (typeof json !== 'object' || json === null) return 'is no message'
    const message = json as Record<string, unknown>
    if (message['product_id'] !== this.#settings.product) {
      this.counts.skipped += 1
      return null
    }
    const sequence = Number(message['sequence'])
    if (!Number.isSafeInteger(sequence)) return 'has no sequence number'
    const time = message['time']
    if (time === '' || time === undefined) return this.#addToSnapshot(message, sequence)
    const exchangeNs = typeof time === 'string' ? isoNs(time, this.#settings.timeBaseUnixS) : Number.NaN
    if (Number.isNaN(exchangeNs)) return `has a time that is none: ${JSON.stringify(time)}`
    if (sequence <= this.#sequence) {
      if (this.#isLive) return `has the sequence number ${sequence} after ${this.#sequence}; numbers go up`
      this.counts.skipped += 1
      return null
    }
    if (this.#sequence > 0 && sequence > this.#sequence + 1) {
      const missing = sequence - this.#sequence - 1
      this.counts.missing += missing
      this.#sink.push(FeedKind.GAP, BOTH_TIMES | FeedFlag.LAST, 0, exchangeNs, localNs, 0, missing, 0, 0, sequence)
    }
    this.#sequence = sequence
    this.#isLive = true
    return this.#addLive(message, exchangeNs, localNs, sequence)
  }

  #addToSnapshot(message: Record<string, unknown>, sequence: number): string | null {
    if (message['type'] !== 'open') return 'has no time'
    if (this.#isLive) return 'is of a snapshot, in the middle of the stream'
    this.#sequence = sequence
    const { firstExchangeNs, firstLocalNs } = this.#settings
    const fault = this.#open(message, firstExchangeNs, firstLocalNs, sequence, FeedFlag.SNAPSHOT)
    if (fault === null) this.counts.snapshotOrders += 1
    return fault
  }

  #addLive(message: Record<string, unknown>, exchangeNs: number, localNs: number, sequence: number): string | null {
    const type = message['type']
    if (type === 'open') {
      this.counts.opened += 1
      return this.#open(message, exchangeNs, localNs, sequence, FeedFlag.LAST)
    }
    if (type === 'received') {
      this.counts.received += 1
      return null
    }
    if (type === 'match') return this.#match(message, exchangeNs, localNs, sequence)
    const order = this.#orders.get(String(message['order_id']))
    if (type === 'done') {
      this.counts.done += 1
      if (order === undefined) return null
      this.#orders.delete(String(message['order_id']))
      this.#push(FeedKind.DELETE, order, exchangeNs, localNs, order.leaves, sequence)
      return null
    }
    if (type !== 'change') {
      this.counts.skipped += 1
      return null
    }
    this.counts.changed += 1
    const leaves = unitsOf(message['new_size'], this.#settings.lot)
    if (order === undefined || message['new_size'] === undefined) return null
    if (leaves < 0) return `has a new size that is none: ${JSON.stringify(message['new_size'])}`
    if (leaves < order.leaves) this.#push(FeedKind.REDUCE, order, exchangeNs, localNs, order.leaves - leaves, sequence)
    else this.#push(FeedKind.MODIFY, order, exchangeNs, localNs, leaves, sequence)
    order.leaves = leaves
    return null
  }

  #open(
    message: Record<string, unknown>,
    exchangeNs: number,
    localNs: number,
    sequence: number,
    more: number,
  ): string | null {
    const { tick, lot } = this.#settings
    const ticks = unitsOf(message['price'], tick)
    const leaves = unitsOf(message['remaining_size'], lot)
    const side = message['side']
    if (side !== 'buy' && side !== 'sell') return `has a side that is none: ${String(side)}`
    if (ticks <= 0) return `has a price that is none, or off the tick: ${String(message['price'])}`
    if (leaves <= 0) return `has a size that is none, or off the lot: ${String(message['remaining_size'])}`
    if (ticks > TICKS_MAX) {
      this.counts.outOfRange += 1
      return null
    }
    this.#lastId += 1
    const flags = BOTH_TIMES | (side === 'buy' ? FeedFlag.BUY : FeedFlag.SELL)
    const order = { id: this.#lastId, flags, ticks, leaves }
    this.#orders.set(String(message['order_id']), order)
    this.#sink.push(FeedKind.ADD, flags | more, 0, exchangeNs, localNs, ticks, leaves, order.id, 0, sequence)
    return null
  }

  #match(message: Record<string, unknown>, exchangeNs: number, localNs: number, sequence: number): string | null {
    const { tick, lot } = this.#settings
    const ticks = unitsOf(message['price'], tick)
    const quantity = unitsOf(message['size'], lot)
    if (ticks <= 0 || ticks > TICKS_MAX || quantity <= 0) return 'has a price or a size that is none'
    this.counts.matched += 1
    const maker = String(message['maker_order_id'])
    const order = this.#orders.get(maker)
    if (order === undefined) {
      const aggressor = message['side'] === 'buy' ? FeedFlag.SELL : FeedFlag.BUY
      const flags = BOTH_TIMES | aggressor | FeedFlag.LAST | FeedFlag.UNMATCHED
      this.#sink.push(FeedKind.TRADE, flags, 0, exchangeNs, localNs, ticks, quantity, 0, 0, sequence)
      return null
    }
    this.#sink.push(
      FeedKind.EXECUTE,
      order.flags | FeedFlag.LAST,
      ...[0, exchangeNs, localNs, ticks, quantity, order.id, 0, sequence],
    )
    order.leaves -= quantity
    if (order.leaves <= 0) this.#orders.delete(maker)
    return null
  }

  #push(kind: FeedKind, order: LiveOrder, exchangeNs: number, localNs: number, lots: number, sequence: number): void {
    this.#sink.push(kind, order.flags | FeedFlag.LAST, 0, exchangeNs, localNs, order.ticks, lots, order.id, 0, sequence)
  }
}

function unitsOf(value: unknown, scale: Scale): number {
  return typeof value === 'string' ? parseUnits(value, scale) : -1
}

/** 2016-03-12T05:08:36.803603Z to nanoseconds since the base; NaN: it is no such time. */
export function isoNs(text: string, baseUnixS: number): number {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?Z?$/.exec(text)
  if (match === null) return Number.NaN
  const [, day = '', hours = '', minutes = '', seconds = '', fraction = ''] = match
  const unixS = dayStartS(day) + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
  return (unixS - baseUnixS) * 1e9 + Number(fraction.padEnd(9, '0'))
}

const MONTH_STARTS = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const

/** Seconds from 1970 to the midnight of a day YYYY-MM-DD. */
function dayStartS(day: string): number {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const past = year - 1
  const leapDays = (upTo: number) => Math.floor(upTo / 4) - Math.floor(upTo / 100) + Math.floor(upTo / 400)
  const days = (year - 1970) * 365 + leapDays(past) - leapDays(1969)
  return (days + MONTH_STARTS[month - 1]! + (isLeap && month > 2 ? 1 : 0) + date - 1) * 86_400
}
