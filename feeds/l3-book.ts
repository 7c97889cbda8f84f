// The order book of one instrument, rebuilt from a recorded feed order by order. It matches nothing: it believes the
// feed, and so may be crossed where the feed is.
//
// Each side keeps its levels sorted, the best one last, because most changes happen at the best prices. A level is a
// queue of orders, oldest first, with their sum.

import { assert } from '../base/assert.ts'
import { Side } from '../protocol/kinds.ts'
import { BookOutcome, type DepthBook, levelPosition } from './depth-book.ts'
import { FeedFlag, FeedKind } from './feed-event.ts'

export class L3Order {
  orderId = 0
  side: Side = Side.BUY
  priceTicks = 0
  quantityLots = 0
  /** Put in by an importer, not announced by the source. */
  isSynthetic = false
  level: L3Level | null = null
  previous: L3Order | null = null
  next: L3Order | null = null
}

export class L3Level {
  readonly priceTicks: number
  quantityLots = 0
  orderCount = 0
  first: L3Order | null = null
  last: L3Order | null = null

  constructor(priceTicks: number) {
    this.priceTicks = priceTicks
  }
}

export class L3Book implements DepthBook {
  readonly #orders = new Map<number, L3Order>()
  readonly #sides: readonly [L3Level[], L3Level[]] = [[], []]

  get orderCount(): number {
    return this.#orders.size
  }

  order(orderId: number): L3Order | undefined {
    return this.#orders.get(orderId)
  }

  levelCount(side: Side): number {
    return this.#sides[side].length
  }

  /** Level `depth` of a side, 0 the best; undefined beyond the last. */
  levelAt(side: Side, depth: number): L3Level | undefined {
    const levels = this.#sides[side]
    return levels[levels.length - 1 - depth]
  }

  level(side: Side, priceTicks: number): L3Level | undefined {
    const levels = this.#sides[side]
    const level = levels[levelPosition(levels, side, priceTicks)]
    return level?.priceTicks === priceTicks ? level : undefined
  }

  /** Applies one event's change. `flags` name the side. */
  apply(kind: number, flags: number, orderId: number, priceTicks: number, quantityLots: number): BookOutcome {
    if ((flags & FeedFlag.UNMATCHED) !== 0) return BookOutcome.NOT_FOR_BOOK
    const side = (flags & FeedFlag.BUY) !== 0 ? Side.BUY : Side.SELL
    switch (kind) {
      case FeedKind.ADD:
        if (this.#orders.has(orderId)) return BookOutcome.DUPLICATE_ORDER
        this.add(orderId, side, priceTicks, quantityLots, (flags & FeedFlag.SYNTHETIC) !== 0)
        return BookOutcome.APPLIED
      case FeedKind.REDUCE:
      case FeedKind.EXECUTE: {
        const order = this.#orders.get(orderId)
        return order === undefined ? BookOutcome.UNKNOWN_ORDER : this.reduce(order, quantityLots)
      }
      case FeedKind.DELETE: {
        const order = this.#orders.get(orderId)
        if (order === undefined) return BookOutcome.UNKNOWN_ORDER
        this.remove(order)
        return BookOutcome.APPLIED
      }
      case FeedKind.MODIFY: {
        const order = this.#orders.get(orderId)
        if (order === undefined) return BookOutcome.UNKNOWN_ORDER
        this.modify(order, side, priceTicks, quantityLots)
        return BookOutcome.APPLIED
      }
      case FeedKind.CLEAR:
        this.clear(flags, priceTicks)
        return BookOutcome.APPLIED
      default:
        return BookOutcome.NOT_FOR_BOOK
    }
  }

  add(orderId: number, side: Side, priceTicks: number, quantityLots: number, isSynthetic = false): L3Order {
    assert(!this.#orders.has(orderId), 'an order id names one order')
    const order = new L3Order()
    order.orderId = orderId
    order.side = side
    order.priceTicks = priceTicks
    order.quantityLots = quantityLots
    order.isSynthetic = isSynthetic
    this.#orders.set(orderId, order)
    this.#enqueue(order)
    return order
  }

  reduce(order: L3Order, byLots: number): BookOutcome {
    const leavesLots = order.quantityLots - byLots
    if (leavesLots <= 0) {
      this.remove(order)
      return leavesLots < 0 ? BookOutcome.EXCESS : BookOutcome.APPLIED
    }
    order.quantityLots = leavesLots
    order.level!.quantityLots -= byLots
    return BookOutcome.APPLIED
  }

  /** Keeps the place in the queue only when the quantity does not grow at the same price. */
  modify(order: L3Order, side: Side, priceTicks: number, quantityLots: number): void {
    if (quantityLots <= 0) {
      this.remove(order)
      return
    }
    if (order.side === side && order.priceTicks === priceTicks && quantityLots <= order.quantityLots) {
      order.level!.quantityLots -= order.quantityLots - quantityLots
      order.quantityLots = quantityLots
      return
    }
    this.#dequeue(order)
    order.side = side
    order.priceTicks = priceTicks
    order.quantityLots = quantityLots
    this.#enqueue(order)
  }

  remove(order: L3Order): void {
    this.#dequeue(order)
    this.#orders.delete(order.orderId)
  }

  /** With both side flags everything goes, with one the levels from the best one to `priceTicks`. */
  clear(flags: number, priceTicks: number): void {
    for (const side of [Side.BUY, Side.SELL] as const) {
      if ((flags & (side === Side.BUY ? FeedFlag.BUY : FeedFlag.SELL)) === 0) continue
      const isBoth = (flags & FeedFlag.BUY) !== 0 && (flags & FeedFlag.SELL) !== 0
      for (let best = this.levelAt(side, 0); best !== undefined; best = this.levelAt(side, 0)) {
        if (!isBoth && (side === Side.BUY ? best.priceTicks < priceTicks : best.priceTicks > priceTicks)) break
        while (best.first !== null) this.remove(best.first)
      }
    }
  }

  #enqueue(order: L3Order): void {
    const levels = this.#sides[order.side]
    const position = levelPosition(levels, order.side, order.priceTicks)
    let level = levels[position]
    if (level?.priceTicks !== order.priceTicks) {
      level = new L3Level(order.priceTicks)
      if (position === levels.length) levels.push(level)
      else levels.splice(position, 0, level)
    }
    order.level = level
    order.previous = level.last
    order.next = null
    if (level.last === null) level.first = order
    else level.last.next = order
    level.last = order
    level.orderCount += 1
    level.quantityLots += order.quantityLots
  }

  #dequeue(order: L3Order): void {
    const level = order.level!
    if (order.previous === null) level.first = order.next
    else order.previous.next = order.next
    if (order.next === null) level.last = order.previous
    else order.next.previous = order.previous
    level.orderCount -= 1
    level.quantityLots -= order.quantityLots
    order.level = null
    if (level.orderCount > 0) return
    const levels = this.#sides[order.side]
    const position = levelPosition(levels, order.side, level.priceTicks)
    assert(levels[position] === level, 'a level of the book is found by its price')
    if (position === levels.length - 1) levels.pop()
    else levels.splice(position, 1)
  }
}
