// A planned switch: the primary hands over to its backup, and follows it from then on.

import { PAIR, type Scenario } from '../scenario.ts'

const ASK_AGAIN_MS = 3_000

export const switchOver: Scenario = {
  name: 'switch-over',
  summary: 'the primary is asked to hand over; its backup takes its place',
  shape: PAIR,
  async run({ cluster, mark, measure }) {
    const { watch } = cluster
    const before = cluster.primary()
    mark()
    const startMs = performance.now()
    // On a busy machine the backup may be too late with its view, and the primary goes on: then it is asked again, as an
    // operator would. Fails when the backup does not lead in time; the view may have moved on by the next look.
    const askAgain = () => {
      // Between the two nobody answers.
      if (watch.primary() === before) cluster.handOver().catch(() => {})
    }
    await cluster.handOver()
    const timer = setInterval(askAgain, ASK_AGAIN_MS)
    try {
      await watch.until(() => (watch.primary() ?? before) !== before, 'the backup to lead')
    } finally {
      clearInterval(timer)
    }
    measure('led', Math.round(performance.now() - startMs))
    await cluster.whole()
  },
}
