// A planned switch: the primary hands over to its backup, and follows it from then on.

import { PAIR, type Scenario } from '../scenario.ts'

export const switchOver: Scenario = {
  name: 'switch-over',
  summary: 'the primary is asked to hand over; its backup takes its place',
  shape: PAIR,
  async run({ cluster, mark, check }) {
    const before = cluster.primary()
    mark()
    await cluster.ask('hand-over')
    await cluster.watch.until(
      () => cluster.watch.primary() !== before && cluster.watch.primary() !== undefined,
      'another primary',
    )
    await cluster.whole()
    const isOther = cluster.primary() !== before
    check({ name: 'switch-over: the other engine leads', ok: isOther, value: isOther, limit: true })
  },
}
