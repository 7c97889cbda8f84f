// The figures of one run by day of UTC.

import { dayText } from './day-text.ts'
import { type EquityStatistics, equityStatistics } from './equity-statistics.ts'
import type { LedgerFill } from './fill-ledger.ts'
import { realisedProfit } from './profit.ts'
import { type QuotingFigures, quotingFigures } from './quoting-figures.ts'
import { dayOf, emptyDayRecord, type RunRecord } from './run-record.ts'
import { type FigureSettings, unrealised } from './run-statistics.ts'

export type DayFigures = EquityStatistics &
  QuotingFigures & {
    /** YYYY-MM-DD; a feed without a date counts its days from 0. */
    readonly day: string
    readonly netProfit: number
    readonly grossProfit: number
    readonly realisedProfit: number
    readonly unrealisedProfit: number
    readonly fees: number
    readonly turnover: number
  }

/** Days as far as there are samples. What happened at midnight is the end of the day before. */
export function dayFigures(record: RunRecord, settings: FigureSettings): DayFigures[] {
  const { timeBaseUnixS, sampleNs, dayCountPerYear, contract } = settings
  const { samples, fills, days } = record
  const time = samples.timeNs.view()
  const position = samples.position.view()
  const gross = samples.grossEquity.view()
  const fee = samples.fee.view()
  const traded = samples.tradedValue.view()
  const before = (column: Float64Array, index: number) => (index < 0 ? 0 : column[index]!)
  const figures: DayFigures[] = []
  let realisedBefore = 0
  for (let first = 0; first < time.length; ) {
    const number = dayOf(time[first]! - 1, timeBaseUnixS)
    let end = first
    while (end < time.length && dayOf(time[end]! - 1, timeBaseUnixS) === number) end += 1
    const isOfDay = ({ seenNs }: LedgerFill) => dayOf(seenNs - 1, timeBaseUnixS) === number
    const realisedToNow = realisedProfit(
      fills.filter(({ seenNs }) => dayOf(seenNs - 1, timeBaseUnixS) <= number),
      contract,
    )
    const change = (column: Float64Array) => before(column, end - 1) - before(column, first - 1)
    const from = Math.max(0, first - 1)
    const net = gross.slice(from, end).map((value, at) => value - fee[from + at]!)
    const realised = realisedToNow - realisedBefore
    realisedBefore = realisedToNow
    figures.push({
      day: timeBaseUnixS === null ? String(number) : dayText(number),
      ...equityStatistics(net, sampleNs, dayCountPerYear),
      ...quotingFigures(
        fills.filter(isOfDay),
        position.subarray(first, end),
        days.get(number) ?? emptyDayRecord(),
        settings,
      ),
      netProfit: change(gross) - change(fee),
      grossProfit: change(gross),
      realisedProfit: realised,
      unrealisedProfit: unrealised(change(gross), realised, change(traded)),
      fees: change(fee),
      turnover: change(traded),
    })
    first = end
  }
  return figures
}
