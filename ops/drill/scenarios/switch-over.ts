// A planned switch: the primary hands over to its backup, and follows it from then on.

import { PAIR, type Scenario } from '../scenario.ts'

export const switchOver: Scenario = {
  name: 'switch-over',
  summary: 'the primary is asked to hand over; its backup takes its place',
  shape: PAIR,
  async run({ cluster, mark, measure }) {
    const { watch } = cluster
    const before = cluster.primary()
    mark()
    const startMs = performance.now()
    await cluster.ask('hand-over')
    // Fails when the backup does not lead in time. On a busy machine the view may have moved on by the next look.
    await watch.until(() => (watch.primary() ?? before) !== before, 'the backup to lead')
    measure('led', Math.round(performance.now() - startMs))
    await cluster.whole()
  },
}
