// The price levels of one symbol that a list of order changes touched: each once, in the order in which they first occur.
//
// A hash table with open addressing finds repeats. It is never emptied: a slot counts only when its generation is the
// present one, so that beginning anew costs nothing for the table's size.

import { assert } from '../../base/assert.ts'
import type { Side } from '../../protocol/kinds.ts'

const INITIAL_SLOT_COUNT = 512

export class ChangedLevels {
  count = 0
  // The levels, in order: at most half as many as there are slots.
  #sides = new Uint8Array(INITIAL_SLOT_COUNT / 2)
  #prices = new Int32Array(INITIAL_SLOT_COUNT / 2)
  #generation = 1
  #generations = new Uint32Array(INITIAL_SLOT_COUNT)
  /** Of a slot that counts: which level is there. */
  #levels = new Int32Array(INITIAL_SLOT_COUNT)

  /** Begins anew. */
  clear(): void {
    this.count = 0
    this.#generation += 1
    if (this.#generation <= 0xffffffff) return
    this.#generations.fill(0)
    this.#generation = 1
  }

  add(side: Side, priceTicks: number): void {
    assert(priceTicks > 0, 'a level has a price')
    const mask = this.#generations.length - 1
    let slot = slotOf(side, priceTicks) & mask
    while (this.#generations[slot] === this.#generation) {
      const level = this.#levels[slot]!
      if (this.#prices[level] === priceTicks && this.#sides[level] === side) return
      slot = (slot + 1) & mask
    }
    this.#generations[slot] = this.#generation
    this.#levels[slot] = this.count
    this.#sides[this.count] = side
    this.#prices[this.count] = priceTicks
    this.count += 1
    if (this.count === this.#prices.length) this.#grow()
  }

  side(level: number): Side {
    return this.#sides[level] as Side
  }

  priceTicks(level: number): number {
    return this.#prices[level]!
  }

  #grow(): void {
    const { count } = this
    const sides = this.#sides
    const prices = this.#prices
    this.#sides = new Uint8Array(count * 2)
    this.#prices = new Int32Array(count * 2)
    this.#generations = new Uint32Array(count * 4)
    this.#levels = new Int32Array(count * 4)
    this.#generation = 1
    this.count = 0
    for (let level = 0; level < count; level++) this.add(sides[level] as Side, prices[level]!)
  }
}

/** Spreads neighbouring prices over the table. */
function slotOf(side: Side, priceTicks: number): number {
  const mixed = Math.imul(priceTicks * 2 + side, 0x9e3779b1)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
