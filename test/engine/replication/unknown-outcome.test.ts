// The store makes a change, and nobody gets the answer: the view of a pair has ended, and both are there.

import { expect, test } from 'vitest'
import { Cause, Role } from '../../../engine/replication/roles.ts'
import { REPLICA_SETTINGS_DEFAULT } from '../../../engine/replication/settings.ts'
import { EngineId, Members, type View } from '../../../engine/replication/view.ts'
import { primaryOfPair, RECORD_COUNT } from '../../support/replica-rig.ts'

const EPOCH = 7
const PEER_INCARNATION = 3

test('a primary that asked to go on alone goes on from the view that it finds: its peer has no part in it', () => {
  const rig = primaryOfPair(EPOCH, PEER_INCARNATION)
  rig.isAnswering = false
  for (let pass = 0; pass < 50 && rig.asked.length === 0; pass++) {
    rig.storage.complete()
    rig.advance()
  }
  // What comes from the peer arrives; what goes to it need not.
  rig.acknowledge(PEER_INCARNATION, RECORD_COUNT)
  expect(rig.replica.role).toBe(Role.PAIR)
  rig.isAnswering = true
  for (let pass = 0; pass < 20; pass++) {
    rig.acknowledge(PEER_INCARNATION, RECORD_COUNT)
    rig.advance()
  }
  expect(rig.asked.slice(0, 2)).toEqual([
    { epoch: EPOCH + 2, members: Members.B, primary: EngineId.B },
    { epoch: EPOCH + 3, members: Members.B, primary: EngineId.B },
  ])
  expect(rig.replica.epoch).toBeGreaterThanOrEqual(EPOCH + 3)
})

/** A pair whose record is changed when nobody looks; its peer acknowledges all the time. */
function pairAfter(view: Omit<View, 'epoch'>) {
  const rig = primaryOfPair(EPOCH, PEER_INCARNATION)
  rig.storage.complete()
  rig.stored = { ...view, epoch: EPOCH + 2, revision: EPOCH + 2, bucket: 'bucket' }
  const untilNs = rig.nowNs + 1.5 * REPLICA_SETTINGS_DEFAULT.viewCheckNs
  while (rig.nowNs < untilNs && rig.asked.length === 0 && rig.replica.role === Role.PAIR) {
    rig.acknowledge(PEER_INCARNATION, RECORD_COUNT)
    rig.advance()
    rig.storage.complete()
  }
  return rig
}

test('a change of its own that came late, after it had looked, is found when it looks again', () => {
  const rig = pairAfter({ members: Members.B, primary: EngineId.B })
  expect(rig.asked).toEqual([{ epoch: EPOCH + 3, members: Members.B, primary: EngineId.B }])
})

test.each([
  ['alone', Members.A],
  ['with both', Members.BOTH],
])('a change by which its backup leads %s deposes it', (_, members) => {
  const rig = pairAfter({ members, primary: EngineId.A })
  expect(rig.replica.role).toBe(Role.WAITING)
  expect(rig.causes.at(-1)).toBe(Cause.LOST_RACE)
  expect(rig.asked).toEqual([])
})
