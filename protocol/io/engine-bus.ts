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
  /** Handlers of subjects that were delivered to, whichever of the two they stand in. */
  readonly #routes = new Map<string, OnMessage>()
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
    this.#routes.clear()
    const subscription = this.#outside.subscribe(subject, onMessage)
    return {
      unsubscribe: () => {
        handlers.delete(key)
        this.#routes.clear()
        subscription.unsubscribe()
      },
    }
  }

  /** Hands a message to the engine. False: the engine listens to no such subject. */
  deliver(message: Message): boolean {
    const handler = this.#routes.get(message.subject) ?? this.#route(message.subject)
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

  /** The node speaks on a handful of subjects, so what is remembered stays small. */
  #route(subject: string): OnMessage | undefined {
    const handler = this.#exact.get(subject) ?? this.#open.get(subject.slice(0, subject.lastIndexOf('.') + 1))
    if (handler !== undefined) this.#routes.set(subject, handler)
    return handler
  }
}

/** One message, used again and again: whoever is handed it keeps nothing of it. */
class CallMessage implements Message {
  readonly subject: string
  data: Uint8Array = NOTHING

  constructor(subject: string) {
    this.subject = subject
  }

  respond(): void {}
}

const NOTHING = new Uint8Array(0)
/** Who asks: the node in this process. */
const NODE = 'node'

type Stream = { readonly onMessage: OnMessage; readonly message: CallMessage; outside: Subscription | null }

class NodeTransport implements Transport {
  readonly #bus: EngineBus
  readonly #outside: Transport
  /** What the engine tells: heard inside while this one leads, outside while another does. */
  readonly #streams = new Map<string, Stream>()
  readonly #listeners: ((state: ConnectionState) => void)[] = []
  readonly #sent = new Map<string, CallMessage>()
  #isLeading: boolean

  constructor(bus: EngineBus, outside: Transport, isLeading: boolean) {
    this.#bus = bus
    this.#outside = outside
    this.#isLeading = isLeading
  }

  get isInline(): boolean {
    return this.#isLeading
  }

  hear(subject: string, payload: Uint8Array): void {
    if (!this.#isLeading) return
    const stream = this.#streams.get(subject)
    if (stream === undefined) return
    stream.message.data = payload
    stream.onMessage(stream.message)
  }

  setLeading(isLeading: boolean): void {
    this.#isLeading = isLeading
    for (const [subject, stream] of this.#streams) this.#connect(subject, stream)
    for (const listener of this.#listeners) listener('connected')
  }

  publish(subject: string, payload: Uint8Array): void {
    if (!this.#isLeading || !this.#bus.deliver(this.#message(subject, payload))) this.#outside.publish(subject, payload)
  }

  subscribe(subject: string, onMessage: OnMessage): Subscription {
    // Other processes speak on subjects with wildcards, too.
    if (subject.endsWith('*')) return this.#outside.subscribe(subject, onMessage)
    const stream: Stream = { onMessage, message: new CallMessage(subject), outside: null }
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
    // Not within the call by which the engine tells something: it answers between two of them.
    queueMicrotask(() =>
      this.#bus.deliver({ subject, data: payload, asker: NODE, respond: (answer) => resolve(answer.slice()) }),
    )
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

  #message(subject: string, payload: Uint8Array): CallMessage {
    let message = this.#sent.get(subject)
    if (message === undefined) {
      message = new CallMessage(subject)
      this.#sent.set(subject, message)
    }
    message.data = payload
    return message
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
