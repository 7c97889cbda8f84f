// All fuzz targets.

import { commandsTarget } from './commands-target.ts'
import { configTarget } from './config-target.ts'
import { feedsTarget } from './feeds-target.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { httpTarget, tradingTarget, webSocketTarget } from './gateway-targets.ts'
import { importsTarget } from './imports-target.ts'
import { peerTarget } from './peer-target.ts'
import { questionsTarget } from './questions-target.ts'
import { recordsTarget } from './records-target.ts'
import { sessionTarget } from './session-target.ts'
import { snapshotsTarget } from './snapshots-target.ts'

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  commandsTarget,
  recordsTarget,
  snapshotsTarget,
  peerTarget,
  sessionTarget,
  questionsTarget,
  feedsTarget,
  importsTarget,
  configTarget,
  httpTarget,
  tradingTarget,
  webSocketTarget,
]
