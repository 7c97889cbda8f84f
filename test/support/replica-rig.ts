// One replica alone, with a journal of five records in memory: tests play its peer, its view store and its clock.

import { assert } from '../../base/assert.ts'
import { Journal } from '../../engine/journal/journal.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { type DurableFields, DurableState } from '../../engine/replication/durable-state.ts'
import { type PeerFrame, PeerFrameKind } from '../../engine/replication/peer-frame.ts'
import { Replica } from '../../engine/replication/replica.ts'
import { type Cause, Role } from '../../engine/replication/roles.ts'
import { REPLICA_SETTINGS_DEFAULT } from '../../engine/replication/settings.ts'
import { EngineId, Members, type View, type ViewAnswer, WriteOutcome } from '../../engine/replication/view.ts'
import { recordBatch } from './records.ts'

export const RECORD_COUNT = 5
const POLL_NS = 10_000_000

export type ReplicaRigOptions = {
  readonly engineId: EngineId
  /** What it remembers; its records are of `epochMax`. */
  readonly fields: Partial<DurableFields> & { readonly epochMax: number }
  readonly bootId?: number
  /** False: its disk answers when it is told to. */
  readonly isDiskFast?: boolean
  /** What the store holds at first. */
  readonly stored: ViewAnswer
}

export class ReplicaRig {
  readonly replica: Replica
  readonly storage: MemoryStorage
  readonly #state: DurableState
  /** What it sent to its peer, and what it asked of the store. */
  readonly sent: PeerFrame[] = []
  readonly asked: View[] = []
  readonly causes: Cause[] = []
  nowNs = 0
  /** What the store holds. */
  stored: ViewAnswer
  /** While it is false the store makes changes, and its answers are lost. */
  isAnswering = true
  #answers: (() => void)[] = []

  constructor({ engineId, fields, bootId = 1, isDiskFast = true, stored }: ReplicaRigOptions) {
    this.stored = stored
    this.storage = new MemoryStorage(isDiskFast)
    const journal = Journal.open(this.storage, { clusterId: 'test', timeBaseUnixMs: 0 })
    const batch = recordBatch(1, RECORD_COUNT, fields.epochMax)
    journal.append(batch.bytes, batch.firstSeq, batch.lastSeq, fields.epochMax)
    DurableState.open(this.storage).save({ syncedEpoch: fields.epochMax, bootId: 1, ...fields })
    this.#state = DurableState.open(this.storage)
    this.replica = new Replica({
      ...{ journal, state: this.#state, settings: REPLICA_SETTINGS_DEFAULT },
      machine: {
        ...{ lead() {}, follow() {}, apply() {}, cutTo() {} },
        ...{ restore: () => false, snapshot: () => undefined as never },
      },
      pairing: {
        engineId,
        link: { isConnected: true, pendingSize: 0, send: (frame) => this.sent.push(frame) },
        store: {
          read: (request) => this.#answers.push(() => this.replica.onViewRead(request, this.stored, this.nowNs)),
          compareAndSet: (request, _, next) =>
            this.#answers.push(() => {
              this.asked.push(next)
              const written = { ...next, revision: next.epoch, bucket: 'bucket' }
              this.stored = written
              if (this.isAnswering) this.replica.onViewWritten(request, WriteOutcome.WRITTEN, written, this.nowNs)
              else this.replica.onViewWritten(request, WriteOutcome.UNKNOWN, null, this.nowNs)
            }),
        },
      },
      ...{ bootId, startUnixMs: 0, onTransition: ({ cause }) => this.causes.push(cause) },
    })
    this.replica.start(this.nowNs)
  }

  /** The number that frames for it must name. */
  get incarnation(): number {
    return this.#state.fields.incarnation
  }

  /** Polls, and lets the store answer. */
  advance(): void {
    this.nowNs += POLL_NS
    this.replica.poll(this.nowNs)
    const due = this.#answers
    this.#answers = []
    for (const answer of due) answer()
  }

  advanceFor(ns: number): void {
    for (const endNs = this.nowNs + ns; this.nowNs < endNs; ) this.advance()
  }

  hear(frame: PeerFrame): void {
    this.replica.onFrame(frame, this.nowNs)
  }

  hello(epoch: number, incarnation: number): void {
    this.hear({ kind: PeerFrameKind.HELLO, epoch, incarnation })
  }

  acknowledge(incarnation: number, position: number): void {
    this.hear({ kind: PeerFrameKind.ACK, epoch: this.replica.epoch, incarnation, position })
  }
}

/** Engine B leads both in the epoch after `epoch`, by a planned switch; none of its records is on its disk. */
export function primaryOfPair(epoch: number, peerIncarnation: number): ReplicaRig {
  const rig = new ReplicaRig({
    engineId: EngineId.B,
    fields: { epochMax: epoch, viewEpoch: epoch, viewMembers: Members.BOTH, isEligible: 1 },
    isDiskFast: false,
    stored: { epoch, members: Members.BOTH, primary: EngineId.A, revision: epoch, bucket: 'bucket' },
  })
  rig.hello(epoch, peerIncarnation)
  const history = { starts: [{ epoch, firstSeq: 1 }], end: RECORD_COUNT }
  const { incarnation: toIncarnation } = rig
  rig.hear({ kind: PeerFrameKind.SYNC, epoch, toIncarnation, timeBaseUnixMs: 0, firstSeq: 1, history })
  rig.hear({ kind: PeerFrameKind.HAND_OVER, epoch, toIncarnation, position: RECORD_COUNT })
  rig.advance()
  rig.advance()
  assert(rig.replica.role === Role.PAIR, 'it leads both')
  rig.asked.length = 0
  return rig
}
