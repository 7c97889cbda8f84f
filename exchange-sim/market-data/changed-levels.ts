// The price levels that changed since the last flush, each once, in the order in which they first changed.
//
// A hash table with open addressing finds repeats. It is never emptied: a slot counts only when its generation is the
// present one, so that a flush costs nothing for the table's size.

import { assert } from '../../base/assert.ts'
import type { Side } from '../../protocol/kinds.ts'
import { EntryChains } from './entry-chains.ts'

const INITIAL_SLOT_COUNT = 2_048
/** Word of an entry: the side, then the price. */
const SIDE_WORD = 0
const PRICE_WORD = 1
const ENTRY_SIZE = 8

export class ChangedLevels {
  readonly #chains: EntryChains
  #slotCount = INITIAL_SLOT_COUNT
  #usedCount = 0
  #generation = 1
  #generations = new Uint32Array(INITIAL_SLOT_COUNT)
  /** symbolId * 2 + side. */
  #books = new Int32Array(INITIAL_SLOT_COUNT)
  #prices = new Int32Array(INITIAL_SLOT_COUNT)

  constructor(symbolCount: number) {
    this.#chains = new EntryChains(symbolCount, ENTRY_SIZE)
  }

  add(symbolId: number, side: Side, priceTicks: number): void {
    assert(priceTicks > 0, 'a level has a price')
    if (!this.#insert(symbolId * 2 + side, priceTicks)) return
    const entry = this.#chains.append(symbolId)
    const words = this.#chains.buffer.int32
    words[entry * 2 + SIDE_WORD] = side
    words[entry * 2 + PRICE_WORD] = priceTicks
  }

  count(symbolId: number): number {
    return this.#chains.count(symbolId)
  }

  first(symbolId: number): number {
    return this.#chains.first(symbolId)
  }

  next(entry: number): number {
    return this.#chains.next(entry)
  }

  side(entry: number): Side {
    return this.#chains.buffer.int32[entry * 2 + SIDE_WORD] as Side
  }

  priceTicks(entry: number): number {
    return this.#chains.buffer.int32[entry * 2 + PRICE_WORD]!
  }

  clear(symbolId: number): void {
    this.#chains.clear(symbolId)
  }

  /** To be called when every symbol was cleared. */
  recycle(): void {
    this.#chains.recycle()
    this.#usedCount = 0
    this.#generation += 1
    if (this.#generation <= 0xffffffff) return
    this.#generations.fill(0)
    this.#generation = 1
  }

  /** False when the level is there already. */
  #insert(book: number, priceTicks: number): boolean {
    const mask = this.#slotCount - 1
    let slot = slotOf(book, priceTicks) & mask
    while (this.#generations[slot] === this.#generation) {
      if (this.#prices[slot] === priceTicks && this.#books[slot] === book) return false
      slot = (slot + 1) & mask
    }
    this.#generations[slot] = this.#generation
    this.#books[slot] = book
    this.#prices[slot] = priceTicks
    this.#usedCount += 1
    if (this.#usedCount * 2 > this.#slotCount) this.#grow()
    return true
  }

  #grow(): void {
    const generations = this.#generations
    const books = this.#books
    const prices = this.#prices
    const oldCount = this.#slotCount
    this.#slotCount *= 2
    this.#usedCount = 0
    this.#generations = new Uint32Array(this.#slotCount)
    this.#books = new Int32Array(this.#slotCount)
    this.#prices = new Int32Array(this.#slotCount)
    for (let slot = 0; slot < oldCount; slot++) {
      if (generations[slot] === this.#generation) this.#insert(books[slot]!, prices[slot]!)
    }
  }
}

/** Spreads neighbouring prices and symbols over the table. */
function slotOf(book: number, priceTicks: number): number {
  const mixed = Math.imul(priceTicks, 0x9e3779b1) ^ Math.imul(book + 1, 0x85ebca77)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
