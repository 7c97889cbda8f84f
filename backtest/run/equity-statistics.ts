// Figures of an equity curve that is sampled at equal distances.
//
//   Sharpe    mean / standard deviation of the changes, times the root of the samples in a day (in a year)
//   Sortino   the same with the root of the mean square of the losses alone
//   Calmar    profit of a year / greatest drawdown
//
// The changes are in currency, so that no capital has to be assumed: the ratios do not depend on it. W. F. Sharpe, "The
// Sharpe ratio", Journal of Portfolio Management 21 (1994); F. Sortino and R. van der Meer, "Downside risk", ibid. 17
// (1991); T. Young, "Calmar ratio", Futures (1991).

export type EquityStatistics = {
  readonly sharpePerDay: number | null
  readonly sharpePerYear: number | null
  readonly sortinoPerDay: number | null
  readonly sortinoPerYear: number | null
  readonly calmar: number | null
  readonly maxDrawdown: number
  /** From the peak to the sample that first reached it again, or to the end. */
  readonly maxDrawdownDurationS: number
  readonly returnOverDrawdown: number | null
}

const DAY_NS = 86_400e9

/** `dayCountPerYear`: 365 for venues that never close. A figure that has no meaning is null. */
export function equityStatistics(equity: Float64Array, sampleNs: number, dayCountPerYear: number): EquityStatistics {
  const count = equity.length - 1
  let sum = 0
  let squares = 0
  let lossSquares = 0
  for (let at = 1; at < equity.length; at++) {
    const change = equity[at]! - equity[at - 1]!
    sum += change
    squares += change * change
    if (change < 0) lossSquares += change * change
  }
  const mean = count > 0 ? sum / count : 0
  const deviation = count > 1 ? Math.sqrt(Math.max(0, (squares - count * mean * mean) / (count - 1))) : 0
  const downside = count > 0 ? Math.sqrt(lossSquares / count) : 0
  const dayRoot = Math.sqrt(DAY_NS / sampleNs)
  const yearRoot = dayRoot * Math.sqrt(dayCountPerYear)
  const { depth, durationSamples } = drawdown(equity)
  const profit = count > 0 ? equity[count]! - equity[0]! : 0
  const yearProfit = count > 0 ? mean * ((DAY_NS * dayCountPerYear) / sampleNs) : 0
  return {
    sharpePerDay: ratio(mean * dayRoot, deviation),
    sharpePerYear: ratio(mean * yearRoot, deviation),
    sortinoPerDay: ratio(mean * dayRoot, downside),
    sortinoPerYear: ratio(mean * yearRoot, downside),
    calmar: ratio(yearProfit, depth),
    maxDrawdown: depth,
    maxDrawdownDurationS: (durationSamples * sampleNs) / 1e9,
    returnOverDrawdown: ratio(profit, depth),
  }
}

export function ratio(value: number, of: number): number | null {
  const quotient = value / of
  return of === 0 || !Number.isFinite(quotient) ? null : quotient
}

function drawdown(equity: Float64Array): { depth: number; durationSamples: number } {
  let peak = Number.NEGATIVE_INFINITY
  let peakAt = 0
  let depth = 0
  let durationSamples = 0
  let isDeepest = false
  for (let at = 0; at < equity.length; at++) {
    const value = equity[at]!
    if (value >= peak) {
      peak = value
      peakAt = at
      isDeepest = false
    } else if (peak - value > depth) {
      depth = peak - value
      isDeepest = true
    }
    if (isDeepest) durationSamples = at - peakAt
  }
  return { depth, durationSamples }
}
