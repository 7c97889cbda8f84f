// The view record in a JetStream key-value bucket, changed only by compare-and-set.
//
// The key has a random part, new whenever the record is created: a request that was under way when a bucket was lost never
// matches the record of the next one. Each change names the last revision of its key and of the whole bucket, so that
// of two creations only one is made.

import { connect, type JetStreamClient, type JetStreamManager, type NatsConnection, StorageType } from 'nats'
import { readNatsIdentity } from '../../protocol/io/nats-credentials.ts'
import { encryptionOf } from '../../protocol/io/nats-tls.ts'
import {
  type EngineId,
  type Members,
  type StoredView,
  type View,
  type ViewAnswer,
  type ViewStore,
  WriteOutcome,
} from '../replication/view.ts'

export type ViewStoreHandler = {
  onRead(request: number, answer: ViewAnswer | null): void
  onWritten(request: number, outcome: WriteOutcome, written: StoredView | null): void
  onReachable(isReachable: boolean): void
}

/** The bucket is not as the protocol needs it. The message names the setting and the remedy. */
export class ViewStoreError extends Error {
  override name = 'ViewStoreError'
}

/** Error numbers of the JetStream API. */
const NO_MESSAGE = 10037
const NO_STREAM = 10059
const REPLICAS_WHEN_CLUSTERED = 3

type ApiError = { readonly api_error?: { readonly code: number; readonly err_code: number } }

/** A server that is silent for two of these is away: TCP alone would not tell for minutes that the way to it is cut. */
const PING_MS = 200
const PINGS_UNANSWERED_MAX = 2

export type ViewStoreServer = {
  readonly url: string
  /** Shown in the server's connection list. */
  readonly name: string
  /** The file that says who this is. */
  readonly credentials: string | undefined
}

/** What is in the record. */
type RecordText = { epoch: number; members: Members; primary: EngineId; clusterId: string }

export class NatsViewStore implements ViewStore {
  readonly #connection: NatsConnection
  readonly #streams: JetStreamManager
  readonly #client: JetStreamClient
  readonly #clusterId: string
  readonly #bucket: string
  readonly #stream: string
  readonly #timeoutMs: number
  #handler: ViewStoreHandler | null = null

  private constructor(connection: NatsConnection, streams: JetStreamManager, clusterId: string, timeoutMs: number) {
    this.#connection = connection
    this.#streams = streams
    this.#client = connection.jetstream({ timeout: timeoutMs })
    this.#clusterId = clusterId
    this.#bucket = bucketOf(clusterId)
    this.#stream = viewStreamName(clusterId)
    this.#timeoutMs = timeoutMs
  }

  /** Connects, makes the bucket where there is none, and checks it. Throws ViewStoreError. */
  static async open(
    { url, name, credentials }: ViewStoreServer,
    clusterId: string,
    timeoutMs: number,
  ): Promise<NatsViewStore> {
    const connection = await connect({
      ...readNatsIdentity(credentials),
      ...encryptionOf(url),
      servers: url,
      name,
      ignoreAuthErrorAbort: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      reconnectJitter: 20,
      pingInterval: PING_MS,
      maxPingOut: PINGS_UNANSWERED_MAX,
    })
    try {
      const streams = await connection.jetstreamManager({ timeout: timeoutMs * 10 })
      const store = new NatsViewStore(connection, streams, clusterId, timeoutMs)
      await store.#makeBucket()
      await store.#checkBucket()
      return store
    } catch (error) {
      await connection.close()
      if (error instanceof ViewStoreError) throw error
      const cause = error instanceof Error ? error.message : String(error)
      throw new ViewStoreError(
        `the view cannot be kept in JetStream on ${url} (${cause}). Start nats-server with JetStream: nats-server -js`,
        { cause: error },
      )
    }
  }

  /** A sentence when this server may forget an acknowledged change after a power loss. */
  get warning(): string | null {
    const version = this.#connection.info?.version ?? ''
    const [major = 0, minor = 0] = version.split('.').map(Number)
    if (major > 2 || (major === 2 && minor >= 10)) return null
    return (
      `nats-server ${version} cannot sync each change to its disk (2.10 can, with sync_interval: always): after a ` +
      'power loss of its host the operator may have to decide who leads'
    )
  }

  start(handler: ViewStoreHandler): void {
    this.#handler = handler
    void this.#watch()
  }

  async close(): Promise<void> {
    this.#handler = null
    await this.#connection.close()
  }

  read(request: number): void {
    void this.#read().then((answer) => this.#handler?.onRead(request, answer))
  }

  compareAndSet(request: number, expected: ViewAnswer, next: View): void {
    const bucket = 'bucket' in expected ? expected.bucket : crypto.randomUUID().slice(0, 8)
    void this.#write(expected, next, bucket).then(([outcome, written]) =>
      this.#handler?.onWritten(request, outcome, written),
    )
  }

  async #read(): Promise<ViewAnswer | null> {
    if (this.#connection.isClosed()) return null
    try {
      const message = await withTimeout(
        this.#streams.streams.getMessage(this.#stream, { last_by_subj: this.#subject('*') }),
        this.#timeoutMs,
      )
      const text = JSON.parse(message.string()) as RecordText
      const bucket = message.subject.slice(message.subject.lastIndexOf('.') + 1)
      return { epoch: text.epoch, members: text.members, primary: text.primary, revision: message.seq, bucket }
    } catch (error) {
      const code = (error as ApiError).api_error?.err_code
      if (code === NO_MESSAGE) return this.#readEmpty()
      if (code === NO_STREAM) return this.#remakeBucket()
      return null
    }
  }

  async #readEmpty(): Promise<ViewAnswer | null> {
    try {
      const info = await withTimeout(this.#streams.streams.info(this.#stream), this.#timeoutMs)
      return { epoch: 0, revision: info.state.last_seq }
    } catch {
      return null
    }
  }

  async #remakeBucket(): Promise<ViewAnswer | null> {
    try {
      await this.#makeBucket()
      return await this.#readEmpty()
    } catch {
      return null
    }
  }

  async #write(expected: ViewAnswer, next: View, bucket: string): Promise<[WriteOutcome, StoredView | null]> {
    const isNew = expected.epoch === 0
    const text: RecordText = { ...next, clusterId: this.#clusterId }
    try {
      const ack = await this.#client.publish(this.#subject(bucket), JSON.stringify(text), {
        expect: { lastSubjectSequence: isNew ? 0 : expected.revision, lastSequence: expected.revision },
        timeout: this.#timeoutMs,
      })
      return [WriteOutcome.WRITTEN, { ...next, revision: ack.seq, bucket }]
    } catch (error) {
      // Only the server's own refusal says that nothing was changed.
      const isRefused = (error as ApiError).api_error?.code === 400
      return [isRefused ? WriteOutcome.LOST : WriteOutcome.UNKNOWN, null]
    }
  }

  async #makeBucket(): Promise<void> {
    const isClustered = this.#connection.info?.cluster !== undefined
    await this.#client.views.kv(this.#bucket, {
      history: 1,
      storage: StorageType.File,
      replicas: isClustered ? REPLICAS_WHEN_CLUSTERED : 1,
    })
  }

  async #checkBucket(): Promise<void> {
    const { config } = await this.#streams.streams.info(this.#stream)
    const remedy = `Remove the bucket while no engine runs (nats kv del ${this.#bucket}), and start the engines again.`
    if (config.storage !== StorageType.File) {
      throw new ViewStoreError(`the bucket ${this.#bucket} is kept in memory, and would be forgotten. ${remedy}`)
    }
    if (config.max_msgs_per_subject !== 1) {
      throw new ViewStoreError(`the bucket ${this.#bucket} keeps a history, where only the last view may be. ${remedy}`)
    }
    const isClustered = this.#connection.info?.cluster !== undefined
    if (isClustered && config.num_replicas < REPLICAS_WHEN_CLUSTERED) {
      throw new ViewStoreError(`the bucket ${this.#bucket} is on ${config.num_replicas} server of a cluster. ${remedy}`)
    }
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === 'disconnect') this.#handler?.onReachable(false)
      if (type === 'reconnect') this.#handler?.onReachable(true)
    }
  }

  #subject(bucket: string): string {
    return viewSubject(this.#clusterId, bucket)
  }
}

/** The stream below the bucket. */
export function viewStreamName(clusterId: string): string {
  return `KV_${bucketOf(clusterId)}`
}

/** Where the view is published; `key`: the random part, or '*'. */
export function viewSubject(clusterId: string, key: string): string {
  return `$KV.${bucketOf(clusterId)}.view.${key}`
}

/** Bucket names have letters, digits, hyphens and underscores alone. */
function bucketOf(clusterId: string): string {
  return `tandem-view-${clusterId.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`
}

async function withTimeout<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
