// A primary of a pair asks to go on alone, the store makes the change, and its answer is lost. By then its peer is there again.

import { expect, test } from 'vitest'
import { Role } from '../../../engine/replication/roles.ts'
import { EngineId, Members } from '../../../engine/replication/view.ts'
import { primaryOfPair, RECORD_COUNT } from '../../support/replica-rig.ts'

const EPOCH = 7
const PEER_INCARNATION = 3

test('it goes on from the view that it finds: in the old one its peer may have no part any more', () => {
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
