// The gateway as a process: NATS on one side, HTTP and WebSocket on the other.

import { join } from 'node:path'
import type { Logger } from 'pino'
import { ClientId } from '../../protocol/clients.ts'
import { isLoopback } from '../../protocol/io/loopback.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { UserError } from '../cli/output.ts'
import { ensurePage } from '../dashboard/ensure-page.ts'
import { Gateway } from '../gateway/gateway.ts'
import { ListenError, startHttpServer } from '../gateway/http-server.ts'
import { SessionOrderEntry } from '../gateway/session-order-entry.ts'
import { loadTokens } from '../gateway/tokens.ts'
import { connectRole, type RoleServer } from './connect-role.ts'
import type { Role } from './run-role.ts'
import { StatusReporter } from './status-reporter.ts'

const ROLE = 'gateway'
/** Without a port: the first free one from here. */
const PORT_FIRST = 8_080
const PORT_LAST = 8_179

export type GatewayOptions = RoleServer & {
  readonly clusterId: string
  readonly instance: string
  readonly host: string
  /** Undefined: the first free one from 8080. 0: any. */
  readonly port: number | undefined
  readonly dataDir: string
  /** Undefined: gateway-tokens.json in the data directory, made at the first start. */
  readonly tokenFile: string | undefined
  /** False: the API alone, for machines without a browser. */
  readonly page: boolean
}

export async function startGateway(options: GatewayOptions, log: Logger): Promise<Role> {
  if (!isLoopback(options.host) && options.tokenFile === undefined) {
    throw new UserError(
      `the gateway would be open to everybody who reaches ${options.host}`,
      'Name a --token-file: its tokens are then needed for everything, reading included. Or use --host 127.0.0.1.',
    )
  }
  const tokenPath = options.tokenFile ?? join(options.dataDir, 'gateway-tokens.json')
  const tokens = loadTokens(tokenPath)
  const pageFolder = options.page ? await ensurePage((text) => log.info(text)) : undefined
  const transport = await connectRole(options, `${ROLE} ${options.instance}`, log)
  const subjects = new Subjects(options.clusterId)
  const orders = new SessionOrderEntry(transport, subjects, log, ClientId.GATEWAY)
  const gateway = new Gateway({ clusterId: options.clusterId, transport, orders, log }, (reason) =>
    server.sockets.restart(reason),
  )
  const server = await listenFrom(
    gateway,
    { host: options.host, tokens, pageFolder, journalFolder: options.dataDir },
    options.port,
  )
  gateway.start()
  let stopping = false
  const reporter = new StatusReporter(transport, subjects, {
    role: ROLE,
    instance: options.instance,
    state: () => (stopping ? 'stopped' : gateway.health().status === 'starting' ? 'waiting' : 'serving'),
    details: () => ({
      pages: server.sockets.counts.open,
      frames: gateway.counts().frames,
      gaps: gateway.counts().gaps,
    }),
  })
  return {
    details: { url: server.url, tokenPath },
    stop: async () => {
      stopping = true
      gateway.stop()
      await server.close()
      reporter.stop()
      await transport.close()
    },
  }
}

async function listenFrom(
  gateway: Gateway,
  options: Omit<Parameters<typeof startHttpServer>[1], 'port'>,
  port: number | undefined,
): ReturnType<typeof startHttpServer> {
  if (port !== undefined) return startHttpServer(gateway, { ...options, port })
  for (let candidate = PORT_FIRST; ; candidate++) {
    try {
      return await startHttpServer(gateway, { ...options, port: candidate })
    } catch (error) {
      if (!(error instanceof ListenError) || candidate === PORT_LAST) throw error
    }
  }
}
