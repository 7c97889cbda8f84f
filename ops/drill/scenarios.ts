// All scenarios, in the order in which `tandem drill all` runs them.

import type { Scenario } from './scenario.ts'
import { killBackup } from './scenarios/kill-backup.ts'
import { killBoth } from './scenarios/kill-both.ts'
import { killEngine } from './scenarios/kill-engine.ts'
import { killPrimary } from './scenarios/kill-primary.ts'
import { killStrategy } from './scenarios/kill-strategy.ts'
import { pauseEngine } from './scenarios/pause-engine.ts'
import { pausePrimary } from './scenarios/pause-primary.ts'
import { restartNats } from './scenarios/restart-nats.ts'
import { switchOver } from './scenarios/switch-over.ts'

export const SCENARIOS: readonly Scenario[] = [
  killPrimary,
  killBackup,
  pausePrimary,
  killBoth,
  restartNats,
  switchOver,
  killEngine,
  pauseEngine,
  killStrategy,
]
