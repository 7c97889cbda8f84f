// Reads a connection at the pace at which its client may speak (command-inbox.ts), after a first burst: the system holds up
// whoever says more, and nobody's words pile up here.

import type { Socket } from 'node:net'
import { TURN_MS, TURN_SIZE } from './command-inbox.ts'

/** More than a session may have under way, of orders. */
const BURST_SIZE_MAX = 128 * 1024

export class PacedReader {
  readonly #socket: Socket
  readonly #onBytes: (bytes: Buffer) => void
  /** Bytes that may be read, as of `#atMs`. */
  #left = BURST_SIZE_MAX
  #atMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, onBytes: (bytes: Buffer) => void) {
    this.#socket = socket
    this.#onBytes = onBytes
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.once('close', () => clearTimeout(this.#timer))
  }

  #take(chunk: Buffer): void {
    const nowMs = performance.now()
    this.#left = Math.min(BURST_SIZE_MAX, this.#left + ((nowMs - this.#atMs) / TURN_MS) * TURN_SIZE)
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
