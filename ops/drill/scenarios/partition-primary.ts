// The primary is cut off from the NATS server: nobody hears it, so it hands over to the one that is heard.

import { LINKED_PAIR, type Scenario } from '../scenario.ts'

export const partitionPrimary: Scenario = {
  name: 'partition-primary',
  summary: 'the primary is cut off from the NATS server until its backup leads, then mended',
  shape: LINKED_PAIR,
  async run({ cluster, mark, measure }) {
    const { watch } = cluster
    const primary = cluster.primary()
    mark()
    const startMs = performance.now()
    cluster.link(primary).hold()
    watch.forget(primary)
    await watch.until(() => watch.primary() !== undefined, 'the other engine to lead')
    measure('led', Math.round(performance.now() - startMs))
    cluster.link(primary).release()
    watch.remember(primary)
    await cluster.whole()
  },
}
