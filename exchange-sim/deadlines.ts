// Deadlines: who ends next. A binary heap over small whole numbers (what ends), each in it at most once.
//
// Earlier times come first; of equal times the one with the lower rank.

import { assert } from '../base/assert.ts'

export class Deadlines {
  readonly #timeNs: Float64Array
  readonly #rank: Float64Array
  /** Place in the heap + 1; 0: not in it. */
  readonly #place: Int32Array
  readonly #heap: Int32Array
  #count = 0

  /** For the numbers 0 .. capacity-1. */
  constructor(capacity: number) {
    this.#timeNs = new Float64Array(capacity)
    this.#rank = new Float64Array(capacity)
    this.#place = new Int32Array(capacity)
    this.#heap = new Int32Array(capacity)
  }

  /** Infinity when there is none. */
  earliestNs(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#timeNs[this.#heap[0]!]!
  }

  /** What ends first. There is one. */
  first(): number {
    assert(this.#count > 0, 'there is a deadline')
    return this.#heap[0]!
  }

  timeNs(item: number): number {
    assert(this.#place[item]! > 0, 'it has a deadline')
    return this.#timeNs[item]!
  }

  set(item: number, timeNs: number, rank: number): void {
    this.#timeNs[item] = timeNs
    this.#rank[item] = rank
    let place = this.#place[item]! - 1
    if (place < 0) {
      place = this.#count
      this.#count += 1
      this.#put(item, place)
    }
    this.#settle(place)
  }

  /** Does nothing when it has none. */
  remove(item: number): void {
    const place = this.#place[item]! - 1
    if (place < 0) return
    this.#place[item] = 0
    this.#count -= 1
    if (place === this.#count) return
    this.#put(this.#heap[this.#count]!, place)
    this.#settle(place)
  }

  clear(): void {
    for (let place = 0; place < this.#count; place++) this.#place[this.#heap[place]!] = 0
    this.#count = 0
  }

  #put(item: number, place: number): void {
    this.#heap[place] = item
    this.#place[item] = place + 1
  }

  /** Moves the item at `place` up or down until the heap is in order. */
  #settle(start: number): void {
    let place = start
    const item = this.#heap[place]!
    while (place > 0) {
      const parent = (place - 1) >> 1
      if (!this.#isBefore(item, this.#heap[parent]!)) break
      this.#put(this.#heap[parent]!, place)
      place = parent
    }
    for (;;) {
      let child = 2 * place + 1
      if (child >= this.#count) break
      if (child + 1 < this.#count && this.#isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child += 1
      if (!this.#isBefore(this.#heap[child]!, item)) break
      this.#put(this.#heap[child]!, place)
      place = child
    }
    this.#put(item, place)
  }

  #isBefore(item: number, other: number): boolean {
    const timeNs = this.#timeNs[item]!
    const otherNs = this.#timeNs[other]!
    return timeNs !== otherNs ? timeNs < otherNs : this.#rank[item]! < this.#rank[other]!
  }
}
