// An engine's bus with room for a strategy node in the same process: what the engine publishes reaches the node as a call,
// and the node's commands reach the engine as a call, while this engine leads.
//
//   engine ── publish ──► node: handler, at once          node ── commands, queries ──► engine: handler, at once
//              └────────► the bus outside                        └─ while another leads ─► the bus outside
//
// The node is a client like any other: its commands go through the same ingress and sequencer, are journalled and
// replicated, and it is told what is committed. While another engine leads, it works over a connection of its own. At each
// change of the lead it is told that its connection was interrupted, and repairs what it missed as it always does.

import {
  type ConnectionState,
  type Message,
  RequestTimeoutError,
  type Subscription,
  type Transport,
} from './transport.ts'

type OnMessage = (message: Message) => void

export class EngineBus implements Transport {
  readonly #outside: Transport
  /** By subject, and by what stands before a wildcard at the end. */
  readonly #exact = new Map<string, OnMessage>()
  readonly #open = new Map<string, OnMessage>()
  #node: NodeTransport | null = null
  #isLeading = false

  constructor(outside: Transport) {
    this.#outside = outside
  }

  /** The bus of the node in this process; `outside` is its own connection. */
  nodeTransport(outside: Transport): Transport {
    this.#node = new NodeTransport(this, outside, this.#isLeading)
    return this.#node
  }

  /** This engine leads from now on, or does not any more. */
  setLeading(isLeading: boolean): void {
    if (isLeading === this.#isLeading) return
    this.#isLeading = isLeading
    this.#node?.setLeading(isLeading)
  }

  publish(subject: string, payload: Uint8Array): void {
    this.#node?.hear(subject, payload)
    this.#outside.publish(subject, payload)
  }

  subscribe(subject: string, onMessage: OnMessage): Subscription {
    const isOpen = subject.endsWith('*')
    const handlers = isOpen ? this.#open : this.#exact
    const key = isOpen ? subject.slice(0, -1) : subject
    handlers.set(key, onMessage)
    const subscription = this.#outside.subscribe(subject, onMessage)
    return {
      unsubscribe: () => {
        handlers.delete(key)
        subscription.unsubscribe()
      },
    }
  }

  /** Hands a message to the engine. False: the engine listens to no such subject. */
  deliver(message: Message): boolean {
    const { subject } = message
    const handler = this.#exact.get(subject) ?? this.#open.get(subject.slice(0, subject.lastIndexOf('.') + 1))
    handler?.(message)
    return handler !== undefined
  }

  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return this.#outside.request(subject, payload, timeoutMs)
  }

  flush(): Promise<void> {
    return this.#outside.flush()
  }

  onState(listener: (state: ConnectionState) => void): void {
    this.#outside.onState(listener)
  }

  close(): Promise<void> {
    return this.#outside.close()
  }
}

type Stream = { readonly onMessage: OnMessage; outside: Subscription | null }

class NodeTransport implements Transport {
  readonly #bus: EngineBus
  readonly #outside: Transport
  /** What the engine tells: heard inside while this one leads, outside while another does. */
  readonly #streams = new Map<string, Stream>()
  readonly #listeners: ((state: ConnectionState) => void)[] = []
  #isLeading: boolean

  constructor(bus: EngineBus, outside: Transport, isLeading: boolean) {
    this.#bus = bus
    this.#outside = outside
    this.#isLeading = isLeading
  }

  hear(subject: string, payload: Uint8Array): void {
    if (!this.#isLeading) return
    this.#streams.get(subject)?.onMessage({ subject, data: payload, respond: () => {} })
  }

  setLeading(isLeading: boolean): void {
    this.#isLeading = isLeading
    for (const [subject, stream] of this.#streams) this.#connect(subject, stream)
    for (const listener of this.#listeners) listener('connected')
  }

  publish(subject: string, payload: Uint8Array): void {
    const isTaken = this.#isLeading && this.#bus.deliver({ subject, data: payload, respond: () => {} })
    if (!isTaken) this.#outside.publish(subject, payload)
  }

  subscribe(subject: string, onMessage: OnMessage): Subscription {
    // Other processes speak on subjects with wildcards, too.
    if (subject.endsWith('*')) return this.#outside.subscribe(subject, onMessage)
    const stream: Stream = { onMessage, outside: null }
    this.#streams.set(subject, stream)
    this.#connect(subject, stream)
    return {
      unsubscribe: () => {
        this.#streams.delete(subject)
        stream.outside?.unsubscribe()
      },
    }
  }

  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (!this.#isLeading) return this.#outside.request(subject, payload, timeoutMs)
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>()
    const late = new RequestTimeoutError(`${subject}: no answer in ${timeoutMs} ms`)
    const timer = setTimeout(() => reject(late), timeoutMs)
    this.#bus.deliver({ subject, data: payload, respond: (answer) => resolve(answer.slice()) })
    return promise.finally(() => clearTimeout(timer))
  }

  flush(): Promise<void> {
    return this.#outside.flush()
  }

  onState(listener: (state: ConnectionState) => void): void {
    this.#listeners.push(listener)
    this.#outside.onState(listener)
  }

  close(): Promise<void> {
    return this.#outside.close()
  }

  #connect(subject: string, stream: Stream): void {
    if (!this.#isLeading) {
      stream.outside ??= this.#outside.subscribe(subject, stream.onMessage)
      return
    }
    stream.outside?.unsubscribe()
    stream.outside = null
  }
}
