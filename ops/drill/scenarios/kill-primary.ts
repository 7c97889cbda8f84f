// kill -9 of the primary: the backup takes over, and the killed one comes back as backup.

import { PAIR, type Scenario } from '../scenario.ts'

export const killPrimary: Scenario = {
  name: 'kill-primary',
  summary: 'kill -9 of the primary; its backup takes over',
  shape: PAIR,
  async run({ cluster, mark }) {
    const primary = cluster.primary()
    mark()
    await cluster.kill(primary)
    // On hosts of their own the starting process would not take the other one's processor.
    await cluster.led()
    await cluster.startProcess(primary)
    await cluster.whole()
  },
}
