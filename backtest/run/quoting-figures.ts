// How well a market maker quoted, over a whole run or over one day of it: fills and what they were worth afterwards,
// inventory, and how long which sides rested.

import { Side } from '../../protocol/kinds.ts'
import { ratio } from './equity-statistics.ts'
import { type LedgerFill, MARKOUT_HORIZONS_NS } from './fill-ledger.ts'
import type { DayRecord } from './run-record.ts'

export type Markout = { readonly horizonS: number; readonly count: number; readonly meanTicks: number | null }

export type QuotingFigures = {
  readonly fills: number
  readonly makerFills: number
  readonly quantity: number
  /** Filled quantity / submitted quantity. */
  readonly fillRatio: number | null
  /** Distance of a maker fill's price from the middle before we knew of it: what the spread earned. In ticks. */
  readonly meanSpreadCapturedTicks: number | null
  readonly markouts: readonly Markout[]
  readonly maxPosition: number
  readonly meanAbsolutePosition: number | null
  /** Time in which a deviation of the position halves, of an autoregression of order 1; null: it does not come back. */
  readonly inventoryHalfLifeS: number | null
  readonly uptimeBoth: number | null
  readonly uptimeBid: number | null
  readonly uptimeAsk: number | null
  readonly timeAtTouchBid: number | null
  readonly timeAtTouchAsk: number | null
}

/** `position`: its samples. */
export function quotingFigures(
  fills: readonly LedgerFill[],
  position: Float64Array,
  { times, positionNs, submittedQuantity }: DayRecord,
  { lotSize, sampleNs }: { readonly lotSize: number; readonly sampleNs: number },
): QuotingFigures {
  const maker = fills.filter(({ isMaker }) => isMaker)
  const quantity = fills.reduce((sum, fill) => sum + fill.quantity, 0)
  return {
    fills: fills.length,
    makerFills: maker.length,
    quantity,
    fillRatio: ratio(quantity, submittedQuantity),
    meanSpreadCapturedTicks: mean(maker.map((fill) => signedTicks(fill, fill.midTicksBefore))),
    markouts: MARKOUT_HORIZONS_NS.map((horizonNs, at) => markout(fills, horizonNs, at)),
    ...inventory(positionNs, lotSize),
    inventoryHalfLifeS: halfLifeS(position, sampleNs),
    uptimeBoth: ratio(times.bothNs, times.marketNs),
    uptimeBid: ratio(times.bidNs, times.marketNs),
    uptimeAsk: ratio(times.askNs, times.marketNs),
    timeAtTouchBid: ratio(times.bidAtTouchNs, times.marketNs),
    timeAtTouchAsk: ratio(times.askAtTouchNs, times.marketNs),
  }
}

function markout(fills: readonly LedgerFill[], horizonNs: number, at: number): Markout {
  const known = fills.map(({ markoutTicks }) => markoutTicks[at]!).filter((ticks) => !Number.isNaN(ticks))
  return { horizonS: horizonNs / 1e9, count: known.length, meanTicks: mean(known) }
}

/** In our favour: how far `midTicks` is from the fill's price. */
function signedTicks({ side, priceTicks }: LedgerFill, midTicks: number): number {
  return side === Side.BUY ? midTicks - priceTicks : priceTicks - midTicks
}

function inventory(positionNs: ReadonlyMap<number, number>, lotSize: number) {
  let total = 0
  let weighted = 0
  let most = 0
  for (const [lots, ns] of positionNs) {
    total += ns
    weighted += ns * Math.abs(lots) * lotSize
    most = Math.max(most, Math.abs(lots) * lotSize)
  }
  return { maxPosition: most, meanAbsolutePosition: ratio(weighted, total) }
}

function halfLifeS(position: Float64Array, sampleNs: number): number | null {
  const average = mean(position)
  if (average === null) return null
  let products = 0
  let squares = 0
  for (let at = 1; at < position.length; at++) {
    const before = position[at - 1]! - average
    products += before * (position[at]! - average)
    squares += before * before
  }
  const persistence = products / squares
  if (!(persistence > 0 && persistence < 1)) return null
  return ((-Math.LN2 / Math.log(persistence)) * sampleNs) / 1e9
}

export function mean(values: ArrayLike<number>): number | null {
  let sum = 0
  let count = 0
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (Number.isNaN(value)) continue
    sum += value
    count += 1
  }
  return count === 0 ? null : sum / count
}
