// Who creates the view when the store has lost it. One engine alone only if nobody else can have led since; else both are
// there and agree.

import type { Journal } from '../journal/journal.ts'
import type { DurableState } from './durable-state.ts'
import type { ViewClaim } from './peer-frame.ts'
import { EngineId, onlyMember } from './view.ts'

export class ViewRecovery {
  /** What the peer said for itself, in its present incarnation. */
  peerClaim: ViewClaim | null = null
  readonly #engineId: EngineId
  readonly #state: DurableState
  readonly #journal: Journal

  constructor(engineId: EngineId, state: DurableState, journal: Journal) {
    this.#engineId = engineId
    this.#state = state
    this.#journal = journal
  }

  claim(isPrimary: boolean): ViewClaim {
    const { syncedEpoch, isEligible } = this.#state.fields
    return { syncedEpoch, isEligible: isEligible === 1, isPrimary, position: this.#journal.appendPosition }
  }

  /** It was sole member of the last view that can have been, and never proposed a join from it. */
  mayCreateAlone(): boolean {
    const { viewMembers, viewEpoch, epochMax } = this.#state.fields
    return !this.#state.isFresh && viewMembers === onlyMember(this.#engineId) && viewEpoch === epochMax
  }

  /** Of two engines that agree, is it us? */
  leads(isPrimary: boolean): boolean {
    return this.peerClaim !== null && leadsAfterLoss(this.claim(isPrimary), this.peerClaim, this.#engineId)
  }
}

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
