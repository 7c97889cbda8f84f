// A bit in the middle of a journal has turned: the engine must not start on it, and is rebuilt by its peer.

import { renameSync } from 'node:fs'
import { basename } from 'node:path'
import { flipBit } from '../journal-damage.ts'
import { PAIR, type Scenario } from '../scenario.ts'

export const flippedBit: Scenario = {
  name: 'flipped-bit',
  summary: "a bit turns in the middle of the backup's journal: it refuses to start, and is rebuilt by its peer",
  shape: PAIR,
  async run({ cluster, mark, check }) {
    const backup = cluster.backup()
    mark()
    await cluster.kill(backup)
    const folder = cluster.journalFolder(backup)
    const file = basename(flipBit(folder))
    const refusal = await cluster.refusalOf(backup)
    const isNamed = refusal.includes(file)
    check({ name: 'the refusal names the damaged file', ok: isNamed, value: refusal, limit: file })
    renameSync(folder, `${folder}.damaged-${performance.now().toFixed(0)}`)
    await cluster.startProcess(backup)
    await cluster.whole()
  },
}
