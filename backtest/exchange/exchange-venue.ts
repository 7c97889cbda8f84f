// A venue where our orders are real: the recorded orders of a day go through the matching engine, ours among them in the
// same queues, so that they take what others would have taken and the market feels it.
//
// How recorded orders become commands, and what happens to records about orders that ours changed, is stated in
// exchange-sim/order-flow/recorded-flow.ts. At the same time the record comes before our requests. What we learn of the
// book is what others make of it, our own quantity taken out, as late as the record says the feed was; answers to our
// orders take the response latency. Once the record is over nothing trades any more.

import { assert } from '../../base/assert.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { EventField } from '../../protocol/event.ts'
import { EventFlag, EventKind, OrderFlag, OrderType, Side } from '../../protocol/kinds.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import { FeedFlow } from '../feed-flow.ts'
import type { BlockSource } from '../feed-rows.ts'
import { Account, type Contract, type FeeModel } from '../replay/account.ts'
import type { LatencyModel } from '../replay/latency-model.ts'
import { forgetEnded, newOrder, type OrderWish, sendChange, sendRequest, takeResponse } from '../replay/order-entry.ts'
import { ReplayBook } from '../replay/replay-book.ts'
import {
  FillCause,
  Messages,
  OrderStatus,
  Pending,
  type ReplayOrder,
  RequestKind,
  ResponseKind,
} from '../replay/replay-order.ts'
import type { Venue, VenueObserver } from '../run/venue.ts'
import { DelayedMarket } from './delayed-market.ts'
import { ExchangeDoor, FLOW_CLIENT_ID, OWN_CLIENT_ID } from './exchange-door.ts'

export type ExchangeVenueSettings = {
  readonly instrument: Instrument
  readonly instrumentIndex: number
  readonly latency: LatencyModel
  readonly fees: FeeModel
  readonly contract: Contract
}

export type ExchangeVenueCounts = {
  /** Recorded events, and of them those that are no order flow. */
  events: number
  skipped: number
  commands: number
  /** Commands of the record that the exchange refused: mostly about orders that ours changed. */
  refused: number
  /** Quantity of recorded aggressors that found nothing at their price, in lots. */
  unmatchedLots: number
  /** Orders of the record larger than the exchange takes, which were made so large. */
  bounded: number
}

const SYMBOL_ID = 0
const { KIND, SIDE, FLAGS, PRICE_TICKS, QUANTITY_LOTS, CLIENT_ID, CONTRA_CLIENT_ID } = EventField
const { CLIENT_ORDER_ID, CONTRA_CLIENT_ORDER_ID, LENGTH, CONTRA_ORDER_ID, LEAVES_LOTS } = EventField

export class ExchangeVenue implements Venue {
  readonly book = new ReplayBook()
  readonly account: Account
  readonly orders = new Map<number, ReplayOrder>()
  readonly counts: ExchangeVenueCounts = {
    events: 0,
    skipped: 0,
    commands: 0,
    refused: 0,
    unmatchedLots: 0,
    bounded: 0,
  }
  nowNs: number
  newsCount = 0
  readonly #settings: ExchangeVenueSettings
  readonly #observer: VenueObserver
  readonly #lotSize: number
  readonly #tickSize: number
  readonly #door: ExchangeDoor
  readonly #flow: FeedFlow
  readonly #source: BlockSource
  readonly #block = new FeedBlock()
  #at = 0
  #hasEnded = false
  readonly #market = new DelayedMarket()
  readonly #requests = new Messages()
  readonly #responses = new Messages()
  /** Ours that rest at the exchange, by client order id. */
  readonly #resting = new Map<number, ReplayOrder>()
  #lastId = 0
  /** When we learn of what happens at the exchange now. */
  #learnNs = 0
  #feedLatencyNs = 0

  constructor(source: BlockSource, settings: ExchangeVenueSettings, observer: VenueObserver) {
    const { instrument, instrumentIndex } = settings
    this.#source = source
    this.#settings = settings
    this.#observer = observer
    this.#tickSize = Number(instrument.tickSize)
    this.#lotSize = Number(instrument.lotSize)
    this.account = new Account(settings.fees, settings.contract)
    this.#door = new ExchangeDoor(instrument)
    this.#door.onApplied = () => this.#readEvents()
    const symbolIds = source.header.instruments.map((_, index) => (index === instrumentIndex ? SYMBOL_ID : -1))
    this.#flow = new FeedFlow(this.#door, symbolIds, true)
    this.#load()
    this.nowNs = this.#nextEventNs()
  }

  get flowCounts() {
    return this.#flow.flows[this.#settings.instrumentIndex]!.counts
  }

  nextNs(): number {
    const own = Math.min(this.#requests.firstNs, this.#responses.firstNs)
    return Math.min(own, this.#market.firstNs, this.#nextEventNs())
  }

  elapse(durationNs: number): boolean {
    const untilNs = this.nowNs + durationNs
    for (;;) {
      const requestNs = this.#requests.firstNs
      this.#runEvents(Math.min(requestNs, untilNs))
      if (requestNs > untilNs) break
      this.#takeRequest(requestNs)
    }
    this.newsCount += this.#market.advance(untilNs, this.book, this.#observer)
    while (this.#responses.firstNs <= untilNs) this.#takeResponse(this.#responses.firstNs)
    if (this.nextNs() === Number.POSITIVE_INFINITY) return false
    this.nowNs = untilNs
    return true
  }

  submit(wish: OrderWish): number {
    this.#lastId += 1
    const order = newOrder(this.#lastId, wish, this.nowNs)
    this.orders.set(order.id, order)
    sendRequest(order, RequestKind.NEW, this.nowNs, this.#settings.latency, this.#requests, this.#responses)
    return order.id
  }

  cancel(id: number): void {
    const order = this.orders.get(id)
    assert(order !== undefined && order.pending === Pending.NONE, 'an order that can be cancelled')
    order.pending = Pending.CANCEL
    order.sentNs = this.nowNs
    sendRequest(order, RequestKind.CANCEL, this.nowNs, this.#settings.latency, this.#requests, this.#responses)
  }

  modify(id: number, priceTicks: number, openQuantity: number): void {
    const order = this.orders.get(id)
    assert(order !== undefined && order.pending === Pending.NONE, 'an order that can be changed')
    const { latency } = this.#settings
    sendChange(order, priceTicks, openQuantity, this.nowNs, latency, this.#requests, this.#responses)
  }

  forgetEnded(): void {
    forgetEnded(this.orders)
  }

  #load(): void {
    this.#at = 0
    if (!this.#hasEnded && !this.#source.next(this.#block)) this.#hasEnded = true
    if (this.#hasEnded) this.#block.count = 0
  }

  #nextEventNs(): number {
    return this.#at < this.#block.count ? this.#block.exchangeNs[this.#at]! : Number.POSITIVE_INFINITY
  }

  #runEvents(untilNs: number): void {
    const block = this.#block
    while (this.#at < block.count && block.exchangeNs[this.#at]! <= untilNs) {
      const at = this.#at
      if (block.instrumentIndex[at] === this.#settings.instrumentIndex) {
        this.counts.events += 1
        this.#door.nowNs = block.exchangeNs[at]!
        this.#feedLatencyNs = Math.max(0, block.localNs[at]! - block.exchangeNs[at]!)
        this.#learnNs = block.exchangeNs[at]! + this.#feedLatencyNs
        this.#door.speakAs(FLOW_CLIENT_ID)
        this.#flow.apply(block, at)
      }
      this.#at += 1
      if (this.#at === block.count) this.#load()
    }
    this.counts.skipped = this.#flow.skippedCount
    this.counts.commands = this.#door.commandCount
    this.counts.bounded = this.#door.boundedCount
  }

  #takeRequest(nowNs: number): void {
    const kind = this.#requests.firstKind
    const order = this.#requests.shift()
    this.#door.nowNs = nowNs
    this.#learnNs = nowNs + this.#feedLatencyNs
    this.#door.speakAs(OWN_CLIENT_ID)
    if (kind === RequestKind.NEW) {
      const { side, priceTicks, timeInForce, isMarket, isPostOnly } = order
      order.frontAtEntry = this.#door.exchange.levelLots(SYMBOL_ID, side, priceTicks) * this.#lotSize
      order.acceptedNs = nowNs
      this.#resting.set(order.id, order)
      const type = isMarket ? OrderType.MARKET : OrderType.LIMIT
      const lots = Math.round(order.leaves / this.#lotSize)
      const flags = isPostOnly ? OrderFlag.POST_ONLY : 0
      this.#door.newOrder(SYMBOL_ID, side, type, timeInForce, isMarket ? 0 : priceTicks, lots, order.id, flags)
      return
    }
    const resting = this.#resting.get(order.id)
    if (resting === undefined) {
      order.exchangeNs = nowNs
      this.#respond(order, ResponseKind.REJECTED)
      return
    }
    resting.sentNs = order.sentNs
    if (kind === RequestKind.MODIFY) {
      const filled = resting.quantity - resting.leaves
      const totalLots = Math.round((filled + order.leaves) / this.#lotSize)
      this.#door.replaceOrder(SYMBOL_ID, order.id, order.priceTicks, totalLots)
      return
    }
    this.#door.cancelOrder(SYMBOL_ID, order.id)
  }

  /** What the last command did: to our orders, and to the levels that we will learn of. */
  #readEvents(): void {
    const { events } = this.#door
    for (let index = 0; index < events.count; index++) {
      const at = index * LENGTH
      const kind = events.bytes[at + KIND]!
      const side = events.bytes[at + SIDE]! as Side
      const ticks = events.int32[(at + PRICE_TICKS) >> 2]!
      const lots = events.int32[(at + QUANTITY_LOTS) >> 2]!
      const isOwn = events.int32[(at + CLIENT_ID) >> 2] === OWN_CLIENT_ID
      const isResting = (events.bytes[at + FLAGS]! & EventFlag.RESTING) !== 0
      const orderId = events.int32[(at + CLIENT_ORDER_ID) >> 2]!
      switch (kind) {
        case EventKind.TRADE:
          this.#onTrade(at, side, ticks, lots, isOwn)
          break
        case EventKind.ORDER_ACCEPTED:
          if (isOwn) this.#report(orderId, OrderStatus.NEW)
          else if (isResting) this.#tellLevel(side, ticks)
          break
        case EventKind.ORDER_RESTED:
          if (!isOwn) this.#tellLevel(side, ticks)
          break
        case EventKind.ORDER_CANCELLED:
        case EventKind.ORDER_EXPIRED:
          if (isOwn)
            this.#end(orderId, kind === EventKind.ORDER_CANCELLED ? OrderStatus.CANCELLED : OrderStatus.EXPIRED)
          else if (isResting) this.#tellLevel(side, ticks)
          else this.counts.unmatchedLots += lots
          break
        case EventKind.ORDER_REPLACED:
          if (isOwn) this.#replaced(orderId, ticks, events.int32[(at + LEAVES_LOTS) >> 2]!)
          this.#tellLevel(side, ticks)
          this.#tellLevel(side, events.float64[(at + CONTRA_ORDER_ID) >> 3]!)
          break
        case EventKind.ORDER_REJECTED:
          if (isOwn) this.#end(orderId, OrderStatus.EXPIRED)
          else this.counts.refused += 1
          break
        case EventKind.CANCEL_REJECTED:
        case EventKind.REPLACE_REJECTED:
          if (isOwn) this.#respond({ ...this.#own(orderId), pending: Pending.NONE }, ResponseKind.REJECTED)
          else this.counts.refused += 1
          break
        default:
      }
    }
  }

  #onTrade(at: number, makerSide: Side, ticks: number, lots: number, isMaker: boolean): void {
    const { events } = this.#door
    const aggressor = makerSide === Side.BUY ? Side.SELL : Side.BUY
    const quantity = lots * this.#lotSize
    const isTaker = events.int32[(at + CONTRA_CLIENT_ID) >> 2] === OWN_CLIENT_ID
    if (isMaker) this.#fill(events.int32[(at + CLIENT_ORDER_ID) >> 2]!, ticks, quantity, true)
    if (isTaker) this.#fill(events.int32[(at + CONTRA_CLIENT_ORDER_ID) >> 2]!, ticks, quantity, false)
    this.#tellLevel(makerSide, ticks)
    this.#market.trade(aggressor, ticks, quantity, this.#learnNs)
  }

  #fill(orderId: number, ticks: number, quantity: number, isMaker: boolean): void {
    const order = this.#own(orderId)
    order.leaves -= quantity
    const isWhole = Math.round(order.leaves / this.#lotSize) <= 0
    if (isWhole) {
      order.leaves = 0
      this.#resting.delete(orderId)
    }
    order.execTicks = ticks
    order.execQuantity = quantity
    order.isMaker = isMaker
    order.cause = isMaker ? FillCause.QUEUE : FillCause.TAKER
    this.#respondAs(order, isWhole ? OrderStatus.FILLED : OrderStatus.PARTLY_FILLED)
    order.execQuantity = 0
  }

  #report(orderId: number, status: OrderStatus): void {
    this.#respondAs(this.#own(orderId), status)
  }

  #replaced(orderId: number, ticks: number, leavesLots: number): void {
    const order = this.#own(orderId)
    const leaves = leavesLots * this.#lotSize
    order.quantity += leaves - order.leaves
    order.leaves = leaves
    order.priceTicks = ticks
    this.#respondAs(order, order.status)
  }

  #own(orderId: number): ReplayOrder {
    const order = this.#resting.get(orderId)
    assert(order !== undefined, 'an order of ours that is told of is at the exchange')
    return order
  }

  #end(orderId: number, status: OrderStatus): void {
    const order = this.#own(orderId)
    this.#resting.delete(orderId)
    this.#respondAs(order, status)
  }

  #respondAs(order: ReplayOrder, status: OrderStatus): void {
    order.status = status
    order.pending = Pending.NONE
    order.exchangeNs = this.#door.nowNs
    this.#respond(order, ResponseKind.REPORT)
  }

  #respond(order: ReplayOrder, kind: number): void {
    const nowNs = this.#door.nowNs
    this.#responses.push({ ...order }, kind, nowNs + this.#settings.latency.responseNs(nowNs))
  }

  /** The level as others make it, on its way to us. */
  #tellLevel(side: Side, ticks: number): void {
    let lots = this.#door.exchange.levelLots(SYMBOL_ID, side, ticks)
    for (const order of this.#resting.values()) {
      if (order.side !== side || order.priceTicks !== ticks || order.status === OrderStatus.NONE) continue
      lots -= Math.round(order.leaves / this.#lotSize)
    }
    this.#market.level(side, ticks, Math.max(0, lots) * this.#lotSize, this.#learnNs)
  }

  #takeResponse(nowNs: number): void {
    const kind = this.#responses.firstKind
    const answer = this.#responses.shift()
    this.newsCount += 1
    if (kind === ResponseKind.REPORT && answer.execQuantity > 0) {
      const price = answer.execTicks * this.#tickSize
      const fee = this.account.book(answer.side, price, answer.execQuantity, answer.isMaker)
      this.#observer.onFill(answer, fee, nowNs)
    }
    takeResponse(this.orders, answer, kind)
  }
}
