// The view: who is primary and who is member in one epoch. One record in an external store, changed only by
// compare-and-set; each successful change raises the epoch by exactly one.

/** An engine's place in the pair. */
export const EngineId = { A: 0, B: 1 } as const
export type EngineId = (typeof EngineId)[keyof typeof EngineId]

/** Bit set of members. */
export const Members = { NONE: 0, A: 1, B: 2, BOTH: 3 } as const
export type Members = (typeof Members)[keyof typeof Members]

export type View = {
  readonly epoch: number
  readonly members: Members
  readonly primary: EngineId
}

/**
 * A view as the store holds it. `bucket` is the random name of the record, new whenever the record is created, so that an
 * old request never matches a record that was created since.
 */
export type StoredView = View & { readonly revision: number; readonly bucket: string }

/**
 * There is no record: the store is new, or has lost it. `revision` is the store's own count, for creating one. `stray`: a
 * record of an epoch long past, which a request made that was on its way when the store lost the newer ones.
 */
export type NoView = { readonly epoch: 0; readonly revision: number; readonly stray?: StoredView }

export type ViewAnswer = StoredView | NoView

/** How a compare-and-set ended. UNKNOWN: it may have taken effect, or may still do so. */
export const WriteOutcome = { WRITTEN: 1, LOST: 2, UNKNOWN: 3 } as const
export type WriteOutcome = (typeof WriteOutcome)[keyof typeof WriteOutcome]

/**
 * The arbiter, as a replica sees it. Calls return at once; the answer comes later through the replica's onViewRead and
 * onViewWritten, or never.
 */
export type ViewStore = {
  read(request: number): void
  /** Replaces the record that is exactly `expected`, or creates one where there is still none. */
  compareAndSet(request: number, expected: ViewAnswer, next: View): void
}

export function onlyMember(engine: EngineId): Members {
  return engine === EngineId.A ? Members.A : Members.B
}

export function isMember(members: Members, engine: EngineId): boolean {
  return (members & onlyMember(engine)) !== 0
}
