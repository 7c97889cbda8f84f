// The contract of the message bus. Everything that Tandem needs of NATS is here; another client or bus is one file more.

export type Message = {
  readonly subject: string
  /** Valid until the handler returns: copy what you keep. Its offset in the underlying buffer has no alignment. */
  readonly data: Uint8Array
  /** Who waits for an answer, as far as the bus knows; undefined: nobody does. */
  readonly asker?: string | undefined
  /** Answers a request; does nothing when the message is none. */
  respond(payload: Uint8Array): void
}

export type Subscription = { unsubscribe(): void }

/** 'closed' is final: the transport was closed by its owner or gave up. */
export type ConnectionState = 'connected' | 'disconnected' | 'closed'

export type Transport = {
  /** Messages come as calls of whoever makes them: at a handler's call there is nothing newer on its subject. */
  readonly isInline?: boolean
  /** Hands the payload over. It is copied before this returns, so that the caller may reuse its buffer. */
  publish(subject: string, payload: Uint8Array): void
  subscribe(subject: string, onMessage: (message: Message) => void): Subscription
  /** Rejects with RequestTimeoutError, or NoResponderError when nobody listens. */
  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array>
  /** Resolves when the server has seen everything published before. */
  flush(): Promise<void>
  onState(listener: (state: ConnectionState) => void): void
  /** Sends what is left, then disconnects. */
  close(): Promise<void>
}

export class RequestTimeoutError extends Error {
  override name = 'RequestTimeoutError'
}

export class NoResponderError extends Error {
  override name = 'NoResponderError'
}

/** The server could not be reached, or refused us. The message names the address and the remedy. */
export class ConnectError extends Error {
  override name = 'ConnectError'
}
