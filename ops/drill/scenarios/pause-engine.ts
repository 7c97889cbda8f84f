// An engine that runs alone stands still for a while, as in a long stall of its machine.

import { pauseMs, type Scenario, SOLO } from '../scenario.ts'

const PAUSE_MS = 500

export const pauseEngine: Scenario = {
  name: 'pause-engine',
  summary: 'SIGSTOP of an engine that runs alone, SIGCONT after half a second',
  shape: SOLO,
  async run({ cluster, mark }) {
    mark()
    cluster.pause('engine')
    await pauseMs(PAUSE_MS)
    cluster.resume('engine')
    await cluster.whole()
  },
}
