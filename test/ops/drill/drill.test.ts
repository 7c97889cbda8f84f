// Every scenario of the drill, a short form: real processes under load, harmed and mended, and what clients were told
// checked against the journals.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runScenario } from '../../../ops/drill/drill.ts'
import { drillReport } from '../../../ops/drill/drill-report.ts'
import { SCENARIOS } from '../../../ops/drill/scenarios.ts'
import { Timeline } from '../../../ops/drill/timeline.ts'

/** The longest one lives through nine of them. */
const TIMEOUT_MS = 300_000

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  '%s: nothing acknowledged is lost or applied twice',
  async (name, scenario) => {
    const folder = mkdtempSync(join(tmpdir(), `tandem-drill-test-${name}-`))
    const said: string[] = []
    const timeline = new Timeline()
    const report = await runScenario(scenario, {
      ...{ rounds: 1, ratePerS: 500, seed: 20_240_601, folder, timeline },
      onProgress: (line) => said.push(line),
      signal: new AbortController().signal,
    })
    expect(report.checks.length).toBeGreaterThan(5)
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(said).toHaveLength(1)
    const page = drillReport('a drill', [{ name, summary: scenario.summary, report, timeline }])
    expect(page).toContain('<svg')
    expect(page).toContain('whole again')
    rmSync(folder, { recursive: true })
  },
  TIMEOUT_MS,
)
