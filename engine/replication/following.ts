// The backup's half of the record stream: makes the journal equal to the primary's once per epoch, appends what comes,
// applies it, and says how far it is.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { commonPrefix } from '../journal/epoch-history.ts'
import type { Journal } from '../journal/journal.ts'
import { isRecordIntact, isRecordSize, recordEpoch, recordSeq, recordSize } from '../journal/record.ts'
import type { DurableState } from './durable-state.ts'
import type { ReplicatedMachine } from './machine.ts'
import { type AppendFrame, PeerFrameKind, type PeerLink, type SnapshotFrame, type SyncFrame } from './peer-frame.ts'

/** What became of a SYNC. */
export const Synced = { FOLLOWS: 1, NEEDS_SNAPSHOT: 2 } as const
export type Synced = (typeof Synced)[keyof typeof Synced]

/** Bound on what a damaged length can make us hold. */
const SNAPSHOT_SIZE_MAX = 1024 * 1024 * 1024

export class Following {
  /** What the primary said is committed. */
  commitHeard = 0
  /** Records that were cut off since the process started. */
  cutCount = 0
  readonly #journal: Journal
  readonly #state: DurableState
  readonly #link: PeerLink
  readonly #machine: ReplicatedMachine
  readonly #isDiskDurable: boolean
  #records = new AlignedBuffer(1 << 16)
  /** With all records up to here this engine holds everything that it ever acknowledged. */
  #wholeAt = Number.POSITIVE_INFINITY
  #ackedPosition = -1
  #body: Uint8Array | null = null
  #bodyEnd = 0

  constructor(
    journal: Journal,
    state: DurableState,
    link: PeerLink,
    machine: ReplicatedMachine,
    isDiskDurable: boolean,
  ) {
    this.#journal = journal
    this.#state = state
    this.#link = link
    this.#machine = machine
    this.#isDiskDurable = isDiskDurable
  }

  /** The frame's epoch is the highest known, and durable. */
  onSync(frame: SyncFrame): Synced {
    const { fields } = this.#state
    const journal = this.#journal
    this.#ackedPosition = -1
    this.#body = null
    if (fields.syncedEpoch < frame.epoch) {
      const prefix = commonPrefix(journal.history(), frame.history)
      if (prefix === null || prefix + 1 < frame.firstSeq || !journal.canCutTo(prefix)) {
        this.#acknowledge(frame.epoch, -1)
        return Synced.NEEDS_SNAPSHOT
      }
      if (prefix < journal.appendPosition) {
        this.cutCount += journal.cut(prefix)
        this.#machine.cutTo(prefix)
      }
      if (journal.appendPosition === 0) journal.timeBaseUnixMs = frame.timeBaseUnixMs
      this.#state.save({ syncedEpoch: frame.epoch })
    } else if (journal.appendPosition + 1 < frame.firstSeq) {
      this.#acknowledge(frame.epoch, -1)
      return Synced.NEEDS_SNAPSHOT
    }
    this.#wholeAt = frame.history.end
    this.#noteWhole()
    this.acknowledge()
    return Synced.FOLLOWS
  }

  /** The frame is of the epoch that the journal follows. */
  onAppend(frame: AppendFrame): void {
    const journal = this.#journal
    this.commitHeard = Math.max(this.commitHeard, frame.commitPosition)
    if (frame.previousSeq > journal.appendPosition || frame.lastSeq <= journal.appendPosition) {
      // A hole: frames of another connection came first, and the primary goes back. Or nothing new: it wants to know.
      this.#ackedPosition = -1
      this.acknowledge()
      return
    }
    const { length } = frame.records
    if (length > this.#records.bytes.length) this.#records = new AlignedBuffer(length * 2)
    this.#records.bytes.set(frame.records)
    this.#append(this.#skipKnown(length), length)
    this.acknowledge()
  }

  /** Takes a part of a snapshot. True when the journal now begins behind it. */
  onSnapshot(frame: SnapshotFrame): boolean {
    const { seq, timeNs, recordEpoch: epoch, stateHash, bodyLength, offset, bytes } = frame
    if (offset === 0 && bodyLength <= SNAPSHOT_SIZE_MAX) {
      this.#body = new Uint8Array(bodyLength)
      this.#bodyEnd = 0
    }
    const body = this.#body
    if (body === null || offset !== this.#bodyEnd || offset + bytes.length > body.length) return false
    body.set(bytes, offset)
    this.#bodyEnd += bytes.length
    if (this.#bodyEnd < body.length) return false
    this.#body = null
    const snapshot = { seq, timeNs, epoch, stateHash, body }
    if (!this.#machine.restore(snapshot)) return false
    this.#journal.timeBaseUnixMs = frame.timeBaseUnixMs
    this.#journal.restartAt(snapshot)
    this.#state.save({ syncedEpoch: frame.epoch })
    this.#wholeAt = seq
    this.#noteWhole()
    this.#ackedPosition = -1
    this.acknowledge()
    return true
  }

  /** Says how far the journal is, if that is news: as written, or as on the disk where only that counts. */
  acknowledge(): void {
    const { epochMax, soloTriedEpoch } = this.#state.fields
    const needsDisk = this.#isDiskDurable || epochMax <= soloTriedEpoch
    // The disk is asked before the records are applied: the primary waits for it.
    if (needsDisk) this.#journal.requestSync()
    const position = needsDisk ? this.#journal.syncPosition : this.#journal.appendPosition
    if (position > this.#ackedPosition) this.#acknowledge(epochMax, position)
  }

  #acknowledge(epoch: number, position: number): void {
    this.#ackedPosition = position
    const { incarnation } = this.#state.fields
    this.#link.send({ kind: PeerFrameKind.ACK, epoch, incarnation, position })
  }

  /** Byte at which the first record begins that the journal does not have. */
  #skipKnown(length: number): number {
    const records = this.#records
    let at = 0
    while (at < length && recordSeq(records, at) <= this.#journal.appendPosition) {
      if (!isRecordSize(recordSize(records, at))) return length
      at += recordSize(records, at)
    }
    return at
  }

  /** One write per run of records of one epoch. What is damaged on the way is not taken: it comes again. */
  #append(from: number, length: number): void {
    const records = this.#records
    const journal = this.#journal
    let at = from
    while (at < length) {
      const start = at
      const firstSeq = journal.appendPosition + 1
      const epoch = recordEpoch(records, at)
      let seq = firstSeq
      while (at < length && this.#isNext(at, length, seq, epoch)) {
        at += recordSize(records, at)
        seq += 1
      }
      if (at === start) return
      journal.append(records.bytes.subarray(start, at), firstSeq, seq - 1, epoch)
      // What the primary waits for is the journal, not the state.
      this.#noteWhole()
      this.acknowledge()
      this.#machine.apply(records, start, at)
    }
  }

  #isNext(at: number, length: number, seq: number, epoch: number): boolean {
    const records = this.#records
    const size = recordSize(records, at)
    if (!isRecordSize(size) || at + size > length) return false
    if (recordSeq(records, at) !== seq || recordEpoch(records, at) !== epoch) return false
    return epoch >= this.#journal.lastEpoch && isRecordIntact(records, at, size)
  }

  #noteWhole(): void {
    if (this.#journal.appendPosition < this.#wholeAt) return
    this.#wholeAt = Number.POSITIVE_INFINITY
    this.#state.save({ isEligible: 1 })
  }
}
