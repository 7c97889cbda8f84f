// The primary is cut off from the NATS server: nobody hears it, so it hands over to the one that is heard.
//
// There is one case in which it cannot: it had just asked to go on alone, the store has made the change, and the cut came
// before the answer. Then nobody may lead until the cut is mended, and it goes on from the view that it finds.

import { type EngineWatch, NotInTimeError } from '../engine-watch.ts'
import { LINKED_PAIR, type Scenario } from '../scenario.ts'

const LED_MS_MAX = 10_000

export const partitionPrimary: Scenario = {
  name: 'partition-primary',
  summary: 'the primary is cut off from the NATS server until its backup leads, then mended',
  shape: LINKED_PAIR,
  async run({ cluster, mark, check, measure }) {
    const { watch } = cluster
    const { epoch } = watch
    const primary = cluster.primary()
    mark()
    const startMs = performance.now()
    cluster.link(primary).hold()
    watch.forget(primary)
    const isLed = await isOtherLeading(watch)
    if (isLed) measure('led', Math.round(performance.now() - startMs))
    cluster.link(primary).release()
    watch.remember(primary)
    if (!isLed) {
      await watch.until(() => watch.epoch > epoch, 'the view to be another one')
      check({
        name: 'who could not give the lead away had been given a view unheard',
        ok: watch.primaryOf(epoch + 1) === undefined && watch.primaryOf(epoch + 2) === primary,
        ...{ value: watch.epoch, limit: epoch + 2 },
      })
    }
    await cluster.whole()
  },
}

async function isOtherLeading(watch: EngineWatch): Promise<boolean> {
  try {
    await watch.until(() => watch.primary() !== undefined, 'the other engine to lead', LED_MS_MAX)
    return true
  } catch (error) {
    if (!(error instanceof NotInTimeError)) throw error
    return false
  }
}
