// A client of a drill's cluster whose orders take the short way.

import type { DrillCluster } from '../ops/drill/drill-cluster.ts'
import { DirectTransport } from '../protocol/io/direct-transport.ts'
import type { SessionAddress } from '../protocol/io/session-address.ts'
import type { Transport } from '../protocol/io/transport.ts'

const CONNECT_MS_MAX = 5_000

/** Resolves when an engine takes the client. `bus` is closed with it. */
export async function openDirect(cluster: DrillCluster, bus: Transport, clientId: number): Promise<Transport> {
  const direct = new DirectTransport(bus, {
    ...{ clientId, subjects: cluster.subjects, clusterId: cluster.config.clusterId },
    addresses: cluster.engineNames.map((name) => cluster.detailsOf(name)['session'] as SessionAddress),
    onRefused: (why) => {
      throw new Error(why)
    },
  })
  if (!(await direct.connected(CONNECT_MS_MAX))) throw new Error('no engine takes direct sessions')
  return direct
}
