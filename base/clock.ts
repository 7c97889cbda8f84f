// The contract of a clock. Nothing below reads one: time is an argument of the core, and io/ hands in a real clock.

/** Nanoseconds since a base that its owner states (a journal header, a feed header). A safe integer: 2^53 ns is 104 days. */
export type TimeNs = number

export type Clock = {
  /** Never goes back. */
  nowNs(): TimeNs
}

export const NS_PER_US = 1_000
export const NS_PER_MS = 1_000_000
export const NS_PER_S = 1_000_000_000

/** A clock moved by hand, for tests and for simulated time. */
export class ManualClock implements Clock {
  #nowNs: TimeNs

  constructor(startNs: TimeNs = 0) {
    this.#nowNs = startNs
  }

  nowNs(): TimeNs {
    return this.#nowNs
  }

  advance(durationNs: number): void {
    this.#nowNs += durationNs
  }
}
