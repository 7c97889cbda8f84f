// Between decimal numbers and whole steps (ticks, lots), exactly: the edge of a feed.
//
// A step is mantissa / 10^decimals. So many steps as a double are units * mantissa / 10^decimals: one division of two
// exact numbers, which IEEE rounds to the double nearest to the decimal, the same that parsing its text gives.

import { assert } from '../base/assert.ts'

const STEP_PATTERN = /^\d{1,15}(?:\.\d{1,15})?$/

export type Scale = { readonly mantissa: number; readonly decimals: number; readonly divisor: number }

/** True for a decimal text above zero with at most 15 digits on each side of its point. */
export function isStep(text: string): boolean {
  return STEP_PATTERN.test(text) && Number(text) > 0 && parseStep(text) !== null
}

export function scaleOf(step: string): Scale {
  const scale = STEP_PATTERN.test(step) ? parseStep(step) : null
  assert(scale !== null, 'a step is a positive decimal')
  return scale
}

function parseStep(text: string): Scale | null {
  const [whole = '', fraction = ''] = text.replace(/(\.\d*?)0+$/, '$1').split('.')
  const mantissa = Number(whole + fraction)
  if (!Number.isSafeInteger(mantissa) || mantissa === 0) return null
  return { mantissa, decimals: fraction.length, divisor: 10 ** fraction.length }
}

/** The double nearest to `units` steps. */
export function toNumber(units: number, scale: Scale): number {
  return (units * scale.mantissa) / scale.divisor
}

/**
 * How many steps `value` / 10^`decimals` is: `value` is the digits of a decimal text without its point. -1 when it is
 * no whole number of steps, or too large. `value` must not be negative.
 */
export function toUnits(value: number, decimals: number, scale: Scale): number {
  assert(value >= 0, 'a price or quantity in digits has no sign')
  const numerator = decimals <= scale.decimals ? value * 10 ** (scale.decimals - decimals) : value
  const denominator = decimals <= scale.decimals ? scale.mantissa : scale.mantissa * 10 ** (decimals - scale.decimals)
  if (numerator > Number.MAX_SAFE_INTEGER || denominator > Number.MAX_SAFE_INTEGER) return -1
  return numerator % denominator === 0 ? numerator / denominator : -1
}
