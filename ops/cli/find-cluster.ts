// Which running cluster a command is about, and who the command is there: named by its NATS server and a credentials file, or
// the one of a data directory on this machine, which holds the credentials.

import { resolve } from 'node:path'
import { CredentialsFolder } from '../nats/credentials.ts'
import { isAlive, readRunning } from '../supervisor/data-dir.ts'
import { UserError } from './output.ts'

export type ClusterFlags = {
  readonly nats?: string
  readonly credentials?: string
  readonly cluster: string
  readonly dataDir: string
}

export type ClusterPlace = {
  readonly natsUrl: string
  readonly credentials: string | undefined
  readonly clusterId: string
  readonly pageUrl: string | null
}

/** `user`: who the command is to the cluster's NATS server, unless a file is named. Throws UserError where none runs. */
export function findCluster(
  { nats, credentials, cluster, dataDir }: ClusterFlags,
  user: 'operator' | 'recorder',
): ClusterPlace {
  if (nats !== undefined) return { natsUrl: nats, credentials, clusterId: cluster, pageUrl: null }
  const running = readRunning(dataDir)
  if (running === undefined || !isAlive(running.pid) || running.natsUrl === '') {
    throw new UserError(
      `no cluster runs in ${resolve(dataDir)}`,
      'Start one with ./tandem sim, or name another with --data-dir FOLDER or --nats HOST:PORT.',
    )
  }
  const folder = running.credentialsFolder
  const own = folder === null ? undefined : new CredentialsFolder(folder).userPath(user)
  return { ...running, credentials: credentials ?? own }
}
