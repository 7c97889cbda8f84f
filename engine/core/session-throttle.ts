// How many commands a session may send in a while: so many in each window of record time, counted anew in the next one.
//
// It counts what is applied, so that a refused command costs its sender nothing and every replica counts alike.

import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { SESSION_COUNT_MAX } from '../../protocol/limits.ts'
import type { ThrottleLimits } from '../../protocol/symbol.ts'

export class SessionThrottle {
  readonly #limits: ThrottleLimits | undefined
  // By slot of the session.
  /** Number of the window in which it sent last: its time divided by the window's length. */
  readonly #window = new Float64Array(SESSION_COUNT_MAX)
  readonly #count = new Uint32Array(SESSION_COUNT_MAX)

  constructor(limits: ThrottleLimits | undefined) {
    this.#limits = limits
  }

  /** Whether one command more at this time is too many. */
  isTooMuch(slot: number, timeNs: number): boolean {
    const limits = this.#limits
    if (limits === undefined) return false
    return this.#window[slot] === Math.floor(timeNs / limits.windowNs) && this.#count[slot]! >= limits.commandCount
  }

  add(slot: number, timeNs: number): void {
    const limits = this.#limits
    if (limits === undefined) return
    const present = Math.floor(timeNs / limits.windowNs)
    if (this.#window[slot] !== present) this.#count[slot] = 0
    this.#window[slot] = present
    this.#count[slot]! += 1
  }

  /** The slot is another session's from now on. */
  clear(slot: number): void {
    this.#window[slot] = 0
    this.#count[slot] = 0
  }

  snapshot(slot: number, writer: ByteWriter): void {
    writer.safeInteger(this.#window[slot]!)
    writer.uint32(this.#count[slot]!)
  }

  restore(slot: number, reader: ByteReader): void {
    this.#window[slot] = reader.safeInteger()
    this.#count[slot] = reader.uint32()
  }
}
