// Messages on their way to a socket. While the system takes them at once, all are put together in the same memory; what has
// to wait for a slow reader has its own, as much as it is long.

import type { Socket } from 'node:net'

const SIZE = 64 * 1_024

export class Outgoing {
  #buffer = Buffer.allocUnsafeSlow(SIZE)

  /** Where the next message, of so many bytes, is to be written; `send` comes next. */
  room(socket: Socket, length: number): Buffer {
    const isAlone = length > SIZE || socket.writableLength > 0
    return isAlone ? Buffer.allocUnsafeSlow(length) : this.#buffer.subarray(0, length)
  }

  send(socket: Socket, message: Buffer): void {
    socket.write(message)
    // What the system did not take at once is the socket's until it does.
    const isTaken = socket.writableLength === 0
    if (!isTaken && message.buffer === this.#buffer.buffer) this.#buffer = Buffer.allocUnsafeSlow(SIZE)
  }
}
