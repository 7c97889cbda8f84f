// Reads a connection at the pace at which its client may speak (client-pace.ts), after a first burst: the system holds up
// whoever says more, and nobody's words pile up here.

import type { Socket } from 'node:net'
import { TURN_MS } from './command-inbox.ts'

/** More than a session may have under way, of orders. */
const BURST_SIZE_MAX = 128 * 1024

export class PacedReader {
  readonly #socket: Socket
  readonly #paceOf: () => number
  readonly #onBytes: (bytes: Buffer) => void
  /** Bytes that may be read, as of `#atMs`. */
  #left = BURST_SIZE_MAX
  #atMs = 0
  #timer: NodeJS.Timeout | undefined

  /** `paceOf`: bytes that may be read in a millisecond, as of now. */
  constructor(socket: Socket, paceOf: () => number, onBytes: (bytes: Buffer) => void) {
    this.#socket = socket
    this.#paceOf = paceOf
    this.#onBytes = onBytes
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.once('close', () => clearTimeout(this.#timer))
  }

  #take(chunk: Buffer): void {
    const nowMs = performance.now()
    this.#left = Math.min(BURST_SIZE_MAX, this.#left + (nowMs - this.#atMs) * this.#paceOf())
    this.#atMs = nowMs
    const size = Math.min(chunk.length, Math.floor(this.#left))
    if (size > 0) {
      this.#left -= size
      this.#onBytes(size === chunk.length ? chunk : chunk.subarray(0, size))
      if (this.#socket.destroyed) return
    }
    if (size === chunk.length) {
      if (this.#socket.isPaused()) this.#socket.resume()
      return
    }
    this.#socket.pause()
    this.#timer = setTimeout(() => this.#take(chunk.subarray(size)), TURN_MS)
  }
}
