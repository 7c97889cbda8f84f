// A backup is told to lead by its primary, which is alive and has everything.

import { expect, test } from 'vitest'
import { PeerFrameKind } from '../../../engine/replication/peer-frame.ts'
import { Cause, Role } from '../../../engine/replication/roles.ts'
import { EngineId, Members } from '../../../engine/replication/view.ts'
import { primaryOfPair, RECORD_COUNT, ReplicaRig } from '../../support/replica-rig.ts'

const EPOCH = 7
const PRIMARY = 3

/** Engine B follows engine A, which leads both; none of its records is on its disk. */
function backup(): ReplicaRig {
  const rig = new ReplicaRig({
    engineId: EngineId.B,
    fields: { epochMax: EPOCH, viewEpoch: EPOCH, viewMembers: Members.BOTH, isEligible: 1 },
    isDiskFast: false,
    stored: { epoch: EPOCH, members: Members.BOTH, primary: EngineId.A, revision: EPOCH, bucket: 'bucket' },
  })
  rig.hello(EPOCH, PRIMARY)
  const history = { starts: [{ epoch: EPOCH, firstSeq: 1 }], end: RECORD_COUNT }
  const toIncarnation = rig.incarnation
  rig.hear({ kind: PeerFrameKind.SYNC, epoch: EPOCH, toIncarnation, timeBaseUnixMs: 0, firstSeq: 1, history })
  expect(rig.replica.role).toBe(Role.BACKUP)
  return rig
}

function handOver(rig: ReplicaRig, position: number): void {
  const toIncarnation = rig.incarnation
  rig.hear({ kind: PeerFrameKind.HAND_OVER, epoch: EPOCH, toIncarnation, position })
  rig.advance()
  rig.advance()
}

test('it leads both at once, without waiting for its disk, and commits what the old primary acknowledges', () => {
  const rig = backup()
  handOver(rig, RECORD_COUNT)
  expect(rig.asked).toEqual([{ epoch: EPOCH + 1, members: Members.BOTH, primary: EngineId.B }])
  expect(rig.replica.role).toBe(Role.PAIR)
  expect(rig.causes.at(-1)).toBe(Cause.HANDED_OVER)
  expect(rig.replica.commitPosition).toBe(0)
  rig.acknowledge(PRIMARY, RECORD_COUNT)
  expect(rig.replica.commitPosition).toBe(RECORD_COUNT)
})

test('it does not lead while its journal ends elsewhere than the primary says', () => {
  const rig = backup()
  handOver(rig, RECORD_COUNT + 1)
  expect(rig.asked).toEqual([])
  expect(rig.replica.role).toBe(Role.BACKUP)
})

test('when the primary falls silent instead, it leads alone, and only with its journal on the disk', () => {
  const rig = backup()
  rig.advanceFor(1e9)
  expect(rig.asked).toEqual([])
  rig.storage.complete()
  rig.advanceFor(1e8)
  expect(rig.asked).toEqual([{ epoch: EPOCH + 1, members: Members.B, primary: EngineId.B }])
})

test('a primary that is asked again while it hands over says yes again, and tells its backup once', () => {
  const rig = primaryOfPair(EPOCH, PRIMARY)
  rig.acknowledge(PRIMARY, RECORD_COUNT)
  expect(rig.replica.handOver(rig.nowNs)).toBe(true)
  for (let pass = 0; pass < 5; pass++) {
    rig.advance()
    expect(rig.replica.handOver(rig.nowNs)).toBe(true)
  }
  const told = rig.sent.filter(({ kind }) => kind === PeerFrameKind.HAND_OVER)
  expect(told.map((frame) => 'position' in frame && frame.position)).toEqual([0, RECORD_COUNT])
})
