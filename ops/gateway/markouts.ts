// What became of the price after our fills: the mid MARKOUT_MS later against the fill's price, signed in our favour.

import { MARKOUT_MS, type MarkoutView } from './dashboard-protocol.ts'
import { Ring } from './ring.ts'

const KEPT_COUNT = 1_000
/** A fill that is heard of later than this after its horizon has no markout: the price of then is not known. */
const LATE_MS_MAX = 1_500

type Waiting = {
  readonly tradeId: number
  readonly symbolId: number
  readonly direction: number
  readonly priceTicks: number
  readonly dueMs: number
}

export class Markouts {
  readonly settled = new Ring<MarkoutView>(KEPT_COUNT)
  readonly #waiting: Waiting[] = []

  onFill(symbolId: number, tradeId: number, side: 'buy' | 'sell', priceTicks: number, timeMs: number): void {
    const direction = side === 'buy' ? 1 : -1
    this.#waiting.push({ tradeId, symbolId, direction, priceTicks, dueMs: timeMs + MARKOUT_MS })
    if (this.#waiting.length > KEPT_COUNT) this.#waiting.shift()
  }

  /** Lets time pass. `mid`: of a symbol in ticks, which may be halves; NaN while there is none. */
  poll(nowMs: number, mid: (symbolId: number) => number): void {
    while (this.#waiting.length > 0 && this.#waiting[0]!.dueMs <= nowMs) {
      const { tradeId, symbolId, direction, priceTicks, dueMs } = this.#waiting.shift()!
      const markoutTicks = (mid(symbolId) - priceTicks) * direction
      if (nowMs - dueMs <= LATE_MS_MAX && Number.isFinite(markoutTicks)) this.settled.push({ tradeId, markoutTicks })
    }
  }
}
