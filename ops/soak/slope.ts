// How a figure changes over a run: the straight line that fits its samples best, so that one odd sample decides nothing.

export type Sample = { readonly hours: number; readonly value: number }

/** Samples before this share of the run are warming up. */
const WARM_UP_SHARE = 0.2

export type Trend = { readonly mean: number; readonly perHour: number; readonly grown: number; readonly last: number }

/** By least squares, without the warm-up. `grown`: by how much the line rises over the samples that count. */
export function trendOf(samples: readonly Sample[]): Trend {
  const counted = samples.slice(Math.floor(samples.length * WARM_UP_SHARE))
  const last = counted.at(-1)?.value ?? 0
  const mean = average(counted.map(({ value }) => value))
  const middle = average(counted.map(({ hours }) => hours))
  let [product, square] = [0, 0]
  for (const { hours, value } of counted) {
    product += (hours - middle) * (value - mean)
    square += (hours - middle) ** 2
  }
  const perHour = square === 0 ? 0 : product / square
  const hours = (counted.at(-1)?.hours ?? 0) - (counted[0]?.hours ?? 0)
  return { mean, perHour, grown: perHour * hours, last }
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
