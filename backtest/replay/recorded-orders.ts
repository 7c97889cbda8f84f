// The recorded orders of an order-by-order replay, and the levels that they add up to.

import { Side } from '../../protocol/kinds.ts'
import type { ReplayBook } from './replay-book.ts'
import { RowFlag } from './replay-rows.ts'
import { roundAway } from './rounding.ts'

export type RecordedSlot = { side: Side; ticks: number; quantity: number; arrival: number }

/** The side that a clear names; null: it names none, and means both. */
export function sideOfClear(word: number): Side | null {
  if ((word & RowFlag.BUY) !== 0) return Side.BUY
  return (word & RowFlag.SELL) !== 0 ? Side.SELL : null
}

export class RecordedOrders {
  readonly #book: ReplayBook
  readonly #lotSize: number
  readonly #slots = new Map<number, RecordedSlot>()

  constructor(book: ReplayBook, lotSize: number) {
    this.#book = book
    this.#lotSize = lotSize
  }

  slotOf(orderId: number): RecordedSlot | undefined {
    return this.#slots.get(orderId)
  }

  /** Adds the order, or changes it; `arrival` is its number if it joins the end of a queue. True: it is a bid. */
  put(orderId: number, word: number, ticks: number, quantity: number, arrival: number): boolean {
    const slot = this.#slots.get(orderId)
    if (slot === undefined) {
      const side = (word & RowFlag.BUY) !== 0 ? Side.BUY : Side.SELL
      this.#slots.set(orderId, { side, ticks, quantity, arrival })
      this.#insert(side, ticks, quantity)
      return side === Side.BUY
    }
    if (slot.ticks !== ticks) {
      this.#change(slot.side, slot.ticks, -slot.quantity)
      this.#insert(slot.side, ticks, quantity)
      slot.arrival = arrival
    } else {
      this.#change(slot.side, ticks, quantity - slot.quantity)
      if (quantity > slot.quantity) slot.arrival = arrival
    }
    slot.ticks = ticks
    slot.quantity = quantity
    return slot.side === Side.BUY
  }

  remove(orderId: number): void {
    const slot = this.#slots.get(orderId)
    if (slot === undefined) return
    this.#slots.delete(orderId)
    this.#change(slot.side, slot.ticks, -slot.quantity)
  }

  /** All orders go, or those of the side that the word names. */
  clear(word: number): void {
    const side = sideOfClear(word)
    if (side === null) {
      this.#slots.clear()
      this.#book.clearAll()
      return
    }
    for (const [orderId, slot] of this.#slots) if (slot.side === side) this.remove(orderId)
  }

  /** Quantity that joins a level can become the best price; quantity that leaves or grows where it is cannot. */
  #insert(side: Side, ticks: number, quantity: number): void {
    if (side === Side.BUY) this.#book.setBid(ticks, this.#book.bids.at(ticks) + quantity)
    else this.#book.setAsk(ticks, this.#book.asks.at(ticks) + quantity)
  }

  #change(side: Side, ticks: number, by: number): void {
    const levels = side === Side.BUY ? this.#book.bids : this.#book.asks
    const quantity = levels.at(ticks) + by
    if (roundAway(quantity / this.#lotSize) !== 0) levels.set(ticks, quantity)
    else if (side === Side.BUY) this.#book.setBid(ticks, 0)
    else this.#book.setAsk(ticks, 0)
  }
}
