// Markouts: the mid some time after a fill against its price, in our favour, and only where the price of then is known.

import { expect, test } from 'vitest'
import { MARKOUT_MS } from '../../../ops/gateway/dashboard-protocol.ts'
import { Markouts } from '../../../ops/gateway/markouts.ts'

test('a bought lot gains when the mid is higher at its horizon, a sold one when it is lower', () => {
  const markouts = new Markouts()
  markouts.onFill(0, 1, 'buy', 100, 0)
  markouts.onFill(0, 2, 'sell', 104, 10)
  markouts.poll(MARKOUT_MS - 1, () => 103.5)
  expect(markouts.settled.lastNumber).toBe(0)
  markouts.poll(MARKOUT_MS + 10, () => 103.5)
  expect(markouts.settled.since(0, 10).items).toEqual([
    { tradeId: 1, markoutTicks: 3.5 },
    { tradeId: 2, markoutTicks: 0.5 },
  ])
})

test('no markout without a mid, and none for a fill that is heard of long after', () => {
  const markouts = new Markouts()
  markouts.onFill(0, 1, 'buy', 100, 0)
  markouts.onFill(1, 2, 'buy', 100, 0)
  markouts.poll(MARKOUT_MS, (symbolId) => (symbolId === 0 ? Number.NaN : 100))
  markouts.onFill(1, 3, 'buy', 100, 0)
  markouts.poll(MARKOUT_MS * 9, () => 100)
  expect(markouts.settled.since(0, 10).items).toEqual([{ tradeId: 2, markoutTicks: 0 }])
})
