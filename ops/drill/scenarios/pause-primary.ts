// The primary stands still for longer than it takes to be replaced, and then wakes up believing that it still leads.

import { PAIR, pauseMs, type Scenario } from '../scenario.ts'

const PAUSE_MS = 2_000

export const pausePrimary: Scenario = {
  name: 'pause-primary',
  summary: 'SIGSTOP of the primary, SIGCONT two seconds later: it wakes up deposed',
  shape: PAIR,
  async run({ cluster, mark }) {
    const primary = cluster.primary()
    mark()
    cluster.pause(primary)
    await pauseMs(PAUSE_MS)
    cluster.resume(primary)
    await cluster.whole()
  },
}
