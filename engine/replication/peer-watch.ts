// When the peer was heard, and what follows from its silence. Only a hint: the view store decides.

import type { ReplicaSettings } from './settings.ts'

/** Not polled for this long, an engine stood still itself, and a silent peer proves nothing. */
const OWN_PAUSE_NS = 50_000_000

export class PeerWatch {
  /** The newest incarnation that the peer introduced itself as; 0: none yet. */
  incarnation = 0
  readonly #settings: ReplicaSettings
  #heardNs = 0
  #primaryNs = 0
  #closedNs = 0
  #polledNs = 0
  /** Since when it could have been heard: the start, or the end of our own leading. */
  #sinceNs = 0

  constructor(settings: ReplicaSettings) {
    this.#settings = settings
  }

  begin(nowNs: number): void {
    this.#sinceNs = this.#heardNs = this.#primaryNs = this.#closedNs = this.#polledNs = nowNs
  }

  onHeard(nowNs: number): void {
    this.#heardNs = nowNs
  }

  /** It was heard as a primary that may lead us. */
  onPrimary(nowNs: number): void {
    this.#primaryNs = nowNs
  }

  onClosed(nowNs: number): void {
    this.#closedNs = nowNs
  }

  /** After our own leading, the next primary has its time to be heard. */
  onDeposed(nowNs: number): void {
    this.#sinceNs = this.#primaryNs = nowNs
  }

  /** After a stand-still of our own, the peer has half its time again. */
  poll(nowNs: number): void {
    if (nowNs - this.#polledNs > OWN_PAUSE_NS) {
      const heardNs = nowNs - this.#settings.suspectNs / 2
      this.#heardNs = Math.max(this.#heardNs, heardNs)
      this.#primaryNs = Math.max(this.#primaryNs, heardNs)
    }
    this.#polledNs = nowNs
  }

  /** For a primary: is the backup there? */
  isThere(isConnected: boolean, nowNs: number): boolean {
    return isConnected && nowNs - this.#heardNs <= this.#settings.suspectNs
  }

  /** For a backup: has its primary gone? */
  isPrimarySuspected(isConnected: boolean, nowNs: number): boolean {
    const { suspectNs, closeGraceNs } = this.#settings
    if (nowNs - this.#primaryNs > suspectNs) return true
    return !isConnected && nowNs - this.#closedNs > closeGraceNs
  }

  /** For an engine that follows nobody: has it heard a primary lately? */
  hasHeardPrimary(nowNs: number): boolean {
    return this.#primaryNs > this.#sinceNs && nowNs - this.#primaryNs < this.#settings.suspectNs
  }

  /** ... and has it waited long enough for one? */
  hasWaited(nowNs: number): boolean {
    return nowNs - this.#sinceNs > this.#settings.leadWaitNs
  }
}
