// How much of one side of the exposure limit a symbol may have while others want it too.
//
// The rule, for symbols that hold or want capacity of this side (they contend):
//   - While all that is wanted fits, everybody gets what is free.
//   - Else a symbol gets its share, or what the others leave that they neither hold nor are entitled to, whichever is more;
//     and never more than is free. The share is the level that divides the limit evenly (max-min fairness): the greatest
//     whole number such that all contenders can have that much, or what they want if it is less.
//   - With more contenders than lots the share is 0. Then one lot goes to each of the first in line: those without, in the
//     order in which they lost what they had; then those that have some, the latest first. Who is not among the first
//     yields when it refreshes its quote.
// So capacity is cut back when a quote is refreshed, goes to who asks, and nobody who keeps asking starves.
//
// A symbol wants what its last quote asked for, for WISH_NS since. Who stops asking stops to contend.

import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { WISH_NS } from '../../protocol/limits.ts'

export class FairShare {
  readonly #limitLots: number
  /** What each symbol's active quote has open. */
  readonly #heldLots: Float64Array
  readonly #wishLots: Float64Array
  readonly #askedNs: Float64Array
  /** Since when the symbol has had some, or has had none. */
  readonly #sinceNs: Float64Array
  #heldTotal = 0

  constructor(symbolCount: number, limitLots: number) {
    this.#limitLots = limitLots
    this.#heldLots = new Float64Array(symbolCount)
    this.#wishLots = new Float64Array(symbolCount)
    this.#askedNs = new Float64Array(symbolCount)
    this.#sinceNs = new Float64Array(symbolCount)
  }

  get heldTotal(): number {
    return this.#heldTotal
  }

  heldLots(symbolId: number): number {
    return this.#heldLots[symbolId]!
  }

  /** What the symbol could have beside what the others hold. */
  freeLots(symbolId: number): number {
    return this.#limitLots - (this.#heldTotal - this.#heldLots[symbolId]!)
  }

  /** What the symbol may have now if it wants `wantedLots`. Never more than is free. */
  allowedLots(symbolId: number, wantedLots: number, nowNs: number): number {
    const free = this.freeLots(symbolId)
    if (!this.#isAnyWaiting(symbolId, nowNs)) return free
    const level = this.#level(symbolId, wantedLots, nowNs)
    if (level === 0) return Math.min(free, this.#countBefore(symbolId, nowNs) < this.#limitLots ? 1 : 0)
    let claimed = 0
    for (let other = 0; other < this.#heldLots.length; other++) {
      if (other === symbolId) continue
      claimed += Math.max(this.#heldLots[other]!, Math.min(this.#demand(other, nowNs), level))
    }
    return Math.min(free, Math.max(level, this.#limitLots - claimed))
  }

  /** The symbol's node asks for so much. */
  ask(symbolId: number, wantedLots: number, nowNs: number): void {
    this.#wishLots[symbolId] = wantedLots
    this.#askedNs[symbolId] = nowNs
  }

  /** Nobody quotes the symbol any more. */
  forget(symbolId: number): void {
    this.#wishLots[symbolId] = 0
  }

  hold(symbolId: number, lots: number, nowNs: number): void {
    if (this.#heldLots[symbolId]! > 0 !== lots > 0) this.#sinceNs[symbolId] = nowNs
    this.load(symbolId, lots)
  }

  /** After a restore: what is held, since when it was. */
  load(symbolId: number, lots: number): void {
    this.#heldTotal += lots - this.#heldLots[symbolId]!
    this.#heldLots[symbolId] = lots
  }

  snapshot(writer: ByteWriter): void {
    for (let symbolId = 0; symbolId < this.#heldLots.length; symbolId++) {
      writer.safeInteger(this.#wishLots[symbolId]!)
      writer.safeInteger(this.#askedNs[symbolId]!)
      writer.safeInteger(this.#sinceNs[symbolId]!)
    }
  }

  restore(reader: ByteReader): void {
    for (let symbolId = 0; symbolId < this.#heldLots.length; symbolId++) {
      this.#wishLots[symbolId] = reader.safeInteger()
      this.#askedNs[symbolId] = reader.safeInteger()
      this.#sinceNs[symbolId] = reader.safeInteger()
    }
  }

  /** What the symbol has or wants, whichever is more. */
  #demand(symbolId: number, nowNs: number): number {
    const held = this.#heldLots[symbolId]!
    const isFresh = nowNs - this.#askedNs[symbolId]! <= WISH_NS
    return isFresh ? Math.max(held, this.#wishLots[symbolId]!) : held
  }

  #isAnyWaiting(symbolId: number, nowNs: number): boolean {
    for (let other = 0; other < this.#heldLots.length; other++) {
      if (other !== symbolId && this.#demand(other, nowNs) > this.#heldLots[other]!) return true
    }
    return false
  }

  /** The greatest level at which all demands, cut to it, fit into the limit. */
  #level(symbolId: number, wantedLots: number, nowNs: number): number {
    let low = 0
    let high = this.#limitLots
    while (low < high) {
      const level = Math.ceil((low + high) / 2)
      let sum = Math.min(wantedLots, level)
      for (let other = 0; other < this.#heldLots.length; other++) {
        if (other !== symbolId) sum += Math.min(this.#demand(other, nowNs), level)
      }
      if (sum <= this.#limitLots) low = level
      else high = level - 1
    }
    return low
  }

  /** How many contenders are before the symbol in line. */
  #countBefore(symbolId: number, nowNs: number): number {
    let count = 0
    for (let other = 0; other < this.#heldLots.length; other++) {
      if (other !== symbolId && this.#demand(other, nowNs) > 0 && this.#isBefore(other, symbolId)) count += 1
    }
    return count
  }

  #isBefore(one: number, other: number): boolean {
    const holds = this.#heldLots[one]! > 0
    if (holds !== this.#heldLots[other]! > 0) return !holds
    const earlier = this.#sinceNs[one]! - this.#sinceNs[other]!
    if (earlier === 0) return one < other
    return holds ? earlier > 0 : earlier < 0
  }
}
