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

const POINT = 0x2e
const ZERO = 0x30

/** How many steps the decimal text is; -1 when it is none, has a sign, lies between two steps or is too large. */
export function parseUnits(text: string, { mantissa, decimals }: Scale): number {
  let units = 0
  let at = 0
  let digitCount = 0
  for (; at < text.length && text.charCodeAt(at) !== POINT; at++, digitCount++) {
    const digit = text.charCodeAt(at) - ZERO
    if (digit < 0 || digit > 9) return -1
    units = units * 10 + digit
  }
  at += 1
  for (let place = 0; place < decimals || at < text.length; place++, at++) {
    const digit = at < text.length ? text.charCodeAt(at) - ZERO : 0
    if (digit < 0 || digit > 9) return -1
    if (at < text.length) digitCount += 1
    if (place < decimals) units = units * 10 + digit
    else if (digit !== 0) return -1
  }
  if (digitCount === 0 || units > Number.MAX_SAFE_INTEGER) return -1
  return units % mantissa === 0 ? units / mantissa : -1
}

/** Digits after the point of a decimal text, without the zeros at its end. */
export function decimalsOf(text: string): number {
  const point = text.indexOf('.')
  if (point === -1) return 0
  let end = text.length
  while (text.charCodeAt(end - 1) === ZERO) end -= 1
  return end - point - 1
}

/** The step of so many decimals: 2 is "0.01". */
export function stepOf(decimals: number): string {
  return decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`
}
