// The numbered ring: newest items, and an honest count of those that are gone.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Ring } from '../../../ops/gateway/ring.ts'

test('gives what came since a number, and says how much is not there any more', () => {
  const ring = new Ring<string>(3)
  for (const item of ['a', 'b', 'c', 'd', 'e']) ring.push(item)
  expect(ring.lastNumber).toBe(5)
  expect(ring.since(5, 10)).toEqual({ items: [], missed: 0 })
  expect(ring.since(3, 10)).toEqual({ items: ['d', 'e'], missed: 0 })
  expect(ring.since(0, 10)).toEqual({ items: ['c', 'd', 'e'], missed: 2 })
  expect(ring.since(1, 2)).toEqual({ items: ['d', 'e'], missed: 2 })
})

test('what is given and what is missed always add up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.nat(30),
      fc.nat(30),
      fc.nat(12),
      (capacity, pushed, number, limit) => {
        const ring = new Ring<number>(capacity)
        for (let item = 1; item <= pushed; item++) ring.push(item)
        const from = Math.min(number, pushed)
        const { items, missed } = ring.since(from, limit)
        expect(items.length + missed).toBe(pushed - from)
        expect(items).toEqual(Array.from({ length: items.length }, (_, at) => pushed - items.length + 1 + at))
      },
    ),
  )
})
