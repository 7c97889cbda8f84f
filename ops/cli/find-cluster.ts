// Which running cluster a command is about: named by its NATS server, or the one of a data directory on this machine.

import { resolve } from 'node:path'
import { isAlive, readRunning } from '../supervisor/data-dir.ts'
import { UserError } from './output.ts'

export type ClusterFlags = { readonly nats?: string; readonly cluster: string; readonly dataDir: string }

export type ClusterPlace = { readonly natsUrl: string; readonly clusterId: string; readonly pageUrl: string | null }

/** Throws UserError where none runs. */
export function findCluster({ nats, cluster, dataDir }: ClusterFlags): ClusterPlace {
  if (nats !== undefined) return { natsUrl: nats, clusterId: cluster, pageUrl: null }
  const running = readRunning(dataDir)
  if (running === undefined || !isAlive(running.pid) || running.natsUrl === '') {
    throw new UserError(
      `no cluster runs in ${resolve(dataDir)}`,
      'Start one with ./tandem sim, or name another with --data-dir FOLDER or --nats HOST:PORT.',
    )
  }
  return running
}
