// The small deterministic strategy that the reference results were made with: it keeps one order at each best price, and
// in some runs takes now and then. It is no strategy to trade with; it exists to compare implementations.

import { Side, TimeInForce } from '../protocol/kinds.ts'
import type { Replay } from './replay/replay.ts'
import { OrderStatus, Pending, type ReplayOrder } from './replay/replay-order.ts'

const STEP_NS = 100_000_000
const TAKER_CYCLES = 50
/** In units of the order quantity. */
const POSITION_MAX = 5
const EPSILON = 1e-9

export type ReferenceObserver = {
  /** After the orders that are over were forgotten. */
  onStep?(step: number, replay: Replay): void
  onFilled?(order: ReplayOrder, seenNs: number): void
  onRequest?(action: 'N' | 'C', order: ReplayOrder, nowNs: number): void
}

export class ReferenceQuoter {
  readonly counts = { steps: 0, subs: 0, cancels: 0, fills: 0, expired: 0, takers: 0, takerFills: 0, takerExpired: 0 }
  readonly #replay: Replay
  readonly #quantity: number
  readonly #takerQuantity: number
  readonly #observer: ReferenceObserver
  #cycles = 0

  /** `takerQuantity` 0: it never takes. */
  constructor(replay: Replay, quantity: number, takerQuantity: number, observer: ReferenceObserver = {}) {
    this.#replay = replay
    this.#quantity = quantity
    this.#takerQuantity = takerQuantity
    this.#observer = observer
  }

  run(): void {
    while (this.#replay.elapse(STEP_NS)) this.#step()
  }

  #step(): void {
    const replay = this.#replay
    this.counts.steps += 1
    this.#log()
    replay.forgetEnded()
    this.#observer.onStep?.(this.counts.steps, replay)
    const { book } = replay
    if (!book.isTwoSided) return
    const { bestBid, bestAsk } = book
    const { position } = replay.account
    const positionMax = POSITION_MAX * this.#quantity
    const wantsBuy = position + this.#quantity <= positionMax + EPSILON
    const wantsSell = position - this.#quantity >= -positionMax - EPSILON
    let hasBuy = false
    let hasSell = false
    const orders = [...replay.local.orders.values()].filter(({ isPostOnly }) => isPostOnly)
    for (const order of orders.sort((a, b) => a.id - b.id)) {
      const isBuy = order.side === Side.BUY
      const isKept = isBuy ? wantsBuy && order.priceTicks === bestBid : wantsSell && order.priceTicks === bestAsk
      if (isKept && isBuy) hasBuy = true
      else if (isKept) hasSell = true
      else if (order.status === OrderStatus.NEW && order.pending === Pending.NONE) this.#cancel(order)
    }
    if (wantsBuy && !hasBuy) this.#submit(Side.BUY, bestBid, this.#quantity, true)
    if (wantsSell && !hasSell) this.#submit(Side.SELL, bestAsk, this.#quantity, true)
    this.#cycles += 1
    if (this.#takerQuantity === 0 || this.#cycles % TAKER_CYCLES !== 0) return
    const isBuyTurn = (this.#cycles / TAKER_CYCLES) % 2 === 1
    this.#submit(isBuyTurn ? Side.BUY : Side.SELL, isBuyTurn ? bestAsk : bestBid, this.#takerQuantity, false)
  }

  #log(): void {
    const filled: ReplayOrder[] = []
    for (const order of this.#replay.local.orders.values()) {
      if (order.status === OrderStatus.FILLED) filled.push(order)
      if (order.status !== OrderStatus.EXPIRED) continue
      if (order.isPostOnly) this.counts.expired += 1
      else this.counts.takerExpired += 1
    }
    filled.sort((a, b) => a.exchangeNs - b.exchangeNs || a.id - b.id)
    for (const order of filled) {
      this.counts.fills += 1
      if (!order.isPostOnly) this.counts.takerFills += 1
      this.#observer.onFilled?.(order, this.#replay.nowNs)
    }
  }

  #cancel(order: ReplayOrder): void {
    this.counts.cancels += 1
    this.#observer.onRequest?.('C', order, this.#replay.nowNs)
    this.#replay.cancel(order.id)
  }

  #submit(side: Side, priceTicks: number, quantity: number, isPostOnly: boolean): void {
    if (isPostOnly) this.counts.subs += 1
    else this.counts.takers += 1
    const timeInForce = isPostOnly ? TimeInForce.GTC : TimeInForce.IOC
    const id = this.#replay.submit({ side, priceTicks, quantity, timeInForce, isPostOnly })
    this.#observer.onRequest?.('N', this.#replay.local.orders.get(id)!, this.#replay.nowNs)
  }
}
