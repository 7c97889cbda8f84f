// Both engines die in the middle of a write: the last record of each journal is half there.

import { tearTail } from '../journal-damage.ts'
import { PAIR, type Scenario } from '../scenario.ts'

export const tornTail: Scenario = {
  name: 'torn-tail',
  summary: 'kill -9 of both engines, each with half a record at the end of its journal',
  shape: PAIR,
  async run({ cluster, mark, check }) {
    const { engineNames } = cluster
    mark()
    await Promise.all(engineNames.map((name) => cluster.kill(name)))
    for (const name of engineNames) tearTail(cluster.journalFolder(name))
    await Promise.all(engineNames.map((name) => cluster.startProcess(name)))
    await cluster.whole()
    for (const name of engineNames) {
      const isCut = await cluster.hasSaid(name, 'cut short')
      check({ name: `the log of ${name} tells of the cut`, ok: isCut, value: isCut, limit: true })
    }
  },
}
