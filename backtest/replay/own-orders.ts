// Our orders that rest at the exchange of a replay, oldest first. There are few of them, so that a list is the fastest.

import { Side } from '../../protocol/kinds.ts'
import { NO_ASK, NO_BID } from './replay-book.ts'
import type { ReplayOrder } from './replay-order.ts'

export class OwnOrders {
  readonly buys: ReplayOrder[] = []
  readonly sells: ReplayOrder[] = []
  /** Most aggressive prices; beyond every price when there is none. */
  highestBuy = NO_BID
  lowestSell = NO_ASK

  get count(): number {
    return this.buys.length + this.sells.length
  }

  add(order: ReplayOrder): void {
    this.#of(order.side).push(order)
    this.#settle()
  }

  find(id: number): ReplayOrder | undefined {
    for (const order of this.buys) if (order.id === id) return order
    for (const order of this.sells) if (order.id === id) return order
    return undefined
  }

  remove(order: ReplayOrder): void {
    const orders = this.#of(order.side)
    orders.splice(orders.indexOf(order), 1)
    this.#settle()
  }

  #of(side: Side): ReplayOrder[] {
    return side === Side.BUY ? this.buys : this.sells
  }

  #settle(): void {
    this.highestBuy = NO_BID
    this.lowestSell = NO_ASK
    for (const { priceTicks } of this.buys) if (priceTicks > this.highestBuy) this.highestBuy = priceTicks
    for (const { priceTicks } of this.sells) if (priceTicks < this.lowestSell) this.lowestSell = priceTicks
  }
}
