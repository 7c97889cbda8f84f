// Every process is restarted in order, one after the other, as for an upgrade: the market stays open.

import { NODE, quotesUntil } from '../quotes-until.ts'
import type { Scenario } from '../scenario.ts'

export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  summary: 'backup, primary and strategy node are ended in order and started again, one after the other',
  shape: { isPair: true, hasStrategy: true },
  async run({ cluster, mark, measure }) {
    const first = cluster.backup()
    const second = cluster.primary()
    mark()
    for (const name of [first, second]) {
      const startMs = performance.now()
      await cluster.end(name)
      await cluster.startProcess(name)
      await cluster.whole()
      measure('oneEngine', Math.round(performance.now() - startMs))
    }
    await cluster.end(NODE)
    await cluster.startProcess(NODE)
    const startMs = performance.now()
    await quotesUntil(cluster, (count) => count > 0, 'quoting to resume')
    measure('quotingResumed', Math.round(performance.now() - startMs))
  },
}
