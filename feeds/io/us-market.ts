// What the sources of the American stock market share: times since midnight in New York, prices in ten-thousandths.

import type { FeedHeader } from '../feed-header.ts'
import { isStep, scaleOf } from '../price-scale.ts'
import { InputFileError } from './input-file.ts'

export const MARKET_TIME_ZONE = 'America/New_York'
const PRICE_DECIMALS = 4

/** Midnight of the market's day, in seconds since 1970: such sources count from it. */
export function midnightUnixS(date: string): number {
  const utcMs = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(utcMs) || !/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    throw new InputFileError(`${date} is no date of the form YYYY-MM-DD`)
  }
  // New York is 4 or 5 hours behind UTC, so one of the two is its midnight.
  const clock = new Intl.DateTimeFormat('en-US', { timeZone: MARKET_TIME_ZONE, hour: 'numeric', hourCycle: 'h23' })
  const hours = clock.format(utcMs + 4 * 3_600_000) === '00' ? 4 : 5
  return utcMs / 1000 + hours * 3600
}

/** A tick in units of a ten-thousandth of a dollar. */
export function pricePerTickOf(tickSize: string): number {
  const scale = isStep(tickSize) ? scaleOf(tickSize) : null
  if (scale !== null && scale.decimals <= PRICE_DECIMALS)
    return scale.mantissa * 10 ** (PRICE_DECIMALS - scale.decimals)
  throw new InputFileError(`a tick of ${tickSize} is not possible: the prices have four decimals`)
}

export function unknownDayNotes({ timeBaseUnixS }: FeedHeader): string[] {
  return timeBaseUnixS === null
    ? ['The day is not known (no date in the file name): times count from its midnight. --date says it.']
    : []
}
