// What a replica is given, and what it tells.

import type { Journal } from '../journal/journal.ts'
import type { DurableState } from './durable-state.ts'
import type { ReplicatedMachine } from './machine.ts'
import type { PeerLink } from './peer-frame.ts'
import type { Cause, Role } from './roles.ts'
import type { ReplicaSettings } from './settings.ts'
import type { EngineId, ViewStore } from './view.ts'

/** Where a replica finds its peer and the view. */
export type Pairing = {
  readonly engineId: EngineId
  readonly link: PeerLink
  readonly store: ViewStore
}

/** For an engine that runs alone: nobody hears it. */
export const ALONE: Pairing = {
  engineId: 0,
  link: { isConnected: false, pendingSize: 0, send: () => {} },
  store: { read: () => {}, compareAndSet: () => {} },
}

export type Transition = {
  readonly from: Role
  readonly to: Role
  readonly cause: Cause
  readonly epoch: number
  readonly nowNs: number
}

/** Why an engine without a primary does not lead. */
export const Waiting = {
  NOTHING: 0,
  FOR_PRIMARY: 1,
  FOR_STORE: 2,
  NOT_MEMBER: 3,
  NOT_ELIGIBLE: 4,
  FOR_PEER_TO_AGREE: 5,
  FOR_DISK: 6,
} as const
export type Waiting = (typeof Waiting)[keyof typeof Waiting]

export type ReplicaOptions = {
  readonly journal: Journal
  readonly state: DurableState
  readonly machine: ReplicatedMachine
  readonly settings: ReplicaSettings
  /** null: this engine runs alone. */
  readonly pairing: Pairing | null
  /** Names the boot of the machine. */
  readonly bootId: number
  readonly startUnixMs: number
  /** The operator wants this engine to lead whatever the view says. */
  readonly isForced?: boolean
  readonly onTransition: (transition: Transition) => void
}
