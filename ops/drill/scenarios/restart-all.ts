// Power comes back: every process was killed, and every one is started again from what is on its disk.

import { NODE, quotesUntil } from '../quotes-until.ts'
import type { Scenario } from '../scenario.ts'

export const restartAll: Scenario = {
  name: 'restart-all',
  summary: 'kill -9 of nats-server, engines and strategy node, and start them again',
  shape: { isPair: true, hasStrategy: true },
  async run({ cluster, mark, measure }) {
    const { engineNames } = cluster
    mark()
    await cluster.killNats()
    await Promise.all([...engineNames, NODE].map((name) => cluster.kill(name)))
    const startMs = performance.now()
    await cluster.startNats()
    await Promise.all(engineNames.map((name) => cluster.startProcess(name)))
    await cluster.whole()
    measure('engines', Math.round(performance.now() - startMs))
    await cluster.startProcess(NODE)
    await quotesUntil(cluster, (count) => count > 0, 'quoting to resume')
    measure('quoting', Math.round(performance.now() - startMs))
  },
}
