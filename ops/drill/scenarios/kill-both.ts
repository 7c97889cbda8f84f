// kill -9 of both engines at once: what both had written is found again.

import { PAIR, type Scenario } from '../scenario.ts'

export const killBoth: Scenario = {
  name: 'kill-both',
  summary: 'kill -9 of both engines, and start them again',
  shape: PAIR,
  async run({ cluster, mark }) {
    mark()
    await Promise.all(cluster.engineNames.map((name) => cluster.kill(name)))
    await Promise.all(cluster.engineNames.map((name) => cluster.startProcess(name)))
    await cluster.whole()
  },
}
