// The disk of the primary fills up while it writes: it ends rather than say what it cannot keep.

import { PAIR, type Scenario } from '../scenario.ts'

export const fullDiskPrimary: Scenario = {
  name: 'full-disk-primary',
  summary: 'the disk of the primary is full (a limit on the size of its files); it ends, and comes back with room',
  shape: PAIR,
  async run({ cluster, mark, check }) {
    const primary = cluster.primary()
    mark()
    const reason = await cluster.fillDisk(primary)
    check({
      name: 'the engine with the full disk ended by itself',
      ok: reason === 'exit code 1',
      value: reason,
      limit: 'exit code 1',
    })
    await cluster.startProcess(primary)
    await cluster.whole()
    const isSaid = await cluster.hasSaid(primary, 'the disk failed')
    check({ name: 'its log says why', ok: isSaid, value: isSaid, limit: true })
  },
}
