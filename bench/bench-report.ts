// What a benchmark hands back: a report, the curves behind its percentiles, and what it does not tell.

import { build, type Histogram } from 'hdr-histogram-js'
import type { Report, Result } from '../ops/cli/output.ts'
import { median, spreadOf } from './harness.ts'

/** How long each share of the operations took at most. */
export type Curve = {
  readonly name: string
  readonly unit: string
  /** Percentiles, ascending, and the value at each. */
  readonly percentiles: readonly number[]
  readonly values: readonly number[]
}

export type BenchReport = Report & {
  readonly curves?: readonly Curve[]
  /** Sentences that keep a reader from taking the figures for more than they are. */
  readonly leavesOut: readonly string[]
}

const CURVE_PERCENTILES = [0, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100]

export type LatencyFigures = Required<Pick<Result, 'p50' | 'p99' | 'p999' | 'max' | 'spread'>> & {
  readonly value: number
  readonly unit: string
}

/** Of times in nanoseconds. */
export function histogramOf(latenciesNs: Float64Array): Histogram {
  const histogram = build({
    ...{ lowestDiscernibleValue: 1, highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: 3 },
  })
  for (const latencyNs of latenciesNs) histogram.recordValue(Math.max(1, Math.round(latencyNs)))
  return histogram
}

/** Medians over rounds of each round's percentiles; `max` is that of all rounds. Values are divided by `divisor`. */
export function latencyFigures(rounds: readonly Histogram[], unit: string, divisor = 1): LatencyFigures {
  const at = (percentile: number) =>
    rounded(median(rounds.map((round) => round.getValueAtPercentile(percentile))) / divisor)
  const p50s = rounds.map((round) => round.getValueAtPercentile(50))
  return {
    value: at(50),
    unit,
    p50: at(50),
    p99: at(99),
    p999: at(99.9),
    max: rounded(Math.max(...rounds.map(({ maxValue }) => maxValue)) / divisor),
    spread: Number(spreadOf(p50s).toFixed(3)),
  }
}

/** The median over rounds at each percentile. */
export function curveOf(name: string, rounds: readonly Histogram[], unit: string, divisor = 1): Curve {
  const values = CURVE_PERCENTILES.map((percentile) =>
    rounded(median(rounds.map((round) => round.getValueAtPercentile(percentile))) / divisor),
  )
  return { name, unit, percentiles: CURVE_PERCENTILES, values }
}

export function joinReports(reports: readonly BenchReport[]): BenchReport {
  return {
    checks: reports.flatMap(({ checks }) => checks),
    results: reports.flatMap(({ results }) => results),
    curves: reports.flatMap(({ curves }) => curves ?? []),
    leavesOut: [...new Set(reports.flatMap(({ leavesOut }) => leavesOut))],
  }
}

/** Three digits are more than any of these figures is good for. */
export function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(4))
}
