// Holds the figures of a run against those of an earlier one, that was kept with --json.

import { readFileSync } from 'node:fs'
import type { Result } from '../ops/cli/output.ts'
import { UserError } from '../ops/cli/output.ts'
import { rounded } from './bench-report.ts'
import type { Machine } from './machine.ts'

export type EarlierRun = { readonly machine: Machine | null; readonly results: readonly Result[] }

export type Comparison = {
  readonly name: string
  readonly metric: string
  readonly unit: string
  readonly before: number
  readonly now: number
  /** now / before. */
  readonly ratio: number
  /** The larger spread of the two, where they are told: a ratio within it says nothing. */
  readonly spread: number | null
}

/** The last line of the file that is a JSON object: what `--json` prints. */
export function readEarlierRun(path: string): EarlierRun {
  const line = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? ''
  try {
    const { results, machine } = JSON.parse(line) as { results?: readonly Result[]; machine?: Machine }
    if (Array.isArray(results)) return { results, machine: machine ?? null }
  } catch {
    // Said below.
  }
  throw new UserError(`${path} holds no report of a benchmark`, 'Keep one with: ./tandem bench ... --json > FILE')
}

/** Every figure that both runs have. */
export function compareRuns(before: readonly Result[], now: readonly Result[]): Comparison[] {
  const earlier = new Map(before.map((result) => [`${result.name} ${result.metric}`, result]))
  return now.flatMap(({ name, metric, unit, value, spread }): Comparison[] => {
    const old = earlier.get(`${name} ${metric}`)
    if (old === undefined || typeof value !== 'number' || typeof old.value !== 'number' || old.value === 0) return []
    const spreads = [spread, old.spread].filter((one) => one !== undefined)
    const larger = spreads.length === 0 ? null : Math.max(...spreads)
    return [{ name, metric, unit, before: old.value, now: value, ratio: rounded(value / old.value), spread: larger }]
  })
}

export function comparisonLines(comparisons: readonly Comparison[], earlier: Machine | null): string[] {
  if (comparisons.length === 0) return ['no figure of the earlier run is in this one']
  const width = Math.max(...comparisons.map(({ name, metric }) => `${name} ${metric}`.length))
  return [
    `against ${earlier === null ? 'the earlier run' : `${earlier.commit} of ${earlier.takenAt.slice(0, 16)}Z`}:`,
    ...comparisons.map(({ name, metric, unit, before, now, ratio, spread }) => {
      const noise = spread !== null && Math.abs(ratio - 1) <= spread ? '  within the spread' : ''
      return `  ${`${name} ${metric}`.padEnd(width)}  ${before} -> ${now} ${unit}  (${ratio} x)${noise}`
    }),
  ]
}
