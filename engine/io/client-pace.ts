// How fast each direct session is heard that says much: as fast as it may speak, while nobody suffers from it. While commits
// are late and somebody is there who says little, over a session or the bus, the pace is halved again and again, and then grows
// slowly. So what one says does not take the whole engine, and among clients that all say much nobody is held up for the others.
//
//   2,304 ──┐
//           └──┐             ╱───   nobody is there who says little: grows in half a second
//              └──┐      ____╱      commits in time: grows in 18 seconds
//     288         └──----           commits late: half
//
// Time is handed in.

import { TURN_SIZE } from './command-inbox.ts'

/** Bytes of a session in a millisecond: four orders. */
export const PACE_MIN = 288
/** Who says less is modest: so much less than that that nobody is taken for modest who is held up. */
const MODEST_SIZE = PACE_MIN / 4
/** A commit that takes so long is late. */
const LATE_NS = 500_000
/** Between two changes. */
const STEP_MS = 10
/** Bytes a millisecond that it grows by in a step beside a modest client: whenever it has grown too far, commits are late. */
const GROWTH = TURN_SIZE / 2_048
/** The same where none is there. */
const FREE_GROWTH = TURN_SIZE / 64
/** Over so long it is judged who says little. */
const WINDOW_MS = 20
/** Whoever said little is taken to be there for so long. */
const PRESENCE_MS = 200

export class ClientPace {
  #size = TURN_SIZE
  /** Bytes that each client has said in this window, and in the one before it. */
  #said = new Map<number, number>()
  #saidBefore = new Map<number, number>()
  #modestUntilMs = Number.NEGATIVE_INFINITY
  #isLate = false
  #stepMs = Number.NEGATIVE_INFINITY
  #windowMs = Number.NEGATIVE_INFINITY

  /** Bytes of each session in a millisecond. */
  get size(): number {
    return this.#size
  }

  heard(clientId: number, size: number): void {
    this.#said.set(clientId, (this.#said.get(clientId) ?? 0) + size)
  }

  committed(latencyNs: number): void {
    if (latencyNs > LATE_NS) this.#isLate = true
  }

  /** To be called again and again. */
  poll(nowMs: number): void {
    if (nowMs - this.#windowMs >= WINDOW_MS) this.#closeWindow(nowMs)
    const passedMs = nowMs - this.#stepMs
    if (passedMs < STEP_MS) return
    this.#stepMs = nowMs
    const isModestThere = nowMs < this.#modestUntilMs
    const growth = isModestThere ? GROWTH : FREE_GROWTH
    const isTooFast = this.#isLate && isModestThere
    this.#isLate = false
    this.#size = isTooFast
      ? Math.max(PACE_MIN, this.#size / 2)
      : Math.min(TURN_SIZE, this.#size + (growth * passedMs) / STEP_MS)
  }

  /** Who says little is somebody who did so in two windows: whoever begins or ends in one says little in it, too. */
  #closeWindow(nowMs: number): void {
    const before = this.#saidBefore
    const most = MODEST_SIZE * (nowMs - this.#windowMs)
    const isModestThere = this.#said.entries().some(([clientId, size]) => {
      return size < most && (before.get(clientId) ?? Number.POSITIVE_INFINITY) < most
    })
    if (isModestThere) this.#modestUntilMs = nowMs + PRESENCE_MS
    this.#saidBefore = this.#said
    this.#said = before
    before.clear()
    this.#windowMs = nowMs
  }
}
