// Entries of one size, kept in order for each symbol until the next flush.
//
// All symbols share one arena, in order of arrival; each entry names the next one of its symbol:
//
//   entry     0      1      2      3      4
//   symbol    A      B      A      A      B
//   next      2      4      3      NONE   NONE        first[A] = 0, last[A] = 3, first[B] = 1, last[B] = 4
//
// The arena doubles when a flush has more to tell than any before it, and never shrinks.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'

export const NO_ENTRY = -1

const INITIAL_ENTRY_COUNT = 1_024

export class EntryChains {
  readonly stride: number
  /** Entry e starts at byte e * stride. Another object after an `append` that had to grow. */
  buffer: AlignedBuffer
  #count = 0
  #capacity = INITIAL_ENTRY_COUNT
  #next = new Int32Array(INITIAL_ENTRY_COUNT)
  readonly #first: Int32Array
  readonly #last: Int32Array
  readonly #countOfSymbol: Int32Array

  constructor(symbolCount: number, stride: number) {
    assert(stride % 8 === 0, 'entries are aligned')
    this.stride = stride
    this.buffer = new AlignedBuffer(INITIAL_ENTRY_COUNT * stride)
    this.#first = new Int32Array(symbolCount).fill(NO_ENTRY)
    this.#last = new Int32Array(symbolCount).fill(NO_ENTRY)
    this.#countOfSymbol = new Int32Array(symbolCount)
  }

  /** A new entry at the end of the symbol's chain. Its bytes are whatever they were: the caller writes all of them. */
  append(symbolId: number): number {
    assert(symbolId >= 0 && symbolId < this.#first.length, 'a symbol of the configuration')
    if (this.#count === this.#capacity) this.#grow()
    const entry = this.#count
    this.#count += 1
    this.#next[entry] = NO_ENTRY
    const last = this.#last[symbolId]!
    if (last === NO_ENTRY) this.#first[symbolId] = entry
    else this.#next[last] = entry
    this.#last[symbolId] = entry
    this.#countOfSymbol[symbolId]! += 1
    return entry
  }

  count(symbolId: number): number {
    return this.#countOfSymbol[symbolId]!
  }

  first(symbolId: number): number {
    return this.#first[symbolId]!
  }

  next(entry: number): number {
    return this.#next[entry]!
  }

  /** Entries from this one on, at most `countMax`, that lie side by side in one chain. */
  runLength(entry: number, countMax: number): number {
    let last = entry
    const end = entry + countMax - 1
    while (last < end && this.#next[last] === last + 1) last += 1
    return last - entry + 1
  }

  /** Forgets the symbol's chain. Its room is free once all chains are forgotten. */
  clear(symbolId: number): void {
    this.#first[symbolId] = NO_ENTRY
    this.#last[symbolId] = NO_ENTRY
    this.#countOfSymbol[symbolId] = 0
  }

  /** To be called when every symbol's chain was cleared. */
  recycle(): void {
    this.#count = 0
  }

  #grow(): void {
    this.#capacity *= 2
    const buffer = new AlignedBuffer(this.#capacity * this.stride)
    buffer.bytes.set(this.buffer.bytes)
    this.buffer = buffer
    const next = new Int32Array(this.#capacity)
    next.set(this.#next)
    this.#next = next
  }
}
