// The NATS server comes back with nothing that it had kept: the record that says who leads is gone.

import { PAIR, type Scenario } from '../scenario.ts'

export const loseNatsStorage: Scenario = {
  name: 'lose-nats-storage',
  summary: 'kill -9 of the nats-server; it comes back without what it had stored',
  shape: PAIR,
  async run({ cluster, mark }) {
    mark()
    await cluster.killNats()
    cluster.loseNatsStorage()
    await cluster.startNats()
    await cluster.ask('status')
    await cluster.whole()
  },
}
