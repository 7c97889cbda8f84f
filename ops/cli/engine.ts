// `tandem engine`: the exchange and the desk of one cluster, as a process of its own.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { type HostPort, parseHostPort } from '../../engine/io/peer-link.ts'
import { EngineId } from '../../engine/replication/view.ts'
import { parseSessionAddress, type SessionAddress } from '../../protocol/io/session-address.ts'
import type { PairAddress } from '../roles/engine.ts'
import { createLog } from '../roles/log.ts'
import { runRole } from '../roles/run-role.ts'
import type { StrategyOptions } from '../roles/strategy.ts'
import { credentialsOption } from './credentials-option.ts'
import { UserError } from './output.ts'

const EXAMPLES = `
Examples:
  ./tandem engine --nats 127.0.0.1:4222 --data-dir var/engine
  ./tandem engine --nats 127.0.0.1:4222 --data-dir var/engine --config market.yaml
  ./tandem engine --id A --peer-listen 127.0.0.1:7001 --data-dir var/engine-a     a pair: the one listens,
  ./tandem engine --id B --peer 127.0.0.1:7001 --data-dir var/engine-b            the other dials
  ./tandem engine --session-listen 127.0.0.1:7101                                 orders without the bus, on this machine

It recovers whatever the journal in the data directory holds, then serves. kill -9 loses nothing that it acknowledged.
In a pair one engine leads and the other follows; which is which is kept in JetStream on the NATS server.
`

/** Eight segments: a quarter of them between two snapshots. */
const JOURNAL_MIB_MIN = 256

type Flags = {
  readonly nats: string
  readonly credentials?: string
  readonly cluster?: string
  readonly instance: string
  readonly config?: string
  readonly dataDir: string
  readonly snapshotRecords?: number
  readonly journalSize?: number
  readonly id?: 'A' | 'B'
  readonly peerListen?: HostPort
  readonly peer?: HostPort
  readonly peerSecret?: string
  readonly durability: 'pair' | 'disk'
  readonly forceNewView?: boolean
  readonly sessionListen?: SessionAddress
  readonly node?: number
  readonly nodeStrategy: string
  readonly nodeCredentials?: string
}

export function registerEngine(program: Command): void {
  program
    .command('engine')
    .summary('match orders, keep positions, journal it all')
    .description('Sequences, journals and applies the commands of a cluster, and publishes what comes of them.')
    .option('--nats <url>', 'the NATS server', process.env['NATS_URL'] ?? '127.0.0.1:4222')
    .addOption(credentialsOption())
    .option('--cluster <id>', 'id of the cluster, instead of the one in the configuration')
    .option('--instance <name>', 'name of this engine (default: engine, or engine-a and engine-b of a pair)')
    .addOption(new Option('--id <letter>', 'its place in a pair').choices(['A', 'B']))
    .option('--peer-listen <host:port>', 'engine A: where its peer finds it', address)
    .option('--peer <host:port>', 'engine B: where engine A listens', address)
    .addOption(
      new Option('--peer-secret <file>', 'what it shares with its peer; needed beyond loopback').env(
        'TANDEM_PEER_SECRET',
      ),
    )
    .addOption(
      new Option('--durability <mode>', 'pair: written by both before anything leaves; disk: synced by both')
        .choices(['pair', 'disk'])
        .default('pair'),
    )
    .option('--force-new-view', 'lead whatever the view says; may lose what only the other engine has')
    .option(
      '--session-listen <address>',
      'take order sessions at host:port of this machine, or at a socket file',
      sessionAddress,
    )
    .option(
      '--node <number>',
      'run a strategy node in this process, which quotes without the bus while it leads',
      positive,
    )
    .option('--node-strategy <name>', 'how it quotes', 'inventory-quoter')
    .option('--node-credentials <file>', 'who it is to the NATS server, where it needs one')
    .option('--config <file>', 'the configuration of the market; without it, the defaults')
    .option('--data-dir <folder>', 'where the journal is kept', 'var/engine')
    .option('--snapshot-records <number>', 'take a snapshot after this many records', positive)
    .option('--journal-size <MiB>', 'refuse commands rather than keep a larger journal (default: 4096)', journalSize)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const pair = pairOf(flags)
      const instance = flags.instance ?? (pair === null ? 'engine' : `engine-${flags.id?.toLowerCase()}`)
      const log = createLog('engine', instance)
      const { loadConfig, defaultConfig } = await import('../config/load.ts')
      const { clusterConfigOf } = await import('../config/cluster-config.ts')
      const { startEngine } = await import('../roles/engine.ts')
      const config = flags.config === undefined ? defaultConfig() : loadConfig(flags.config)
      const clusterConfig = clusterConfigOf({ ...config, clusterId: flags.cluster ?? config.clusterId })
      await runRole('engine', log, () =>
        startEngine(
          {
            natsUrl: flags.nats,
            credentials: flags.credentials,
            instance,
            config: clusterConfig,
            dataDir: flags.dataDir,
            ...{ snapshotRecords: flags.snapshotRecords, journalSizeMax: flags.journalSize },
            pair,
            peerSecret: flags.peerSecret,
            isDiskDurable: flags.durability === 'disk',
            isForced: flags.forceNewView === true,
            sessionAddress: flags.sessionListen ?? null,
            strategy: strategyOf(flags, clusterConfig.clusterId),
          },
          log,
        ),
      )
    })
}

function strategyOf(flags: Flags, clusterId: string): StrategyOptions | null {
  if (flags.node === undefined) return null
  return {
    ...{ natsUrl: flags.nats, credentials: flags.nodeCredentials, clusterId, node: flags.node },
    ...{ strategy: flags.nodeStrategy, parameters: {}, sessionAddresses: [] },
  }
}

function pairOf({ id, peer, peerListen }: Flags): PairAddress | null {
  if (id === undefined) {
    if (peer === undefined && peerListen === undefined) return null
    throw new UserError('an engine with a peer needs its place in the pair', 'Add --id A or --id B.')
  }
  const own = id === 'A' ? peerListen : peer
  const other = id === 'A' ? peer : peerListen
  if (own === undefined || other !== undefined) {
    throw new UserError(
      `engine ${id} has one of the two addresses`,
      'Engine A takes --peer-listen, engine B takes --peer.',
    )
  }
  return { engineId: EngineId[id], address: own }
}

function address(text: string): HostPort {
  const parsed = parseHostPort(text)
  if (parsed === null) throw new InvalidArgumentError('host:port is needed, for example 127.0.0.1:7001.')
  return parsed
}

function sessionAddress(text: string): SessionAddress {
  const parsed = parseSessionAddress(text)
  if (parsed === null)
    throw new InvalidArgumentError('a loopback host:port or a path is needed, for example 127.0.0.1:7101.')
  return parsed
}

/** In bytes. */
function journalSize(text: string): number {
  const mib = positive(text)
  if (mib < JOURNAL_MIB_MIN) throw new InvalidArgumentError(`at least ${JOURNAL_MIB_MIN} MiB are needed.`)
  return mib * 1024 * 1024
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed.')
  return value
}
