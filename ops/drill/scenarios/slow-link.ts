// What the engines say to each other arrives late, as between two cities: commits take a round trip, and nobody is
// suspected.

import { LINKED_PAIR, pauseMs, type Scenario } from '../scenario.ts'

const DELAY_MS = 30
const SLOW_MS = 1_000

export const slowLink: Scenario = {
  name: 'slow-link',
  summary: 'the link between the engines delays each byte by 30 ms, for a second',
  shape: LINKED_PAIR,
  async run({ cluster, mark }) {
    mark()
    cluster.link('peer').delay(DELAY_MS)
    await pauseMs(SLOW_MS)
    cluster.link('peer').delay(0)
    await cluster.whole()
  },
}
