// The command lines of the roles, as one would type them to run a role by hand.

import type { TandemConfig } from '../config/schema.ts'
import { CredentialsFolder } from '../nats/credentials.ts'
import { strategyUser } from '../nats/nats-users.ts'
import type { DataDir } from './data-dir.ts'

/** The NATS server, and the credentials for it; null: it asks for none. */
export type NatsPlace = { readonly url: string; readonly credentials: CredentialsFolder | null }

/** Names of the engines' processes. */
export function engineNames({ engineCount }: TandemConfig): readonly string[] {
  return engineCount === 1 ? ['engine'] : ['engine-a', 'engine-b']
}

/** `peerPort`: where engine A listens for its peer; 0: at any free port, which it then tells. */
export function engineArgs(
  config: TandemConfig,
  place: NatsPlace,
  dataDir: DataDir,
  name: string,
  peerPort: number,
): string[] {
  const { peerSecretPath } = new CredentialsFolder(dataDir.credentials)
  const args = [
    'engine',
    ...common(config, place, 'engine'),
    '--config',
    dataDir.configPath,
    '--data-dir',
    dataDir.engine(name),
  ]
  const secret = ['--peer-secret', peerSecretPath]
  if (name === 'engine-a') return [...args, '--id', 'A', '--peer-listen', `127.0.0.1:${peerPort}`, ...secret]
  if (name === 'engine-b') return [...args, '--id', 'B', '--peer', `127.0.0.1:${peerPort}`, ...secret]
  return args
}

export function strategyArgs(config: TandemConfig, place: NatsPlace, index: number): string[] {
  const { strategyKinds } = config
  const kind = strategyKinds[index % strategyKinds.length]!
  return [
    'strategy',
    ...common(config, place, strategyUser(index + 1)),
    '--node',
    String(index + 1),
    '--strategy',
    kind,
    ...limitArgs(config),
  ]
}

function limitArgs({ nodeLimits }: TandemConfig): string[] {
  const { maxInventoryLots, maxLoss, maxDistanceBp, maxQuoteAgeMs, staleMarketMs } = nodeLimits
  const flags = {
    ...{ '--max-inventory': maxInventoryLots, '--max-loss': maxLoss, '--max-distance': maxDistanceBp },
    ...{ '--max-quote-age': maxQuoteAgeMs, '--stale-market': staleMarketMs },
  }
  return Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]))
}

/** `url`: where it served before it was started again; its pages look for it there. */
export function gatewayArgs(config: TandemConfig, place: NatsPlace, dataDir: DataDir, url: string | null): string[] {
  const { host, port } = config.gateway
  const chosen = url === null ? port : Number(new URL(url).port)
  return [
    ...['gateway', ...common(config, place, 'gateway'), '--host', host, '--data-dir', dataDir.path],
    ...(chosen === undefined ? [] : ['--port', String(chosen)]),
  ]
}

export function flowArgs(config: TandemConfig, place: NatsPlace): string[] {
  const { feed, speed, ratePerS, model, ratesFile } = config.flow
  return [
    ...['flow', ...common(config, place, 'flow'), '--speed', String(speed)],
    ...(feed === undefined ? ['--seed', String(config.seed)] : ['--feed', feed]),
    ...(feed === undefined && ratePerS !== undefined ? ['--rate', String(ratePerS)] : []),
    ...(feed === undefined ? ['--model', model] : []),
    ...(feed === undefined && ratesFile !== undefined ? ['--rates-file', ratesFile] : []),
  ]
}

function common(config: TandemConfig, { url, credentials }: NatsPlace, user: string): string[] {
  const who = credentials === null ? [] : ['--credentials', credentials.userPath(user)]
  return ['--nats', url, ...who, '--cluster', config.clusterId]
}
