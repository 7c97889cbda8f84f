// Who may quote a symbol: at most one node at a time, by a lease with a fencing token.
//
// Invariants: a token is given once, and a later one is greater, over all symbols; a symbol has at most one lease; a lease
// in force is not past its end, because whoever owns this ends leases before anything else happens at a time.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'

export const NO_HOLDER = 0

export class Authority {
  readonly symbolCount: number
  readonly #holder: Float64Array
  /** Of the last grant, in force or not. */
  readonly #token: Float64Array
  readonly #leaseNs: Float64Array
  readonly #isRecalled: Uint8Array
  /** When the last lease ended; 0: none has. */
  readonly #endedNs: Float64Array
  readonly #lastHolder: Float64Array
  #tokenHighest = 0
  #earliestNs = Number.POSITIVE_INFINITY

  constructor(symbolCount: number) {
    this.symbolCount = symbolCount
    this.#holder = new Float64Array(symbolCount)
    this.#token = new Float64Array(symbolCount)
    this.#leaseNs = new Float64Array(symbolCount)
    this.#isRecalled = new Uint8Array(symbolCount)
    this.#endedNs = new Float64Array(symbolCount)
    this.#lastHolder = new Float64Array(symbolCount)
  }

  /** When the next lease ends; Infinity when there is none. */
  get earliestNs(): number {
    return this.#earliestNs
  }

  /** Client id of the node that holds the symbol, or NO_HOLDER. */
  holder(symbolId: number): number {
    return this.#holder[symbolId]!
  }

  /** The token of the symbol's last grant; 0 before the first. */
  token(symbolId: number): number {
    return this.#token[symbolId]!
  }

  leaseNs(symbolId: number): number {
    return this.#leaseNs[symbolId]!
  }

  endedNs(symbolId: number): number {
    return this.#endedNs[symbolId]!
  }

  /** Who held the symbol before the present holder, or last; NO_HOLDER: nobody ever. */
  lastHolder(symbolId: number): number {
    return this.#lastHolder[symbolId]!
  }

  isRecalled(symbolId: number): boolean {
    return this.#isRecalled[symbolId] === 1
  }

  /** May this client act for the symbol with this token? */
  isInForce(symbolId: number, clientId: number, token: number): boolean {
    return this.#holder[symbolId] === clientId && clientId !== NO_HOLDER && this.#token[symbolId] === token
  }

  grant(symbolId: number, clientId: number, leaseNs: number): void {
    assert(this.#holder[symbolId] === NO_HOLDER, 'a symbol is granted when nobody holds it')
    this.#tokenHighest += 1
    this.#holder[symbolId] = clientId
    this.#token[symbolId] = this.#tokenHighest
    this.#leaseNs[symbolId] = leaseNs
    this.#isRecalled[symbolId] = 0
    this.#earliestNs = Math.min(this.#earliestNs, leaseNs)
  }

  /** The holder's lease is not renewed from now on, or is again. */
  setRecalled(symbolId: number, isRecalled: boolean): void {
    assert(this.#holder[symbolId] !== NO_HOLDER, 'what is held can be recalled')
    this.#isRecalled[symbolId] = isRecalled ? 1 : 0
  }

  /** The client's leases, but for recalled ones, end at `leaseNs` and not before. Returns how many there are. */
  renew(clientId: number, leaseNs: number): number {
    let count = 0
    for (let symbolId = 0; symbolId < this.symbolCount; symbolId++) {
      if (this.#holder[symbolId] !== clientId || this.#isRecalled[symbolId] === 1) continue
      this.#leaseNs[symbolId] = Math.max(this.#leaseNs[symbolId]!, leaseNs)
      count += 1
    }
    this.#findEarliest()
    return count
  }

  end(symbolId: number, nowNs: number): void {
    assert(this.#holder[symbolId] !== NO_HOLDER, 'a lease ends once')
    this.#lastHolder[symbolId] = this.#holder[symbolId]!
    this.#holder[symbolId] = NO_HOLDER
    this.#isRecalled[symbolId] = 0
    this.#endedNs[symbolId] = nowNs
    this.#findEarliest()
  }

  snapshot(writer: ByteWriter): void {
    writer.uint32(this.symbolCount)
    writer.safeInteger(this.#tokenHighest)
    for (let symbolId = 0; symbolId < this.symbolCount; symbolId++) {
      writer.uint32(this.#holder[symbolId]!)
      writer.safeInteger(this.#token[symbolId]!)
      writer.safeInteger(this.#leaseNs[symbolId]!)
      writer.uint8(this.#isRecalled[symbolId]!)
      writer.safeInteger(this.#endedNs[symbolId]!)
      writer.uint32(this.#lastHolder[symbolId]!)
    }
  }

  restore(reader: ByteReader): void {
    assert(reader.uint32() === this.symbolCount, 'the snapshot is of the same instruments')
    this.#tokenHighest = reader.safeInteger()
    for (let symbolId = 0; symbolId < this.symbolCount; symbolId++) {
      this.#holder[symbolId] = reader.uint32()
      this.#token[symbolId] = reader.safeInteger()
      this.#leaseNs[symbolId] = reader.safeInteger()
      this.#isRecalled[symbolId] = reader.uint8()
      this.#endedNs[symbolId] = reader.safeInteger()
      this.#lastHolder[symbolId] = reader.uint32()
    }
    this.#findEarliest()
  }

  #findEarliest(): void {
    let earliestNs = Number.POSITIVE_INFINITY
    for (let symbolId = 0; symbolId < this.symbolCount; symbolId++) {
      if (this.#holder[symbolId] !== NO_HOLDER) earliestNs = Math.min(earliestNs, this.#leaseNs[symbolId]!)
    }
    this.#earliestNs = earliestNs
  }
}
