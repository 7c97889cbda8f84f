// A planned switch, as the primary goes through it. Each step tells the backup a position:
//
//   begin ──► NOT_YET: the backup reads the view and syncs its journal; the intake stays open
//         ──► the intake closes, and what was taken in is committed
//         ──► the end of both journals: the backup may take the view
//         ──► it did not, in time: the intake opens again

import { NS_PER_MS } from '../../base/clock.ts'

/** A hand-over is yet to come: no journal ends there. */
export const NOT_YET = 0
/** The backup has this long to prepare. */
const PREPARE_NS = 20 * NS_PER_MS

const Stage = { NONE: 0, BEGUN: 1, PREPARING: 2, CLOSED: 3, TOLD: 4 } as const

export class HandOver {
  readonly #limitNs: number
  #stage: number = Stage.NONE
  #beganNs = 0

  constructor(limitNs: number) {
    this.#limitNs = limitNs
  }

  get isUnderWay(): boolean {
    return this.#stage !== Stage.NONE
  }

  get isIntakeClosed(): boolean {
    return this.#stage >= Stage.CLOSED
  }

  begin(nowNs: number): void {
    this.#stage = Stage.BEGUN
    this.#beganNs = nowNs
  }

  end(): void {
    this.#stage = Stage.NONE
  }

  /** The position to tell the backup now, or -1: nothing. */
  step(appendPosition: number, commitPosition: number, nowNs: number): number {
    const waitedNs = nowNs - this.#beganNs
    if (waitedNs > this.#limitNs) {
      this.end()
    } else if (this.#stage === Stage.BEGUN) {
      this.#stage = Stage.PREPARING
      return NOT_YET
    } else if (this.#stage === Stage.PREPARING && waitedNs >= PREPARE_NS) {
      this.#stage = Stage.CLOSED
    }
    if (this.#stage !== Stage.CLOSED || commitPosition !== appendPosition) return -1
    this.#stage = Stage.TOLD
    return appendPosition
  }
}
