// May an engine lead? Only a member of the view, and only one that holds all that it ever acknowledged.

import type { DurableFields } from './durable-state.ts'
import { Waiting } from './replica-options.ts'
import { type EngineId, isMember, onlyMember, type View } from './view.ts'

/** NOTHING: it may; else why not. `from` is the view that it would replace. */
export function whyNotLead(engineId: EngineId, fields: Readonly<DurableFields>, from: View): Waiting {
  if (!isMember(from.members, engineId)) return Waiting.NOT_MEMBER
  const { isEligible, syncedEpoch, soloTriedEpoch, viewEpoch, viewMembers } = fields
  if (isEligible === 1) return Waiting.NOTHING
  // One that has lost something may lead only where nobody else acknowledged anything, and where it remembers that this
  // view is its own: what it committed in it was on its disk. It asked for it alone, or was let go on from it once: since
  // then, too, all that it acknowledged has been on its disk.
  const self = onlyMember(engineId)
  const isCreator = viewEpoch === from.epoch && viewMembers === self
  const isAskedFor = soloTriedEpoch === from.epoch - 1 || soloTriedEpoch === from.epoch
  const isOwn = syncedEpoch === from.epoch || isAskedFor || isCreator
  return from.members === self && isOwn ? Waiting.NOTHING : Waiting.NOT_ELIGIBLE
}
