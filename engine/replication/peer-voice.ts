// What an engine says to its peer whoever leads: who it is, and that it is there.

import type { DurableState } from './durable-state.ts'
import { PeerFrameKind, type PeerLink } from './peer-frame.ts'

export class PeerVoice {
  /** When it said hello last, or was answered. */
  helloNs = Number.NEGATIVE_INFINITY
  #beatNs = Number.NEGATIVE_INFINITY
  readonly #link: PeerLink
  readonly #state: DurableState
  readonly #intervalNs: number

  constructor(link: PeerLink, state: DurableState, intervalNs: number) {
    this.#link = link
    this.#state = state
    this.#intervalNs = intervalNs
  }

  hello(nowNs: number): void {
    this.helloNs = nowNs
    const { epochMax: epoch, incarnation } = this.#state.fields
    this.#link.send({ kind: PeerFrameKind.HELLO, epoch, incarnation })
  }

  isBeatDue(nowNs: number): boolean {
    return nowNs - this.#beatNs >= this.#intervalNs
  }

  beat(isPrimary: boolean, commitPosition: number, nowNs: number): void {
    this.#beatNs = nowNs
    const { epochMax: epoch, incarnation } = this.#state.fields
    this.#link.send({ kind: PeerFrameKind.HEARTBEAT, epoch, incarnation, isPrimary, commitPosition })
  }
}
