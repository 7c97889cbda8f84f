// The steps of a planned switch.

import { expect, test } from 'vitest'
import { HandOver, NOT_YET } from '../../../engine/replication/hand-over.ts'

const LIMIT_NS = 500e6

test('the intake closes only after the backup had time to prepare, and the backup leads only when all is committed', () => {
  const handOver = new HandOver(LIMIT_NS)
  expect(handOver.isUnderWay).toBe(false)
  handOver.begin(1e9)
  expect(handOver.step(10, 8, 1e9)).toBe(NOT_YET)
  expect(handOver.step(12, 12, 1e9 + 19e6)).toBe(-1)
  expect(handOver.isIntakeClosed).toBe(false)
  expect(handOver.step(15, 14, 1e9 + 20e6)).toBe(-1)
  expect(handOver.isIntakeClosed).toBe(true)
  expect(handOver.step(15, 15, 1e9 + 21e6)).toBe(15)
  expect(handOver.step(15, 15, 1e9 + 22e6)).toBe(-1)
  expect(handOver.isIntakeClosed).toBe(true)
})

test('a backup that does not take over in time leaves the intake open', () => {
  const handOver = new HandOver(LIMIT_NS)
  handOver.begin(0)
  handOver.step(10, 10, 0)
  expect(handOver.step(10, 10, 30e6)).toBe(10)
  expect(handOver.step(10, 10, LIMIT_NS + 1)).toBe(-1)
  expect(handOver.isUnderWay).toBe(false)
  expect(handOver.isIntakeClosed).toBe(false)
})
