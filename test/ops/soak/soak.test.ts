// Slopes tell growth from noise; and a short run of the real thing under load, with one fault, gives a whole report.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Prng } from '../../../base/prng.ts'
import { trendOf } from '../../../ops/soak/slope.ts'
import { runSoak } from '../../../ops/soak/soak.ts'

const hoursOf = (index: number) => index / 100

test('what grows is told from what only wavers', () => {
  const random = new Prng(5)
  const flat = Array.from({ length: 100 }, (_, index) => ({ hours: hoursOf(index), value: 100 + random.nextBelow(10) }))
  const rising = flat.map(({ hours, value }) => ({ hours, value: value + 50 * hours }))
  expect(Math.abs(trendOf(flat).perHour)).toBeLessThan(5)
  expect(trendOf(rising).perHour).toBeGreaterThan(45)
  expect(trendOf(rising).grown).toBeCloseTo(trendOf(rising).perHour * 0.79, 5)
})

test('the warm-up does not count, and no samples are no growth', () => {
  const warming = Array.from({ length: 100 }, (_, index) => ({ hours: hoursOf(index), value: index < 20 ? index : 20 }))
  expect(trendOf(warming)).toMatchObject({ mean: 20, perHour: 0 })
  expect(trendOf([])).toEqual({ mean: 0, perHour: 0, grown: 0, last: 0 })
})

test('a short run has every figure of every process, and survives a fault', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-soak-test-'))
  try {
    const { checks, results } = await runSoak({
      ...{ folder, hours: 10 / 3_600, ratePerS: 300, sampleS: 1.5, faultSamples: 3 },
      ...{ signal: new AbortController().signal, onSample: () => {} },
    })
    expect(checks[0]).toMatchObject({ name: 'commands were sent and answered', ok: true })
    const names = checks.map(({ name }) => name).join('\n')
    for (const process of ['engine-a', 'engine-b', 'strategy-1', 'gateway'])
      expect(names).toContain(`memory ${process}`)
    expect(names).toContain('latencyP99 order to ack')
    expect(results.find(({ metric }) => metric === 'faults')?.value).toBeGreaterThan(0)
    expect(results.some(({ name, metric }) => name === 'engine-a' && metric === 'journal slope')).toBe(true)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 120_000)
