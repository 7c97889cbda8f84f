// The newest items of a stream, numbered from 1. Readers keep a number, not a queue: a slow reader costs no memory and
// learns how many items it missed.

import { assert } from '../../base/assert.ts'

export class Ring<Item> {
  readonly #capacity: number
  readonly #items: Item[] = []
  #lastNumber = 0

  constructor(capacity: number) {
    assert(capacity >= 1, 'a ring holds at least one item')
    this.#capacity = capacity
  }

  /** Number of the newest item; 0 before the first. */
  get lastNumber(): number {
    return this.#lastNumber
  }

  push(item: Item): void {
    this.#lastNumber++
    this.#items[this.#lastNumber % this.#capacity] = item
  }

  /** The newest items with a number above `number`, at most `limit`, oldest first, and how many are not among them. */
  since(number: number, limit: number): { items: Item[]; missed: number } {
    const first = Math.max(number + 1, this.#lastNumber - Math.min(limit, this.#capacity) + 1, 1)
    const items: Item[] = []
    for (let at = first; at <= this.#lastNumber; at++) items.push(this.#items[at % this.#capacity]!)
    return { items, missed: first - Math.max(number, 0) - 1 }
  }

  clear(): void {
    this.#items.length = 0
    this.#lastNumber = 0
  }
}
