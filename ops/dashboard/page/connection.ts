// The WebSocket to the gateway: opens, watches for silence, reconnects for ever.
//
// It sends one kind of message, `subscribe`. There is nothing on this page that could send a command.

import { type ServerMessage, SILENCE_LIMIT_MS, type Subscribe } from '../../gateway/dashboard-protocol.ts'

const RETRY_MS_MIN = 250
const RETRY_MS_MAX = 3_000

export type ConnectionListener = {
  onMessage(message: ServerMessage): void
  onOpen(): void
  onAway(): void
}

export class Connection {
  readonly #listener: ConnectionListener
  #socket: WebSocket | undefined
  #subscription: Subscribe = { type: 'subscribe', symbols: [] }
  #retryMs = RETRY_MS_MIN
  #silenceTimer = 0
  #retryTimer = 0

  constructor(listener: ConnectionListener) {
    this.#listener = listener
  }

  open(): void {
    const url = new URL('ws', location.href)
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(url)
    this.#socket = socket
    this.#watchSilence()
    socket.onopen = () => {
      if (this.#socket !== socket) return
      this.#retryMs = RETRY_MS_MIN
      this.#listener.onOpen()
      this.#sendSubscription()
    }
    socket.onmessage = (event) => {
      if (this.#socket !== socket) return
      this.#watchSilence()
      this.#listener.onMessage(JSON.parse(event.data as string) as ServerMessage)
    }
    socket.onclose = () => {
      if (this.#socket === socket) this.#retry()
    }
  }

  /** Rests until `open` is called again. */
  close(): void {
    clearTimeout(this.#silenceTimer)
    clearTimeout(this.#retryTimer)
    const socket = this.#socket
    this.#socket = undefined
    if (socket === undefined) return
    // Closing one that is not open yet would be logged as an error.
    if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close()
    else socket.close()
  }

  subscribe(symbols: string[]): void {
    this.#subscription = { type: 'subscribe', symbols }
    this.#sendSubscription()
  }

  #sendSubscription(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN || this.#subscription.symbols.length === 0) return
    this.#socket.send(JSON.stringify(this.#subscription))
  }

  #watchSilence(): void {
    clearTimeout(this.#silenceTimer)
    this.#silenceTimer = window.setTimeout(() => this.#retry(), SILENCE_LIMIT_MS)
  }

  #retry(): void {
    clearTimeout(this.#silenceTimer)
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
    this.#listener.onAway()
    this.#retryTimer = window.setTimeout(() => this.open(), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 1.6, RETRY_MS_MAX)
  }
}
