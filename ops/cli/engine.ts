// `tandem engine`: the exchange and the desk of one cluster, as a process of its own.

import { type Command, InvalidArgumentError } from 'commander'
import { createLog } from '../roles/log.ts'
import { runRole } from '../roles/run-role.ts'

const EXAMPLES = `
Examples:
  ./tandem engine --nats 127.0.0.1:4222 --data-dir var/engine
  ./tandem engine --nats 127.0.0.1:4222 --data-dir var/engine --config market.yaml

It recovers whatever the journal in the data directory holds, then serves. kill -9 loses nothing that it acknowledged.
`

type Flags = {
  readonly nats: string
  readonly cluster?: string
  readonly instance: string
  readonly config?: string
  readonly dataDir: string
  readonly snapshotRecords?: number
}

export function registerEngine(program: Command): void {
  program
    .command('engine')
    .summary('match orders, keep positions, journal it all')
    .description('Sequences, journals and applies the commands of a cluster, and publishes what comes of them.')
    .option('--nats <url>', 'the NATS server', process.env['NATS_URL'] ?? '127.0.0.1:4222')
    .option('--cluster <id>', 'id of the cluster, instead of the one in the configuration')
    .option('--instance <name>', 'name of this engine', 'engine')
    .option('--config <file>', 'the configuration of the market; without it, the defaults')
    .option('--data-dir <folder>', 'where the journal is kept', 'var/engine')
    .option('--snapshot-records <number>', 'take a snapshot after this many records', positive)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const log = createLog('engine', flags.instance)
      const { loadConfig, defaultConfig } = await import('../config/load.ts')
      const { clusterConfigOf } = await import('../config/cluster-config.ts')
      const { startEngine } = await import('../roles/engine.ts')
      const config = flags.config === undefined ? defaultConfig() : loadConfig(flags.config)
      const clusterConfig = clusterConfigOf({ ...config, clusterId: flags.cluster ?? config.clusterId })
      await runRole('engine', log, () =>
        startEngine(
          {
            natsUrl: flags.nats,
            instance: flags.instance,
            config: clusterConfig,
            dataDir: flags.dataDir,
            snapshotRecords: flags.snapshotRecords,
          },
          log,
        ),
      )
    })
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number above 0 is needed.')
  return value
}
