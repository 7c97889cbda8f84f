// The points of a sweep: every combination of a grid of parameter values, or a random sample of its ranges.

import type { Prng } from '../../base/prng.ts'
import type { Parameters } from '../../strategies/strategy.ts'

/** More points than these are no sweep that ends. */
export const SWEEP_POINT_COUNT_MAX = 100_000

/** Values of one parameter, in the order in which they were given. */
export type SweepAxis = { readonly name: string; readonly values: readonly number[] }

/** name=1,2,5 or name=from:to:count (evenly apart), of at most SWEEP_POINT_COUNT_MAX values. Null: it is neither. */
export function parseAxis(text: string): SweepAxis | null {
  const match = /^([A-Za-z][A-Za-z0-9]*)=(.+)$/.exec(text)
  if (match === null) return null
  const [, name = '', given = ''] = match
  const range = given.split(':')
  if (range.length === 3) {
    const [from = Number.NaN, to = Number.NaN, count = Number.NaN] = range.map(numberOf)
    const isPossible = Number.isInteger(count) && count >= 2 && count <= SWEEP_POINT_COUNT_MAX
    if (!(Number.isFinite(from) && Number.isFinite(to) && isPossible)) return null
    return { name, values: Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1)) }
  }
  const values = given.split(',').map(numberOf)
  return values.every((value) => Number.isFinite(value)) ? { name, values } : null
}

/** How many `gridPoints` gives. */
export function gridPointCount(axes: readonly SweepAxis[]): number {
  return axes.reduce((product, { values }) => product * values.length, 1)
}

export function gridPoints(axes: readonly SweepAxis[]): Parameters[] {
  let points: Parameters[] = [{}]
  for (const { name, values } of axes) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })))
  }
  return points
}

/** Each value anywhere between the least and the greatest of its axis. `isWhole`: parameters that take whole numbers. */
export function randomPoints(
  axes: readonly SweepAxis[],
  count: number,
  prng: Prng,
  isWhole: (name: string) => boolean,
): Parameters[] {
  return Array.from({ length: count }, () => {
    const point: Record<string, number> = {}
    for (const { name, values } of axes) {
      const low = Math.min(...values)
      const value = low + (Math.max(...values) - low) * prng.nextFloat()
      point[name] = isWhole(name) ? Math.round(value) : Number(value.toPrecision(6))
    }
    return point
  })
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
