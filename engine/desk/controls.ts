// Whether the desk may quote: one switch for all symbols, and one for each.
//
// A symbol may be quoted when both its own switch and the switch for all are on. Turning all of them on does not turn
// on a symbol that was switched off by itself: whoever halted it has to say so.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'

export class Controls {
  readonly symbolCount: number
  // Index 0 is the switch for all; symbol i is at i + 1.
  readonly #isOff: Uint8Array
  readonly #changedBy: Float64Array
  readonly #changedNs: Float64Array

  constructor(symbolCount: number) {
    this.symbolCount = symbolCount
    this.#isOff = new Uint8Array(symbolCount + 1)
    this.#changedBy = new Float64Array(symbolCount + 1)
    this.#changedNs = new Float64Array(symbolCount + 1)
  }

  isQuotingEnabled(symbolId: number): boolean {
    return this.#isOff[0] === 0 && this.#isOff[symbolId + 1] === 0
  }

  /** The switch itself, of one symbol or (NO_SYMBOL_ID) of all. */
  isSwitchedOn(symbolId: number): boolean {
    return this.#isOff[symbolId + 1] === 0
  }

  /** The client that turned the switch last; 0: nobody has. */
  changedBy(symbolId: number): number {
    return this.#changedBy[symbolId + 1]!
  }

  changedNs(symbolId: number): number {
    return this.#changedNs[symbolId + 1]!
  }

  /** `symbolId` NO_SYMBOL_ID: the switch for all. */
  setQuoting(symbolId: number, isEnabled: boolean, clientId: number, timeNs: number): void {
    assert(symbolId >= NO_SYMBOL_ID && symbolId < this.symbolCount, 'a symbol of the configuration, or all')
    this.#isOff[symbolId + 1] = isEnabled ? 0 : 1
    this.#changedBy[symbolId + 1] = clientId
    this.#changedNs[symbolId + 1] = timeNs
  }

  snapshot(writer: ByteWriter): void {
    writer.uint32(this.symbolCount)
    for (let index = 0; index <= this.symbolCount; index++) {
      writer.uint8(this.#isOff[index]!)
      writer.uint32(this.#changedBy[index]!)
      writer.safeInteger(this.#changedNs[index]!)
    }
  }

  restore(reader: ByteReader): void {
    assert(reader.uint32() === this.symbolCount, 'the snapshot is of the same instruments')
    for (let index = 0; index <= this.symbolCount; index++) {
      this.#isOff[index] = reader.uint8()
      this.#changedBy[index] = reader.uint32()
      this.#changedNs[index] = reader.safeInteger()
    }
  }
}
