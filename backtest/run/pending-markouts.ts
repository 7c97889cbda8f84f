// Fills whose markouts are not known yet: for each horizon those that wait, the earliest first.

import { Side } from '../../protocol/kinds.ts'
import { type LedgerFill, MARKOUT_HORIZONS_NS } from './fill-ledger.ts'

export class PendingMarkouts {
  readonly #fills: LedgerFill[] = []
  /** By horizon: how many fills are marked. */
  readonly #marked = MARKOUT_HORIZONS_NS.map(() => 0)

  add(fill: LedgerFill): void {
    this.#fills.push(fill)
  }

  /** The middle of the touch at this time. Fills whose horizon has come are marked with it. */
  mark(midTicks: number, nowNs: number): void {
    for (let h = 0; h < MARKOUT_HORIZONS_NS.length; h++) {
      const horizonNs = MARKOUT_HORIZONS_NS[h]!
      let at = this.#marked[h]!
      while (at < this.#fills.length) {
        const fill = this.#fills[at]!
        if (fill.exchangeNs + horizonNs > nowNs) break
        fill.markoutTicks[h] = fill.side === Side.BUY ? midTicks - fill.priceTicks : fill.priceTicks - midTicks
        at += 1
      }
      this.#marked[h] = at
    }
  }
}
