// The link between the engines carries bytes in one direction only: one hears the other, and is not heard.

import { LINKED_PAIR, pauseMs, type Scenario } from '../scenario.ts'

const CUT_MS = 400

export const partitionOneWay: Scenario = {
  name: 'partition-one-way',
  summary: 'the link between the engines is cut in one direction, either one, and mended',
  shape: LINKED_PAIR,
  async run({ cluster, random, mark, measure }) {
    const link = cluster.link('peer')
    mark()
    const startMs = performance.now()
    link.hold(random.nextChance(0.5) ? 'out' : 'back')
    await cluster.watch.until((states) => [...states.values()].includes('solo'), 'one engine to go on alone')
    measure('alone', Math.round(performance.now() - startMs))
    await pauseMs(CUT_MS)
    link.release()
    await cluster.whole()
  },
}
