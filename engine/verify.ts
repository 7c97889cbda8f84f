// Verifies a whole journal: that it can be read, that its records follow each other, and that replaying them gives the
// states that its snapshots name. Opening it has checked every byte of every record.

import { CommandHeader } from '../protocol/command.ts'
import { CommandKind } from '../protocol/kinds.ts'
import { RecordHeader } from '../protocol/record.ts'
import { Core } from './core/core.ts'
import type { Journal } from './journal/journal.ts'
import { recordEpoch, recordSeq, recordTimeNs } from './journal/record.ts'

export type JournalVerdict = {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly epochCount: number
  /** Numbers found out of order: empty when all is well. */
  readonly faults: readonly string[]
  /** Snapshots that the replay met, and whether its state was theirs. */
  readonly snapshots: readonly { readonly seq: number; readonly ok: boolean; readonly text: string }[]
  readonly core: Core
}

const DISCARD_RECORDS = 1_024

/** `onProgress` hears the number of records done. Throws what an unreadable snapshot or record gives. */
export function verifyJournal(journal: Journal, onProgress: (done: number) => void): JournalVerdict {
  const expected = new Map<number, number>()
  const snapshots: { seq: number; ok: boolean; text: string }[] = []
  for (const { name, snapshot } of journal.snapshots()) {
    if (typeof snapshot === 'string') snapshots.push({ seq: 0, ok: false, text: `${name}: ${snapshot}` })
    else if (snapshot.seq <= journal.appendPosition) expected.set(snapshot.seq, snapshot.stateHash)
    else snapshots.push({ seq: snapshot.seq, ok: false, text: `${name} is ahead of the journal's last record` })
  }
  const faults: string[] = []
  let core = journal.firstSeq === 1 ? null : startAtSnapshot(journal, expected, snapshots)
  let lastEpoch = 0
  let lastTimeNs = 0
  let epochCount = 0
  const compare = (state: Core) => {
    const stateHash = expected.get(state.seq)
    if (stateHash === undefined) return
    expected.delete(state.seq)
    const ok = state.hash() === stateHash
    snapshots.push({ seq: state.seq, ok, text: ok ? 'equal' : `replay gives ${state.hash()}, it says ${stateHash}` })
  }
  journal.replay(core === null ? 1 : core.seq + 1, (records, offset) => {
    const seq = recordSeq(records, offset)
    const epoch = recordEpoch(records, offset)
    const timeNs = recordTimeNs(records, offset)
    if (epoch < lastEpoch) faults.push(`record ${seq} is of epoch ${epoch}, after one of ${lastEpoch}`)
    if (timeNs < lastTimeNs) faults.push(`record ${seq} is older than the one before it`)
    if (epoch !== lastEpoch) epochCount += 1
    lastEpoch = epoch
    lastTimeNs = timeNs
    if (core === null) {
      const kind = records.bytes[offset + RecordHeader.LENGTH + CommandHeader.KIND]
      if (kind !== CommandKind.GENESIS) faults.push('the first record is no GENESIS')
      core = Core.fromGenesis(records, offset)
    } else {
      core.apply(records, offset)
    }
    compare(core)
    if (seq % DISCARD_RECORDS === 0) core.discard()
    if (seq % 65_536 === 0) onProgress(seq - journal.firstSeq)
    return faults.length === 0
  })
  if (core === null) throw new Error('the journal is empty')
  return { firstSeq: journal.firstSeq, lastSeq: journal.appendPosition, epochCount, faults, snapshots, core }
}

/** Older segments are gone: the older snapshot is where replay begins, and stands unchecked. */
function startAtSnapshot(
  journal: Journal,
  expected: Map<number, number>,
  snapshots: { seq: number; ok: boolean; text: string }[],
): Core {
  const oldest = Math.min(...expected.keys())
  const snapshot = journal.newestSnapshot(oldest)
  if (snapshot === null) throw new Error(`records before ${journal.firstSeq} are gone, and no snapshot replaces them`)
  const core = Core.restore(snapshot.body)
  expected.delete(snapshot.seq)
  const ok = core.hash() === snapshot.stateHash
  snapshots.push({
    seq: snapshot.seq,
    ok,
    text: ok ? 'restored; replay begins here' : 'its state is not the one it names',
  })
  return core
}
