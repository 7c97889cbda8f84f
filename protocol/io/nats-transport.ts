// The transport over NATS, through the npm client `nats`.

import { type ConnectionOptions, connect, ErrorCode, Events, type NatsConnection } from 'nats'
import { readNatsIdentity } from './nats-credentials.ts'
import { encryptionOf, tlsRemedy } from './nats-tls.ts'
import {
  ConnectError,
  type ConnectionState,
  type Message,
  NoResponderError,
  RequestTimeoutError,
  type Subscription,
  type Transport,
} from './transport.ts'

export type NatsOptions = {
  /** host:port, nats://host:port, or tls://host:port, which speaks to no server that does not encrypt. */
  readonly url: string
  /** Shown in the server's connection list. */
  readonly name: string
  /** The file that says who this is; undefined: nobody in particular. */
  readonly credentials?: string | undefined
  /** Stays with this server, and does not move to another of its cluster when it is away. */
  readonly isPinned?: boolean
  /** The server lets us not publish or subscribe something; it says which. Without it: a warning of the process. */
  readonly onDenied?: (message: string) => void
}

/** Connects, and afterwards reconnects for ever until closed. Throws ConnectError, SecretFileError. */
export async function connectNats(options: NatsOptions): Promise<Transport> {
  const settings: ConnectionOptions = {
    servers: options.url,
    name: options.name,
    // A server that is not there refuses at once; one that is slow to answer is on a busy machine.
    timeout: CONNECT_MS_MAX,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 50,
    pingInterval: 5_000,
    maxPingOut: 3,
    noEcho: false,
    ignoreAuthErrorAbort: true,
    ignoreClusterUpdates: options.isPinned ?? false,
    ...readNatsIdentity(options.credentials),
    ...encryptionOf(options.url),
  }
  try {
    return new NatsTransport(await connect(settings), options.onDenied ?? warn)
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    if ((error as { code?: string }).code === ErrorCode.AuthorizationViolation) {
      const remedy = 'Name the file that says who this is: --credentials FILE, or TANDEM_CREDENTIALS.'
      throw new ConnectError(`the NATS server at ${options.url} lets ${options.name} not in. ${remedy}`, {
        cause: error,
      })
    }
    const remedy = tlsRemedy(error) ?? 'Start one, or set NATS_URL.'
    throw new ConnectError(`no NATS server at ${options.url} (${cause}). ${remedy}`, { cause: error })
  }
}

/** Of an inbox: `_INBOX.<user>` of `_INBOX.<user>.<question>`. */
function ownerOf(inbox: string): string | undefined {
  if (inbox === '') return undefined
  const end = inbox.indexOf('.', inbox.indexOf('.') + 1)
  return end < 0 ? inbox : inbox.slice(0, end)
}

function warn(message: string): void {
  process.emitWarning(message)
}

/** What was published last has this long to leave when the connection is closed. */
const CONNECT_MS_MAX = 60_000
const DRAIN_MS_MAX = 1_000

class NatsTransport implements Transport {
  readonly #connection: NatsConnection
  readonly #listeners: ((state: ConnectionState) => void)[] = []
  readonly #onDenied: (message: string) => void
  #isConnected = true

  constructor(connection: NatsConnection, onDenied: (message: string) => void) {
    this.#connection = connection
    this.#onDenied = onDenied
    void this.#watch()
    void connection.closed().then(() => this.#tell('closed'))
  }

  publish(subject: string, payload: Uint8Array): void {
    if (this.#connection.isClosed() || this.#connection.isDraining()) return
    // The client keeps a reference to the payload until its next flush, so a reused buffer must be copied first.
    this.#connection.publish(subject, payload.slice())
  }

  subscribe(subject: string, onMessage: (message: Message) => void): Subscription {
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return
        onMessage({
          subject: message.subject,
          data: message.data,
          asker: ownerOf(message.reply ?? ''),
          respond: (payload) => {
            message.respond(payload.slice())
          },
        })
      },
    })
    return { unsubscribe: () => subscription.unsubscribe() }
  }

  async request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    try {
      const reply = await this.#connection.request(subject, payload, { timeout: timeoutMs })
      return reply.data
    } catch (error) {
      const code = (error as { code?: string }).code
      if (code === '503') throw new NoResponderError(`nobody answers ${subject}`, { cause: error })
      if (code === 'TIMEOUT')
        throw new RequestTimeoutError(`${subject}: no answer in ${timeoutMs} ms`, { cause: error })
      throw error
    }
  }

  flush(): Promise<void> {
    return this.#connection.flush()
  }

  onState(listener: (state: ConnectionState) => void): void {
    this.#listeners.push(listener)
  }

  /** Where no server is connected, nobody can be waited for. */
  async close(): Promise<void> {
    if (this.#connection.isClosed()) return
    if (this.#isConnected) {
      const deadline = setTimeout(() => void this.#connection.close(), DRAIN_MS_MAX)
      await this.#connection.drain().catch(() => {})
      clearTimeout(deadline)
    }
    await this.#connection.close()
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === Events.Disconnect) this.#tell('disconnected')
      else if (status.type === Events.Reconnect) this.#tell('connected')
      else if (status.type === Events.Error && status.permissionContext !== undefined) {
        const { operation, subject } = status.permissionContext
        this.#onDenied(
          `the NATS server does not permit to ${operation === 'publish' ? 'publish' : 'subscribe to'} ${subject}`,
        )
      }
    }
  }

  #tell(state: ConnectionState): void {
    this.#isConnected = state === 'connected'
    for (const listener of this.#listeners) listener(state)
  }
}
