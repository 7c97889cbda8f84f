// The connection between the two engines, over TCP: engine A listens, engine B dials and dials again. A connection counts
// from when both sides have proven themselves; of those the newest counts, and what was said on an older one is over.

import { connect, createServer, type Server, type Socket } from 'node:net'
import { isLoopback } from '../../protocol/io/loopback.ts'
import { Outgoing } from '../../protocol/io/outgoing.ts'
import { readInPlace } from '../../protocol/io/read-in-place.ts'
import { PeerEncoder, PeerFrameAssembler, PeerFrameError } from '../replication/peer-codec.ts'
import type { PeerFrame, PeerLink } from '../replication/peer-frame.ts'
import { PeerHandshake, PeerHandshakeError, type PeerIdentity } from './peer-handshake.ts'

export type PeerLinkHandler = {
  onFrame(frame: PeerFrame): void
  onLink(isConnected: boolean): void
  /** The peer cannot be understood: another version, or not an engine at all. */
  onFault(message: string): void
}

/** Between two attempts to dial. */
const REDIAL_MS = 20
const DIAL_TIMEOUT_MS = 500
/** The same after a peer that cannot be understood: it will not be understood any sooner. */
const REDIAL_AFTER_FAULT_MS = 500
/** Who connects has this long to prove itself. */
const HANDSHAKE_MS_MAX = 1_000
/** Of those who have not yet, so many are listened to; one more, and the oldest has to go. */
export const UNPROVEN_COUNT_MAX = 256
/** One fault is told of in this time: a stranger must not fill the log. */
const FAULT_MS = 1_000

export type HostPort = { readonly host: string; readonly port: number }

/** The link would be open to strangers. The message says what to do. */
export class OpenLinkError extends Error {
  override name = 'OpenLinkError'
}

/** Who hears what comes on a socket: first the handshake, then the peer's frames. */
type Hearing = { onBytes: (bytes: Buffer) => void }

export class TcpPeerLink implements PeerLink {
  readonly #identity: PeerIdentity
  /** Connected, and not yet known to be the peer. Oldest first. */
  readonly #unproven = new Set<Socket>()
  #faultMs = Number.NEGATIVE_INFINITY
  #toldMs = Number.NEGATIVE_INFINITY
  readonly #encoder = new PeerEncoder()
  readonly #outgoing = new Outgoing()
  #handler: PeerLinkHandler | null = null
  #server: Server | null = null
  #socket: Socket | null = null
  #dialling: Socket | null = null
  #redial: NodeJS.Timeout | undefined
  #dialTo: HostPort | null = null
  #isClosed = false

  private constructor(address: HostPort, identity: PeerIdentity) {
    if (identity.secret === '' && !isLoopback(address.host)) {
      throw new OpenLinkError(
        `the peer link at ${address.host} would believe whoever reaches it, and so it is not opened. Give both engines ` +
          'the same secret file (--peer-secret FILE; ./tandem credentials makes one), or use 127.0.0.1.',
      )
    }
    this.#identity = identity
  }

  /** Resolves when the peer can connect. Throws OpenLinkError. */
  static async listen(address: HostPort, identity: PeerIdentity): Promise<TcpPeerLink> {
    const link = new TcpPeerLink(address, identity)
    const server = createServer({ noDelay: true }, (socket) => {
      const hearing: Hearing = { onBytes: () => {} }
      socket.on('data', (bytes: Buffer) => hearing.onBytes(bytes))
      link.#meet(socket, hearing, false)
    })
    link.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(address.port, address.host, resolve)
    })
    return link
  }

  /** Throws OpenLinkError. */
  static dial(address: HostPort, identity: PeerIdentity): TcpPeerLink {
    const link = new TcpPeerLink(address, identity)
    link.#dialTo = address
    return link
  }

  /** The port that is listened on; 0 for the side that dials. */
  get port(): number {
    const address = this.#server?.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  get isConnected(): boolean {
    return this.#socket !== null
  }

  get pendingSize(): number {
    return this.#socket?.writableLength ?? 0
  }

  /** From here on frames are handed over. */
  start(handler: PeerLinkHandler): void {
    this.#handler = handler
    if (this.#dialTo !== null) this.#dial()
  }

  send(frame: PeerFrame): void {
    const socket = this.#socket
    if (socket === null) return
    const { header, body } = this.#encoder.encode(frame)
    const message = this.#outgoing.room(socket, header.length + body.length)
    message.set(header)
    message.set(body, header.length)
    this.#outgoing.send(socket, message)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#redial)
    this.#server?.close()
    this.#dialling?.destroy()
    for (const socket of this.#unproven) socket.destroy()
    this.#socket?.destroy()
    this.#socket = null
  }

  #dial(): void {
    if (this.#isClosed || this.#dialTo === null) return
    const hearing: Hearing = { onBytes: () => {} }
    const onread = readInPlace((bytes) => hearing.onBytes(bytes))
    const socket = connect({ ...this.#dialTo, noDelay: true, onread })
    this.#dialling = socket
    socket.setTimeout(DIAL_TIMEOUT_MS, () => socket.destroy())
    socket.once('connect', () => {
      socket.setTimeout(0)
      this.#dialling = null
      this.#meet(socket, hearing, true)
    })
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      if (this.#isClosed) return
      const isFaulty = performance.now() - this.#faultMs < REDIAL_AFTER_FAULT_MS
      this.#redial = setTimeout(() => this.#dial(), isFaulty ? REDIAL_AFTER_FAULT_MS : REDIAL_MS)
    })
  }

  /** Whoever is there has to prove that it is the peer; until then nothing it says goes any further. */
  #meet(socket: Socket, hearing: Hearing, isDialler: boolean): void {
    if (this.#handler === null || this.#isClosed) {
      socket.destroy()
      return
    }
    const oldest = this.#unproven.values().next().value
    if (oldest !== undefined && this.#unproven.size === UNPROVEN_COUNT_MAX) {
      // At once: more may come before its end is told of.
      this.#unproven.delete(oldest)
      oldest.destroy()
    }
    this.#unproven.add(socket)
    const deadline = setTimeout(() => socket.destroy(), HANDSHAKE_MS_MAX)
    const handshake = new PeerHandshake(this.#identity, isDialler, (bytes) => socket.write(bytes))
    hearing.onBytes = (bytes) => {
      try {
        const rest = handshake.push(bytes)
        if (rest === null) return
        clearTimeout(deadline)
        this.#unproven.delete(socket)
        this.#adopt(socket, hearing, rest)
      } catch (error) {
        this.#onFault(socket, error)
      }
    }
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      clearTimeout(deadline)
      this.#unproven.delete(socket)
    })
  }

  /** Throws what is no fault of the peer. */
  #onFault(socket: Socket, error: unknown): void {
    if (!(error instanceof PeerFrameError || error instanceof PeerHandshakeError)) throw error
    socket.destroy()
    const nowMs = performance.now()
    this.#faultMs = nowMs
    if (nowMs - this.#toldMs < FAULT_MS) return
    this.#toldMs = nowMs
    this.#handler?.onFault(error.message)
  }

  /** `rest`: what the peer sent behind its proof. */
  #adopt(socket: Socket, hearing: Hearing, rest: Buffer): void {
    const handler = this.#handler
    if (handler === null || this.#isClosed) {
      socket.destroy()
      return
    }
    const older = this.#socket
    this.#socket = socket
    older?.destroy()
    const assembler = new PeerFrameAssembler()
    const onFrame = (frame: PeerFrame) => handler.onFrame(frame)
    hearing.onBytes = (bytes) => {
      if (this.#socket !== socket) return
      try {
        assembler.push(bytes, onFrame)
      } catch (error) {
        this.#onFault(socket, error)
      }
    }
    socket.once('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      if (!this.#isClosed) handler.onLink(false)
    })
    handler.onLink(true)
    if (rest.length > 0) hearing.onBytes(rest)
  }
}

/** "host:port", or null. */
export function parseHostPort(text: string): HostPort | null {
  const colon = text.lastIndexOf(':')
  const port = Number(text.slice(colon + 1))
  if (colon < 1 || !Number.isInteger(port) || port < 0 || port > 65_535) return null
  return { host: text.slice(0, colon), port }
}
