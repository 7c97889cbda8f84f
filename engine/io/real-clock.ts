// The real clock: the wall clock of the moment of start, carried on by the monotonic one. A step of the wall clock later
// moves nothing.

import type { Clock } from '../../base/clock.ts'

export class RealClock implements Clock {
  readonly #offsetNs: number

  /** Times count from `baseUnixMs`, the base of the journal. */
  constructor(baseUnixMs: number) {
    const sinceBaseMs = performance.timeOrigin + performance.now() - baseUnixMs
    this.#offsetNs = Math.round((sinceBaseMs - performance.now()) * 1e6)
  }

  nowNs(): number {
    return this.#offsetNs + Math.round(performance.now() * 1e6)
  }
}
