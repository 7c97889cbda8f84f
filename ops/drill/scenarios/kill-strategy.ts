// kill -9 of a strategy node: its quotes end by themselves, and quoting goes on when it is back.

import { QUOTE_TTL_MS } from '../drill-cluster.ts'
import { NODE, quotesUntil } from '../quotes-until.ts'
import type { Scenario } from '../scenario.ts'

/** Time passes on record within a second even where nothing happens. */
const LATE_MS_MAX = 1_200

export const killStrategy: Scenario = {
  name: 'kill-strategy',
  summary: 'kill -9 of a strategy node: its quotes end by themselves, and quoting resumes',
  shape: { isPair: false, hasStrategy: true },
  async run({ cluster, mark, check, measure }) {
    await quotesUntil(cluster, (count) => count > 0, 'quotes')
    mark()
    const killedMs = performance.now()
    await cluster.kill(NODE)
    await quotesUntil(cluster, (count) => count === 0, 'the quotes of the dead node to end')
    const goneMs = Math.round(performance.now() - killedMs)
    const limit = QUOTE_TTL_MS + LATE_MS_MAX
    check({ name: 'quotes of the dead node ended', ok: goneMs <= limit, value: goneMs, limit })
    measure('quotesGone', goneMs)
    const startedMs = performance.now()
    await cluster.startProcess(NODE)
    await quotesUntil(cluster, (count) => count > 0, 'quoting to resume')
    measure('quotingResumed', Math.round(performance.now() - startedMs))
  },
}
