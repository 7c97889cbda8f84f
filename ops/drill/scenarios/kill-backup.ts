// kill -9 of the backup: the primary goes on alone, and takes it in again.

import { PAIR, type Scenario } from '../scenario.ts'

export const killBackup: Scenario = {
  name: 'kill-backup',
  summary: 'kill -9 of the backup; the primary goes on alone',
  shape: PAIR,
  async run({ cluster, mark }) {
    const backup = cluster.backup()
    mark()
    await cluster.kill(backup)
    // On hosts of their own the starting process would not take the other one's processor.
    await cluster.led()
    await cluster.startProcess(backup)
    await cluster.whole()
  },
}
