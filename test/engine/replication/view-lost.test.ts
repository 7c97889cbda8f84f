// The view store has lost its record: which engine creates it anew, and which lets the other do so.

import { expect, test } from 'vitest'
import { Journal } from '../../../engine/journal/journal.ts'
import { MemoryStorage } from '../../../engine/journal/memory-storage.ts'
import { DurableState } from '../../../engine/replication/durable-state.ts'
import { type PeerFrame, PeerFrameKind } from '../../../engine/replication/peer-frame.ts'
import { Replica } from '../../../engine/replication/replica.ts'
import { REPLICA_SETTINGS_DEFAULT } from '../../../engine/replication/settings.ts'
import { EngineId, Members, type View } from '../../../engine/replication/view.ts'
import { recordBatch } from '../../support/records.ts'

const PEER_INCARNATION = 3
const EPOCH = 7
const POLL_NS = 10_000_000

/** Engine A after a power loss: it led epoch 7 with these members, and its disk has not yet answered. */
function engineAfterPowerLoss(viewMembers: Members) {
  const storage = new MemoryStorage(false)
  const journal = Journal.open(storage, { clusterId: 'test', timeBaseUnixMs: 0 })
  const batch = recordBatch(1, 5, EPOCH)
  journal.append(batch.bytes, batch.firstSeq, batch.lastSeq, EPOCH)
  const before = DurableState.open(storage)
  before.save({ epochMax: EPOCH, syncedEpoch: EPOCH, viewEpoch: EPOCH, viewMembers, isEligible: 1, bootId: 1 })
  const state = DurableState.open(storage)
  const sent: PeerFrame[] = []
  const created: View[] = []
  const replica: Replica = new Replica({
    journal,
    state,
    machine: {
      lead() {},
      follow() {},
      apply() {},
      cutTo() {},
      restore: () => false,
      snapshot: () => undefined as never,
    },
    settings: REPLICA_SETTINGS_DEFAULT,
    pairing: {
      engineId: EngineId.A,
      link: { isConnected: true, pendingSize: 0, send: (frame) => sent.push(frame) },
      store: {
        read: (request) => replica.onViewRead(request, { epoch: 0, revision: 12 }, nowNs),
        compareAndSet: (_, __, next) => created.push(next),
      },
    },
    bootId: 2,
    startUnixMs: 0,
    onTransition: () => {},
  })
  let nowNs = 0
  replica.start(nowNs)
  replica.onFrame({ kind: PeerFrameKind.HELLO, epoch: EPOCH, incarnation: PEER_INCARNATION }, nowNs)
  const claim = { syncedEpoch: EPOCH, isEligible: true, isPrimary: false, position: 2 }
  const peerLostView = () =>
    replica.onFrame({ kind: PeerFrameKind.VIEW_LOST, epoch: EPOCH, incarnation: PEER_INCARNATION, claim }, nowNs)
  const runFor = (ns: number) => {
    for (const endNs = nowNs + ns; nowNs < endNs; nowNs += POLL_NS) replica.poll(nowNs)
  }
  runFor(1e9)
  peerLostView()
  storage.complete()
  runFor(1e9)
  return { promised: sent.some(({ kind }) => kind === PeerFrameKind.VIEW_PROMISE), created }
}

test('the sole member promises nothing to a peer that only followed it, and creates the view when its disk has answered', () => {
  const { promised, created } = engineAfterPowerLoss(Members.A)
  expect(promised).toBe(false)
  expect(created).toEqual([{ epoch: EPOCH + 1, members: Members.A, primary: EngineId.A }])
})

test('a member of a pair that may have lost something lets its peer create the view', () => {
  const { promised, created } = engineAfterPowerLoss(Members.BOTH)
  expect(promised).toBe(true)
  expect(created).toEqual([])
})
