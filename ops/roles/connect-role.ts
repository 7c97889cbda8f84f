// A role's connection to the NATS server of its cluster.

import type { Logger } from 'pino'
import { connectNats } from '../../protocol/io/nats-transport.ts'
import type { Transport } from '../../protocol/io/transport.ts'

export type RoleServer = {
  readonly natsUrl: string
  /** The file that says who it is to the NATS server. */
  readonly credentials: string | undefined
}

/** `name` is shown in the server's list of connections. What the server does not permit is logged. */
export function connectRole({ natsUrl, credentials }: RoleServer, name: string, log: Logger): Promise<Transport> {
  return connectNats({ url: natsUrl, name, credentials, onDenied: (message) => log.error(message) })
}
