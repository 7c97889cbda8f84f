// The figures of one run, in total and by day.

import { Side } from '../../protocol/kinds.ts'
import type { Account, Contract } from '../replay/account.ts'
import { dayText } from './day-text.ts'
import { type EquityStatistics, equityStatistics, ratio } from './equity-statistics.ts'
import { FILL_CAUSE_NAMES, type LedgerFill, MARKOUT_HORIZONS_NS } from './fill-ledger.ts'
import { realisedProfit } from './profit.ts'
import type { RunRecord } from './run-record.ts'

export type Markout = { readonly horizonS: number; readonly count: number; readonly meanTicks: number | null }

export type DayFigures = {
  /** YYYY-MM-DD; a feed without a date counts its days from 0. */
  readonly day: string
  readonly netProfit: number
  readonly fees: number
  readonly fills: number
  readonly quantity: number
  readonly turnover: number
}

export type RunFigures = EquityStatistics & {
  readonly netProfit: number
  readonly grossProfit: number
  readonly realisedProfit: number
  readonly unrealisedProfit: number
  readonly fees: number
  readonly finalPosition: number
  readonly fills: number
  readonly makerFills: number
  readonly quantity: number
  readonly turnover: number
  readonly turnoverPerDay: number | null
  readonly fillsPerDay: number | null
  readonly returnOverTurnover: number | null
  readonly submittedOrders: number
  readonly cancelledOrders: number
  readonly reducedOrders: number
  readonly expiredOrders: number
  readonly limitedOrders: number
  /** Filled quantity / submitted quantity. */
  readonly fillRatio: number | null
  readonly fillsByCause: Readonly<Record<string, number>>
  readonly meanQueueAheadAtEntry: number | null
  /** Distance of a maker fill's price from the middle before we knew of it: what the spread earned. In ticks. */
  readonly meanSpreadCapturedTicks: number | null
  readonly markouts: readonly Markout[]
  readonly maxPosition: number
  readonly meanAbsolutePosition: number | null
  readonly maxPositionValue: number
  /** Time in which a deviation of the position halves, of an autoregression of order 1; null: it does not come back. */
  readonly inventoryHalfLifeS: number | null
  readonly uptimeBoth: number | null
  readonly uptimeBid: number | null
  readonly uptimeAsk: number | null
  readonly timeAtTouchBid: number | null
  readonly timeAtTouchAsk: number | null
  readonly entryLatencyMs: Quantiles | null
  readonly responseLatencyMs: Quantiles | null
  readonly durationS: number
  readonly steps: number
  readonly questions: number
}

export type Quantiles = {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

export type FigureSettings = {
  readonly contract: Contract
  readonly sampleNs: number
  readonly dayCountPerYear: number
  readonly timeBaseUnixS: number | null
  readonly lotSize: number
}

export function runFigures(record: RunRecord, account: Account, settings: FigureSettings): RunFigures {
  const { samples, fills, counts, times } = record
  const gross = samples.grossEquity.view()
  const fee = samples.fee.view()
  const net = gross.map((value, at) => value - fee[at]!)
  const position = samples.position.view()
  const mid = samples.mid.view()
  const time = samples.timeNs.view()
  const lastMid = mid.at(-1) ?? Number.NaN
  const grossProfit = fills.length === 0 ? 0 : account.grossEquity(lastMid)
  const realised = realisedProfit(fills, settings.contract)
  const durationS = time.length > 1 ? (time.at(-1)! - time[0]!) / 1e9 : 0
  const days = durationS / 86_400
  const maker = fills.filter(({ isMaker }) => isMaker)
  const values = position.map((held, at) => Math.abs(valueOf(held, mid[at]!, settings.contract)))
  return {
    ...equityStatistics(net, settings.sampleNs, settings.dayCountPerYear),
    netProfit: grossProfit - account.fee,
    grossProfit,
    realisedProfit: realised,
    unrealisedProfit: grossProfit - realised,
    fees: account.fee,
    finalPosition: Math.round(account.position / settings.lotSize) * settings.lotSize,
    fills: fills.length,
    makerFills: maker.length,
    quantity: account.quantity,
    turnover: account.value,
    turnoverPerDay: ratio(account.value, days),
    fillsPerDay: ratio(fills.length, days),
    returnOverTurnover: ratio(grossProfit - account.fee, account.value),
    submittedOrders: counts.submitted,
    cancelledOrders: counts.cancelled,
    reducedOrders: counts.reduced,
    expiredOrders: counts.expired,
    limitedOrders: counts.limited,
    fillRatio: ratio(account.quantity, counts.submittedQuantity),
    fillsByCause: causes(fills),
    meanQueueAheadAtEntry: mean(maker.map(({ queueAheadAtEntry }) => queueAheadAtEntry)),
    meanSpreadCapturedTicks: mean(maker.map((fill) => signedTicks(fill, fill.midTicksBefore))),
    markouts: MARKOUT_HORIZONS_NS.map((horizonNs, at) => markout(fills, horizonNs, at)),
    ...inventory(record, settings),
    maxPositionValue: values.reduce((most, value) => Math.max(most, value), 0),
    inventoryHalfLifeS: halfLifeS(position, settings.sampleNs),
    uptimeBoth: ratio(times.bothNs, times.marketNs),
    uptimeBid: ratio(times.bidNs, times.marketNs),
    uptimeAsk: ratio(times.askNs, times.marketNs),
    timeAtTouchBid: ratio(times.bidAtTouchNs, times.marketNs),
    timeAtTouchAsk: ratio(times.askAtTouchNs, times.marketNs),
    entryLatencyMs: quantiles(fills.map((fill) => (fill.acceptedNs - fill.sentNs) / 1e6)),
    responseLatencyMs: quantiles(fills.map((fill) => (fill.seenNs - fill.exchangeNs) / 1e6)),
    durationS,
    steps: counts.steps,
    questions: counts.questions,
  }
}

/** Days of UTC, as far as there are samples. */
export function dayFigures(record: RunRecord, { timeBaseUnixS }: FigureSettings): DayFigures[] {
  const { samples, fills } = record
  const time = samples.timeNs.view()
  const dayOf = (ns: number) => Math.floor(((timeBaseUnixS ?? 0) + ns / 1e9) / 86_400)
  const figures: DayFigures[] = []
  const at = (column: Float64Array, index: number) => (index < 0 ? 0 : column[index]!)
  const gross = samples.grossEquity.view()
  const fee = samples.fee.view()
  const value = samples.tradedValue.view()
  for (let first = 0; first < time.length; ) {
    const day = dayOf(time[first]!)
    let end = first
    while (end < time.length && dayOf(time[end]!) === day) end += 1
    const [from, to] = [first - 1, end - 1]
    const own = fills.filter(({ seenNs }) => dayOf(seenNs) === day)
    figures.push({
      day: timeBaseUnixS === null ? String(day) : dayText(day),
      netProfit: at(gross, to) - at(fee, to) - (at(gross, from) - at(fee, from)),
      fees: at(fee, to) - at(fee, from),
      fills: own.length,
      quantity: own.reduce((sum, { quantity }) => sum + quantity, 0),
      turnover: at(value, to) - at(value, from),
    })
    first = end
  }
  return figures
}

function causes(fills: readonly LedgerFill[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { cause } of fills) {
    const name = FILL_CAUSE_NAMES[cause]
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

function markout(fills: readonly LedgerFill[], horizonNs: number, at: number): Markout {
  const known = fills.map(({ markoutTicks }) => markoutTicks[at]!).filter((ticks) => !Number.isNaN(ticks))
  return { horizonS: horizonNs / 1e9, count: known.length, meanTicks: mean(known) }
}

/** In our favour: how far `midTicks` is from the fill's price. */
function signedTicks({ side, priceTicks }: LedgerFill, midTicks: number): number {
  return side === Side.BUY ? midTicks - priceTicks : priceTicks - midTicks
}

function inventory({ positionNs }: RunRecord, { lotSize }: FigureSettings) {
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

function valueOf(position: number, price: number, { size, isInverse }: Contract): number {
  return isInverse ? (size * position) / price : size * position * price
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

function quantiles(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1)! }
}
