// A backup comes back without its disk, within the second in which it lost it: its number is the one that it had.

import { expect, test } from 'vitest'
import { Journal } from '../../../engine/journal/journal.ts'
import { MemoryStorage } from '../../../engine/journal/memory-storage.ts'
import { DurableState } from '../../../engine/replication/durable-state.ts'
import { type PeerFrame, PeerFrameKind } from '../../../engine/replication/peer-frame.ts'
import { Replica } from '../../../engine/replication/replica.ts'
import { Role } from '../../../engine/replication/roles.ts'
import { REPLICA_SETTINGS_DEFAULT } from '../../../engine/replication/settings.ts'
import { EngineId, Members, WriteOutcome } from '../../../engine/replication/view.ts'
import { recordBatch } from '../../support/records.ts'

const START_UNIX_MS = 1_700_000_000_000
const INCARNATION = START_UNIX_MS / 1_000

/** Engine A leads both, and its peer has acknowledged all five records. */
function pair() {
  const storage = new MemoryStorage(true)
  const journal = Journal.open(storage, { clusterId: 'test', timeBaseUnixMs: 0 })
  const batch = recordBatch(1, 5)
  journal.append(batch.bytes, batch.firstSeq, batch.lastSeq, 1)
  const wasSole = { epochMax: 1, syncedEpoch: 1, viewEpoch: 1, viewMembers: Members.A, isEligible: 1, bootId: 1 }
  DurableState.open(storage).save(wasSole)
  const sent: PeerFrame[] = []
  let answers: (() => void)[] = []
  let nowNs = 0
  const replica: Replica = new Replica({
    ...{ journal, state: DurableState.open(storage), settings: REPLICA_SETTINGS_DEFAULT },
    machine: {
      ...{ lead() {}, follow() {}, apply() {}, cutTo() {} },
      ...{ restore: () => false, snapshot: () => undefined as never },
    },
    pairing: {
      engineId: EngineId.A,
      link: { isConnected: true, pendingSize: 0, send: (frame) => sent.push(frame) },
      store: {
        read: (request) => answers.push(() => replica.onViewRead(request, { epoch: 0, revision: 0 }, nowNs)),
        compareAndSet: (request, _, next) =>
          answers.push(() => {
            const written = { ...next, revision: next.epoch, bucket: 'bucket' }
            replica.onViewWritten(request, WriteOutcome.WRITTEN, written, nowNs)
          }),
      },
    },
    ...{ bootId: 1, startUnixMs: 0, onTransition: () => {} },
  })
  const hello = (epoch: number, incarnation: number) =>
    replica.onFrame({ kind: PeerFrameKind.HELLO, epoch, incarnation }, nowNs)
  const acknowledge = (incarnation: number, position: number) =>
    replica.onFrame({ kind: PeerFrameKind.ACK, epoch: replica.epoch, incarnation, position }, nowNs)
  const advance = () => {
    replica.poll((nowNs += 10e6))
    const due = answers
    answers = []
    for (const answer of due) answer()
  }
  replica.start(nowNs)
  hello(0, INCARNATION)
  while (replica.role !== Role.SOLO && nowNs < 5e9) advance()
  acknowledge(INCARNATION, 5)
  advance()
  expect(replica.role).toBe(Role.PAIR)
  hello(replica.epoch, INCARNATION)
  acknowledge(INCARNATION, 5)
  sent.length = 0
  return { replica, sent, hello, acknowledge }
}

test('a peer that has not heard of an epoch in which it acknowledged records is told to take a higher number', () => {
  const { replica, sent, hello, acknowledge } = pair()
  hello(0, INCARNATION)
  expect(sent).toContainEqual(expect.objectContaining({ kind: PeerFrameKind.SYNC, toIncarnation: INCARNATION + 1 }))
  expect(replica.leading.ackPosition).toBe(0)
  acknowledge(INCARNATION, 5)
  expect(replica.leading.ackPosition).toBe(0)
  hello(replica.epoch, INCARNATION + 2)
  acknowledge(INCARNATION + 2, 0)
  expect(replica.leading.isSynced).toBe(true)
  sent.length = 0
  replica.poll(6e9)
  expect(sent).toContainEqual(expect.objectContaining({ kind: PeerFrameKind.APPEND, previousSeq: 0, lastSeq: 5 }))
})

test('a peer that only connects anew keeps its number and its acknowledgements', () => {
  const { replica, sent, hello } = pair()
  hello(replica.epoch, INCARNATION)
  expect(sent).toContainEqual(expect.objectContaining({ kind: PeerFrameKind.SYNC, toIncarnation: INCARNATION }))
  expect(replica.leading.ackPosition).toBe(5)
})
