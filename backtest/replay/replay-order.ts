// An order of ours in a replay. What is sent, what the exchange holds and what we know of it are three copies.

import type { Side, TimeInForce } from '../../protocol/kinds.ts'

export const OrderStatus = { NONE: 0, NEW: 1, FILLED: 2, CANCELLED: 3, EXPIRED: 4, PARTLY_FILLED: 5 } as const
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus]

/** What we wait for. */
export const Pending = { NONE: 0, NEW: 1, CANCEL: 2, MODIFY: 3 } as const
export type Pending = (typeof Pending)[keyof typeof Pending]

/** Why an order filled. */
export const FillCause = {
  NONE: 0,
  /** It crossed the book when it arrived. */
  TAKER: 1,
  /** The recorded best price of the other side reached it. */
  CROSSED: 2,
  /** A trade happened at a worse price than the order's. */
  TRADED_THROUGH: 3,
  /** So much traded at its price that its turn had come. */
  QUEUE: 4,
  /** An order behind it in the queue was executed. */
  OVERTAKEN: 5,
} as const
export type FillCause = (typeof FillCause)[keyof typeof FillCause]

export type ReplayOrder = {
  readonly id: number
  readonly side: Side
  /** Ignored in a market order. */
  priceTicks: number
  /** Filled and open. */
  quantity: number
  leaves: number
  readonly timeInForce: TimeInForce
  readonly isPostOnly: boolean
  readonly isMarket: boolean
  status: OrderStatus
  pending: Pending
  sentNs: number
  /** When the exchange did what the copy tells. */
  exchangeNs: number
  execTicks: number
  execQuantity: number
  isMaker: boolean
  cause: FillCause
  /** When it was accepted, and the quantity ahead of it then. */
  acceptedNs: number
  frontAtEntry: number
  /** Its place in the queue, as the exchange's models keep it. */
  front: number
  traded: number
  arrival: number
}

/** Quantity on its way, first sent first arrived: a message never overtakes an earlier one. */
export class Messages {
  readonly #orders: ReplayOrder[] = []
  readonly #times: number[] = []
  readonly #kinds: number[] = []
  #head = 0
  #lastNs = Number.NEGATIVE_INFINITY
  /** When the first message arrives; Infinity: none is under way. */
  firstNs = Number.POSITIVE_INFINITY

  push(order: ReplayOrder, kind: number, arrivalNs: number): void {
    // The last one may have arrived already: then it is in the past, and the clamp changes nothing.
    this.#lastNs = Math.max(arrivalNs, this.#lastNs)
    if (this.firstNs === Number.POSITIVE_INFINITY) this.firstNs = this.#lastNs
    this.#orders.push(order)
    this.#times.push(this.#lastNs)
    this.#kinds.push(kind)
  }

  get firstKind(): number {
    return this.#kinds[this.#head]!
  }

  shift(): ReplayOrder {
    const order = this.#orders[this.#head]!
    this.#head += 1
    if (this.#head === this.#orders.length) {
      this.#orders.length = 0
      this.#times.length = 0
      this.#kinds.length = 0
      this.#head = 0
    }
    this.firstNs = this.#times[this.#head] ?? Number.POSITIVE_INFINITY
    return order
  }
}

export const RequestKind = { NEW: 1, CANCEL: 2, MODIFY: 3 } as const

/** REJECTED: a cancel or a change; the order is as it was, or gone. */
export const ResponseKind = { REPORT: 1, REJECTED: 2 } as const
