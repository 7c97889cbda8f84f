// What an engine must not forget, and whom it lets lead.

import { describe, expect, test } from 'vitest'
import { MemoryStorage } from '../../../engine/journal/memory-storage.ts'
import { DurableState } from '../../../engine/replication/durable-state.ts'
import { whyNotLead } from '../../../engine/replication/eligibility.ts'
import { Waiting } from '../../../engine/replication/replica-options.ts'
import { EngineId, Members } from '../../../engine/replication/view.ts'

describe('the durable state', () => {
  test('is there again after a power loss, as it was saved last', () => {
    const storage = new MemoryStorage()
    const state = DurableState.open(storage)
    expect(state.isFresh).toBe(true)
    state.save({ epochMax: 3, incarnation: 9, bootId: 77 })
    state.save({ epochMax: 4, isEligible: 1 })
    storage.losePower()
    const again = DurableState.open(storage)
    expect(again.isFresh).toBe(false)
    expect(again.fields).toMatchObject({ epochMax: 4, incarnation: 9, isEligible: 1, bootId: 77 })
    expect(again.isRebooted(77)).toBe(false)
    expect(again.isRebooted(78)).toBe(true)
  })

  test('a save that was cut short leaves the one before', () => {
    const storage = new MemoryStorage()
    const state = DurableState.open(storage)
    state.save({ epochMax: 1 })
    state.save({ epochMax: 2 })
    state.save({ epochMax: 3 })
    const name = storage.list()[0] ?? ''
    for (const at of [0, 512]) {
      const bytes = new Uint8Array(512)
      storage.read(name, at, bytes)
      const generation = new DataView(bytes.buffer).getUint32(4, true)
      // The newest slot is damaged.
      if (generation === 3) storage.write(name, at + 12, Uint8Array.of(0xff, 0xff))
    }
    expect(DurableState.open(storage).fields.epochMax).toBe(2)
  })

  test('neither epoch nor incarnation goes back', () => {
    const state = DurableState.open(new MemoryStorage())
    state.save({ epochMax: 5, incarnation: 5 })
    expect(() => state.save({ epochMax: 4 })).toThrow('neither goes back')
    expect(() => state.save({ incarnation: 4 })).toThrow('neither goes back')
  })
})

describe('who may lead', () => {
  const nothing = {
    ...{ incarnation: 1, epochMax: 0, syncedEpoch: 0, viewEpoch: 0, viewMembers: 0 },
    ...{ soloTriedEpoch: 0, isEligible: 0, bootId: 1 },
  }
  const both = { epoch: 5, members: Members.BOTH, primary: EngineId.A }
  const alone = { epoch: 5, members: Members.A, primary: EngineId.A }

  test.each([
    ['who is no member', { ...nothing, isEligible: 1 }, { ...both, members: Members.B }, Waiting.NOT_MEMBER],
    ['a member that has all it acknowledged', { ...nothing, isEligible: 1 }, both, Waiting.NOTHING],
    ['a member that may have lost something', { ...nothing, syncedEpoch: 5 }, both, Waiting.NOT_ELIGIBLE],
    ['the same alone in the view that it led', { ...nothing, syncedEpoch: 5 }, alone, Waiting.NOTHING],
    ['the same alone in a view that it asked for', { ...nothing, soloTriedEpoch: 4 }, alone, Waiting.NOTHING],
    ['the same alone in a view that it was let go on from', { ...nothing, soloTriedEpoch: 5 }, alone, Waiting.NOTHING],
    ['the same where its peer may have led', { ...nothing, soloTriedEpoch: 5 }, both, Waiting.NOT_ELIGIBLE],
    [
      'the same alone in a view that it made',
      { ...nothing, viewEpoch: 5, viewMembers: Members.A },
      alone,
      Waiting.NOTHING,
    ],
    ['one without a past, whom the view names', nothing, alone, Waiting.NOT_ELIGIBLE],
  ])('%s', (_name, fields, view, why) => {
    expect(whyNotLead(EngineId.A, fields, view)).toBe(why)
  })
})
