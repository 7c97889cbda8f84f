// The primary's half of the record stream: what the peer has, and what it is sent.
//
//   records of the journal   acknowledged      | sent           | not yet sent
//   -------------------------- ackPosition ----|---- #sent -----|---- appendPosition
//
// After a SYNC nothing is sent until its first acknowledgement tells where to go on. An acknowledgement counts in the
// epoch and for the incarnation that it names; both are checked by the replica.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import type { Journal } from '../journal/journal.ts'
import type { Snapshot } from '../journal/snapshot-file.ts'
import type { ReplicatedMachine } from './machine.ts'
import { PeerFrameKind, type PeerLink } from './peer-frame.ts'
import type { ReplicaSettings } from './settings.ts'

/** Bytes of one APPEND that catches up, and of one part of a snapshot. */
const CHUNK_SIZE = 1024 * 1024
/** Bytes that may wait in the connection before nothing more is sent. */
const PENDING_SIZE_MAX = 8 * CHUNK_SIZE
const SNAPSHOT_PATIENCE = 50

export class Leading {
  /** Highest record that the peer acknowledged in this epoch and incarnation. */
  ackPosition = 0
  /** The peer has answered the SYNC: its journal is a prefix of ours. */
  isSynced = false
  readonly #journal: Journal
  readonly #link: PeerLink
  readonly #machine: ReplicatedMachine
  readonly #settings: ReplicaSettings
  #chunk: AlignedBuffer | null = null
  #epoch = 0
  #incarnation = 0
  #sent = 0
  #progressNs = 0
  #snapshot: Snapshot | null = null
  #snapshotOffset = 0

  constructor(journal: Journal, link: PeerLink, machine: ReplicatedMachine, settings: ReplicaSettings) {
    this.#journal = journal
    this.#link = link
    this.#machine = machine
    this.#settings = settings
  }

  /** Starts over with the peer as it is now: in a new epoch, or because it said hello. Incarnation 0: it has not. */
  begin(epoch: number, incarnation: number, nowNs: number): void {
    if (epoch !== this.#epoch || incarnation !== this.#incarnation) this.ackPosition = 0
    this.#epoch = epoch
    this.#incarnation = incarnation
    this.isSynced = false
    this.#snapshot = null
    this.#progressNs = nowNs
    if (incarnation !== 0) this.#sendSync()
  }

  end(): void {
    this.begin(0, 0, 0)
  }

  /** `position` -1: the journals cannot be compared. */
  onAck(position: number, nowNs: number): void {
    if (position < 0) {
      if (this.#snapshot === null) this.#snapshot = this.#machine.snapshot()
      this.#snapshotOffset = 0
      return
    }
    this.#snapshot = null
    if (position + 1 < this.#journal.firstSeq) {
      // What it lacks was dropped since the comparison: the next one tells it so.
      this.begin(this.#epoch, this.#incarnation, nowNs)
      return
    }
    if (!this.isSynced) this.#sent = position
    this.isSynced = true
    if (position > this.ackPosition) this.#progressNs = nowNs
    this.ackPosition = Math.max(this.ackPosition, position)
    this.#sent = Math.max(this.#sent, this.ackPosition)
  }

  /** Records that are about to be appended: they leave at once when the peer has been sent all before them. */
  appending(records: Uint8Array, firstSeq: number, lastSeq: number, commitPosition: number, nowNs: number): void {
    if (!this.isSynced || this.#sent !== firstSeq - 1 || this.#link.pendingSize > PENDING_SIZE_MAX) return
    if (this.ackPosition === this.#sent) this.#progressNs = nowNs
    this.#send(records, lastSeq, commitPosition)
  }

  /** Sends what is missing, as much as the connection takes. */
  poll(commitPosition: number, nowNs: number): void {
    if (!this.#link.isConnected || this.#incarnation === 0) return
    const { resyncNs } = this.#settings
    // A peer that restores a snapshot says nothing for a while.
    const isStuck = nowNs - this.#progressNs > (this.#snapshot === null ? resyncNs : resyncNs * SNAPSHOT_PATIENCE)
    const isDropped = this.isSynced && this.#sent + 1 < this.#journal.firstSeq
    const isWaiting = !this.isSynced || this.#sent > this.ackPosition
    if (isDropped || (isStuck && isWaiting && this.#link.pendingSize === 0)) {
      this.begin(this.#epoch, this.#incarnation, nowNs)
      return
    }
    if (this.#snapshot !== null) this.#sendSnapshot(this.#snapshot, nowNs)
    while (this.isSynced && this.#sent < this.#journal.appendPosition && this.#link.pendingSize <= PENDING_SIZE_MAX) {
      this.#chunk ??= new AlignedBuffer(CHUNK_SIZE)
      const { length, lastSeq } = this.#journal.read(this.#sent + 1, this.#chunk)
      this.#send(this.#chunk.bytes.subarray(0, length), lastSeq, commitPosition)
    }
  }

  #send(records: Uint8Array, lastSeq: number, commitPosition: number): void {
    this.#link.send({
      kind: PeerFrameKind.APPEND,
      epoch: this.#epoch,
      toIncarnation: this.#incarnation,
      previousSeq: this.#sent,
      lastSeq,
      commitPosition,
      records,
    })
    this.#sent = lastSeq
  }

  #sendSync(): void {
    this.#link.send({
      kind: PeerFrameKind.SYNC,
      epoch: this.#epoch,
      toIncarnation: this.#incarnation,
      timeBaseUnixMs: this.#journal.timeBaseUnixMs,
      firstSeq: this.#journal.firstSeq,
      history: this.#journal.history(),
    })
  }

  #sendSnapshot(snapshot: Snapshot, nowNs: number): void {
    const { body, seq, timeNs, epoch, stateHash } = snapshot
    while (this.#snapshotOffset < body.length && this.#link.pendingSize <= PENDING_SIZE_MAX) {
      const offset = this.#snapshotOffset
      const bytes = body.subarray(offset, offset + CHUNK_SIZE)
      this.#link.send({
        kind: PeerFrameKind.SNAPSHOT,
        epoch: this.#epoch,
        toIncarnation: this.#incarnation,
        timeBaseUnixMs: this.#journal.timeBaseUnixMs,
        seq,
        timeNs,
        recordEpoch: epoch,
        stateHash,
        bodyLength: body.length,
        offset,
        bytes,
      })
      this.#snapshotOffset += bytes.length
      this.#progressNs = nowNs
    }
  }
}
