// A client is found by its slot, and one that has none is not.

import { describe, expect, it } from 'vitest'
import { Prng } from '../../../base/prng.ts'
import { ClientSlots, NO_SLOT } from '../../../engine/core/client-slots.ts'
import { CLIENT_ID_MAX, SESSION_COUNT_MAX } from '../../../protocol/limits.ts'

describe('ClientSlots', () => {
  it('finds what was added and nothing else, full as it may be, and begins anew when cleared', () => {
    const random = new Prng(1)
    const slots = new ClientSlots()
    for (let round = 0; round < 3; round++) {
      const known = new Map<number, number>()
      while (known.size < SESSION_COUNT_MAX) {
        // Neighbours and far ones, so that places are fought for.
        const clientId = random.nextBelow(2) === 0 ? known.size + 1 : 1 + random.nextBelow(CLIENT_ID_MAX)
        if (known.has(clientId)) continue
        slots.add(clientId, known.size)
        known.set(clientId, known.size)
      }
      expect(slots.count).toBe(SESSION_COUNT_MAX)
      const isFound = (clientId: number) => slots.find(clientId) === (known.get(clientId) ?? NO_SLOT)
      expect([...known.keys()].every(isFound)).toBe(true)
      expect(Array.from({ length: 100_000 }, () => random.nextBelow(CLIENT_ID_MAX + 1)).every(isFound)).toBe(true)
      slots.clear()
      expect(slots.find(1)).toBe(NO_SLOT)
    }
  })
})
