// The ledger of a backtest: for every fill of ours what filled, why, how long it waited and what stood ahead of it.

import type { Side } from '../../protocol/kinds.ts'
import { FillCause } from '../replay/replay-order.ts'

export const FILL_CAUSE_NAMES: Readonly<Record<FillCause, string>> = {
  [FillCause.NONE]: 'none',
  [FillCause.TAKER]: 'taker',
  [FillCause.CROSSED]: 'crossed',
  [FillCause.TRADED_THROUGH]: 'traded-through',
  [FillCause.QUEUE]: 'queue',
  [FillCause.OVERTAKEN]: 'overtaken',
}

export type LedgerFill = {
  readonly orderId: number
  readonly side: Side
  readonly priceTicks: number
  readonly price: number
  readonly quantity: number
  readonly isMaker: boolean
  readonly cause: FillCause
  /** Nanoseconds of the feed: sent by us, accepted, filled at the exchange, known to us. */
  readonly sentNs: number
  readonly acceptedNs: number
  readonly exchangeNs: number
  readonly seenNs: number
  /** Quantity displayed ahead of the order when it was accepted. */
  readonly queueAheadAtEntry: number
  readonly fee: number
  /** After the fill. */
  readonly position: number
  /** Middle of the touch in ticks, as we knew it last before we learned of the fill; NaN: there was none. */
  readonly midTicksBefore: number
  /** By horizon: how far the middle had moved in our favour from the fill's price; NaN: the feed ended before. In ticks. */
  readonly markoutTicks: number[]
}

export const MARKOUT_HORIZONS_NS = [100_000_000, 1_000_000_000, 10_000_000_000, 60_000_000_000] as const
