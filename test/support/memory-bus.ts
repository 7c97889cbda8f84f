// A message bus inside the test's own process, with the contract of the real one: subjects with wildcards, requests, and
// delivery in order, after the publisher's turn.

import {
  type ConnectionState,
  type Message,
  NoResponderError,
  RequestTimeoutError,
  type Subscription,
  type Transport,
} from '../../protocol/io/transport.ts'

type Subscriber = { readonly pattern: RegExp; readonly onMessage: (message: Message) => void }

export class MemoryBus {
  readonly #subscribers = new Set<Subscriber>()
  readonly #queue: (() => void)[] = []
  readonly #connections = new Set<MemoryTransport>()

  connect(): Transport {
    const transport = new MemoryTransport(this)
    this.#connections.add(transport)
    return transport
  }

  /** Tells every connection that the server is away, or back. */
  setState(state: ConnectionState): void {
    for (const connection of this.#connections) connection.tell(state)
  }

  /** How many subscribers got it. */
  publish(subject: string, payload: Uint8Array, respond?: (payload: Uint8Array) => void): number {
    const data = payload.slice()
    const asker = respond === undefined ? undefined : 'tester'
    const takers = [...this.#subscribers].filter(({ pattern }) => pattern.test(subject))
    for (const taker of takers) {
      this.#later(() => {
        if (this.#subscribers.has(taker)) taker.onMessage({ subject, data, asker, respond: respond ?? (() => {}) })
      })
    }
    return takers.length
  }

  subscribe(subject: string, onMessage: (message: Message) => void): Subscription {
    const subscriber = { pattern: patternOf(subject), onMessage }
    this.#subscribers.add(subscriber)
    return { unsubscribe: () => this.#subscribers.delete(subscriber) }
  }

  /** Resolves when everything published before has been delivered. */
  flush(): Promise<void> {
    return new Promise((resolve) => this.#later(resolve))
  }

  #later(deliver: () => void): void {
    this.#queue.push(deliver)
    if (this.#queue.length > 1) return
    queueMicrotask(() => {
      while (this.#queue.length > 0) {
        this.#queue[0]!()
        this.#queue.shift()
      }
    })
  }
}

class MemoryTransport implements Transport {
  readonly #bus: MemoryBus
  readonly #subscriptions = new Set<Subscription>()
  readonly #listeners: ((state: ConnectionState) => void)[] = []

  constructor(bus: MemoryBus) {
    this.#bus = bus
  }

  publish(subject: string, payload: Uint8Array): void {
    this.#bus.publish(subject, payload)
  }

  subscribe(subject: string, onMessage: (message: Message) => void): Subscription {
    const subscription = this.#bus.subscribe(subject, onMessage)
    this.#subscriptions.add(subscription)
    return subscription
  }

  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new RequestTimeoutError(`${subject}: no answer`)), timeoutMs)
      const takers = this.#bus.publish(subject, payload, (answer) => {
        clearTimeout(timer)
        resolve(answer.slice())
      })
      if (takers > 0) return
      clearTimeout(timer)
      reject(new NoResponderError(`nobody answers ${subject}`))
    })
  }

  flush(): Promise<void> {
    return this.#bus.flush()
  }

  onState(listener: (state: ConnectionState) => void): void {
    this.#listeners.push(listener)
  }

  tell(state: ConnectionState): void {
    for (const listener of this.#listeners) listener(state)
  }

  close(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    return Promise.resolve()
  }
}

function patternOf(subject: string): RegExp {
  const escaped = subject.split('.').map((token) => {
    if (token === '*') return '[^.]+'
    if (token === '>') return '.+'
    return token.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${escaped.join('\\.')}$`)
}
