// The command lines of the roles, as one would type them to run a role by hand.

import type { TandemConfig } from '../config/schema.ts'
import type { DataDir } from './data-dir.ts'

/** Names of the engines' processes. */
export function engineNames({ engineCount }: TandemConfig): readonly string[] {
  return engineCount === 1 ? ['engine'] : ['engine-a', 'engine-b']
}

/** `peerPort`: where engine A listens for its peer; 0: at any free port, which it then tells. */
export function engineArgs(
  config: TandemConfig,
  natsUrl: string,
  dataDir: DataDir,
  name: string,
  peerPort: number,
): string[] {
  const args = [
    'engine',
    ...common(config, natsUrl),
    '--config',
    dataDir.configPath,
    '--data-dir',
    dataDir.engine(name),
  ]
  if (name === 'engine-a') return [...args, '--id', 'A', '--peer-listen', `127.0.0.1:${peerPort}`]
  if (name === 'engine-b') return [...args, '--id', 'B', '--peer', `127.0.0.1:${peerPort}`]
  return args
}

export function strategyArgs(config: TandemConfig, natsUrl: string, index: number): string[] {
  const { strategyKinds } = config
  const kind = strategyKinds[index % strategyKinds.length]!
  return ['strategy', ...common(config, natsUrl), '--node', String(index + 1), '--strategy', kind]
}

/** `url`: where it served before it was started again; its pages look for it there. */
export function gatewayArgs(config: TandemConfig, natsUrl: string, dataDir: DataDir, url: string | null): string[] {
  const { host, port } = config.gateway
  const chosen = url === null ? port : Number(new URL(url).port)
  return [
    ...['gateway', ...common(config, natsUrl), '--host', host, '--data-dir', dataDir.path],
    ...(chosen === undefined ? [] : ['--port', String(chosen)]),
  ]
}

export function flowArgs(config: TandemConfig, natsUrl: string): string[] {
  const { feed, speed, ratePerS, model, ratesFile } = config.flow
  return [
    ...['flow', ...common(config, natsUrl), '--speed', String(speed)],
    ...(feed === undefined ? ['--seed', String(config.seed)] : ['--feed', feed]),
    ...(feed === undefined && ratePerS !== undefined ? ['--rate', String(ratePerS)] : []),
    ...(feed === undefined ? ['--model', model] : []),
    ...(feed === undefined && ratesFile !== undefined ? ['--rates-file', ratesFile] : []),
  ]
}

function common(config: TandemConfig, natsUrl: string): string[] {
  return ['--nats', natsUrl, '--cluster', config.clusterId]
}
