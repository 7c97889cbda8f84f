// The direct order session on its wire: the messages of the bus, without the bus.
//
//   0      4      5          8
//   +------+------+----------+---------
//   | size | kind | reserved | body         size: of all, little-endian; body: by kind
//   +------+------+----------+---------
//    uint32 uint8  3 bytes 0
//
//   client: HELLO (version, client id, cluster id)  ─► engine: CHALLENGE (a number), or REFUSED (why) and the end
//   client: that number, on the bus, proof.<client> ─► engine: WELCOME
//   client: COMMANDS (as on cmd.<client>)           ─► engine: EXECUTIONS (as on exec.<client>)
//
// Whoever may speak for a client on the bus is that client here, too. WELCOME binds the connection to it for good: commands
// of any other are refused. The order session with its numbers, duplicates and gaps is the one of docs/protocol.md, and goes
// on when a connection is replaced by another.

import { MESSAGE_SIZE_MAX } from './limits.ts'

/** Version of the direct session. 1: the first. 2: clients prove who they are. */
export const DIRECT_VERSION = 2
export const DIRECT_HEADER_LENGTH = 8
export const DirectKind = { HELLO: 1, WELCOME: 2, COMMANDS: 3, EXECUTIONS: 4, REFUSED: 5, CHALLENGE: 6 } as const
export type DirectKind = (typeof DirectKind)[keyof typeof DirectKind]

/** Bytes of the number in a CHALLENGE: random, and good for one connection. */
export const CHALLENGE_LENGTH = 16

/** One message of the bus with its header. */
export const DIRECT_SIZE_MAX = DIRECT_HEADER_LENGTH + MESSAGE_SIZE_MAX

export type Hello = { readonly version: number; readonly clientId: number; readonly clusterId: string }

/** The bytes are of no direct session. */
export class DirectWireError extends Error {
  override name = 'DirectWireError'
}

/** Puts the header of a message with a body of `bodyLength` bytes at the beginning of `target`. */
export function writeDirectHeader(target: Uint8Array, kind: DirectKind, bodyLength: number): void {
  const size = DIRECT_HEADER_LENGTH + bodyLength
  target[0] = size & 0xff
  target[1] = (size >> 8) & 0xff
  target[2] = (size >> 16) & 0xff
  target[3] = size >>> 24
  target[4] = kind
  target[5] = target[6] = target[7] = 0
}

export function encodeDirect(kind: DirectKind, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(DIRECT_HEADER_LENGTH + body.length)
  writeDirectHeader(message, kind, body.length)
  message.set(body, DIRECT_HEADER_LENGTH)
  return message
}

export function encodeHello({ version, clientId, clusterId }: Hello): Uint8Array {
  const name = new TextEncoder().encode(clusterId)
  const body = new Uint8Array(8 + name.length)
  const view = new DataView(body.buffer)
  view.setUint32(0, version, true)
  view.setUint32(4, clientId, true)
  body.set(name, 8)
  return encodeDirect(DirectKind.HELLO, body)
}

/** null: it is none. */
export function decodeHello(body: Uint8Array): Hello | null {
  if (body.length < 8) return null
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  const clusterId = new TextDecoder().decode(body.subarray(8))
  return { version: view.getUint32(0, true), clientId: view.getUint32(4, true), clusterId }
}

/** Cuts a stream of bytes into messages. A body is valid during its call. */
export class DirectAssembler {
  /** The beginning of a message whose end has not come yet. */
  #bytes = new Uint8Array(0)
  #length = 0

  /** Throws DirectWireError: the stream is of no use any more. */
  push(chunk: Uint8Array, onMessage: (kind: number, body: Uint8Array) => void): void {
    if (this.#length === 0) {
      // Nearly always a chunk is whole messages: they are read where they are.
      const at = cut(chunk, chunk.length, onMessage)
      if (at < chunk.length) this.#keep(chunk.subarray(at))
      return
    }
    this.#keep(chunk)
    const at = cut(this.#bytes, this.#length, onMessage)
    this.#bytes.copyWithin(0, at, this.#length)
    this.#length -= at
  }

  #keep(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(needed * 2)
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(chunk, this.#length)
    this.#length = needed
  }
}

/** Hands over the whole messages; returns where the first that is not whole begins. */
function cut(bytes: Uint8Array, length: number, onMessage: (kind: number, body: Uint8Array) => void): number {
  let at = 0
  while (length - at >= DIRECT_HEADER_LENGTH) {
    const size = (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
    if (size < DIRECT_HEADER_LENGTH || size > DIRECT_SIZE_MAX) {
      throw new DirectWireError(
        `a message of ${size} bytes, where ${DIRECT_HEADER_LENGTH} .. ${DIRECT_SIZE_MAX} are allowed`,
      )
    }
    if (length - at < size) break
    onMessage(bytes[at + 4]!, bytes.subarray(at + DIRECT_HEADER_LENGTH, at + size))
    at += size
  }
  return at
}
