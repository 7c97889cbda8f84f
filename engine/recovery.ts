// Rebuilds the core from a journal: the newest snapshot, then the records after it.

import { Core } from './core/core.ts'
import type { Journal } from './journal/journal.ts'
import { recordSeq } from './journal/record.ts'
import type { Snapshot } from './journal/snapshot-file.ts'

/** Records between two flushes of what nobody listens to. */
const DISCARD_RECORDS = 1_024

/** The snapshot's state is not the one that its hash names: it was not written by this program's rules. */
export class SnapshotMismatchError extends Error {
  override name = 'SnapshotMismatchError'
}

/** The state that a snapshot was taken of; null where its bytes give none, or another than its hash names. */
export function stateOf({ body, stateHash }: Snapshot): Core | null {
  try {
    const core = Core.restore(body)
    // What could be read may still be no state: then it is the hash that meets what cannot be.
    return core.hash() === stateHash ? core : null
  } catch {
    return null
  }
}

/** The state after record `toSeq`, or after the last one. The journal has at least its first record. */
export function recoverCore(
  journal: Journal,
  onProgress: (share: number) => void,
  toSeq = Number.POSITIVE_INFINITY,
): Core {
  const snapshot = journal.newestSnapshot(toSeq)
  let core: Core | null = null
  if (snapshot !== null) {
    core = stateOf(snapshot)
    if (core === null) {
      throw new SnapshotMismatchError(
        `the snapshot at record ${snapshot.seq} does not give the state of hash ${snapshot.stateHash} that it names. ` +
          'Remove that snapshot file; the engine then replays from an earlier one.',
      )
    }
  }
  if (core === null && journal.firstSeq > 1) {
    const wanted = toSeq === Number.POSITIVE_INFINITY ? '' : ` of record ${toSeq} or before`
    throw new SnapshotMismatchError(
      `the journal begins with record ${journal.firstSeq}, and there is no snapshot${wanted} to begin from. ` +
        'Move the folder away: a peer rebuilds it.',
    )
  }
  return replayInto(journal, core, onProgress, toSeq)
}

/** Applies the records after `core`, or all of them, beginning with GENESIS. */
export function replayInto(
  journal: Journal,
  start: Core | null,
  onProgress: (share: number) => void,
  toSeq: number,
): Core {
  let core = start
  const fromSeq = (core?.seq ?? 0) + 1
  const lastSeq = Math.min(journal.appendPosition, toSeq)
  if (fromSeq > lastSeq && core !== null) return core
  journal.replay(fromSeq, (records, offset) => {
    const seq = recordSeq(records, offset)
    if (seq > lastSeq) return false
    if (core === null) core = Core.fromGenesis(records, offset)
    else core.follow(records, offset)
    if (seq % DISCARD_RECORDS === 0 || seq === lastSeq) core.discard()
    if (seq % 65_536 === 0) onProgress((seq - fromSeq) / (lastSeq - fromSeq + 1))
    return seq < lastSeq
  })
  if (core === null) throw new SnapshotMismatchError('the journal has neither a first record nor a snapshot')
  return core
}
