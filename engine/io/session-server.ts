// Takes order sessions on sockets of this machine: the same commands and reports as over the bus, one hop instead of two.
//
// A connection says first as which client it comes, is told a number, and is that client's when the client has said the number
// on the bus, where only its own user may; the newest connection of a client counts. Commands go to whoever started the server,
// each message with the client that its connection is bound to. A reader that lets too much pile up is let go: its session
// asks for what it missed when it comes back. Who says more than others could bear is read later (paced-reader.ts).
//
// What is said is not encrypted, so only this machine is listened to: on loopback, or on a socket file of this user alone; and
// operators, who may stop all quoting, are not taken at all.

import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, statSync, unlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { isOperator } from '../../protocol/clients.ts'
import {
  CHALLENGE_LENGTH,
  DIRECT_HEADER_LENGTH,
  DIRECT_VERSION,
  DirectAssembler,
  DirectKind,
  DirectWireError,
  decodeHello,
  encodeDirect,
  type Hello,
  writeDirectHeader,
} from '../../protocol/direct-wire.ts'
import { Outgoing } from '../../protocol/io/outgoing.ts'
import { isThisMachine, type SessionAddress } from '../../protocol/io/session-address.ts'
import { CLIENT_ID_MAX, SESSION_COUNT_MAX } from '../../protocol/limits.ts'
import { ClientPace } from './client-pace.ts'
import { PacedReader } from './paced-reader.ts'

/** The server would be reachable from elsewhere, or cannot listen. */
export class SessionListenError extends Error {
  override name = 'SessionListenError'
}

export type OnCommands = (clientId: number, message: Uint8Array) => void

/** A connection that has not proven by then whose it is is closed. */
const PROOF_MS_MAX = 2_000
/** Bytes that may wait for a slow reader. */
const PENDING_SIZE_MAX = 4 * 1024 * 1024
const WELCOME = encodeDirect(DirectKind.WELCOME, new Uint8Array(0))

/** A connection that says whose it is. */
type Claim = {
  readonly clientId: number
  readonly socket: Socket
  readonly onBound: () => void
}

export class SessionServer {
  readonly #server: Server
  readonly #clusterId: string
  readonly #sockets = new Set<Socket>()
  /** By the number that proves them, in hexadecimal. */
  readonly #claims = new Map<string, Claim>()
  /** By client. */
  readonly #bound = new Map<number, Socket>()
  readonly #address: SessionAddress
  readonly #outgoing = new Outgoing()
  #onCommands: OnCommands | null = null
  #pace = new ClientPace()

  private constructor(address: SessionAddress, clusterId: string) {
    this.#address = address
    this.#clusterId = clusterId
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  /** Resolves when clients can connect. Throws SessionListenError. */
  static async listen(address: SessionAddress, clusterId: string): Promise<SessionServer> {
    if (!isThisMachine(address)) {
      throw new SessionListenError('direct sessions ask for no password, so they are taken on this machine alone')
    }
    if ('path' in address) removeStale(address.path)
    const server = new SessionServer(address, clusterId)
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', (error) => reject(new SessionListenError(error.message, { cause: error })))
      server.#server.listen('path' in address ? { path: address.path } : address, resolve)
    })
    if ('path' in address) chmodSync(address.path, 0o600)
    return server
  }

  /** Where clients connect to, with the port that the system chose where none was named. */
  get address(): SessionAddress {
    const address = this.#server.address()
    if ('path' in this.#address || typeof address !== 'object' || address === null) return this.#address
    return { host: this.#address.host, port: address.port }
  }

  get connectionCount(): number {
    return this.#bound.size
  }

  /** A connection is the client's. */
  isBound(clientId: number): boolean {
    return this.#bound.has(clientId)
  }

  /** From here on proofs are heard, and commands handed over, read at this pace; a message is valid during the call. */
  start(onCommands: OnCommands, pace: ClientPace = this.#pace): void {
    const isHearing = this.#onCommands !== null
    this.#onCommands = onCommands
    this.#pace = pace
    if (isHearing) return
    for (const [number, { socket }] of this.#claims) challenge(socket, number)
  }

  /** The client said this number on the bus: the connection that was told it is the client's, if it said so. False: there is none. */
  prove(clientId: number, number: Uint8Array): boolean {
    if (number.length !== CHALLENGE_LENGTH) return false
    const key = Buffer.from(number).toString('hex')
    const claim = this.#claims.get(key)
    if (claim === undefined || claim.clientId !== clientId) return false
    this.#claims.delete(key)
    this.#bound.get(clientId)?.destroy()
    this.#bound.set(clientId, claim.socket)
    claim.socket.write(WELCOME)
    claim.onBound()
    return true
  }

  /** Sends a frame of reports to the client, which is copied. False: no connection is that client's. */
  send(clientId: number, frame: Uint8Array): boolean {
    const socket = this.#bound.get(clientId)
    if (socket === undefined) return false
    const message = this.#outgoing.room(socket, DIRECT_HEADER_LENGTH + frame.length)
    writeDirectHeader(message, DirectKind.EXECUTIONS, frame.length)
    message.set(frame, DIRECT_HEADER_LENGTH)
    this.#outgoing.send(socket, message)
    if (socket.writableLength > PENDING_SIZE_MAX) socket.destroy()
    return true
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(socket: Socket): void {
    if (this.#sockets.size >= SESSION_COUNT_MAX) {
      socket.on('error', () => socket.destroy())
      refuse(socket, `there are ${SESSION_COUNT_MAX} connections, and no more are taken`)
      return
    }
    this.#sockets.add(socket)
    const assembler = new DirectAssembler()
    const number = randomBytes(CHALLENGE_LENGTH).toString('hex')
    /** As which it comes; 0: it has not said so. */
    let clientId = 0
    let isBound = false
    const deny = (why: string) => {
      this.#claims.delete(number)
      refuse(socket, why)
    }
    const timer = setTimeout(() => socket.destroy(), PROOF_MS_MAX)
    const onBound = () => {
      clearTimeout(timer)
      isBound = true
    }
    const onMessage = (kind: number, body: Uint8Array) => {
      if (socket.destroyed) return
      if (isBound && kind === DirectKind.COMMANDS) {
        this.#onCommands?.(clientId, body)
      } else if (clientId === 0 && kind === DirectKind.HELLO) {
        clientId = this.#takeHello(socket, body)
        if (clientId === 0) return
        this.#claims.set(number, { clientId, socket, onBound })
        if (this.#onCommands !== null) challenge(socket, number)
      } else {
        deny('a message that does not belong here')
      }
    }
    const onBytes = (bytes: Buffer) => {
      try {
        assembler.push(bytes, onMessage)
      } catch (error) {
        if (!(error instanceof DirectWireError)) throw error
        deny(error.message)
      }
    }
    new PacedReader(socket, () => this.#pace.size, onBytes)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      clearTimeout(timer)
      this.#sockets.delete(socket)
      this.#claims.delete(number)
      if (this.#bound.get(clientId) === socket) this.#bound.delete(clientId)
    })
  }

  /** Returns the client that the connection says it is of; 0: it was refused. */
  #takeHello(socket: Socket, body: Uint8Array): number {
    const hello = decodeHello(body)
    const fault = hello === null ? 'HELLO is too short' : this.#faultOf(hello)
    if (fault !== '' || hello === null) {
      refuse(socket, fault)
      return 0
    }
    return hello.clientId
  }

  /** Why this client is not taken; empty: it is. */
  #faultOf({ version, clientId, clusterId }: Hello): string {
    if (version !== DIRECT_VERSION) {
      return `version ${version} of the direct session, where this engine speaks ${DIRECT_VERSION}`
    }
    if (clusterId !== this.#clusterId) return `this engine is of cluster ${this.#clusterId}`
    if (clientId < 1 || clientId > CLIENT_ID_MAX) return `client ids are 1 .. ${CLIENT_ID_MAX}`
    return isOperator(clientId) ? 'operators come over the bus, where they prove who they are' : ''
  }
}

/** Asks for the number, in hexadecimal, on the bus. */
function challenge(socket: Socket, number: string): void {
  socket.write(encodeDirect(DirectKind.CHALLENGE, Buffer.from(number, 'hex')))
}

function refuse(socket: Socket, why: string): void {
  socket.end(encodeDirect(DirectKind.REFUSED, new TextEncoder().encode(why)))
  // Whoever does not read it is not waited for.
  socket.destroySoon()
}

/** A socket file that an engine left when it was killed. */
function removeStale(path: string): void {
  if (!existsSync(path)) return
  if (!statSync(path).isSocket()) throw new SessionListenError(`${path} is there, and no socket`)
  unlinkSync(path)
}
