// Follows a journal record by record, with the state after each: for those who look for what happened.

import { Core } from './core/core.ts'
import type { Journal } from './journal/journal.ts'
import { recordSeq } from './journal/record.ts'
import { oldestState } from './time-machine.ts'

/**
 * Shows the state after each record up to `toSeq`, and after the oldest snapshot where the first records are gone. What
 * the state has to tell of its last record is there during the visit; the visitor takes it or leaves it. Ends when the
 * visitor says false. Throws NoBeginningError where there is no state to begin from.
 */
export function walkJournal(journal: Journal, toSeq: number, visit: (core: Core) => boolean): void {
  let core = journal.firstSeq === 1 ? null : Core.restore(oldestState(journal).body)
  if (core !== null && !visit(core)) return
  const fromSeq = core === null ? 1 : core.seq + 1
  journal.replay(fromSeq, (records, offset) => {
    if (recordSeq(records, offset) > toSeq) return false
    if (core === null) core = Core.fromGenesis(records, offset)
    else core.apply(records, offset)
    const goesOn = visit(core)
    core.discard()
    return goesOn
  })
}
