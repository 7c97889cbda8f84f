// `tandem gateway`: the page and the HTTP API of one cluster, as a process of its own.

import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { createLog } from '../roles/log.ts'
import { runRole } from '../roles/run-role.ts'
import { credentialsOption } from './credentials-option.ts'

const EXAMPLES = `
Examples:
  ./tandem gateway --nats 127.0.0.1:4222                   on the first free port from 8080
  ./tandem gateway --nats 127.0.0.1:4222 --port 9000       on a port of your choice
  ./tandem gateway --nats 10.0.0.5:4222 --host 0.0.0.0 --token-file /etc/tandem/tokens.json

Reading is open on this machine. Orders and control need a token of the token file, as "Authorization: Bearer <token>".
`

type Flags = {
  readonly nats: string
  readonly credentials?: string
  readonly cluster: string
  readonly instance: string
  readonly host: string
  readonly port?: number
  readonly dataDir: string
  readonly tokenFile?: string
  readonly page: boolean
}

export function registerGateway(program: Command): void {
  program
    .command('gateway')
    .summary('serve the page, the HTTP API and the WebSocket')
    .description('Serves the dashboard page, the HTTP API (described at /docs) and the WebSocket of one cluster.')
    .option('--nats <url>', 'the NATS server', process.env['NATS_URL'] ?? '127.0.0.1:4222')
    .addOption(credentialsOption())
    .option('--cluster <id>', 'id of the cluster', 'local')
    .option('--instance <name>', 'name of this gateway', 'gateway')
    .option('--host <address>', 'address to listen on; elsewhere than loopback everything needs a token', '127.0.0.1')
    .option('--port <port>', 'port to listen on (0: any free one; without it: the first free one from 8080)', parsePort)
    .option('--data-dir <folder>', 'where the token file is made', 'var')
    .option('--token-file <file>', 'tokens: JSON with the keys read, trade and operator')
    .option('--no-page', 'serve the API without the page')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const log = createLog('gateway', flags.instance)
      const { startGateway } = await import('../roles/gateway.ts')
      await runRole('gateway', log, () =>
        startGateway(
          {
            natsUrl: flags.nats,
            credentials: flags.credentials,
            clusterId: flags.cluster,
            instance: flags.instance,
            host: flags.host,
            port: flags.port,
            dataDir: flags.dataDir,
            tokenFile: flags.tokenFile,
            page: flags.page,
          },
          log,
        ),
      )
    })
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535')
  return port
}
