// The disk of the backup fills up while it writes: it ends rather than say what it cannot keep.

import { PAIR, type Scenario } from '../scenario.ts'

export const fullDiskBackup: Scenario = {
  name: 'full-disk-backup',
  summary: 'the disk of the backup is full (a limit on the size of its files); it ends, and comes back with room',
  shape: PAIR,
  async run({ cluster, mark, check }) {
    const backup = cluster.backup()
    mark()
    const reason = await cluster.fillDisk(backup)
    check({
      name: 'the engine with the full disk ended by itself',
      ok: reason === 'exit code 1',
      value: reason,
      limit: 'exit code 1',
    })
    await cluster.startProcess(backup)
    await cluster.whole()
    const isSaid = await cluster.hasSaid(backup, 'the disk failed')
    check({ name: 'its log says why', ok: isSaid, value: isSaid, limit: true })
  },
}
