// What a strategy is driven over: a replay of a recorded market, or the real matching engine under a recorded flow.

import type { Account } from '../replay/account.ts'
import type { OrderWish } from '../replay/order-entry.ts'
import type { ReplayBook } from '../replay/replay-book.ts'
import type { ReplayOrder } from '../replay/replay-order.ts'

export type Venue = {
  readonly nowNs: number
  /** The market as others make it, as we know it. */
  readonly book: ReplayBook
  readonly account: Account
  /** Our orders as we know them, by id. */
  readonly orders: ReadonlyMap<number, ReplayOrder>
  /** Grows with everything that reached us. */
  readonly newsCount: number
  /** Nothing happens before; Infinity when nothing is left that could happen. */
  nextNs(): number
  /** Lets time pass; false when nothing is left that could happen. */
  elapse(durationNs: number): boolean
  submit(wish: OrderWish): number
  cancel(id: number): void
  /** Asks for another price or open quantity. The place in the queue stays if the price does and the quantity falls. */
  modify(id: number, priceTicks: number, openQuantity: number): void
  /** Drops orders that are over. */
  forgetEnded(): void
}

/** Told of what reached us. */
export type VenueObserver = {
  onFill(order: ReplayOrder, fee: number, nowNs: number): void
  /** `word` has the side flag of the aggressor. */
  onTrade(word: number, priceTicks: number, quantity: number, nowNs: number): void
}
