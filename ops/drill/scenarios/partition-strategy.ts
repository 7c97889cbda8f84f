// A strategy node is cut off from the NATS server: its quotes end by themselves, and quoting goes on when it is back.

import { NODE, quotesUntil } from '../quotes-until.ts'
import type { Scenario } from '../scenario.ts'

export const partitionStrategy: Scenario = {
  name: 'partition-strategy',
  summary: 'a strategy node is cut off: its quotes end by themselves, and quoting resumes',
  shape: { isPair: false, hasStrategy: true, proxied: 'all' },
  async run({ cluster, mark, measure }) {
    await quotesUntil(cluster, (count) => count > 0, 'quotes')
    mark()
    const cutMs = performance.now()
    cluster.link(NODE).hold()
    await quotesUntil(cluster, (count) => count === 0, 'the quotes of the unheard node to end')
    measure('quotesGone', Math.round(performance.now() - cutMs))
    const mendedMs = performance.now()
    cluster.link(NODE).release()
    await quotesUntil(cluster, (count) => count > 0, 'quoting to resume')
    measure('quotingResumed', Math.round(performance.now() - mendedMs))
  },
}
