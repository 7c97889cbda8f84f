// The figures of one run in total.

import type { Account, Contract } from '../replay/account.ts'
import { type EquityStatistics, equityStatistics, ratio } from './equity-statistics.ts'
import { FILL_CAUSE_NAMES, type LedgerFill } from './fill-ledger.ts'
import { realisedProfit } from './profit.ts'
import { mean, type QuotingFigures, quotingFigures } from './quoting-figures.ts'
import { type RunRecord, sumOfDays } from './run-record.ts'

export type RunFigures = EquityStatistics &
  QuotingFigures & {
    readonly netProfit: number
    readonly grossProfit: number
    readonly realisedProfit: number
    readonly unrealisedProfit: number
    readonly fees: number
    readonly finalPosition: number
    readonly turnover: number
    readonly turnoverPerDay: number | null
    readonly fillsPerDay: number | null
    readonly returnOverTurnover: number | null
    readonly submittedOrders: number
    readonly cancelledOrders: number
    readonly reducedOrders: number
    readonly expiredOrders: number
    readonly limitedOrders: number
    readonly fillsByCause: Readonly<Record<string, number>>
    readonly meanQueueAheadAtEntry: number | null
    readonly maxPositionValue: number
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
  const { samples, fills, counts } = record
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
  const values = position.map((held, at) => Math.abs(valueOf(held, mid[at]!, settings.contract)))
  return {
    ...equityStatistics(net, settings.sampleNs, settings.dayCountPerYear),
    netProfit: grossProfit - account.fee,
    grossProfit,
    realisedProfit: realised,
    unrealisedProfit: unrealised(grossProfit, realised, account.value),
    fees: account.fee,
    finalPosition: Math.round(account.position / settings.lotSize) * settings.lotSize,
    ...quotingFigures(fills, position, sumOfDays(record), settings),
    turnover: account.value,
    turnoverPerDay: ratio(account.value, days),
    fillsPerDay: ratio(fills.length, days),
    returnOverTurnover: ratio(grossProfit - account.fee, account.value),
    submittedOrders: counts.submitted,
    cancelledOrders: counts.cancelled,
    reducedOrders: counts.reduced,
    expiredOrders: counts.expired,
    limitedOrders: counts.limited,
    fillsByCause: causes(fills),
    meanQueueAheadAtEntry: mean(fills.filter(({ isMaker }) => isMaker).map((fill) => fill.queueAheadAtEntry)),
    maxPositionValue: values.reduce((most, value) => Math.max(most, value), 0),
    entryLatencyMs: quantiles(fills.map((fill) => (fill.acceptedNs - fill.sentNs) / 1e6)),
    responseLatencyMs: quantiles(fills.map((fill) => (fill.seenNs - fill.exchangeNs) / 1e6)),
    durationS,
    steps: counts.steps,
    questions: counts.questions,
  }
}

/** What rounding leaves of a closed position is none. */
export function unrealised(grossProfit: number, realised: number, turnover: number): number {
  const difference = grossProfit - realised
  return Math.abs(difference) < 1e-12 * turnover ? 0 : difference
}

function causes(fills: readonly LedgerFill[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { cause } of fills) {
    const name = FILL_CAUSE_NAMES[cause]
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

function valueOf(position: number, price: number, { size, isInverse }: Contract): number {
  return isInverse ? (size * position) / price : size * position * price
}

function quantiles(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1)! }
}
