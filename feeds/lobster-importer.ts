// From LOBSTER rows to feed events. Pure: rows in, events out to a sink.
//
// A LOBSTER message file tells only what touches the best L levels. So a level that slides into view brings orders that
// were never announced, and later messages name them. With the order book file beside it, whose row k is the visible
// book after message k, the importer makes both explicit, so that the rebuilt book equals every row:
//
//   1. The first message only says where the book stands: it is kept as UNMATCHED, and its row is adopted, one
//      synthetic ADD for each level, bids best first, then asks best first.
//   2. A later message is applied to the order that it names. When that is unknown, to the oldest synthetic order of
//      the level that has at least the message's size; when there is none, it is kept as UNMATCHED.
//   3. Then every order of a level that is no longer visible gets a synthetic DELETE (bids best first, then asks, oldest
//      first) and is forgotten, and every level that is newly visible a synthetic ADD of its whole quantity.
//   4. Should a level's sum still differ from the row, a synthetic ADD fills it up or synthetic REDUCEs and DELETEs take
//      the youngest orders away. Each such repair is counted.
//
// Without an order book file the events are the messages, and those that name unknown orders are UNMATCHED.

import { assert } from '../base/assert.ts'
import { Side } from '../protocol/kinds.ts'
import { BookOutcome } from './depth-book.ts'
import { FeedFlag, FeedKind, StatusCode, SUB_TICKS_PER_TICK } from './feed-event.ts'
import type { FeedSink, RowFault } from './feed-sink.ts'
import { L3Book, type L3Level, type L3Order } from './l3-book.ts'
import { type LobsterBookRow, type LobsterMessage, LobsterType } from './lobster-rows.ts'
import { scaleOf } from './price-scale.ts'

/** LOBSTER prices have four decimals. */
const PRICE_DECIMALS = 4
/** Synthetic order ids count up from here: above what the sources of LOBSTER use. */
const SYNTHETIC_ORDER_ID_MIN = 9_000_000_000

export type LobsterOptions = {
  readonly tickSize: string
  /** Added to the exchange time to give the local time, which LOBSTER does not have. */
  readonly feedLatencyNs: number
}

/** What was imported, and what was done to it. */
export type LobsterCounts = {
  messages: number
  adds: number
  reduces: number
  deletes: number
  executions: number
  hiddenExecutions: number
  crosses: number
  halts: number
  /** Synthetic ADDs: levels that came into view. */
  adopted: number
  /** Synthetic DELETEs: orders that went out of view. */
  forgotten: number
  /** Messages about an unknown order that were applied to a synthetic one. */
  redirected: number
  /** Messages about an order that is not in the book, and to which nothing else fitted. */
  unmatched: number
  /** Levels whose sum had to be corrected. */
  repaired: number
  /** Trades between two ticks. */
  offTickTrades: number
}

/** The price that one tick is in LOBSTER's unit, or null when the tick is no whole number of it. */
export function lobsterPricePerTick(tickSize: string): number | null {
  const { mantissa, decimals } = scaleOf(tickSize)
  return decimals <= PRICE_DECIMALS ? mantissa * 10 ** (PRICE_DECIMALS - decimals) : null
}

export class LobsterImporter {
  readonly counts: LobsterCounts = {
    messages: 0,
    adds: 0,
    reduces: 0,
    deletes: 0,
    executions: 0,
    hiddenExecutions: 0,
    crosses: 0,
    halts: 0,
    adopted: 0,
    forgotten: 0,
    redirected: 0,
    unmatched: 0,
    repaired: 0,
    offTickTrades: 0,
  }
  readonly #sink: FeedSink
  readonly #book = new L3Book()
  readonly #tickSize: string
  readonly #pricePerTick: number
  readonly #feedLatencyNs: number
  #timeNs = -1
  #nextSyntheticId = SYNTHETIC_ORDER_ID_MIN

  constructor(sink: FeedSink, options: LobsterOptions) {
    const pricePerTick = lobsterPricePerTick(options.tickSize)
    assert(pricePerTick !== null, 'the tick size has at most four decimals')
    this.#sink = sink
    this.#tickSize = options.tickSize
    this.#pricePerTick = pricePerTick
    this.#feedLatencyNs = options.feedLatencyNs
  }

  /** Imports one message, with the book after it when there is an order book file. A fault changes nothing. */
  add(message: LobsterMessage, row: LobsterBookRow | null): RowFault {
    const fault = this.#faultOf(message) ?? (row === null ? null : this.#rowFaultOf(row))
    if (fault !== null) return fault
    this.#timeNs = message.timeNs
    const isFirst = this.counts.messages === 0
    this.counts.messages += 1
    if (isFirst && row !== null) this.#push(message, FeedFlag.UNMATCHED, message.orderId, message.sizeLots)
    else this.#apply(message, row !== null)
    if (row !== null && !this.#equals(row)) this.#reconcile(row)
    this.#sink.markLast()
    return null
  }

  #faultOf({ timeNs, type, price }: LobsterMessage): RowFault {
    if (timeNs < this.#timeNs) {
      return `goes back in time, by ${this.#timeNs - timeNs} ns; rows must be in the order in which they happened`
    }
    if (type >= LobsterType.EXECUTE_HIDDEN || price % this.#pricePerTick === 0) return null
    return `has the price ${price}, which is off the tick of ${this.#tickSize}`
  }

  #rowFaultOf(row: LobsterBookRow): RowFault {
    for (let depth = 0; depth < row.levelCount; depth++) {
      const isOnTick =
        (row.askLots[depth] === 0 || row.askPrices[depth]! % this.#pricePerTick === 0) &&
        (row.bidLots[depth] === 0 || row.bidPrices[depth]! % this.#pricePerTick === 0)
      if (!isOnTick) return `has a book level off the tick of ${this.#tickSize}`
    }
    return null
  }

  #apply(message: LobsterMessage, hasBook: boolean): void {
    const { type, orderId, sizeLots } = message
    if (type >= LobsterType.EXECUTE_HIDDEN) {
      this.#push(message, 0, 0, sizeLots)
      return
    }
    const priceTicks = message.price / this.#pricePerTick
    const side = message.direction === 1 ? Side.BUY : Side.SELL
    const named = this.#book.order(orderId)
    if (type === LobsterType.ADD) {
      if (named === undefined) this.#book.add(orderId, side, priceTicks, sizeLots)
      else this.counts.unmatched += 1
      this.#push(message, named === undefined ? 0 : FeedFlag.UNMATCHED, orderId, sizeLots)
      return
    }
    const target = named ?? (hasBook ? this.#syntheticTarget(side, priceTicks, sizeLots) : undefined)
    if (target === undefined) {
      this.counts.unmatched += 1
      this.#push(message, FeedFlag.UNMATCHED, orderId, sizeLots)
      return
    }
    if (named === undefined) this.counts.redirected += 1
    this.#push(message, 0, target.orderId, sizeLots, target)
    this.#book.reduce(target, sizeLots)
  }

  #syntheticTarget(side: Side, priceTicks: number, sizeLots: number): L3Order | undefined {
    let order = this.#book.level(side, priceTicks)?.first ?? null
    while (order !== null && !(order.isSynthetic && order.quantityLots >= sizeLots)) order = order.next
    return order ?? undefined
  }

  /** The message as an event. What takes all of an order is a DELETE, what leaves some of it a REDUCE. */
  #push(message: LobsterMessage, flags: number, orderId: number, sizeLots: number, target?: L3Order): void {
    const { counts } = this
    const { type, price, direction } = message
    const bookSide = direction === 1 ? FeedFlag.BUY : FeedFlag.SELL
    const priceTicks = Math.floor(price / this.#pricePerTick)
    const goes = target === undefined ? type === LobsterType.DELETE : target.quantityLots <= sizeLots
    switch (type) {
      case LobsterType.ADD:
        counts.adds += 1
        this.#emit(FeedKind.ADD, flags | bookSide, priceTicks, sizeLots, orderId)
        return
      case LobsterType.REDUCE:
      case LobsterType.DELETE:
        counts[type === LobsterType.REDUCE ? 'reduces' : 'deletes'] += 1
        this.#emit(goes ? FeedKind.DELETE : FeedKind.REDUCE, flags | bookSide, priceTicks, sizeLots, orderId)
        return
      case LobsterType.EXECUTE:
        counts.executions += 1
        this.#emit(FeedKind.EXECUTE, flags | bookSide, priceTicks, sizeLots, orderId)
        return
      case LobsterType.HALT:
        counts.halts += 1
        this.#emit(FeedKind.STATUS, flags, 0, haltStatus(price), 0)
        return
      default:
        this.#pushTrade(message, flags, sizeLots)
    }
  }

  /** A trade without a displayed order: the direction is the hidden order's, so the aggressor's is the other. */
  #pushTrade({ type, price, direction }: LobsterMessage, flags: number, sizeLots: number): void {
    const isCross = type === LobsterType.CROSS
    this.counts[isCross ? 'crosses' : 'hiddenExecutions'] += 1
    const subTicks = Math.round(((price % this.#pricePerTick) * SUB_TICKS_PER_TICK) / this.#pricePerTick)
    if (subTicks !== 0) this.counts.offTickTrades += 1
    const aggressor = direction === 1 ? FeedFlag.SELL : FeedFlag.BUY
    const trade = isCross ? FeedFlag.AUCTION : aggressor | FeedFlag.HIDDEN
    const place = subTicks === 0 ? 0 : FeedFlag.OFF_TICK
    const priceTicks = Math.floor(price / this.#pricePerTick)
    this.#emit(FeedKind.TRADE, flags | trade | place, priceTicks, sizeLots, 0, subTicks)
  }

  /** True when the book's visible levels are those of the row: the usual case. */
  #equals(row: LobsterBookRow): boolean {
    return (
      this.#sideEquals(Side.BUY, row.bidPrices, row.bidLots) && this.#sideEquals(Side.SELL, row.askPrices, row.askLots)
    )
  }

  #sideEquals(side: Side, prices: Float64Array, lots: Float64Array): boolean {
    for (let depth = 0; depth < prices.length; depth++) {
      const level = this.#book.levelAt(side, depth)
      if (lots[depth] === 0) return level === undefined
      if (level?.priceTicks !== prices[depth]! / this.#pricePerTick || level.quantityLots !== lots[depth]) return false
    }
    return this.#book.levelCount(side) === prices.length
  }

  #reconcile(row: LobsterBookRow): void {
    this.#forgetInvisible(Side.BUY, row.bidPrices, row.bidLots)
    this.#forgetInvisible(Side.SELL, row.askPrices, row.askLots)
    this.#adoptVisible(Side.BUY, row.bidPrices, row.bidLots)
    this.#adoptVisible(Side.SELL, row.askPrices, row.askLots)
    assert(this.#equals(row), 'the book is the visible book after its reconciliation')
  }

  #forgetInvisible(side: Side, prices: Float64Array, lots: Float64Array): void {
    let depth = 0
    for (let level = this.#book.levelAt(side, 0); level !== undefined; level = this.#book.levelAt(side, depth)) {
      if (this.#isVisible(level.priceTicks, prices, lots)) {
        depth += 1
        continue
      }
      while (level.first !== null) {
        this.counts.forgotten += 1
        this.#takeAway(level.first, level.first.quantityLots)
      }
    }
  }

  #isVisible(priceTicks: number, prices: Float64Array, lots: Float64Array): boolean {
    for (let depth = 0; depth < prices.length; depth++) {
      if (lots[depth] !== 0 && prices[depth]! / this.#pricePerTick === priceTicks) return true
    }
    return false
  }

  #adoptVisible(side: Side, prices: Float64Array, lots: Float64Array): void {
    for (let depth = 0; depth < prices.length && lots[depth] !== 0; depth++) {
      const priceTicks = prices[depth]! / this.#pricePerTick
      const level = this.#book.level(side, priceTicks)
      const missingLots = lots[depth]! - (level?.quantityLots ?? 0)
      if (missingLots === 0) continue
      if (level === undefined) this.counts.adopted += 1
      else this.counts.repaired += 1
      if (missingLots > 0) this.#adopt(side, priceTicks, missingLots)
      else this.#takeYoungest(level!, -missingLots)
    }
  }

  #adopt(side: Side, priceTicks: number, quantityLots: number): void {
    while (this.#book.order(this.#nextSyntheticId) !== undefined) this.#nextSyntheticId += 1
    const orderId = this.#nextSyntheticId
    this.#nextSyntheticId += 1
    this.#book.add(orderId, side, priceTicks, quantityLots, true)
    const flags = FeedFlag.SYNTHETIC | (side === Side.BUY ? FeedFlag.BUY : FeedFlag.SELL)
    this.#emit(FeedKind.ADD, flags, priceTicks, quantityLots, orderId)
  }

  #takeYoungest(level: L3Level, excessLots: number): void {
    while (excessLots > 0 && level.last !== null) {
      const takenLots = Math.min(excessLots, level.last.quantityLots)
      excessLots -= takenLots
      this.#takeAway(level.last, takenLots)
    }
  }

  #takeAway(order: L3Order, byLots: number): void {
    const { orderId, side, priceTicks, quantityLots } = order
    const flags = FeedFlag.SYNTHETIC | (side === Side.BUY ? FeedFlag.BUY : FeedFlag.SELL)
    this.#emit(byLots === quantityLots ? FeedKind.DELETE : FeedKind.REDUCE, flags, priceTicks, byLots, orderId)
    const outcome = this.#book.reduce(order, byLots)
    assert(outcome === BookOutcome.APPLIED, 'no more is taken than there is')
  }

  #emit(kind: FeedKind, flags: number, priceTicks: number, lots: number, orderId: number, subTicks = 0): void {
    const seen = flags | FeedFlag.EXCHANGE | FeedFlag.LOCAL
    const localNs = this.#timeNs + this.#feedLatencyNs
    this.#sink.push(kind, seen, 0, this.#timeNs, localNs, priceTicks, lots, orderId, subTicks)
  }
}

function haltStatus(price: number): number {
  if (price === -1) return StatusCode.HALTED
  return price === 0 ? StatusCode.QUOTING : StatusCode.TRADING
}
