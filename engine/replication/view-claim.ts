// Who creates the view when the store has lost it, and both engines are there to agree.

import type { ViewClaim } from './peer-frame.ts'
import { EngineId } from './view.ts'

/**
 * Both sides come to opposite answers. The higher epoch leads: its journal holds all that was committed in it. Of the same
 * epoch: the live primary, else who lost nothing, else the longer journal, else engine A.
 */
export function leadsAfterLoss(mine: ViewClaim, theirs: ViewClaim, engineId: EngineId): boolean {
  if (mine.syncedEpoch !== theirs.syncedEpoch) return mine.syncedEpoch > theirs.syncedEpoch
  if (mine.isPrimary !== theirs.isPrimary) return mine.isPrimary
  if (mine.isEligible !== theirs.isEligible) return mine.isEligible
  if (mine.position !== theirs.position) return mine.position > theirs.position
  return engineId === EngineId.A
}
