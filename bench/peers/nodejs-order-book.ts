// npm's nodejs-order-book, the most used matching engine of this ecosystem, over the same flow. It has no replace that
// loses priority and keeps the id, so a replace is a cancel and a new order there; and it has no event stream, so its
// fills are read from what each call returns.

import { type LimitOrderOptions, OrderBook, Side } from 'nodejs-order-book'
import { type FlowOutcome, OP_CANCEL, OP_IOC, OP_MARKET, OP_REPLACE, type OrderFlow } from '../order-flow.ts'

/** The package does not export the names of its own values. */
type TimeInForce = NonNullable<LimitOrderOptions['timeInForce']>
const SIDES = [Side.BUY, Side.SELL] as const

export class NodejsOrderBook {
  #book = new OrderBook()
  #fills = 0
  #quantityLots = 0

  clear(): void {
    this.#book = new OrderBook()
    this.#fills = this.#quantityLots = 0
  }

  run({ words }: OrderFlow): void {
    for (let at = 0; at < words.length; at += 4) {
      const op = words[at]! & 0xff
      const id = String(words[at + 1]!)
      let side = SIDES[(words[at]! >> 8) & 1]!
      if (op === OP_CANCEL || op === OP_REPLACE) {
        const cancelled = this.#book.cancel(id)
        if (cancelled === undefined) continue
        side = cancelled.order.side
        if (op === OP_CANCEL) continue
      }
      const size = words[at + 3]!
      if (op === OP_MARKET) this.#count('', this.#book.market({ side, size }))
      else {
        const timeInForce = (op === OP_IOC ? 'IOC' : 'GTC') as TimeInForce
        this.#count(id, this.#book.limit({ id, side, size, price: words[at + 2]!, timeInForce }))
      }
    }
  }

  /** What can be told of it: how often and how much it traded. */
  outcome(): Pick<FlowOutcome, 'fills' | 'quantityLots'> {
    return { fills: this.#fills, quantityLots: this.#quantityLots }
  }

  /** The orders that are done are makers, and the taker itself when all of it traded. */
  #count(taker: string, answer: ReturnType<OrderBook['market']>): void {
    for (const { id, size } of answer.done) {
      if (id === taker) continue
      this.#fills += 1
      this.#quantityLots += size
    }
    if (answer.partial === null || answer.partial.id === taker) return
    this.#fills += 1
    this.#quantityLots += answer.partialQuantityProcessed
  }
}
