// Every scenario of the drill, a short form: real processes under load, harmed and mended, and what clients were told
// checked against the journals.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runScenario } from '../../../ops/drill/drill.ts'
import { SCENARIOS } from '../../../ops/drill/scenarios.ts'

const TIMEOUT_MS = 90_000

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  '%s: nothing acknowledged is lost or applied twice',
  async (name, scenario) => {
    const folder = mkdtempSync(join(tmpdir(), `tandem-drill-test-${name}-`))
    const said: string[] = []
    const report = await runScenario(scenario, {
      ...{ rounds: 1, ratePerS: 500, seed: 20_240_601, folder },
      onProgress: (line) => said.push(line),
      signal: new AbortController().signal,
    })
    expect(report.checks.length).toBeGreaterThan(5)
    expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(said).toHaveLength(1)
    rmSync(folder, { recursive: true })
  },
  TIMEOUT_MS,
)
