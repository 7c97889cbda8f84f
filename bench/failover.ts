// How long clients wait for an answer when the primary is lost: the drill, as often as it takes to speak of percentiles.
//
// Real processes under load: the primary is killed (kill -9) or paused (SIGSTOP) at a random moment of each round. The
// figure is the longest time between two answers to any client that began with the harm. After each round every
// acknowledged command is looked for in the journals, so that no fast failover counts that lost something.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Check, Result } from '../ops/cli/output.ts'
import { runScenario } from '../ops/drill/drill.ts'
import { killPrimary } from '../ops/drill/scenarios/kill-primary.ts'
import { pausePrimary } from '../ops/drill/scenarios/pause-primary.ts'
import { Timeline } from '../ops/drill/timeline.ts'
import { type BenchReport, joinReports } from './bench-report.ts'

export type FailoverOptions = {
  readonly roundCount: number
  readonly ratePerS: number
  readonly seed: number
  readonly onRound: (done: number, total: number) => void
}

/** Milliseconds. */
type Limits = { readonly p50?: number; readonly p99: number }

const SCENARIOS = [
  { scenario: killPrimary, limits: { p50: 60, p99: 150 } satisfies Limits },
  { scenario: pausePrimary, limits: { p99: 400 } satisfies Limits },
]

export async function benchFailover(options: FailoverOptions): Promise<BenchReport> {
  const reports: BenchReport[] = []
  for (const [index, { scenario, limits }] of SCENARIOS.entries()) {
    const folder = mkdtempSync(join(tmpdir(), `tandem-bench-failover-${scenario.name}-`))
    let round = 0
    try {
      const { checks, results } = await runScenario(scenario, {
        ...{ rounds: options.roundCount, ratePerS: options.ratePerS, seed: options.seed, folder },
        timeline: new Timeline(),
        onProgress: () => {
          round += 1
          options.onRound(index * options.roundCount + round, SCENARIOS.length * options.roundCount)
        },
        signal: new AbortController().signal,
      })
      reports.push({ checks: [...checks, ...limitChecks(scenario.name, results, limits)], results, leavesOut: [] })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return joinReports([
    ...reports,
    {
      ...{ checks: [], results: [] },
      leavesOut: ['failover: all processes on one machine, so the engine that takes over has half of it at best.'],
    },
  ])
}

function limitChecks(name: string, results: readonly Result[], limits: Limits): Check[] {
  const measured = results.find(({ metric }) => metric === 'unavailability')
  return (['p50', 'p99'] as const).flatMap((key) => {
    const limit = limits[key]
    if (limit === undefined) return []
    const value = measured?.[key] ?? Number.POSITIVE_INFINITY
    return [{ name: `${name}: unavailability ${key}, ms`, ok: value <= limit, value, limit }]
  })
}
