// The bare minimum: a price-time book in one function over typed arrays, to see what the features of the exchange cost.
//
// One symbol, prices 1 .. 2^17-1, order ids that are dense and chosen by the caller; no validation, owners, events, or
// anything else. Nobody should use it; the engine is measured against it.

import { OP_CANCEL, OP_IOC, OP_LIMIT, OP_MARKET, type OrderFlow } from '../order-flow.ts'

export type FlowOutcome = { fills: number; quantityLots: number; notional: number; hash: number; ordersLeft: number }

const PRICE_COUNT = 1 << 17
/** next, prev, price and side, quantity */
const WORDS = 4

export class BareBook {
  readonly #orders: Int32Array
  readonly #levels = new Int32Array(PRICE_COUNT * 4)

  constructor(orderIdMax: number) {
    this.#orders = new Int32Array((orderIdMax + 1) * WORDS)
  }

  run(flow: OrderFlow): FlowOutcome {
    this.#orders.fill(0)
    this.#levels.fill(0)
    return runFlow(flow.words, this.#orders, this.#levels)
  }
}

/** Levels: head and tail of the bids at a price, then of the asks. */
function runFlow(flow: Int32Array, orders: Int32Array, levels: Int32Array): FlowOutcome {
  let bestBid = 0
  let bestAsk = PRICE_COUNT
  let fills = 0
  let quantityLots = 0
  let notional = 0
  let hash = 0
  let ordersLeft = 0
  for (let at = 0; at < flow.length; at += 4) {
    const op = flow[at]! & 0xff
    let side = (flow[at]! >> 8) & 1
    const id = flow[at + 1]!
    let price = flow[at + 2]!
    let lots = flow[at + 3]!
    const order = id * WORDS
    if (op !== OP_LIMIT && op !== OP_IOC && op !== OP_MARKET) {
      if (orders[order + 3] === 0) continue
      // A cancel, and the first half of a replace.
      const next = orders[order]!
      const previous = orders[order + 1]!
      side = orders[order + 2]! & 1
      const level = (orders[order + 2]! >> 1) * 4 + side * 2
      if (previous === 0) levels[level] = next
      else orders[previous] = next
      if (next === 0) levels[level + 1] = previous
      else orders[next + 1] = previous
      orders[order + 3] = 0
      ordersLeft -= 1
      if (op === OP_CANCEL) continue
    }
    if (op === OP_MARKET) price = side === 0 ? PRICE_COUNT - 1 : 1
    if (side === 0) {
      while (lots > 0 && bestAsk <= price) {
        const level = bestAsk * 4 + 2
        let maker = levels[level]!
        while (lots > 0 && maker !== 0) {
          const makerLots = orders[maker + 3]!
          const traded = makerLots < lots ? makerLots : lots
          hash = (Math.imul(hash, 31) + maker / WORDS + Math.imul(id, 7) + Math.imul(traded, 1000003) + bestAsk) | 0
          fills += 1
          quantityLots += traded
          notional += traded * bestAsk
          lots -= traded
          orders[maker + 3] = makerLots - traded
          if (makerLots > traded) break
          ordersLeft -= 1
          maker = orders[maker]!
        }
        levels[level] = maker
        if (maker !== 0) {
          orders[maker + 1] = 0
          break
        }
        levels[level + 1] = 0
        bestAsk += 1
        while (bestAsk < PRICE_COUNT && levels[bestAsk * 4 + 2] === 0) bestAsk += 1
      }
    } else {
      while (lots > 0 && bestBid >= price) {
        const level = bestBid * 4
        let maker = levels[level]!
        while (lots > 0 && maker !== 0) {
          const makerLots = orders[maker + 3]!
          const traded = makerLots < lots ? makerLots : lots
          hash = (Math.imul(hash, 31) + maker / WORDS + Math.imul(id, 7) + Math.imul(traded, 1000003) + bestBid) | 0
          fills += 1
          quantityLots += traded
          notional += traded * bestBid
          lots -= traded
          orders[maker + 3] = makerLots - traded
          if (makerLots > traded) break
          ordersLeft -= 1
          maker = orders[maker]!
        }
        levels[level] = maker
        if (maker !== 0) {
          orders[maker + 1] = 0
          break
        }
        levels[level + 1] = 0
        bestBid -= 1
        while (bestBid > 0 && levels[bestBid * 4] === 0) bestBid -= 1
      }
    }
    if (lots === 0 || op === OP_IOC || op === OP_MARKET) continue
    const level = price * 4 + side * 2
    const tail = levels[level + 1]!
    if (tail === 0) levels[level] = order
    else orders[tail] = order
    levels[level + 1] = order
    orders[order] = 0
    orders[order + 1] = tail
    orders[order + 2] = (price << 1) | side
    orders[order + 3] = lots
    ordersLeft += 1
    if (side === 0) {
      if (price > bestBid) bestBid = price
    } else if (price < bestAsk) bestAsk = price
  }
  return { fills, quantityLots, notional, hash: hash >>> 0, ordersLeft }
}
