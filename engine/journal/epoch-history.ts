// Where each epoch of a journal begins, and how far two journals agree.
//
// (epoch, seq) names one record for ever, and a journal is only ever appended to by one primary in one epoch, after
// it was made equal to that primary's. So two journals that hold the same (epoch, seq) are equal up to there, and the
// common prefix follows from the short list of epoch starts alone:
//
//      ours    1 1 1 1 2 2 2 4 4           starts: 1@1 2@5 4@8      end 9
//      theirs  1 1 1 1 2 2 3 3             starts: 1@1 2@5 3@7      end 8
//              ----------- common prefix: seq 6 (epoch 2 ends at 7 for us, at 6 for them)

import { assert } from '../../base/assert.ts'

export type EpochStart = { readonly epoch: number; readonly firstSeq: number }

/** Epochs grow strictly, and so do their first sequence numbers. `end` is the last sequence number of the journal. */
export type EpochHistory = { readonly starts: readonly EpochStart[]; readonly end: number }

/**
 * The highest sequence number at which both journals hold the same record; 0 when they share none; null when the kept
 * parts of the histories do not overlap, so that nothing can be said (one of them begins after a snapshot).
 */
export function commonPrefix(ours: EpochHistory, theirs: EpochHistory): number | null {
  for (let index = ours.starts.length - 1; index >= 0; index--) {
    const start = ours.starts[index]!
    const other = theirs.starts.findIndex((candidate) => candidate.epoch === start.epoch)
    if (other < 0) continue
    const ourEnd = endOf(ours, index)
    const theirEnd = endOf(theirs, other)
    const from = Math.max(start.firstSeq, theirs.starts[other]!.firstSeq)
    const common = Math.min(ourEnd, theirEnd)
    return common >= from ? common : null
  }
  const oursWhole = ours.end === 0 || ours.starts[0]!.firstSeq === 1
  const theirsWhole = theirs.end === 0 || theirs.starts[0]!.firstSeq === 1
  return oursWhole && theirsWhole ? 0 : null
}

function endOf(history: EpochHistory, index: number): number {
  const next = history.starts[index + 1]
  if (next === undefined) return history.end
  assert(next.firstSeq > history.starts[index]!.firstSeq, 'epoch starts grow')
  return next.firstSeq - 1
}
