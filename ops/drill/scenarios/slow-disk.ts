// Each sync of the journal takes a fifth of a second: an engine that runs alone commits by its disk, so answers are late,
// and nothing else.

import { pauseMs, type Scenario, SOLO } from '../scenario.ts'

const SYNC_MS = 200
const SLOW_MS = 1_000

export const slowDisk: Scenario = {
  name: 'slow-disk',
  summary: 'an engine that runs alone is started on a disk whose every sync takes 200 ms longer, then on a good one',
  shape: SOLO,
  async run({ cluster, mark }) {
    mark()
    await cluster.kill('engine')
    await cluster.startProcess('engine', { preload: 'slow-disk.ts', env: { TANDEM_DRILL_SYNC_MS: String(SYNC_MS) } })
    await cluster.whole()
    await pauseMs(SLOW_MS)
    await cluster.end('engine')
    await cluster.startProcess('engine')
    await cluster.whole()
  },
}
