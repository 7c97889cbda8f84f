// Times and choices of a replica.

import { NS_PER_MS } from '../../base/clock.ts'

export type ReplicaSettings = {
  /** Each engine says this often that it is there. */
  readonly heartbeatNs: number
  /** A peer that was not heard for this long is suspected. */
  readonly suspectNs: number
  /** A backup whose connection was closed waits this long, so that a primary that only lost the link keeps leading. */
  readonly closeGraceNs: number
  /** An engine without a primary waits this long before it asks for the view; the primary of the last view does not. */
  readonly leadWaitNs: number
  /** Between attempts at the view store. */
  readonly retryNs: number
  /** A request to the view store that was not answered for this long has an unknown outcome. */
  readonly requestNs: number
  /** A primary looks this often whether the record of the view is still its own. */
  readonly viewCheckNs: number
  /** Records sent and not acknowledged for this long: the primary compares journals again. */
  readonly resyncNs: number
  /** Longest pause of the intake for a peer to catch up with the very last record. */
  readonly joinPauseNs: number
  /** Longest pause of the intake for a planned switch-over. */
  readonly handOverNs: number
  /** Records are synced on both disks before they are committed. */
  readonly isDiskDurable: boolean
}

export const REPLICA_SETTINGS_DEFAULT: ReplicaSettings = {
  heartbeatNs: 20 * NS_PER_MS,
  suspectNs: 150 * NS_PER_MS,
  closeGraceNs: 6 * NS_PER_MS,
  leadWaitNs: 300 * NS_PER_MS,
  retryNs: 100 * NS_PER_MS,
  requestNs: 500 * NS_PER_MS,
  viewCheckNs: 1_000 * NS_PER_MS,
  resyncNs: 200 * NS_PER_MS,
  joinPauseNs: 30 * NS_PER_MS,
  handOverNs: 500 * NS_PER_MS,
  isDiskDurable: false,
}
