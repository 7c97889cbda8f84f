// The connection between the two engines. What is sent on one connection arrives in order, or not at all; a broken one
// may still deliver beside the next. Where the plan says so it is worse than TCP: frames are lost, repeated and late.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { NS_PER_MS } from '../base/clock.ts'
import { decodePeerFrame, PEER_HEADER_LENGTH, PeerEncoder } from '../engine/replication/peer-codec.ts'
import type { PeerFrame, PeerLink } from '../engine/replication/peer-frame.ts'
import type { FaultPlan } from './faults.ts'
import type { World } from './world.ts'

/** One engine's process, as the network sees it. */
export type Peer = {
  readonly isRunning: boolean
  onFrame(frame: PeerFrame): void
  onLink(isConnected: boolean): void
}

type Connection = {
  /** Each end believes so until it hears otherwise. */
  readonly isUp: [boolean, boolean]
  readonly peers: readonly [Peer, Peer]
  /** When the last frame in this direction arrives. */
  readonly lastNs: [number, number]
}

const DELAY_NS = 0.05 * NS_PER_MS
const LATE_NS = 400 * NS_PER_MS
const CLOSE_NS = 4 * NS_PER_MS
const DIAL_NS = 20 * NS_PER_MS

export class PeerNetwork {
  isFaulty = true
  /** Nothing passes from this end. */
  readonly isBlocked: [boolean, boolean] = [false, false]
  readonly #world: World
  readonly #plan: FaultPlan
  readonly #encoder = new PeerEncoder()
  readonly #header = new AlignedBuffer(PEER_HEADER_LENGTH)
  readonly #peers: [Peer | null, Peer | null] = [null, null]
  readonly #pending: [number, number] = [0, 0]
  #connection: Connection | null = null
  /** Sent into a partition: it arrives when that ends, if the connection lives. */
  #held: (() => void)[] = []

  constructor(world: World, plan: FaultPlan) {
    this.#world = world
    this.#plan = plan
    this.#dial()
  }

  /** The link of the process that runs at this end from now on. */
  linkOf(end: 0 | 1, peer: Peer): PeerLink {
    this.#peers[end] = peer
    this.#pending[end] = 0
    const isConnected = () => this.#connection?.peers[end] === peer && this.#connection.isUp[end]
    const pendingSize = () => this.#pending[end]
    return {
      get isConnected() {
        return isConnected()
      },
      get pendingSize() {
        return pendingSize()
      },
      send: (frame) => this.#send(end, peer, frame),
    }
  }

  /** The process at this end is gone; the other one is told, unless nothing passes. */
  onProcessEnd(end: 0 | 1, isSilent: boolean): void {
    this.#peers[end] = null
    const connection = this.#connection
    if (connection === null) return
    connection.isUp[end] = false
    if (isSilent || this.isBlocked[end]) return
    this.#close(connection, (1 - end) as 0 | 1, CLOSE_NS)
  }

  /** Both ends lose the connection. */
  break(): void {
    const connection = this.#connection
    if (connection === null) return
    this.#close(connection, 0, CLOSE_NS)
    this.#close(connection, 1, CLOSE_NS)
  }

  heal(): void {
    this.isBlocked[0] = this.isBlocked[1] = false
    const held = this.#held
    this.#held = []
    for (const deliver of held) deliver()
    const connection = this.#connection
    if (connection === null) return
    // What the ends did not hear during the partition.
    for (const end of [0, 1] as const) {
      if (connection.peers[end] !== this.#peers[end]) this.#close(connection, (1 - end) as 0 | 1, CLOSE_NS)
    }
  }

  #dial(): void {
    const { schedule, random } = this.#world
    schedule.after(DIAL_NS * (0.5 + random.nextFloat()), () => {
      this.#connectIfPossible()
      this.#dial()
    })
  }

  #connectIfPossible(): void {
    const [one, other] = this.#peers
    if (this.isBlocked[0] || this.isBlocked[1]) return
    if (one === null || other === null || !one.isRunning || !other.isRunning) return
    const before = this.#connection
    // The end that dials must know that it has no connection; the one that listens takes any new one.
    if (before !== null && before.peers[1] === other && before.isUp[1]) return
    const connection: Connection = { isUp: [true, true], peers: [one, other], lastNs: [0, 0] }
    this.#connection = connection
    this.#pending[0] = this.#pending[1] = 0
    this.#world.tell('network', () => 'the engines are connected')
    for (const end of [0, 1] as const) {
      this.#world.schedule.after(DELAY_NS, () => {
        if (this.#connection === connection && connection.isUp[end]) connection.peers[end].onLink(true)
      })
    }
  }

  #close(connection: Connection, end: 0 | 1, withinNs: number): void {
    if (!connection.isUp[end]) return
    const { schedule, random } = this.#world
    schedule.after(withinNs * random.nextFloat(), () => {
      if (!connection.isUp[end]) return
      connection.isUp[end] = false
      if (this.#connection === connection) connection.peers[end].onLink(false)
    })
  }

  #send(end: 0 | 1, peer: Peer, frame: PeerFrame): void {
    const connection = this.#connection
    if (connection?.peers[end] !== peer || !connection.isUp[end]) return
    const { header, body } = this.#encoder.encode(frame)
    const bytes = new Uint8Array(header.length + body.length)
    bytes.set(header)
    bytes.set(body, header.length)
    this.#pending[end] += bytes.length
    const { random } = this.#world
    const { peerLossShare, peerRepeatShare } = this.#plan
    const isLost = this.isFaulty && peerLossShare > 0 && random.nextChance(peerLossShare)
    const isRepeated = this.isFaulty && peerRepeatShare > 0 && random.nextChance(peerRepeatShare)
    const deliver = () => this.#deliver(connection, end, bytes, isLost)
    if (this.isBlocked[end]) this.#held.push(deliver)
    else deliver()
    if (isRepeated) this.#deliver(connection, end, bytes, false)
  }

  #deliver(connection: Connection, from: 0 | 1, bytes: Uint8Array, isLost: boolean): void {
    const { schedule, random } = this.#world
    const to = (1 - from) as 0 | 1
    const { peerDelayShare } = this.#plan
    const isLate = this.isFaulty && peerDelayShare > 0 && random.nextChance(peerDelayShare)
    let atNs = schedule.nowNs + DELAY_NS * (0.5 + random.nextFloat()) + (isLate ? LATE_NS * random.nextFloat() : 0)
    if (!isLate) {
      atNs = Math.max(atNs, connection.lastNs[from])
      connection.lastNs[from] = atNs
    }
    schedule.after(atNs - schedule.nowNs, () => {
      if (this.#connection === connection) this.#pending[from] = Math.max(0, this.#pending[from] - bytes.length)
      const peer = connection.peers[to]
      if (isLost || !peer.isRunning) return
      if (this.isBlocked[from]) {
        this.#held.push(() => peer.onFrame(decodePeerFrame(bytes, this.#header)))
        return
      }
      // The receiver has given this connection up, and says so.
      if (!connection.isUp[to]) this.#close(connection, from, CLOSE_NS)
      // On a connection that this end has given up, frames still come beside those of the next one, or never.
      if (!connection.isUp[to] && random.nextChance(0.5)) return
      peer.onFrame(decodePeerFrame(bytes, this.#header))
    })
  }
}
