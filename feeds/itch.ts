// NASDAQ TotalView-ITCH 5.0: messages to feed events. Pure decoding; all numbers are big-endian.
//
//   uint16 length | char type | uint16 locate | uint16 tracking | uint48 ns since midnight | body
//
//   A, F  add                       -> ADD
//   E     executed                  -> EXECUTE at the order's price
//   C     executed at another price -> EXECUTE at that price
//   X     cancelled in part         -> REDUCE, DELETE at zero
//   D     deleted                   -> DELETE
//   U     replaced                  -> DELETE and ADD under the new number, which has the old one's side
//   P     trade of a hidden order   -> TRADE, HIDDEN; the exchange does not say who was the aggressor
//   Q     cross                     -> TRADE, AUCTION
//   H     trading action            -> STATUS
//
// Other messages are passed over and counted.

import { FeedFlag, FeedKind, StatusCode, SUB_TICKS_PER_TICK } from './feed-event.ts'
import type { FeedSink, RowFault } from './feed-sink.ts'

/** Bytes after the length field, by type: what this decoder reads. Longer is accepted, shorter is not. */
const SIZES: Readonly<Record<string, number>> = {
  ...{ A: 36, F: 40, E: 31, C: 36, X: 23, D: 19, U: 35, P: 44, Q: 40, H: 25, R: 39 },
}
/** Where the numbers of 64 bits are that are used, by type. */
const WIDE_FIELDS: Readonly<Record<string, readonly number[]>> = {
  ...{ A: [11], F: [11], E: [11], C: [11], X: [11], D: [11], U: [11, 19], P: [36], Q: [11, 31] },
}
export const ITCH_MESSAGE_HEADER_SIZE = 11
const STOCK = 11
const TWO_32 = 4_294_967_296

export type ItchOptions = {
  /** Instrument index by locate code; messages of others are passed over. */
  readonly locates: ReadonlyMap<number, number>
  /** What a tick is in units of 1e-4 dollars. */
  readonly pricePerTick: number
  readonly tickSize: string
  readonly feedLatencyNs: number
}

export type ItchCounts = {
  messages: number
  adds: number
  executions: number
  cancels: number
  deletes: number
  replaces: number
  hiddenTrades: number
  crosses: number
  statuses: number
  /** Messages about orders that are not in the book. */
  unmatched: number
  /** Messages of other kinds and instruments. */
  skipped: number
}

type Order = { readonly side: number; readonly priceTicks: number; lots: number; readonly instrument: number }

export class ItchConverter {
  readonly counts: ItchCounts = {
    messages: 0,
    adds: 0,
    executions: 0,
    cancels: 0,
    deletes: 0,
    replaces: 0,
    hiddenTrades: 0,
    crosses: 0,
    statuses: 0,
    unmatched: 0,
    skipped: 0,
  }
  readonly #sink: FeedSink
  readonly #options: ItchOptions
  readonly #orders = new Map<number, Order>()
  #timeNs = 0
  #instrument = 0

  constructor(sink: FeedSink, options: ItchOptions) {
    this.#sink = sink
    this.#options = options
  }

  /** The message of `length` bytes at `at`, behind its length field. A fault changes nothing. */
  add(view: DataView, at: number, length: number): RowFault {
    this.counts.messages += 1
    const type = String.fromCharCode(view.getUint8(at))
    const size = SIZES[type]
    const instrument = this.#options.locates.get(view.getUint16(at + 1))
    if (size === undefined || instrument === undefined || type === 'R') {
      this.counts.skipped += 1
      return null
    }
    if (length < size) return `of type ${type} has ${length} bytes instead of ${size}`
    if (WIDE_FIELDS[type]?.some((field) => !Number.isSafeInteger(readId(view, at + field)))) {
      return `of type ${type} has a number beyond 2^53`
    }
    const timeNs = readItchTimeNs(view, at)
    if (timeNs < this.#timeNs) return `goes back in time, by ${this.#timeNs - timeNs} ns`
    this.#timeNs = timeNs
    this.#instrument = instrument
    const fault = this.#addMessage(type, view, at)
    if (fault === null) this.#sink.markLast()
    return fault
  }

  #addMessage(type: string, view: DataView, at: number): RowFault {
    switch (type) {
      case 'A':
      case 'F':
        return this.#addOrder(view, at)
      case 'E':
        this.counts.executions += 1
        this.#take(FeedKind.EXECUTE, readId(view, at + 11), view.getUint32(at + 19), -1)
        return null
      case 'C':
        this.counts.executions += 1
        this.#take(FeedKind.EXECUTE, readId(view, at + 11), view.getUint32(at + 19), view.getUint32(at + 32))
        return null
      case 'X':
        this.counts.cancels += 1
        this.#take(FeedKind.REDUCE, readId(view, at + 11), view.getUint32(at + 19), -1)
        return null
      case 'D':
        this.counts.deletes += 1
        this.#take(FeedKind.DELETE, readId(view, at + 11), 0, -1)
        return null
      case 'U':
        return this.#replace(view, at)
      case 'P':
        this.counts.hiddenTrades += 1
        this.#pushTrade(FeedFlag.HIDDEN, view.getUint32(at + 32), view.getUint32(at + 20), readId(view, at + 36))
        return null
      case 'Q':
        this.counts.crosses += 1
        this.#pushTrade(FeedFlag.AUCTION, view.getUint32(at + 27), readId(view, at + 11), readId(view, at + 31))
        return null
      default:
        this.counts.statuses += 1
        this.#push(FeedKind.STATUS, 0, 0, statusOf(view.getUint8(at + 19)), 0)
        return null
    }
  }

  #addOrder(view: DataView, at: number): RowFault {
    const orderId = readId(view, at + 11)
    const side = view.getUint8(at + 19) === 0x42 ? FeedFlag.BUY : FeedFlag.SELL
    const lots = view.getUint32(at + 20)
    const priceTicks = view.getUint32(at + 32) / this.#options.pricePerTick
    const fault = this.#orderFault(orderId, lots, priceTicks)
    if (fault !== null) return fault
    this.counts.adds += 1
    this.#orders.set(orderId, { side, priceTicks, lots, instrument: this.#instrument })
    this.#push(FeedKind.ADD, side, priceTicks, lots, orderId)
    return null
  }

  #replace(view: DataView, at: number): RowFault {
    const old = this.#orders.get(readId(view, at + 11))
    const orderId = readId(view, at + 19)
    const lots = view.getUint32(at + 27)
    const priceTicks = view.getUint32(at + 31) / this.#options.pricePerTick
    const fault = this.#orderFault(orderId, lots, priceTicks)
    if (fault !== null) return fault
    this.counts.replaces += 1
    this.#take(FeedKind.DELETE, readId(view, at + 11), 0, -1)
    if (old === undefined) return null
    this.#orders.set(orderId, { side: old.side, priceTicks, lots, instrument: this.#instrument })
    this.#push(FeedKind.ADD, old.side, priceTicks, lots, orderId)
    return null
  }

  #orderFault(orderId: number, lots: number, priceTicks: number): RowFault {
    if (!Number.isInteger(priceTicks)) return `has a price off the tick of ${this.#options.tickSize} (see --tick)`
    if (priceTicks === 0 || lots === 0) return 'has an order without a price or a size'
    if (this.#orders.has(orderId)) return `adds order ${orderId}, which is in the book`
    return null
  }

  /** Takes from an order; with a price of its own, an execution is between the ticks or away from the order's price. */
  #take(kind: FeedKind, orderId: number, lots: number, price: number): void {
    const order = this.#orders.get(orderId)
    if (order === undefined) {
      this.counts.unmatched += 1
      this.#push(kind, FeedFlag.UNMATCHED, 0, lots, orderId)
      return
    }
    const takenLots = kind === FeedKind.DELETE ? order.lots : lots
    order.lots -= takenLots
    if (order.lots <= 0) this.#orders.delete(orderId)
    const { pricePerTick } = this.#options
    if (kind === FeedKind.EXECUTE && price >= 0) {
      const subTicks = subTicksOf(price, pricePerTick)
      const flags = order.side | (subTicks === 0 ? 0 : FeedFlag.OFF_TICK)
      this.#push(kind, flags, Math.floor(price / pricePerTick), takenLots, orderId, subTicks)
      return
    }
    const told = kind === FeedKind.REDUCE && order.lots <= 0 ? FeedKind.DELETE : kind
    this.#push(told, order.side, order.priceTicks, takenLots, orderId)
  }

  #pushTrade(flags: number, price: number, lots: number, matchId: number): void {
    const { pricePerTick } = this.#options
    const subTicks = subTicksOf(price, pricePerTick)
    const place = subTicks === 0 ? 0 : FeedFlag.OFF_TICK
    this.#push(FeedKind.TRADE, flags | place, Math.floor(price / pricePerTick), lots, matchId, subTicks)
  }

  #push(kind: FeedKind, flags: number, priceTicks: number, lots: number, orderId: number, subTicks = 0): void {
    const seen = flags | FeedFlag.EXCHANGE | FeedFlag.LOCAL
    const localNs = this.#timeNs + this.#options.feedLatencyNs
    this.#sink.push(kind, seen, this.#instrument, this.#timeNs, localNs, priceTicks, lots, orderId, subTicks)
  }
}

/** Locate code and symbol of a message that names a stock, or null. */
export function readItchStock(view: DataView, at: number, length: number): { locate: number; symbol: string } | null {
  const type = String.fromCharCode(view.getUint8(at))
  const stockAt = type === 'R' ? STOCK : type === 'A' || type === 'F' ? 24 : -1
  if (stockAt < 0 || length < stockAt + 8) return null
  let symbol = ''
  for (let i = 0; i < 8; i++) symbol += String.fromCharCode(view.getUint8(at + stockAt + i))
  return { locate: view.getUint16(at + 1), symbol: symbol.trimEnd() }
}

function readItchTimeNs(view: DataView, at: number): number {
  return view.getUint16(at + 5) * TWO_32 + view.getUint32(at + 7)
}

function readId(view: DataView, at: number): number {
  return view.getUint32(at) * TWO_32 + view.getUint32(at + 4)
}

function subTicksOf(price: number, pricePerTick: number): number {
  return Math.round(((price % pricePerTick) * SUB_TICKS_PER_TICK) / pricePerTick)
}

function statusOf(code: number): number {
  if (code === 0x54) return StatusCode.TRADING
  return code === 0x51 ? StatusCode.QUOTING : StatusCode.HALTED
}
