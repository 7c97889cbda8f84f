// The decimal edge of the HTTP API: decimal strings in and out, whole ticks and lots inside. Nothing is rounded: what is
// off the grid is refused with the nearest values that are on it.

import * as decimal from '../../protocol/io/decimal.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import { Problem } from './problem.ts'

/** The price, or null where the number of ticks means that there is none. */
export function priceOrNull(ticks: number, lots: number, instrument: Instrument): string | null {
  return lots === 0 || ticks === 0 ? null : decimal.priceText(ticks, instrument)
}

/** Throws a Problem unless the text is a price on the tick grid and in range. */
export function ticksOf(text: string, field: string, instrument: Instrument): number {
  return converted(text, field, () => decimal.ticksOf(text, instrument))
}

/** Throws a Problem unless the text is a quantity above zero, on the lot grid and in range. */
export function lotsOf(text: string, field: string, instrument: Instrument): number {
  return converted(text, field, () => decimal.lotsOf(text, instrument))
}

function converted(text: string, field: string, convert: () => number): number {
  try {
    return convert()
  } catch (error) {
    if (!(error instanceof decimal.DecimalError)) throw error
    const { problem, stepSize, nearest } = error
    const values = nearest.map((value) => `"${value}"`).join(' or ')
    const remedy =
      values === '' ? `Send a multiple of ${stepSize}.` : `Send a multiple of ${stepSize}, such as ${values}.`
    throw new Problem(422, { error: `${field} ${problem}`, field, value: text, remedy })
  }
}
