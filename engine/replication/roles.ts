// The roles of an engine in the pair, and every change between them.
//
//              its journal equals the primary's
//   WAITING ───────────────────────────────────► BACKUP
//    ▲  │                                          │    │
//    │  │ its own compare-and-set                  │    │ its own compare-and-set: planned switch
//    │  ▼                                          │    └───────────────┐
//    │ SOLO ◄── its own compare-and-set: takeover ─┘                    │
//    │  │ ▲                                                             ▼
//    │  │ └── its own compare-and-set: without the peer ───────────── PAIR
//    │  ▼ peer has caught up                                            ▲
//    │ JOINING ── its own compare-and-set: with the peer ───────────────┘
//    │
//    └── from every role: a compare-and-set lost, or a sign of a higher epoch

import { assert } from '../../base/assert.ts'

export const Role = {
  /** Follows nobody and leads nothing: just started, deposed, or its journal is not yet equal to the primary's. */
  WAITING: 1,
  /** Its journal is a prefix of the primary's in this epoch; it appends and acknowledges. */
  BACKUP: 2,
  /** Primary of a view that names it alone: commits what is on its disk. */
  SOLO: 3,
  /** Primary that asked for a view with its peer and does not know the outcome: commits need both conditions. */
  JOINING: 4,
  /** Primary of a view with its peer: commits what the peer acknowledged. */
  PAIR: 5,
} as const
export type Role = (typeof Role)[keyof typeof Role]

/** Why a role changed. */
export const Cause = {
  STARTED: 1,
  FIRST_VIEW: 2,
  PEER_SUSPECTED: 3,
  NO_PRIMARY: 4,
  SYNCED: 5,
  JOIN_PROPOSED: 6,
  JOINED: 7,
  VIEW_LOST: 8,
  HIGHER_EPOCH: 9,
  HANDED_OVER: 10,
  OUTCOME_UNKNOWN: 11,
  FORCED: 12,
  ALONE: 13,
  LOST_RACE: 14,
} as const
export type Cause = (typeof Cause)[keyof typeof Cause]

const { WAITING, BACKUP, SOLO, JOINING, PAIR } = Role

const ALLOWED: Readonly<Record<Role, readonly Role[]>> = {
  [WAITING]: [WAITING, BACKUP, SOLO],
  [BACKUP]: [WAITING, BACKUP, SOLO, PAIR],
  // SOLO to SOLO: a new epoch for itself, because the store had lost its record.
  [SOLO]: [WAITING, JOINING, SOLO],
  [JOINING]: [WAITING, SOLO, PAIR],
  [PAIR]: [WAITING, SOLO],
}

export function assertTransition(from: Role, to: Role): void {
  assert(ALLOWED[from].includes(to), `role ${from} never becomes ${to}`)
}

export function isPrimary(role: Role): boolean {
  return role >= Role.SOLO
}

/** Why an engine of this role, which is no primary, wants to lead. */
export function causeToLead(role: Role, isForced: boolean, isHandedOver: boolean): Cause {
  if (isForced) return Cause.FORCED
  if (isHandedOver) return Cause.HANDED_OVER
  return role === Role.BACKUP ? Cause.PEER_SUSPECTED : Cause.NO_PRIMARY
}

const CAUSE_WORDS: Readonly<Record<Cause, string>> = {
  [Cause.STARTED]: 'it started',
  [Cause.FIRST_VIEW]: 'it wrote the first view of the cluster',
  [Cause.PEER_SUSPECTED]: 'its peer stopped answering, and the view store gave it the view',
  [Cause.NO_PRIMARY]: 'nobody led, and the view store gave it the view',
  [Cause.SYNCED]: "its journal follows the primary's",
  [Cause.JOIN_PROPOSED]: 'its peer has caught up, and it asked for a view with both',
  [Cause.JOINED]: 'the view names both',
  [Cause.VIEW_LOST]: 'the view store had lost its record, and this engine created it anew',
  [Cause.HIGHER_EPOCH]: 'it heard of a higher epoch',
  [Cause.HANDED_OVER]: 'the primary handed over',
  [Cause.OUTCOME_UNKNOWN]: 'the view store did not say whether its last change was made, so it wrote the view again',
  [Cause.FORCED]: 'the operator forced a new view',
  [Cause.ALONE]: 'it runs without a peer',
  [Cause.LOST_RACE]: 'another view was written first',
}

export function describeCause(cause: Cause): string {
  return CAUSE_WORDS[cause]
}
