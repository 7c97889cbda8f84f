// The primary dies while the NATS server is away: nobody can take the view until the server is back.

import { PAIR, pauseMs, type Scenario } from '../scenario.ts'

const AWAY_MS = 400

export const killPrimaryWithoutNats: Scenario = {
  name: 'kill-primary-without-nats',
  summary: 'kill -9 of the nats-server, then of the primary; the server is back before the primary is',
  shape: PAIR,
  async run({ cluster, mark, measure }) {
    const primary = cluster.primary()
    mark()
    await cluster.killNats()
    await cluster.kill(primary)
    await pauseMs(AWAY_MS)
    await cluster.startNats()
    const backMs = performance.now()
    await cluster.ask('status')
    measure('answeredAfterServer', Math.round(performance.now() - backMs))
    await cluster.startProcess(primary)
    await cluster.whole()
  },
}
