// A transport whose orders take the short way: commands and reports of one client go over sockets to the engines on this
// machine, everything else over the bus below it. Clients and strategies need not know.
//
// It keeps a connection to each engine, and proves over the bus whose it is. Commands go to the one that spoke last: that
// leads, as a backup says nothing. While none has spoken, they go to all, as on the bus; while none is connected, over the
// bus. A successor announces itself, and has the commands from then on; what fell in between is sent again by the session,
// which also drops what comes twice.

import { connect, type Socket } from 'node:net'
import {
  DIRECT_HEADER_LENGTH,
  DIRECT_VERSION,
  DirectAssembler,
  DirectKind,
  DirectWireError,
  encodeHello,
  writeDirectHeader,
} from '../direct-wire.ts'
import type { Subjects } from '../subjects.ts'
import { Outgoing } from './outgoing.ts'
import { readInPlace } from './read-in-place.ts'
import type { SessionAddress } from './session-address.ts'
import type { ConnectionState, Message, Subscription, Transport } from './transport.ts'

export type DirectOptions = {
  readonly clientId: number
  readonly subjects: Subjects
  readonly clusterId: string
  /** Of the engines. */
  readonly addresses: readonly SessionAddress[]
  /** An engine does not take this client: why. */
  readonly onRefused: (why: string) => void
}

const REDIAL_MS = 20

export class DirectTransport implements Transport {
  readonly #below: Transport
  readonly #commandSubject: string
  readonly #executionSubject: string
  readonly #links: readonly DirectLink[]
  readonly #listeners: ((state: ConnectionState) => void)[] = []
  readonly #firstOpen = Promise.withResolvers<boolean>()
  #onReports: ((message: Message) => void) | null = null
  /** The engine that spoke last. */
  #leading: DirectLink | null = null

  constructor(below: Transport, options: DirectOptions) {
    this.#below = below
    this.#commandSubject = options.subjects.commands(options.clientId)
    this.#executionSubject = options.subjects.executions(options.clientId)
    this.#links = options.addresses.map(
      (address): DirectLink =>
        new DirectLink(address, options, {
          onReports: (link, frame) => this.#take(link, frame),
          onChallenge: (number) => below.publish(options.subjects.proof(options.clientId), number),
          onOpen: () => {
            this.#firstOpen.resolve(true)
            this.#tell('connected')
          },
          onClose: (link) => {
            if (this.#leading === link) this.#leading = null
          },
        }),
    )
  }

  /** Whether an engine takes the client within `timeoutMs`; until one does, its orders go over the bus below. */
  async connected(timeoutMs: number): Promise<boolean> {
    const late = Promise.withResolvers<boolean>()
    const timer = setTimeout(() => late.resolve(false), timeoutMs)
    const isOpen = await Promise.race([this.#firstOpen.promise, late.promise])
    clearTimeout(timer)
    return isOpen
  }

  publish(subject: string, payload: Uint8Array): void {
    if (subject !== this.#commandSubject) {
      this.#below.publish(subject, payload)
      return
    }
    if (this.#leading?.send(payload) === true) return
    let isSent = false
    for (const link of this.#links) isSent = link.send(payload) || isSent
    if (!isSent) this.#below.publish(subject, payload)
  }

  subscribe(subject: string, onMessage: (message: Message) => void): Subscription {
    const subscription = this.#below.subscribe(subject, onMessage)
    if (subject !== this.#executionSubject) return subscription
    this.#onReports = onMessage
    return {
      unsubscribe: () => {
        this.#onReports = null
        subscription.unsubscribe()
      },
    }
  }

  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return this.#below.request(subject, payload, timeoutMs)
  }

  flush(): Promise<void> {
    return this.#below.flush()
  }

  onState(listener: (state: ConnectionState) => void): void {
    this.#listeners.push(listener)
    this.#below.onState(listener)
  }

  close(): Promise<void> {
    for (const link of this.#links) link.close()
    return this.#below.close()
  }

  #take(link: DirectLink, frame: Uint8Array): void {
    this.#leading = link
    this.#onReports?.({ subject: this.#executionSubject, data: frame, respond: () => {} })
  }

  #tell(state: ConnectionState): void {
    for (const listener of this.#listeners) listener(state)
  }
}

type LinkHandler = {
  onReports(link: DirectLink, frame: Uint8Array): void
  /** The engine asks for this number on the bus. */
  onChallenge(number: Uint8Array): void
  onOpen(link: DirectLink): void
  onClose(link: DirectLink): void
}

/** One engine's connection, dialled again until it is closed. */
class DirectLink {
  /** The engine has taken the client. */
  isOpen = false
  readonly #address: SessionAddress
  readonly #hello: Uint8Array
  readonly #onRefused: (why: string) => void
  readonly #handler: LinkHandler
  readonly #outgoing = new Outgoing()
  #socket: Socket | null = null
  #redial: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(address: SessionAddress, { clientId, clusterId, onRefused }: DirectOptions, handler: LinkHandler) {
    this.#address = address
    this.#hello = encodeHello({ version: DIRECT_VERSION, clientId, clusterId })
    this.#onRefused = onRefused
    this.#handler = handler
    this.#dial()
  }

  /** The bytes are copied. False: no engine is there. */
  send(message: Uint8Array): boolean {
    const socket = this.#socket
    if (!this.isOpen || socket === null) return false
    const bytes = this.#outgoing.room(socket, DIRECT_HEADER_LENGTH + message.length)
    writeDirectHeader(bytes, DirectKind.COMMANDS, message.length)
    bytes.set(message, DIRECT_HEADER_LENGTH)
    this.#outgoing.send(socket, bytes)
    return true
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#redial)
    this.#socket?.destroy()
  }

  #dial(): void {
    if (this.#isClosed) return
    const assembler = new DirectAssembler()
    const onMessage = (kind: number, body: Uint8Array) => this.#onMessage(socket, kind, body)
    const onread = readInPlace((bytes) => {
      try {
        assembler.push(bytes, onMessage)
      } catch (error) {
        if (!(error instanceof DirectWireError)) throw error
        socket.destroy()
      }
    })
    const socket = connect({ ...this.#address, noDelay: true, onread })
    this.#socket = socket
    socket.once('connect', () => socket.write(this.#hello))
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      this.isOpen = false
      this.#handler.onClose(this)
      if (!this.#isClosed) this.#redial = setTimeout(() => this.#dial(), REDIAL_MS)
    })
  }

  #onMessage(socket: Socket, kind: number, body: Uint8Array): void {
    if (kind === DirectKind.CHALLENGE) {
      this.#handler.onChallenge(body.slice())
    } else if (kind === DirectKind.WELCOME) {
      this.isOpen = true
      this.#handler.onOpen(this)
    } else if (kind === DirectKind.EXECUTIONS) {
      this.#handler.onReports(this, body)
    } else {
      this.#onRefused(new TextDecoder().decode(body))
      // It would be refused again.
      this.close()
      socket.destroy()
    }
  }
}
