// kill -9 of the nats-server: nobody hears anybody until it is back, and then everything goes on.

import { PAIR, type Scenario } from '../scenario.ts'

export const restartNats: Scenario = {
  name: 'restart-nats',
  summary: 'kill -9 of the nats-server, and start it again',
  shape: PAIR,
  async run({ cluster, mark }) {
    mark()
    await cluster.killNats()
    await cluster.startNats()
    await cluster.ask('status')
    await cluster.whole()
  },
}
