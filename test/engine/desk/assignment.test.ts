// The assignment: even, stable, and the same for the same arguments.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assignSymbols } from '../../../engine/desk/assignment.ts'

function assign(nodes: readonly number[], before: readonly number[]): { after: number[]; moves: number } {
  const after = new Float64Array(before.length)
  const moves = assignSymbols(nodes, Float64Array.from(before), after)
  return { after: [...after], moves }
}

/** The fewest symbols that must move: those without a present node, and what each has above its size. */
function fewestMoves(nodes: readonly number[], before: readonly number[]): number {
  const held = nodes.map((node) => before.filter((owner) => owner === node).length).sort((one, other) => other - one)
  const size = Math.floor(before.length / nodes.length)
  const extra = before.length % nodes.length
  const orphans = before.length - held.reduce((sum, count) => sum + count, 0)
  return held.reduce((sum, count, rank) => sum + Math.max(0, count - size - (rank < extra ? 1 : 0)), orphans)
}

test('any nodes, any assignment before: sizes differ by one at most, and no more moves than must be', () => {
  const nodeIds = fc.uniqueArray(fc.integer({ min: 101, max: 109 }), { minLength: 1, maxLength: 9 })
  const owners = fc.array(fc.constantFrom(0, 101, 102, 103, 104, 105, 106), { maxLength: 30 })
  fc.assert(
    fc.property(nodeIds, owners, (ids, before) => {
      const nodes = ids.toSorted((one, other) => one - other)
      const { after, moves } = assign(nodes, before)
      const sizes = nodes.map((node) => after.filter((owner) => owner === node).length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(before.length)
      expect(moves).toBe(fewestMoves(nodes, before))
    }),
  )
})

test('without nodes nobody has anything', () => {
  expect(assign([], [101, 102])).toEqual({ after: [0, 0], moves: 2 })
})
