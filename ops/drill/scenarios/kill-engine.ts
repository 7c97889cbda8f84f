// kill -9 of an engine that runs alone: it recovers from its journal.

import { type Scenario, SOLO } from '../scenario.ts'

export const killEngine: Scenario = {
  name: 'kill-engine',
  summary: 'kill -9 of an engine that runs alone, and start it again',
  shape: SOLO,
  async run({ cluster, mark }) {
    mark()
    await cluster.kill('engine')
    await cluster.startProcess('engine')
    await cluster.whole()
  },
}
