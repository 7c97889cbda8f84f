// The clocks of the engines are off by an hour, one ahead and one behind, and each leads in turn: record time never goes
// back, and goes on.

import type { DrillCluster } from '../drill-cluster.ts'
import type { Round, Scenario } from '../scenario.ts'
import { PAIR, pauseMs } from '../scenario.ts'

const STEP_MS = 3_600_000
const LOOK_MS = 1_500

export const stepClock: Scenario = {
  name: 'step-clock',
  summary: 'each engine in turn leads with a wall clock that is an hour off, one ahead, one behind',
  shape: PAIR,
  async run(round) {
    const { cluster, mark, check } = round
    mark()
    for (const stepMs of [STEP_MS, -STEP_MS]) {
      await leadWithClock(round, cluster.backup(), stepMs)
      const before = await settledTimeMs(cluster)
      await pauseMs(LOOK_MS)
      const passedMs = Math.round((await recordTimeMs(cluster)) - before)
      const name = `record time passes with a clock that is an hour ${stepMs > 0 ? 'ahead' : 'behind'}`
      check({ name, ok: passedMs > 0 && passedMs < 4 * LOOK_MS, value: passedMs, limit: 4 * LOOK_MS })
    }
  },
}

async function recordTimeMs(cluster: DrillCluster): Promise<number> {
  return Number((await cluster.ask('status'))['timeNs']) / 1e6
}

/** The time of a record behind the first one that the new primary has stamped: that one may jump ahead. */
async function settledTimeMs(cluster: DrillCluster): Promise<number> {
  const first = await recordTimeMs(cluster)
  let next = first
  while (next === first) next = await recordTimeMs(cluster)
  return next
}

/** The engine is started anew with that clock, and is handed the lead. */
async function leadWithClock({ cluster }: Round, engine: string, stepMs: number): Promise<void> {
  await cluster.kill(engine)
  await cluster.startProcess(engine, { preload: 'stepped-clock.ts', env: { TANDEM_DRILL_CLOCK_MS: String(stepMs) } })
  await cluster.whole()
  await cluster.handOver()
  await cluster.watch.until(() => cluster.watch.primary() === engine, `${engine} to lead`)
  await cluster.whole()
}
