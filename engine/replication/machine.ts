// What a replica drives: the state that the journal's records make.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import type { Snapshot } from '../journal/snapshot-file.ts'

export type ReplicatedMachine = {
  /** This engine leads in `epoch` from now on. `wasPrimary`: it led before, in a lower one. */
  lead(epoch: number, wasPrimary: boolean): void
  /** This engine leads no longer: what it had not committed must never be told. */
  follow(): void
  /** Whole records from byte `from` to `to`, journalled already, to be applied in order. */
  apply(records: AlignedBuffer, from: number, to: number): void
  /** The journal now ends with record `seq`: the state must not be ahead of it. */
  cutTo(seq: number): void
  /** The state is this one. False: the bytes do not give the state that their hash names, and nothing has changed. */
  restore(snapshot: Snapshot): boolean
  /** A snapshot of the state as applied, for a peer whose journal has nothing in common with ours. */
  snapshot(): Snapshot
}
