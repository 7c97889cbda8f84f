// kill -9 of a strategy node: its quotes end by themselves, and quoting goes on when it is back.

import { type DrillCluster, QUOTE_TTL_MS } from '../drill-cluster.ts'
import { NotInTimeError } from '../engine-watch.ts'
import { pauseMs, type Scenario } from '../scenario.ts'

const NODE = 'strategy-1'
const WAIT_MS_MAX = 20_000
const LOOK_MS = 20
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

async function quotesUntil(cluster: DrillCluster, isWanted: (count: number) => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + WAIT_MS_MAX
  for (;;) {
    const { quotes } = await cluster.ask('quotes')
    if (Array.isArray(quotes) && isWanted(quotes.length)) return
    if (performance.now() > deadlineMs) throw new NotInTimeError(`waited ${WAIT_MS_MAX / 1_000} s for ${what}`)
    await pauseMs(LOOK_MS)
  }
}
