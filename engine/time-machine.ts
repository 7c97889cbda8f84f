// Any record's state of a journal that is held in memory, forth and back: what a person scrubs through.
//
// Opening applies every record once and keeps, beside the records, the state at some of them. Going anywhere restores
// the nearest state before and applies the records in between. States are thinned out as the journal turns out longer,
// so their number is bounded, and no way is longer than a part of the whole.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { must } from '../base/assert.ts'
import { Core } from './core/core.ts'
import type { EpochStart } from './journal/epoch-history.ts'
import { Journal } from './journal/journal.ts'
import { recordSeq, recordTimeNs } from './journal/record.ts'
import type { Snapshot } from './journal/snapshot-file.ts'
import type { Storage } from './journal/storage.ts'

const STATE_COUNT_MAX = 64
const STATE_INTERVAL_FIRST = 1_024
const DISCARD_RECORDS = 1_024
const PROGRESS_RECORDS = 16_384

/** The files hold no state to begin from: neither the journal's first record nor a snapshot. */
export class NoBeginningError extends Error {
  override name = 'NoBeginningError'
}

export type TimeMachineOptions = {
  /** Milliseconds since 1970 at record time 0, before the first record. */
  readonly onBegin: (timeBaseUnixMs: number) => void
  /** Called after each record of the first pass, with its state, to gather what a record alone does not tell. */
  readonly onRecord: (core: Core) => void
  /** Share of the files that has been read. */
  readonly onProgress: (share: number) => void
}

type KeptState = { readonly seq: number; readonly body: Uint8Array }

export class TimeMachine {
  /** Records that can be gone to: firstSeq .. lastSeq. */
  readonly firstSeq: number
  readonly lastSeq: number
  /** Milliseconds since 1970 at record time 0. */
  readonly timeBaseUnixMs: number
  readonly epochs: readonly EpochStart[]
  readonly #records: AlignedBuffer
  /** Where record firstSeq + i begins. The first may be there as a state alone: then its offset is -1. */
  readonly #offsets: number[] = []
  #states: KeptState[] = []
  #stateInterval = STATE_INTERVAL_FIRST
  #core: Core

  /** Throws NoBeginningError, and what Journal.open throws. `storage` is read here and not needed after. */
  constructor(storage: Storage, { onBegin, onRecord, onProgress }: TimeMachineOptions) {
    const journal = Journal.open(storage, { clusterId: null, timeBaseUnixMs: 0, isReadOnly: true })
    const size = storage.list().reduce((sum, name) => sum + storage.size(name), 0)
    this.timeBaseUnixMs = journal.timeBaseUnixMs
    onBegin(journal.timeBaseUnixMs)
    this.epochs = journal.history().starts
    this.#records = new AlignedBuffer(size)
    let core = journal.firstSeq === 1 ? null : Core.restore(oldestState(journal).body)
    this.firstSeq = core?.seq ?? 1
    if (core !== null) {
      this.#offsets.push(-1)
      this.#keep(core)
    }
    let end = 0
    journal.replay(core === null ? 1 : core.seq + 1, (records, offset, length) => {
      this.#records.bytes.set(records.bytes.subarray(offset, offset + length), end)
      this.#offsets.push(end)
      if (core === null) core = Core.fromGenesis(this.#records, end)
      else core.apply(this.#records, end)
      end += length
      onRecord(core)
      core.discard()
      if ((core.seq - this.firstSeq) % this.#stateInterval === 0) this.#keep(core)
      if (core.seq % PROGRESS_RECORDS === 0) onProgress(end / size)
      return true
    })
    if (core === null) throw new NoBeginningError(`${storage.location} holds no record`)
    this.#core = core
    this.lastSeq = core.seq
  }

  /** The state that the last `goTo` went to. */
  get core(): Core {
    return this.#core
  }

  /** The state after record `seq`, or after the nearest one there is. Valid until the next call. */
  goTo(seq: number): Core {
    const wanted = Math.min(Math.max(seq, this.firstSeq), this.lastSeq)
    const nearest = must(
      this.#states.findLast((state) => state.seq <= wanted),
      'the first record has a state',
    )
    if (wanted < this.#core.seq || nearest.seq > this.#core.seq) this.#core = Core.restore(nearest.body)
    const core = this.#core
    while (core.seq < wanted) {
      core.apply(this.#records, this.#offsetOf(core.seq + 1))
      if (core.seq % DISCARD_RECORDS === 0 || core.seq === wanted) core.discard()
    }
    return core
  }

  /** Shows the record `seq`; false when only the state after it is there. */
  visit(seq: number, visit: (records: AlignedBuffer, offset: number) => void): boolean {
    const offset = this.#offsetOf(seq)
    if (offset < 0) return false
    visit(this.#records, offset)
    return true
  }

  /** The last record whose time is at or before `timeNs`. */
  seqAt(timeNs: number): number {
    let low = this.firstSeq
    let high = this.lastSeq
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const offset = this.#offsetOf(middle)
      if (offset >= 0 && recordTimeNs(this.#records, offset) > timeNs) high = middle - 1
      else low = middle
    }
    return low
  }

  #offsetOf(seq: number): number {
    const offset = this.#offsets[seq - this.firstSeq] ?? -1
    if (offset >= 0 && recordSeq(this.#records, offset) !== seq)
      throw new RangeError(`record ${seq} is not in its place`)
    return offset
  }

  #keep(core: Core): void {
    this.#states.push({ seq: core.seq, body: core.snapshot() })
    if (this.#states.length <= STATE_COUNT_MAX) return
    this.#states = this.#states.filter((_, index) => index % 2 === 0)
    this.#stateInterval *= 2
  }
}

/** The state that a journal begins with whose first records are gone. Throws NoBeginningError. */
export function oldestState(journal: Journal): Snapshot {
  for (const { snapshot } of journal.snapshots()) {
    if (typeof snapshot !== 'string' && snapshot.seq >= journal.firstSeq - 1) return snapshot
  }
  throw new NoBeginningError(
    `the records begin at ${journal.firstSeq} and no snapshot of the state before them is there. Add the snapshot file.`,
  )
}
