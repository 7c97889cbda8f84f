// What the two engines say to each other. A connection delivers whole frames in order until it breaks; frames of an old
// connection may still arrive beside those of a new one. Nothing here depends on more than that.
//
//   B                                   A (primary of epoch e)
//   |---- HELLO incarnation 7 --------->|
//   |<--- SYNC e, to 7, history --------|      "this is my journal's shape"
//   |     cuts back to the common prefix, once per epoch
//   |---- ACK e, 7, position ---------->|
//   |<--- APPEND e, to 7, records ------|      pipelined, from the acknowledged position on
//   |---- ACK e, 7, position ---------->|
//   |<--> HEARTBEAT <------------------>|      both ways
//   a frame of a lower epoch that claims to lead is answered with REFUSE and the own epoch, which deposes its sender

import type { EpochHistory } from '../journal/epoch-history.ts'

export const PeerFrameKind = {
  HELLO: 1,
  SYNC: 2,
  APPEND: 3,
  ACK: 4,
  HEARTBEAT: 5,
  REFUSE: 6,
  HAND_OVER: 7,
  VIEW_LOST: 8,
  VIEW_PROMISE: 9,
  SNAPSHOT: 10,
} as const
export type PeerFrameKind = (typeof PeerFrameKind)[keyof typeof PeerFrameKind]

/** Says who is there. `toIncarnation` elsewhere names the receiver as it introduced itself here. */
export type HelloFrame = { readonly kind: 1; readonly epoch: number; readonly incarnation: number }

export type SyncFrame = {
  readonly kind: 2
  readonly epoch: number
  readonly toIncarnation: number
  /** Base of the journal's record times: an empty journal adopts it. */
  readonly timeBaseUnixMs: number
  /** Records before this one are in the primary's snapshots alone. */
  readonly firstSeq: number
  readonly history: EpochHistory
}

export type AppendFrame = {
  readonly kind: 3
  readonly epoch: number
  readonly toIncarnation: number
  /** The records follow directly after this one. */
  readonly previousSeq: number
  readonly lastSeq: number
  readonly commitPosition: number
  /** Whole records, back to back, as journalled. Valid during the call. */
  readonly records: Uint8Array
}

/** `position` -1: the journals have nothing in common that can be checked; the primary sends a snapshot. */
export type AckFrame = {
  readonly kind: 4
  readonly epoch: number
  readonly incarnation: number
  readonly position: number
}

export type HeartbeatFrame = {
  readonly kind: 5
  readonly epoch: number
  readonly incarnation: number
  readonly isPrimary: boolean
  readonly commitPosition: number
}

export type RefuseFrame = { readonly kind: 6; readonly epoch: number }

/**
 * `position` 0: the primary is about to hand over; its backup prepares. Else it has stopped and asks its backup to take over,
 * and `position` is the end of both journals.
 */
export type HandOverFrame = {
  readonly kind: 7
  readonly epoch: number
  readonly toIncarnation: number
  readonly position: number
}

/** The sender finds no view in the store, and tells what decides who creates the next one. */
export type ViewLostFrame = {
  readonly kind: 8
  readonly epoch: number
  readonly incarnation: number
  readonly claim: ViewClaim
}

/** The sender lets the receiver create the view; what it asked of the store before is void. */
export type ViewPromiseFrame = { readonly kind: 9; readonly epoch: number; readonly toIncarnation: number }

/** A part of a snapshot of the state after record `seq`. */
export type SnapshotFrame = {
  readonly kind: 10
  readonly epoch: number
  readonly toIncarnation: number
  readonly timeBaseUnixMs: number
  readonly seq: number
  readonly timeNs: number
  readonly recordEpoch: number
  readonly stateHash: number
  readonly bodyLength: number
  readonly offset: number
  readonly bytes: Uint8Array
}

export type PeerFrame =
  | HelloFrame
  | SyncFrame
  | AppendFrame
  | AckFrame
  | HeartbeatFrame
  | RefuseFrame
  | HandOverFrame
  | ViewLostFrame
  | ViewPromiseFrame
  | SnapshotFrame

/** What an engine can say for itself when the store has lost the view. */
export type ViewClaim = {
  /** The epoch whose primary its journal follows or is. */
  readonly syncedEpoch: number
  readonly isEligible: boolean
  readonly isPrimary: boolean
  readonly position: number
}

/** The connection to the peer. */
export type PeerLink = {
  readonly isConnected: boolean
  /** Bytes accepted and not yet handed to the network: back-pressure. */
  readonly pendingSize: number
  /** Does nothing when not connected. */
  send(frame: PeerFrame): void
}
