// Realised profit by average cost: what closing part of a position earned against the average price it was opened at.
//
// For inverse contracts the same sums run over 1 / price, in which their value is linear.

import { Side } from '../../protocol/kinds.ts'
import type { Contract } from '../replay/account.ts'
import type { LedgerFill } from './fill-ledger.ts'

/** In the currency of the account, before fees. */
export function realisedProfit(fills: readonly LedgerFill[], { size, isInverse }: Contract): number {
  let position = 0
  let cost = 0
  let realised = 0
  for (const { side, price, quantity } of fills) {
    const signed = side === Side.BUY ? quantity : -quantity
    const unit = isInverse ? -size / price : size * price
    if (position === 0 || Math.sign(position) === Math.sign(signed)) {
      position += signed
      cost += signed * unit
      continue
    }
    const closed = Math.min(Math.abs(signed), Math.abs(position)) * Math.sign(signed)
    const averageCost = cost / position
    realised += -closed * (unit - averageCost)
    cost += closed * averageCost
    position += closed
    const opened = signed - closed
    // What rounding leaves of a closed position is none.
    if (Math.abs(position) < 1e-9 * quantity) {
      position = 0
      cost = 0
    }
    if (opened !== 0) {
      position = opened
      cost = opened * unit
    }
  }
  return realised
}
