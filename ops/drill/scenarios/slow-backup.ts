// The backup runs a third of the time, in slices too short to be suspected: the pair is as slow as it, and whole.

import { PAIR, pauseMs, type Scenario } from '../scenario.ts'

const STOPPED_MS = 40
const RUNNING_MS = 20
const SLICE_COUNT = 25

export const slowBackup: Scenario = {
  name: 'slow-backup',
  summary: 'the backup is stopped for 40 ms of every 60, for a second and a half',
  shape: PAIR,
  async run({ cluster, mark }) {
    const backup = cluster.backup()
    mark()
    for (let slice = 0; slice < SLICE_COUNT; slice++) {
      cluster.pause(backup)
      await pauseMs(STOPPED_MS)
      cluster.resume(backup)
      await pauseMs(RUNNING_MS)
    }
    await cluster.whole()
  },
}
