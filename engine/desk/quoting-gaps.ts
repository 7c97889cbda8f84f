// How long each symbol was without a quote when its authority went over: from the withdrawal until the next quote stood.

import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'

const NONE = -1

export class QuotingGaps {
  /** When the quote of a symbol was withdrawn because authority ended, while none stands since. */
  readonly #openNs: Float64Array
  readonly #lastNs: Float64Array
  readonly #longestNs: Float64Array

  constructor(symbolCount: number) {
    this.#openNs = new Float64Array(symbolCount).fill(NONE)
    this.#lastNs = new Float64Array(symbolCount)
    this.#longestNs = new Float64Array(symbolCount)
  }

  /** The last gap that is over; 0: there was none. */
  lastNs(symbolId: number): number {
    return this.#lastNs[symbolId]!
  }

  longestNs(symbolId: number): number {
    return this.#longestNs[symbolId]!
  }

  begin(symbolId: number, nowNs: number): void {
    this.#openNs[symbolId] = nowNs
  }

  /** A quote stands. */
  end(symbolId: number, nowNs: number): void {
    const openNs = this.#openNs[symbolId]!
    if (openNs === NONE) return
    this.#openNs[symbolId] = NONE
    this.#lastNs[symbolId] = nowNs - openNs
    this.#longestNs[symbolId] = Math.max(this.#longestNs[symbolId]!, nowNs - openNs)
  }

  snapshot(writer: ByteWriter): void {
    for (let symbolId = 0; symbolId < this.#openNs.length; symbolId++) {
      writer.safeInteger(this.#openNs[symbolId]!)
      writer.safeInteger(this.#lastNs[symbolId]!)
      writer.safeInteger(this.#longestNs[symbolId]!)
    }
  }

  restore(reader: ByteReader): void {
    for (let symbolId = 0; symbolId < this.#openNs.length; symbolId++) {
      this.#openNs[symbolId] = reader.safeInteger()
      this.#lastNs[symbolId] = reader.safeInteger()
      this.#longestNs[symbolId] = reader.safeInteger()
    }
  }
}
