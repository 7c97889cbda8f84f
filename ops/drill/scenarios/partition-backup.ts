// The backup is cut off from the NATS server: clients must not notice.

import { LINKED_PAIR, pauseMs, type Scenario } from '../scenario.ts'

const CUT_MS = 1_500

export const partitionBackup: Scenario = {
  name: 'partition-backup',
  summary: 'the backup is cut off from the NATS server for a second and a half, and mended',
  shape: LINKED_PAIR,
  async run({ cluster, mark, check }) {
    const primary = cluster.primary()
    const backup = cluster.backup()
    mark()
    cluster.link(backup).hold()
    cluster.watch.forget(backup)
    await pauseMs(CUT_MS)
    const stillLeads = cluster.watch.primary() === primary
    check({ name: 'the primary went on leading', ok: stillLeads, value: stillLeads, limit: true })
    cluster.link(backup).release()
    cluster.watch.remember(backup)
    await cluster.whole()
  },
}
