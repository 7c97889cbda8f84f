// How long a record waited for its commit, one at a time.

import { expect, test } from 'vitest'
import { CommitLatency } from '../../../engine/io/commit-latency.ts'

test('measures from the pass that appended to the one that saw the commit', () => {
  const samplesNs: number[] = []
  const latency = new CommitLatency((latencyNs) => samplesNs.push(latencyNs))
  expect(latency.percentilesUs()).toEqual({ p50: 0, p99: 0 })
  latency.observe(10, 8, 1_000_000)
  latency.observe(12, 9, 1_100_000)
  latency.observe(14, 11, 1_250_000)
  expect(latency.percentilesUs()).toEqual({ p50: 250, p99: 250 })
  latency.observe(14, 14, 1_300_000)
  latency.observe(14, 14, 9_000_000)
  expect(latency.percentilesUs()).toEqual({ p50: 250, p99: 250 })
  expect(samplesNs).toEqual([250_000, 50_000])
})
