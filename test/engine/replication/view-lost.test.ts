// The view store has lost its record: which engine creates it anew, and which lets the other do so.

import { expect, test } from 'vitest'
import { PeerFrameKind } from '../../../engine/replication/peer-frame.ts'
import { Cause, Role } from '../../../engine/replication/roles.ts'
import { EngineId, Members } from '../../../engine/replication/view.ts'
import { primaryOfPair, RECORD_COUNT, ReplicaRig } from '../../support/replica-rig.ts'

const PEER_INCARNATION = 3
const EPOCH = 7

/** Engine A after a power loss: it led epoch 7 with these members, and its disk has not yet answered. */
function engineAfterPowerLoss(viewMembers: Members) {
  const rig = new ReplicaRig({
    engineId: EngineId.A,
    fields: { epochMax: EPOCH, viewEpoch: EPOCH, viewMembers, isEligible: 1 },
    ...{ bootId: 2, isDiskFast: false, stored: { epoch: 0, revision: 12 } },
  })
  rig.hello(EPOCH, PEER_INCARNATION)
  const claim = { syncedEpoch: EPOCH, isEligible: true, isPrimary: false, position: 2 }
  const peerLostView = () =>
    rig.hear({ kind: PeerFrameKind.VIEW_LOST, epoch: EPOCH, incarnation: PEER_INCARNATION, claim })
  rig.advanceFor(1e9)
  peerLostView()
  rig.storage.complete()
  rig.advanceFor(1e9)
  return { promised: rig.sent.some(({ kind }) => kind === PeerFrameKind.VIEW_PROMISE), asked: rig.asked }
}

test('the sole member promises nothing to a peer that only followed it, and creates the view when its disk has answered', () => {
  const { promised, asked } = engineAfterPowerLoss(Members.A)
  expect(promised).toBe(false)
  expect(asked[0]).toEqual({ epoch: EPOCH + 1, members: Members.A, primary: EngineId.A })
})

test('a member of a pair that may have lost something lets its peer create the view', () => {
  const { promised, asked } = engineAfterPowerLoss(Members.BOTH)
  expect(promised).toBe(true)
  expect(asked).toEqual([])
})

test('a primary of a pair looks for its record when the store is back, and makes it anew with its peer while it leads', () => {
  const rig = primaryOfPair(EPOCH, PEER_INCARNATION)
  const { replica, incarnation: toIncarnation } = rig
  const epoch = EPOCH + 1
  rig.stored = { epoch: 0, revision: 0 }
  replica.onOutside(false)
  replica.onOutside(true)
  rig.advance()
  expect(rig.sent.at(-1)).toMatchObject({ kind: PeerFrameKind.VIEW_LOST, claim: { isPrimary: true } })
  const claim = { syncedEpoch: epoch, isEligible: true, isPrimary: false, position: RECORD_COUNT }
  rig.hear({ kind: PeerFrameKind.VIEW_LOST, epoch, incarnation: PEER_INCARNATION, claim })
  expect(replica.isIntakeOpen).toBe(true)
  rig.hear({ kind: PeerFrameKind.VIEW_PROMISE, epoch, toIncarnation })
  // Records that went on coming would never all be on the disk.
  expect(replica.isIntakeOpen).toBe(false)
  rig.advance()
  expect(rig.asked).toEqual([])
  rig.storage.complete()
  replica.onSynced(rig.nowNs)
  rig.advance()
  expect(rig.asked).toEqual([{ epoch: epoch + 1, members: Members.B, primary: EngineId.B }])
  expect([replica.role, rig.causes.at(-1)]).toEqual([Role.SOLO, Cause.VIEW_LOST])
  expect(replica.isIntakeOpen).toBe(true)
})

test('a disk that does not answer keeps the intake closed for a while only', () => {
  const rig = primaryOfPair(EPOCH, PEER_INCARNATION)
  rig.stored = { epoch: 0, revision: 0 }
  rig.replica.onOutside(false)
  rig.replica.onOutside(true)
  rig.advance()
  const claim = { syncedEpoch: EPOCH + 1, isEligible: true, isPrimary: false, position: RECORD_COUNT }
  const { incarnation: toIncarnation } = rig
  rig.hear({ kind: PeerFrameKind.VIEW_LOST, epoch: EPOCH + 1, incarnation: PEER_INCARNATION, claim })
  rig.hear({ kind: PeerFrameKind.VIEW_PROMISE, epoch: EPOCH + 1, toIncarnation })
  expect(rig.replica.isIntakeOpen).toBe(false)
  rig.advanceFor(1e9)
  expect([rig.replica.role, rig.replica.isIntakeOpen]).toEqual([Role.PAIR, true])
})
