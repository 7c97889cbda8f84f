// Where two journals agree follows from their epoch starts: held against comparing them record by record.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { commonPrefix, type EpochHistory } from '../../../engine/journal/epoch-history.ts'

/** The epoch of each record; index 0 is record 1. */
type Epochs = readonly number[]

function historyOf(epochs: Epochs, firstSeq = 1): EpochHistory {
  const starts = epochs.flatMap((epoch, index) => {
    const seq = index + 1
    const isStart = seq === Math.max(1, firstSeq - 1) || epoch !== epochs[index - 1]
    return isStart && seq >= firstSeq - 1 ? [{ epoch, firstSeq: seq }] : []
  })
  return { starts, end: epochs.length }
}

/** (epoch, seq) names one record for ever. */
function naivePrefix(one: Epochs, other: Epochs): number {
  let length = 0
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1
  return length
}

/**
 * Two journals as the protocol makes them: each epoch has one primary, which cuts nothing of its own and appends; the other
 * is made equal to it, or is not reached.
 */
const pairOfJournals = fc
  .array(fc.record({ isFirst: fc.boolean(), count: fc.integer({ min: 0, max: 5 }), reached: fc.boolean() }), {
    maxLength: 12,
  })
  .map((terms) => {
    let journals: [number[], number[]] = [[], []]
    terms.forEach(({ isFirst, count, reached }, index) => {
      const at = isFirst ? 0 : 1
      const grown = [...journals[at], ...Array.from({ length: count }, () => index + 1)]
      journals = reached ? [grown, [...grown]] : at === 0 ? [grown, journals[1]] : [journals[0], grown]
    })
    return journals
  })

test('whole journals', () => {
  fc.assert(
    fc.property(pairOfJournals, ([one, other]) => {
      expect(commonPrefix(historyOf(one), historyOf(other))).toBe(naivePrefix(one, other))
      expect(commonPrefix(historyOf(other), historyOf(one))).toBe(naivePrefix(one, other))
    }),
    { numRuns: 2_000 },
  )
})

test('a journal that begins behind a snapshot: the same, or nothing can be said', () => {
  fc.assert(
    fc.property(pairOfJournals, fc.integer({ min: 1, max: 30 }), ([one, other], firstSeq) => {
      fc.pre(firstSeq - 1 <= one.length)
      const prefix = commonPrefix(historyOf(one, firstSeq), historyOf(other))
      if (prefix !== null) expect(prefix).toBe(naivePrefix(one, other))
      // What both hold from the snapshot on is always seen.
      if (naivePrefix(one, other) >= firstSeq && one.length >= firstSeq) expect(prefix).not.toBeNull()
    }),
    { numRuns: 2_000 },
  )
})
