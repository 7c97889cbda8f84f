// A scenario: one way to do harm to a running cluster, and to mend it again. One file each, in scenarios/.

import type { Prng } from '../../base/prng.ts'
import type { Check } from '../cli/output.ts'
import type { ClusterShape, DrillCluster } from './drill-cluster.ts'

export type Round = {
  readonly cluster: DrillCluster
  readonly random: Prng
  /** What is done this time, where a scenario chooses among others. */
  readonly choose: (scenario: Scenario) => void
  /** The harm is done now: from here on the silence is measured. */
  readonly mark: () => void
  /** Something of this scenario alone that must hold in each round. */
  readonly check: (check: Check) => void
  /** A figure of this scenario alone, in milliseconds. */
  readonly measure: (metric: string, valueMs: number) => void
  /** How the exposure limit is used in the records between two is looked at afterwards, in the journal. */
  readonly watchUse: (fromSeq: number, toSeq: number) => void
}

export type Scenario = {
  readonly name: string
  readonly summary: string
  readonly shape: ClusterShape
  /** Commands a second unless the caller chooses; without it 1,000. */
  readonly ratePerS?: number
  /** Resolves when the cluster is whole again. */
  readonly run: (round: Round) => Promise<void>
}

export const SOLO: ClusterShape = { isPair: false, hasStrategy: false }
export const PAIR: ClusterShape = { isPair: true, hasStrategy: false }

/** A pair whose connections can be cut. */
export const LINKED_PAIR: ClusterShape = { isPair: true, hasStrategy: false, proxied: 'all' }

export function pauseMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
