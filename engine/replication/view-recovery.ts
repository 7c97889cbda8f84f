// Who creates the view when the store has lost it. One engine alone only if nobody else can have led since; else both are
// there and agree.

import type { Journal } from '../journal/journal.ts'
import type { DurableState } from './durable-state.ts'
import type { ViewClaim } from './peer-frame.ts'
import { EngineId, type NoView, onlyMember, type StoredView, type ViewAnswer } from './view.ts'

const STRAY_READS = 5

export class ViewRecovery {
  /** What the peer said for itself, in its present incarnation. */
  peerClaim: ViewClaim | null = null
  /** When the store told last what it has. */
  seenNs = Number.NEGATIVE_INFINITY
  /** The epoch before the view that is to be created once the journal is on the disk; null: none is. */
  createAfter: number | null = null
  #strayRevision = 0
  #strayCount = 0
  readonly #checkNs: number
  readonly #engineId: EngineId
  readonly #state: DurableState
  readonly #journal: Journal

  constructor(engineId: EngineId, state: DurableState, journal: Journal, checkNs: number) {
    this.#checkNs = checkNs
    this.#engineId = engineId
    this.#state = state
    this.#journal = journal
  }

  /**
   * The record is that of the view in which this engine leads. It may have changed unheard: a change that nobody got an
   * answer to may come late, and a store may come back without what it held.
   */
  isSure(view: ViewAnswer | null, nowNs: number): boolean {
    return view?.epoch !== 0 && nowNs - this.seenNs < this.#checkNs
  }

  doubt(): void {
    this.seenNs = Number.NEGATIVE_INFINITY
  }

  /**
   * The store showed a view of an epoch below ours. Once or twice that is a read of the past; again and again, it is all
   * that the store has. Then the record counts for nothing but to be replaced.
   */
  onOldView(stored: StoredView): NoView | null {
    this.#strayCount = stored.revision === this.#strayRevision ? this.#strayCount + 1 : 1
    this.#strayRevision = stored.revision
    return this.#strayCount < STRAY_READS ? null : { epoch: 0, revision: stored.revision, stray: stored }
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
