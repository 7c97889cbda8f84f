// The connection between the two engines, over TCP: engine A listens, engine B dials and dials again. The newest
// connection counts; whatever was said on an older one is over.

import { connect, createServer, type Server, type Socket } from 'node:net'
import { PeerEncoder, PeerFrameAssembler, PeerFrameError } from '../replication/peer-codec.ts'
import type { PeerFrame, PeerLink } from '../replication/peer-frame.ts'

export type PeerLinkHandler = {
  onFrame(frame: PeerFrame): void
  onLink(isConnected: boolean): void
  /** The peer cannot be understood: another version, or not an engine at all. */
  onFault(message: string): void
}

/** Between two attempts to dial. */
const REDIAL_MS = 20
const DIAL_TIMEOUT_MS = 500
/** Larger frames are those of catching up. */
const OUTGOING_SIZE = 64 * 1024

export type HostPort = { readonly host: string; readonly port: number }

export class TcpPeerLink implements PeerLink {
  readonly #encoder = new PeerEncoder()
  /** Where frames are put together for the socket. */
  #outgoing = Buffer.allocUnsafeSlow(OUTGOING_SIZE)
  #handler: PeerLinkHandler | null = null
  #server: Server | null = null
  #socket: Socket | null = null
  #dialling: Socket | null = null
  #redial: NodeJS.Timeout | undefined
  #dialTo: HostPort | null = null
  #isClosed = false

  /** Resolves with the port when the peer can connect. */
  static async listen(address: HostPort): Promise<TcpPeerLink> {
    const link = new TcpPeerLink()
    const server = createServer({ noDelay: true }, (socket) => link.#adopt(socket))
    link.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(address.port, address.host, resolve)
    })
    return link
  }

  static dial(address: HostPort): TcpPeerLink {
    const link = new TcpPeerLink()
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
    const length = header.length + body.length
    const bytes = length <= OUTGOING_SIZE ? this.#outgoing : Buffer.allocUnsafeSlow(length)
    bytes.set(header)
    bytes.set(body, header.length)
    socket.write(bytes.subarray(0, length))
    // What the system did not take at once is the socket's until it does.
    if (bytes === this.#outgoing && socket.writableLength > 0) this.#outgoing = Buffer.allocUnsafeSlow(OUTGOING_SIZE)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#redial)
    this.#server?.close()
    this.#dialling?.destroy()
    this.#socket?.destroy()
    this.#socket = null
  }

  #dial(): void {
    if (this.#isClosed || this.#dialTo === null) return
    const socket = connect({ ...this.#dialTo, noDelay: true })
    this.#dialling = socket
    socket.setTimeout(DIAL_TIMEOUT_MS, () => socket.destroy())
    socket.once('connect', () => {
      socket.setTimeout(0)
      this.#dialling = null
      this.#adopt(socket)
    })
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      if (this.#isClosed) return
      this.#redial = setTimeout(() => this.#dial(), REDIAL_MS)
    })
  }

  #adopt(socket: Socket): void {
    const handler = this.#handler
    if (handler === null || this.#isClosed) {
      socket.destroy()
      return
    }
    const older = this.#socket
    this.#socket = socket
    older?.destroy()
    const assembler = new PeerFrameAssembler()
    socket.on('data', (chunk: Buffer) => {
      if (this.#socket !== socket) return
      try {
        assembler.push(chunk, (frame) => handler.onFrame(frame))
      } catch (error) {
        if (!(error instanceof PeerFrameError)) throw error
        handler.onFault(error.message)
        socket.destroy()
      }
    })
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      if (this.#socket !== socket) return
      this.#socket = null
      if (!this.#isClosed) handler.onLink(false)
    })
    handler.onLink(true)
  }
}

/** "host:port", or null. */
export function parseHostPort(text: string): HostPort | null {
  const colon = text.lastIndexOf(':')
  const port = Number(text.slice(colon + 1))
  if (colon < 1 || !Number.isInteger(port) || port < 0 || port > 65_535) return null
  return { host: text.slice(0, colon), port }
}
