// Bitstamp's order stream of 2015 (order by order) to feed events.
//
//   message         what it does here
//   order_created   ADD
//   order_changed   MODIFY to the amount that is left, and to the price, which may change
//   order_deleted   DELETE; of an order from before the capture: unmatched
//   trade           TRADE without a side: the stream does not say whose orders it took; their changes come on their own
//   order_book      nothing: the touch as the exchange aggregates it, for checking
//
// The stream has no time of the exchange finer than a second, and that is when the order was created: the local time
// stands for both. An order may be deleted before it is created; it is then never added. Orders that are about to trade
// are shown crossing the book before they do.

import { FeedFlag, FeedKind } from './feed-event.ts'
import type { FeedSink } from './feed-sink.ts'
import { parseUnits, type Scale } from './price-scale.ts'

export type BitstampCounts = {
  created: number
  changed: number
  deleted: number
  trades: number
  books: number
  /** About orders from before the capture. */
  unknown: number
  /** Created after they were deleted. */
  late: number
  skipped: number
}

type LiveOrder = { side: number; ticks: number; leaves: number }

const TICKS_MAX = 0x7fff_ffff
const WHOLE = FeedFlag.EXCHANGE | FeedFlag.LOCAL | FeedFlag.LAST

export class BitstampConverter {
  readonly counts: BitstampCounts = {
    ...{ created: 0, changed: 0, deleted: 0, trades: 0, books: 0, unknown: 0, late: 0, skipped: 0 },
  }
  readonly #sink: FeedSink
  readonly #tick: Scale
  readonly #lot: Scale
  readonly #orders = new Map<number, LiveOrder>()
  /** Deleted without having been created: what is created under such an id later is over already. */
  readonly #gone = new Set<number>()
  #timeNs = 0

  constructor(sink: FeedSink, tick: Scale, lot: Scale) {
    this.#sink = sink
    this.#tick = tick
    this.#lot = lot
  }

  /** Takes a message; what is wrong with it, or null. */
  add(localNs: number, event: string, json: unknown): string | null {
    const message = (json ?? {}) as Record<string, unknown>
    this.#timeNs = localNs
    switch (event) {
      case 'order_created':
      case 'order_changed':
      case 'order_deleted':
        return this.#order(event, message)
      case 'trade':
        return this.#trade(message)
      case 'order_book':
        this.counts.books += 1
        return null
      default:
        this.counts.skipped += 1
        return null
    }
  }

  #order(event: string, message: Record<string, unknown>): string | null {
    const id = Number(message['id'])
    const ticks = this.#units(message['price'], this.#tick)
    const leaves = this.#units(message['amount'], this.#lot)
    const side = message['order_type'] === 0 ? FeedFlag.BUY : message['order_type'] === 1 ? FeedFlag.SELL : 0
    if (!Number.isSafeInteger(id) || id <= 0) return `has an order id that is none: ${String(message['id'])}`
    if (side === 0) return `has an order type that is neither 0 nor 1: ${String(message['order_type'])}`
    if (ticks <= 0 || ticks > TICKS_MAX) return `has a price that is none, or off the tick: ${String(message['price'])}`
    if (leaves < 0) return `has an amount that is none, or off the lot: ${String(message['amount'])}`
    const known = this.#orders.get(id)
    if (event === 'order_created') {
      this.counts.created += 1
      if (this.#gone.has(id)) {
        this.counts.late += 1
        this.#gone.delete(id)
      } else if (known === undefined && leaves > 0) {
        this.#orders.set(id, { side, ticks, leaves })
        this.#push(FeedKind.ADD, side, ticks, leaves, id)
      }
      return null
    }
    if (event === 'order_deleted') {
      this.counts.deleted += 1
      this.#orders.delete(id)
      if (known !== undefined) {
        this.#push(FeedKind.DELETE, known.side, known.ticks, known.leaves, id)
        return null
      }
      this.#gone.add(id)
      this.counts.unknown += 1
      this.#push(FeedKind.DELETE, side | FeedFlag.UNMATCHED, ticks, leaves, id)
      return null
    }
    this.counts.changed += 1
    if (known === undefined) {
      this.counts.unknown += 1
      this.#push(FeedKind.MODIFY, side | FeedFlag.UNMATCHED, ticks, leaves, id)
      return null
    }
    known.ticks = ticks
    known.leaves = leaves
    this.#push(FeedKind.MODIFY, known.side, ticks, leaves, id)
    return null
  }

  #trade(message: Record<string, unknown>): string | null {
    const ticks = this.#units(message['price'], this.#tick)
    const lots = this.#units(message['amount'], this.#lot)
    const id = Number(message['id'])
    if (ticks <= 0 || ticks > TICKS_MAX || lots <= 0) return 'has a price or an amount that is none'
    if (!Number.isSafeInteger(id) || id < 0) return `has a trade id that is none: ${String(message['id'])}`
    this.counts.trades += 1
    this.#push(FeedKind.TRADE, 0, ticks, lots, id)
    return null
  }

  #push(kind: FeedKind, flags: number, ticks: number, lots: number, id: number): void {
    this.#sink.push(kind, flags | WHOLE, 0, this.#timeNs, this.#timeNs, ticks, lots, id)
  }

  /** Orders state decimals, trades numbers, which are only nearly whole steps. */
  #units(value: unknown, scale: Scale): number {
    if (typeof value === 'string') return parseUnits(value, scale)
    return typeof value === 'number' && value >= 0 ? Math.round((value * scale.divisor) / scale.mantissa) : -1
  }
}
