// One engine of a pair as benchmarks run it: the real host, journal and peer link, on a bus that is a function call and a
// view store that always agrees.

import { randomUUID } from 'node:crypto'
import { ENGINE_SETTINGS_DEFAULT } from '../engine/engine.ts'
import { type ConnectedViewStore, EngineHost } from '../engine/io/engine-host.ts'
import { FileStorage } from '../engine/io/file-storage.ts'
import type { ViewStoreHandler } from '../engine/io/nats-view-store.ts'
import type { TcpPeerLink } from '../engine/io/peer-link.ts'
import type { SessionServer } from '../engine/io/session-server.ts'
import { Journal } from '../engine/journal/journal.ts'
import { DurableState } from '../engine/replication/durable-state.ts'
import { EngineId, type StoredView, type View, type ViewAnswer, WriteOutcome } from '../engine/replication/view.ts'
import type { Message, Transport } from '../protocol/io/transport.ts'
import { Subjects } from '../protocol/subjects.ts'
import type { ClusterConfig } from '../protocol/symbol.ts'

export const benchConfig: ClusterConfig = {
  clusterId: 'bench',
  instruments: [{ symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 10_000 }],
  exposureLots: 100,
  quoteTtlNs: 30_000_000_000,
}

/** What the two processes prove to each other. */
export const benchPeer = { clusterId: benchConfig.clusterId, secret: 'known to both processes' }

/** A bus inside of this process: what is sent to the engine reaches it in the same pass of the event loop. */
export class CallBus implements Transport {
  onPublish: (subject: string, payload: Uint8Array) => void = () => {}
  readonly #handlers = new Map<string, (message: Message) => void>()

  deliver(subject: string, data: Uint8Array): void {
    const wildcard = `${subject.slice(0, subject.lastIndexOf('.'))}.*`
    const handler = this.#handlers.get(subject) ?? this.#handlers.get(wildcard)
    handler?.({ subject, data, respond: () => {} })
  }

  publish(subject: string, payload: Uint8Array): void {
    this.onPublish(subject, payload)
  }

  subscribe(subject: string, onMessage: (message: Message) => void): { unsubscribe(): void } {
    this.#handlers.set(subject, onMessage)
    return { unsubscribe: () => this.#handlers.delete(subject) }
  }

  request(): Promise<Uint8Array> {
    return Promise.reject(new Error('nothing is asked over this bus'))
  }

  flush(): Promise<void> {
    return Promise.resolve()
  }

  onState(): void {}

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Grants every change to the one engine that asks; answers nothing to one that must not lead. */
export class OwnViewStore implements ConnectedViewStore {
  readonly #isGranting: boolean
  #handler: ViewStoreHandler | null = null
  #record: StoredView | null = null

  constructor(isGranting: boolean) {
    this.#isGranting = isGranting
  }

  start(handler: ViewStoreHandler): void {
    this.#handler = handler
  }

  read(request: number): void {
    const answer: ViewAnswer = this.#record ?? { epoch: 0, revision: 0 }
    if (this.#isGranting) setImmediate(() => this.#handler?.onRead(request, answer))
  }

  compareAndSet(request: number, expected: ViewAnswer, next: View): void {
    if (!this.#isGranting) return
    const written = { ...next, revision: expected.revision + 1, bucket: this.#record?.bucket ?? randomUUID() }
    this.#record = written
    setImmediate(() => this.#handler?.onWritten(request, WriteOutcome.WRITTEN, written))
  }

  close(): Promise<void> {
    this.#handler = null
    return Promise.resolve()
  }
}

export type BenchEngine = {
  readonly host: EngineHost
  readonly bus: CallBus
  readonly subjects: Subjects
  stop(): Promise<void>
}

/** Engine A leads, engine B follows; `isForced` lets A begin without anybody's consent. */
export function startBenchEngine(
  folder: string,
  engineId: EngineId,
  link: TcpPeerLink,
  isDiskDurable: boolean,
  { sessions = null, transport }: { readonly sessions?: SessionServer | null; readonly transport?: Transport } = {},
): BenchEngine {
  const storage = FileStorage.open(folder)
  const isPrimary = engineId === EngineId.A
  const bus = new CallBus()
  const subjects = new Subjects(benchConfig.clusterId)
  const host = new EngineHost({
    journal: Journal.open(storage, { clusterId: benchConfig.clusterId, timeBaseUnixMs: Date.now() }),
    state: DurableState.open(storage),
    bootId: 1,
    pair: { engineId, link, store: new OwnViewStore(isPrimary) },
    isForced: isPrimary,
    config: benchConfig,
    settings: { ...ENGINE_SETTINGS_DEFAULT, replica: { ...ENGINE_SETTINGS_DEFAULT.replica, isDiskDurable } },
    transport: transport ?? bus,
    subjects,
    sessions,
    onProgress: () => {},
    onFailure: (error) => {
      throw error
    },
    onTransition: () => {},
    onPeerFault: (message) => {
      throw new Error(message)
    },
    onSnapshot: () => {},
    onJournalFull: () => {},
    onUnheard: () => {},
  })
  const stop = async () => {
    await host.stop()
    storage.close()
  }
  return { host, bus, subjects, stop }
}
