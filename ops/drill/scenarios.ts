// All scenarios: those that `tandem drill all` runs, in its order, and the parts of `nodes`, which run by name.

import type { Scenario } from './scenario.ts'
import { flippedBit } from './scenarios/flipped-bit.ts'
import { fullDiskBackup } from './scenarios/full-disk-backup.ts'
import { fullDiskPrimary } from './scenarios/full-disk-primary.ts'
import { killBackup } from './scenarios/kill-backup.ts'
import { killBoth } from './scenarios/kill-both.ts'
import { killEngine } from './scenarios/kill-engine.ts'
import { killPrimary } from './scenarios/kill-primary.ts'
import { killPrimaryWithoutNats } from './scenarios/kill-primary-without-nats.ts'
import { killStrategy } from './scenarios/kill-strategy.ts'
import { loseNatsStorage } from './scenarios/lose-nats-storage.ts'
import { NODE_SCENARIOS, nodes } from './scenarios/nodes.ts'
import { partitionBackup } from './scenarios/partition-backup.ts'
import { partitionOneWay } from './scenarios/partition-one-way.ts'
import { partitionPeers } from './scenarios/partition-peers.ts'
import { partitionPrimary } from './scenarios/partition-primary.ts'
import { partitionStrategy } from './scenarios/partition-strategy.ts'
import { pauseEngine } from './scenarios/pause-engine.ts'
import { pausePrimary } from './scenarios/pause-primary.ts'
import { randomOf } from './scenarios/random.ts'
import { restartAll } from './scenarios/restart-all.ts'
import { restartNats } from './scenarios/restart-nats.ts'
import { rollingRestart } from './scenarios/rolling-restart.ts'
import { slowBackup } from './scenarios/slow-backup.ts'
import { slowDisk } from './scenarios/slow-disk.ts'
import { slowLink } from './scenarios/slow-link.ts'
import { stepClock } from './scenarios/step-clock.ts'
import { switchOver } from './scenarios/switch-over.ts'
import { tornTail } from './scenarios/torn-tail.ts'
import { versionSkew } from './scenarios/version-skew.ts'

const SINGLE: readonly Scenario[] = [
  killPrimary,
  killBackup,
  pausePrimary,
  killBoth,
  partitionPeers,
  partitionOneWay,
  partitionPrimary,
  partitionBackup,
  partitionStrategy,
  restartNats,
  loseNatsStorage,
  killPrimaryWithoutNats,
  fullDiskPrimary,
  fullDiskBackup,
  tornTail,
  flippedBit,
  stepClock,
  slowDisk,
  slowBackup,
  slowLink,
  switchOver,
  rollingRestart,
  versionSkew,
  restartAll,
  killEngine,
  pauseEngine,
  killStrategy,
]

export const SCENARIOS: readonly Scenario[] = [...SINGLE, nodes, randomOf(SINGLE)]

export const NAMED_SCENARIOS: readonly Scenario[] = [...SCENARIOS, ...NODE_SCENARIOS]
