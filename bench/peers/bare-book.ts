// The bare minimum: a price-time book over typed arrays, to see what the features of the exchange cost.
//
// One symbol, prices 1 .. 2^17-1, order ids that are dense and chosen by the caller; no validation, owners, events, or
// anything else. Nobody should use it; the engine is measured against it.

import { type FlowOutcome, OP_CANCEL, OP_IOC, OP_MARKET, OP_REPLACE, type OrderFlow } from '../order-flow.ts'

const PRICE_COUNT = 1 << 17
/** next, previous, price and side, quantity */
const WORDS = 4

export class BareBook {
  readonly #orders: Int32Array
  /** Head and tail of the bids at a price, then of the asks. */
  readonly #levels = new Int32Array(PRICE_COUNT * 4)
  #bestBid = 0
  #bestAsk = PRICE_COUNT
  #fills = 0
  #quantityLots = 0
  #notional = 0
  #hash = 0

  constructor(orderIdMax: number) {
    this.#orders = new Int32Array((orderIdMax + 1) * WORDS)
  }

  clear(): void {
    this.#orders.fill(0)
    this.#levels.fill(0)
    this.#bestBid = 0
    this.#bestAsk = PRICE_COUNT
    this.#fills = this.#quantityLots = this.#notional = this.#hash = 0
  }

  run({ words }: Pick<OrderFlow, 'words'>): void {
    const orders = this.#orders
    for (let at = 0; at < words.length; at += 4) {
      const op = words[at]! & 0xff
      const id = words[at + 1]!
      const order = id * WORDS
      let side = (words[at]! >> 8) & 1
      if (op === OP_CANCEL || op === OP_REPLACE) {
        if (orders[order + 3] === 0) continue
        side = orders[order + 2]! & 1
        this.#takeOut(order)
        if (op === OP_CANCEL) continue
      }
      const limit = op === OP_MARKET ? (side === 0 ? PRICE_COUNT - 1 : 1) : words[at + 2]!
      const lots = side === 0 ? this.#buy(id, limit, words[at + 3]!) : this.#sell(id, limit, words[at + 3]!)
      if (lots > 0 && op !== OP_IOC && op !== OP_MARKET) this.#rest(order, side, limit, lots)
    }
  }

  outcome(): FlowOutcome {
    let ordersLeft = 0
    for (let at = 3; at < this.#orders.length; at += WORDS) if (this.#orders[at] !== 0) ordersLeft += 1
    return {
      fills: this.#fills,
      quantityLots: this.#quantityLots,
      notional: this.#notional,
      hash: this.#hash >>> 0,
      ordersLeft,
    }
  }

  /** 0: it is not in the book. */
  lotsOf(id: number): number {
    return this.#orders[id * WORDS + 3]!
  }

  priceOf(id: number): number {
    return this.#orders[id * WORDS + 2]! >> 1
  }

  #takeOut(order: number): void {
    const orders = this.#orders
    const next = orders[order]!
    const previous = orders[order + 1]!
    const level = (orders[order + 2]! >> 1) * 4 + (orders[order + 2]! & 1) * 2
    if (previous === 0) this.#levels[level] = next
    else orders[previous] = next
    if (next === 0) this.#levels[level + 1] = previous
    else orders[next + 1] = previous
    orders[order + 3] = 0
  }

  #buy(id: number, limit: number, wanted: number): number {
    let lots = wanted
    while (lots > 0 && this.#bestAsk <= limit) {
      lots = this.#takeLevel(this.#bestAsk * 4 + 2, this.#bestAsk, id, lots)
      if (this.#levels[this.#bestAsk * 4 + 2] !== 0) break
      do this.#bestAsk += 1
      while (this.#bestAsk < PRICE_COUNT && this.#levels[this.#bestAsk * 4 + 2] === 0)
    }
    return lots
  }

  #sell(id: number, limit: number, wanted: number): number {
    let lots = wanted
    while (lots > 0 && this.#bestBid >= limit) {
      lots = this.#takeLevel(this.#bestBid * 4, this.#bestBid, id, lots)
      if (this.#levels[this.#bestBid * 4] !== 0) break
      do this.#bestBid -= 1
      while (this.#bestBid > 0 && this.#levels[this.#bestBid * 4] === 0)
    }
    return lots
  }

  /** Trades with the level's orders, oldest first; gives what is left of `wanted`. */
  #takeLevel(level: number, price: number, id: number, wanted: number): number {
    const orders = this.#orders
    const levels = this.#levels
    let lots = wanted
    let maker = levels[level]!
    while (lots > 0 && maker !== 0) {
      const makerLots = orders[maker + 3]!
      const traded = makerLots < lots ? makerLots : lots
      this.#hash =
        (Math.imul(this.#hash, 31) + maker / WORDS + Math.imul(id, 7) + Math.imul(traded, 1000003) + price) | 0
      this.#fills += 1
      this.#quantityLots += traded
      this.#notional += traded * price
      lots -= traded
      orders[maker + 3] = makerLots - traded
      if (makerLots > traded) break
      maker = orders[maker]!
    }
    levels[level] = maker
    if (maker === 0) levels[level + 1] = 0
    else orders[maker + 1] = 0
    return lots
  }

  #rest(order: number, side: number, price: number, lots: number): void {
    const orders = this.#orders
    const level = price * 4 + side * 2
    const tail = this.#levels[level + 1]!
    if (tail === 0) this.#levels[level] = order
    else orders[tail] = order
    this.#levels[level + 1] = order
    orders[order] = 0
    orders[order + 1] = tail
    orders[order + 2] = (price << 1) | side
    orders[order + 3] = lots
    if (side === 0) {
      if (price > this.#bestBid) this.#bestBid = price
    } else if (price < this.#bestAsk) this.#bestAsk = price
  }
}
