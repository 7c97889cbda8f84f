// The clocks of the engines are off by an hour, one ahead and one behind, and each leads in turn: record time never goes
// back, and goes on.

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
      const before = Number((await cluster.ask('status'))['timeNs'])
      await pauseMs(LOOK_MS)
      const passedMs = Math.round((Number((await cluster.ask('status'))['timeNs']) - before) / 1e6)
      const name = `record time passes with a clock that is an hour ${stepMs > 0 ? 'ahead' : 'behind'}`
      check({ name, ok: passedMs > 0 && passedMs < 4 * LOOK_MS, value: passedMs, limit: 4 * LOOK_MS })
    }
  },
}

/** The engine is started anew with that clock, and is handed the lead. */
async function leadWithClock({ cluster }: Round, engine: string, stepMs: number): Promise<void> {
  await cluster.kill(engine)
  await cluster.startProcess(engine, { preload: 'stepped-clock.ts', env: { TANDEM_DRILL_CLOCK_MS: String(stepMs) } })
  await cluster.whole()
  await cluster.ask('hand-over')
  await cluster.watch.until(() => cluster.watch.primary() === engine, `${engine} to lead`)
  await cluster.whole()
}
