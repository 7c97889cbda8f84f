// The view store has lost its record: which engine creates it anew, and which lets the other do so.

import { expect, test } from 'vitest'
import { PeerFrameKind } from '../../../engine/replication/peer-frame.ts'
import { EngineId, Members } from '../../../engine/replication/view.ts'
import { ReplicaRig } from '../../support/replica-rig.ts'

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
