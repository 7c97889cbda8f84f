// Believes no exchange: follows every order through the events alone, and says which rule of trading they break.
//
//   conserved     what an order was entered with = what is left + what filled + what was taken out
//   first in      a trade's resting order is the oldest of the best price of its side
//   no worse      the incoming order's price is not worse than the trade's; nothing trades through a better price
//   both sides    the lots that buyers got are the lots that sellers gave
//   one price     what an auction takes of its orders is what its trades say, at one price that none of them minds
//   not crossed   best bid below best ask after every step in continuous trading
//   one reply     the first event of a command answers it, no other does

import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, Side, TradingPhase } from '../../protocol/kinds.ts'
import { type EventView, viewEvent } from './event-text.ts'
import type { Step } from './step.ts'
import type { AnyExchange } from './step-runner.ts'

type AuditedOrder = {
  readonly orderId: number
  readonly symbolId: number
  readonly side: number
  priceTicks: number
  /** Of a resting iceberg: what it displays. */
  leavesLots: number
  reserveLots: number
  isHidden: boolean
  isResting: boolean
  /** What an auction has taken of it and no trade has told yet. */
  uncrossedLots: number
  isWaiting: boolean
}

type Levels = Map<number, AuditedOrder[]>

type AuditedBook = {
  /** By side: price to orders, displayed before hidden, oldest first. */
  readonly levels: readonly [Levels, Levels]
  boughtLots: number
  soldLots: number
  referenceTicks: number
  lastTradeTicks: number
}

/** A rule was broken; the message says which. */
export class AuditError extends Error {
  override name = 'AuditError'
}

export class Auditor {
  readonly #orders = new Map<number, AuditedOrder>()
  readonly #books: readonly AuditedBook[]
  #lastOrderId = 0
  #lastTradeId = 0
  /** Orders on their way: accepted or replaced, not at rest yet. */
  readonly #moving = new Set<number>()
  /** Orders of which an auction has taken what its trades have not told yet. */
  readonly #uncrossing = new Set<number>()

  constructor(referenceTicks: readonly number[]) {
    this.#books = referenceTicks.map((ticks) => ({
      levels: [new Map<number, AuditedOrder[]>(), new Map<number, AuditedOrder[]>()],
      boughtLots: 0,
      soldLots: 0,
      referenceTicks: ticks,
      lastTradeTicks: ticks,
    }))
  }

  /** Checks the events of one step and the exchange after it. Throws an AuditError. */
  audit(step: Step, events: EventLog, dueCount: number, exchange: AnyExchange): void {
    for (let index = 0; index < events.count; index++) {
      const event = viewEvent(events, index)
      const isReply = (event.flags & EventFlag.REPLY) !== 0
      check(isReply === (isAnswered(step) && index === dueCount), 'the first event of a command, and no other, answers')
      this.#follow(event)
    }
    check(this.#uncrossing.size === 0, 'an auction trades what it takes')
    check(this.#moving.size === 0, 'an accepted order rests, is filled or is taken out')
    for (const [symbolId, book] of this.#books.entries()) this.#checkBook(symbolId, book, exchange)
  }

  #follow(event: EventView): void {
    switch (event.kind) {
      case EventKind.ORDER_ACCEPTED:
        this.#accept(event)
        break
      case EventKind.ORDER_RESTED: {
        const order = this.#order(event.orderId)
        check(event.quantityLots === order.leavesLots, 'what rests is what was left')
        this.#show(order, event)
        this.#rest(order)
        break
      }
      case EventKind.ORDER_REFRESHED: {
        const order = this.#order(event.orderId)
        check(order.leavesLots === 0 && event.quantityLots === order.reserveLots, 'an iceberg shows of its reserve')
        order.leavesLots = order.reserveLots
        this.#show(order, event)
        this.#rest(order)
        break
      }
      case EventKind.ORDER_TRIGGERED: {
        const order = this.#order(event.orderId)
        check(order.isWaiting && event.quantityLots === order.leavesLots, 'what is triggered waited, whole')
        order.isWaiting = false
        this.#moving.add(order.orderId)
        break
      }
      case EventKind.ORDER_REDUCED: {
        const order = this.#order(event.orderId)
        check(event.leavesLots === order.leavesLots - event.quantityLots, 'what is taken is missing')
        check(!order.isResting && event.leavesLots > 0, 'an incoming order is reduced')
        order.leavesLots = event.leavesLots
        break
      }
      case EventKind.TRADE:
        if ((event.flags & EventFlag.AUCTION) !== 0) this.#tradeAtAuction(event)
        else this.#trade(event)
        break
      case EventKind.ORDER_UNCROSSED:
        this.#uncross(event)
        break
      case EventKind.ORDER_CANCELLED:
      case EventKind.ORDER_EXPIRED:
        this.#takeOut(event)
        break
      case EventKind.ORDER_REPLACED:
        this.#replace(event)
        break
      case EventKind.REFERENCE_PRICE_CHANGED: {
        const book = this.#book(event.symbolId)
        check(event.quantityLots === book.referenceTicks, 'the old reference price is told')
        check(event.priceTicks === book.lastTradeTicks, 'the reference price is that of the last trade')
        book.referenceTicks = event.priceTicks
      }
    }
  }

  #accept(event: EventView): void {
    check(event.orderId === this.#lastOrderId + 1, 'order ids grow by one')
    this.#lastOrderId = event.orderId
    const { orderId, symbolId, side, priceTicks, quantityLots: leavesLots } = event
    const isHidden = (event.flags & EventFlag.HIDDEN) !== 0
    const isWaiting = event.leavesLots !== 0 && (event.flags & EventFlag.RESTING) === 0
    const kind = { isHidden, isWaiting, isResting: false }
    const order = { orderId, symbolId, side, priceTicks, leavesLots, reserveLots: 0, uncrossedLots: 0, ...kind }
    this.#orders.set(orderId, order)
    if (isWaiting) return
    this.#moving.add(orderId)
    if ((event.flags & EventFlag.RESTING) === 0) return
    this.#show(order, event)
    this.#rest(order)
  }

  /** What the event says that is displayed of all that is left. */
  #show(order: AuditedOrder, event: EventView): void {
    check(event.leavesLots + event.contraLeavesLots === order.leavesLots, 'an order rests whole')
    order.leavesLots = event.leavesLots
    order.reserveLots = event.contraLeavesLots
  }

  #rest(order: AuditedOrder): void {
    check(!order.isResting && order.leavesLots > 0 && order.priceTicks > 0, 'what comes to rest was not at rest')
    const levels = this.#book(order.symbolId).levels[order.side as Side]
    const level = levels.get(order.priceTicks) ?? []
    const place = order.isHidden ? level.length : level.filter((other) => !other.isHidden).length
    levels.set(order.priceTicks, level.toSpliced(place, 0, order))
    order.isResting = true
    this.#moving.delete(order.orderId)
  }

  #unrest(order: AuditedOrder): void {
    const levels = this.#book(order.symbolId).levels[order.side as Side]
    const left = levels.get(order.priceTicks)?.filter((other) => other !== order) ?? []
    if (left.length === 0) levels.delete(order.priceTicks)
    else levels.set(order.priceTicks, left)
    order.isResting = false
  }

  #trade(event: EventView): void {
    check(event.tradeId === this.#lastTradeId + 1, 'trade ids grow by one')
    this.#lastTradeId = event.tradeId
    const maker = this.#order(event.orderId)
    const taker = this.#order(event.contraOrderId)
    const book = this.#book(event.symbolId)
    check(maker.isResting && !taker.isResting, 'an incoming order trades with a resting one')
    check(maker.side !== taker.side && event.side === maker.side, 'a buy trades with a sell')
    check(maker.symbolId === event.symbolId && taker.symbolId === event.symbolId, 'of one symbol')
    const bestTicks = bestOf(book.levels[maker.side as Side], maker.side)
    check(event.priceTicks === maker.priceTicks && event.priceTicks === bestTicks, 'the best price trades first')
    check(book.levels[maker.side as Side].get(bestTicks)?.[0] === maker, 'the oldest order trades first')
    check(isWithin(taker, event.priceTicks), 'nothing trades at a worse price than its own')
    check(event.quantityLots === Math.min(maker.leavesLots, taker.leavesLots), 'a trade takes all it can')
    for (const order of [maker, taker]) {
      order.leavesLots -= event.quantityLots
      if (order.side === Side.BUY) book.boughtLots += event.quantityLots
      else book.soldLots += event.quantityLots
    }
    check(event.leavesLots === maker.leavesLots, "the maker's leaves are told")
    check(event.contraLeavesLots === taker.leavesLots, "the taker's leaves are told")
    check(book.boughtLots === book.soldLots, 'what is bought is sold')
    if (maker.leavesLots === 0) {
      this.#unrest(maker)
      if (maker.reserveLots === 0) this.#orders.delete(maker.orderId)
    }
    if (taker.leavesLots === 0) this.#forget(taker)
    book.lastTradeTicks = event.priceTicks
  }

  #uncross(event: EventView): void {
    const order = this.#order(event.orderId)
    const levels = this.#book(event.symbolId).levels[order.side as Side]
    const isFirst = event.leavesLots === 0 || !this.#uncrossing.has(order.orderId)
    check(order.isResting && isFirst && event.priceTicks === order.priceTicks, 'an auction takes of resting orders')
    check(bestOf(levels, order.side) === order.priceTicks, 'the best price is taken first')
    check(levels.get(order.priceTicks)?.[0] === order, 'the oldest order is taken first')
    check(event.contraOrderId === order.leavesLots, 'what was displayed is told')
    // Until its trades have told all of it, the whole order counts.
    order.leavesLots += order.reserveLots
    order.reserveLots = event.contraLeavesLots
    const leftLots = event.leavesLots + event.contraLeavesLots
    check(event.quantityLots >= 1 && event.quantityLots + leftLots === order.leavesLots, 'no more is taken')
    order.uncrossedLots = event.quantityLots
    this.#uncrossing.add(order.orderId)
    if (event.leavesLots === 0) this.#unrest(order)
  }

  #tradeAtAuction(event: EventView): void {
    check(event.tradeId === this.#lastTradeId + 1, 'trade ids grow by one')
    this.#lastTradeId = event.tradeId
    const buy = this.#order(event.orderId)
    const sell = this.#order(event.contraOrderId)
    const book = this.#book(event.symbolId)
    check(buy.side === Side.BUY && sell.side === Side.SELL && event.side === Side.BUY, 'a buy trades with a sell')
    check(buy.symbolId === event.symbolId && sell.symbolId === event.symbolId, 'of one symbol')
    check(
      isWithin(buy, event.priceTicks) && isWithin(sell, event.priceTicks),
      'no order gets a price worse than its own',
    )
    for (const [order, leavesLots] of [
      [buy, event.leavesLots],
      [sell, event.contraLeavesLots],
    ] as const) {
      check(order.uncrossedLots >= event.quantityLots, 'an auction trades no more than it takes')
      order.uncrossedLots -= event.quantityLots
      order.leavesLots -= event.quantityLots
      check(leavesLots === order.leavesLots, 'the leaves are told')
      if (order.leavesLots === 0) this.#forget(order)
      if (order.uncrossedLots !== 0) continue
      this.#uncrossing.delete(order.orderId)
      order.leavesLots -= order.reserveLots
    }
    book.boughtLots += event.quantityLots
    book.soldLots += event.quantityLots
    book.lastTradeTicks = event.priceTicks
  }

  #takeOut(event: EventView): void {
    const order = this.#order(event.orderId)
    check(event.quantityLots === order.leavesLots, 'what is taken out is what was left')
    check(event.contraLeavesLots === order.reserveLots, 'and so is what was in reserve')
    check(((event.flags & EventFlag.RESTING) !== 0) === order.isResting, 'whether it had been in the book is told')
    if (order.isResting) this.#unrest(order)
    this.#forget(order)
  }

  #replace(event: EventView): void {
    const order = this.#order(event.orderId)
    check(order.isResting, 'what is replaced rests')
    check(event.quantityLots === order.leavesLots && event.contraOrderId === order.priceTicks, 'the old terms are told')
    if ((event.flags & EventFlag.KEPT_PRIORITY) !== 0) {
      check(event.priceTicks === order.priceTicks && event.leavesLots <= order.leavesLots, 'only less keeps its place')
      check(event.contraLeavesLots <= order.reserveLots, 'and no larger reserve')
      order.leavesLots = event.leavesLots
      order.reserveLots = event.contraLeavesLots
      return
    }
    this.#unrest(order)
    order.priceTicks = event.priceTicks
    order.leavesLots = event.leavesLots
    order.reserveLots = event.contraLeavesLots
    this.#moving.add(order.orderId)
    if ((event.flags & EventFlag.RESTING) !== 0) this.#rest(order)
  }

  #checkBook(symbolId: number, book: AuditedBook, exchange: AnyExchange): void {
    const bestBid = bestOf(book.levels[Side.BUY], Side.BUY)
    const bestAsk = bestOf(book.levels[Side.SELL], Side.SELL)
    const isContinuous = exchange.phase(symbolId) === TradingPhase.CONTINUOUS
    check(!isContinuous || bestBid === 0 || bestAsk === 0 || bestBid < bestAsk, 'the book is not crossed')
    for (const side of [Side.BUY, Side.SELL]) {
      const shown = new Map([...book.levels[side]].filter(([, orders]) => orders.some((order) => !order.isHidden)))
      const bestTicks = bestOf(shown, side)
      check(exchange.bestTicks(symbolId, side) === bestTicks, 'the best price is what the events say')
      const lots = (shown.get(bestTicks) ?? []).reduce((sum, order) => sum + (order.isHidden ? 0 : order.leavesLots), 0)
      check(exchange.bestLots(symbolId, side) === lots, 'the best quantity is what the events say')
    }
    check(exchange.referenceTicks(symbolId) === book.referenceTicks, 'a moved reference price is told')
    check(book.referenceTicks === book.lastTradeTicks, 'the reference price follows the last trade')
  }

  #forget(order: AuditedOrder): void {
    this.#orders.delete(order.orderId)
    this.#moving.delete(order.orderId)
  }

  #order(orderId: number): AuditedOrder {
    const order = this.#orders.get(orderId)
    check(order !== undefined, `order ${orderId} is live`)
    return order
  }

  #book(symbolId: number): AuditedBook {
    const book = this.#books[symbolId]
    check(book !== undefined, `symbol ${symbolId} exists`)
    return book
  }
}

function check(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new AuditError(`not so: ${rule}`)
}

function isAnswered(step: Step): boolean {
  switch (step.kind) {
    case 'newOrder':
    case 'cancelOrder':
    case 'replaceOrder':
    case 'massCancel':
    case 'quote':
    case 'setPhase':
      return true
    case 'cancelQuote':
      return (step.flags & EventFlag.REPLY) !== 0
    case 'cancelClient':
    case 'wait':
    case 'restore':
      return false
  }
}

/** 0: no level. */
function bestOf(levels: ReadonlyMap<number, unknown>, side: number): number {
  let best = 0
  for (const priceTicks of levels.keys()) {
    if (best === 0 || (side === Side.BUY ? priceTicks > best : priceTicks < best)) best = priceTicks
  }
  return best
}

function isWithin(order: AuditedOrder, priceTicks: number): boolean {
  if (order.priceTicks === 0) return true
  return order.side === Side.BUY ? priceTicks <= order.priceTicks : priceTicks >= order.priceTicks
}
