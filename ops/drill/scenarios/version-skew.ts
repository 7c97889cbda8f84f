// Somebody of another version, or with another configuration, wants to be the backup: refused, and nothing else happens.

import { writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { openingBytes } from '../../../engine/io/peer-handshake.ts'
import type { DrillCluster } from '../drill-cluster.ts'
import { NotInTimeError } from '../engine-watch.ts'
import { PAIR, type Scenario } from '../scenario.ts'

const OTHER_VERSION = 99
const REFUSED_MS_MAX = 5_000

export const versionSkew: Scenario = {
  name: 'version-skew',
  summary: 'a peer of another version and one with another configuration are refused by name',
  shape: PAIR,
  async run({ cluster, mark, check }) {
    const primary = cluster.primary()
    const backup = cluster.backup()
    mark()
    await cluster.kill(backup)
    const configPath = join(cluster.folder, 'other.yaml')
    writeFileSync(configPath, stringify({ ...cluster.config, exposureLots: cluster.config.exposureLots + 1 }))
    const refusal = await cluster.refusalOf(backup, { configPath })
    const isNamed = refusal.includes('another configuration')
    check({ name: 'another configuration is refused', ok: isNamed, value: refusal, limit: 'another configuration' })
    await strangerIsRefused(cluster, primary)
    const isSaid = await cluster.hasSaid(primary, `version ${OTHER_VERSION}`)
    check({ name: 'another version is refused by name', ok: isSaid, value: isSaid, limit: true })
    await cluster.startProcess(backup)
    await cluster.whole()
  },
}

/** In the backup's place, with the opening of another version; resolves when the primary has closed the connection. */
async function strangerIsRefused(cluster: DrillCluster, primary: string): Promise<void> {
  const closed = Promise.withResolvers<void>()
  const timer = setTimeout(
    () => closed.reject(new NotInTimeError('a peer of another version was not refused')),
    REFUSED_MS_MAX,
  )
  const speak = (socket: Socket) => {
    socket.on('error', () => {})
    socket.resume()
    socket.once('close', () => closed.resolve())
    socket.write(openingBytes(cluster.config.clusterId, OTHER_VERSION))
  }
  const server = createServer((socket) => speak(socket))
  // Engine A listens for its peer, engine B dials it.
  if (primary === 'engine-a') {
    const socket = connect(cluster.peerPort, '127.0.0.1', () => speak(socket))
  } else {
    server.listen(cluster.peerPort, '127.0.0.1')
  }
  try {
    await closed.promise
  } finally {
    clearTimeout(timer)
    await new Promise((resolve) => server.close(resolve))
  }
}
