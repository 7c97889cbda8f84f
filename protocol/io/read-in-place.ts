// Reading from a dialled socket into one buffer that stays: without it each read takes a new one of this size, and hands it
// on through a stream. Sockets that a server accepted have no such way.

import type { OnReadOpts } from 'node:net'

const READ_SIZE = 64 * 1024

/** For the options of `connect`. The bytes are valid during the call. */
export function readInPlace(onBytes: (bytes: Buffer) => void): OnReadOpts {
  const buffer = Buffer.allocUnsafeSlow(READ_SIZE)
  return {
    buffer,
    callback: (length) => {
      onBytes(buffer.subarray(0, length))
      return true
    },
  }
}
