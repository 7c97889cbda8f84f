// The NATS server comes back with nothing that it had kept: the record that says who leads is gone, and has to be made
// anew while both engines are there to agree.

import { PAIR, type Scenario } from '../scenario.ts'

export const loseNatsStorage: Scenario = {
  name: 'lose-nats-storage',
  summary: 'kill -9 of the nats-server; it comes back without what it had stored',
  shape: PAIR,
  async run({ cluster, mark }) {
    const { epoch } = cluster.watch
    mark()
    await cluster.killNats()
    cluster.loseNatsStorage()
    await cluster.startNats()
    await cluster.ask('status')
    await cluster.watch.until(() => cluster.watch.epoch > epoch, 'the view to be made anew')
    await cluster.whole()
  },
}
