// A backup comes back without its disk, within the second in which it lost it: its number is the one that it had.

import { expect, test } from 'vitest'
import { PeerFrameKind } from '../../../engine/replication/peer-frame.ts'
import { Role } from '../../../engine/replication/roles.ts'
import { EngineId, Members } from '../../../engine/replication/view.ts'
import { RECORD_COUNT, ReplicaRig } from '../../support/replica-rig.ts'

const INCARNATION = 1_700_000_000

/** Engine A leads both, and its peer has acknowledged all records. */
function pair(): ReplicaRig {
  const rig = new ReplicaRig({
    engineId: EngineId.A,
    fields: { epochMax: 1, viewEpoch: 1, viewMembers: Members.A, isEligible: 1 },
    stored: { epoch: 0, revision: 0 },
  })
  rig.hello(0, INCARNATION)
  while (rig.replica.role !== Role.SOLO && rig.nowNs < 5e9) rig.advance()
  rig.acknowledge(INCARNATION, RECORD_COUNT)
  rig.advance()
  expect(rig.replica.role).toBe(Role.PAIR)
  rig.hello(rig.replica.epoch, INCARNATION)
  rig.acknowledge(INCARNATION, RECORD_COUNT)
  rig.sent.length = 0
  return rig
}

test('a peer that has not heard of an epoch in which it acknowledged records is told to take a higher number', () => {
  const rig = pair()
  const { replica, sent } = rig
  rig.hello(0, INCARNATION)
  expect(sent).toContainEqual(expect.objectContaining({ kind: PeerFrameKind.SYNC, toIncarnation: INCARNATION + 1 }))
  expect(replica.leading.ackPosition).toBe(0)
  rig.acknowledge(INCARNATION, RECORD_COUNT)
  expect(replica.leading.ackPosition).toBe(0)
  rig.hello(replica.epoch, INCARNATION + 2)
  rig.acknowledge(INCARNATION + 2, 0)
  expect(replica.leading.isSynced).toBe(true)
  sent.length = 0
  rig.advance()
  const everything = { kind: PeerFrameKind.APPEND, previousSeq: 0, lastSeq: RECORD_COUNT }
  expect(sent).toContainEqual(expect.objectContaining(everything))
})

test('a peer that only connects anew keeps its number and its acknowledgements', () => {
  const rig = pair()
  rig.hello(rig.replica.epoch, INCARNATION)
  expect(rig.sent).toContainEqual(expect.objectContaining({ kind: PeerFrameKind.SYNC, toIncarnation: INCARNATION }))
  expect(rig.replica.leading.ackPosition).toBe(RECORD_COUNT)
})
