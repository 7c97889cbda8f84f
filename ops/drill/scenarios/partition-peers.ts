// The link between the engines is cut: one of them takes the view alone, the other learns it from the store.

import { LINKED_PAIR, pauseMs, type Scenario } from '../scenario.ts'

const CUT_MS = 400

export const partitionPeers: Scenario = {
  name: 'partition-peers',
  summary: 'the link between the engines is cut in both directions, and mended',
  shape: LINKED_PAIR,
  async run({ cluster, mark, measure }) {
    const link = cluster.link('peer')
    mark()
    const startMs = performance.now()
    link.hold()
    await cluster.watch.until((states) => [...states.values()].includes('solo'), 'one engine to go on alone')
    measure('alone', Math.round(performance.now() - startMs))
    await pauseMs(CUT_MS)
    link.release()
    await cluster.whole()
  },
}
