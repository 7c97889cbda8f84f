// Writes numbers into a buffer that grows: for snapshots and other cold, canonical serialisations. Little-endian.

import { assert } from './assert.ts'

export class ByteWriter {
  #bytes: Uint8Array
  #view: DataView
  #length = 0

  constructor(initialSize = 65_536) {
    this.#bytes = new Uint8Array(initialSize)
    this.#view = new DataView(this.#bytes.buffer)
  }

  get length(): number {
    return this.#length
  }

  uint8(value: number): void {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xff, 'uint8 holds 0 .. 255')
    this.#reserve(1)
    this.#view.setUint8(this.#length, value)
    this.#length += 1
  }

  uint32(value: number): void {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffffffff, 'uint32 holds 0 .. 2^32-1')
    this.#reserve(4)
    this.#view.setUint32(this.#length, value, true)
    this.#length += 4
  }

  int32(value: number): void {
    assert((value | 0) === value, 'int32 holds -2^31 .. 2^31-1')
    this.#reserve(4)
    this.#view.setInt32(this.#length, value, true)
    this.#length += 4
  }

  /** A whole number that a double holds exactly. */
  safeInteger(value: number): void {
    assert(Number.isSafeInteger(value), 'a safe integer')
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value, true)
    this.#length += 8
  }

  /** UTF-8, with its size in bytes before it. */
  string(value: string): void {
    const encoded = new TextEncoder().encode(value)
    this.uint32(encoded.length)
    this.bytes(encoded)
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  /** What was written, in place: valid until more is. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Begins anew in the same buffer. */
  clear(): void {
    this.#length = 0
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(size: number): void {
    const needed = this.#length + size
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}
