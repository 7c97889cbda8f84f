// Holds outputs until the records that they tell about are committed.
//
//   released            | waiting, in order                       |
//   --------------------|-----------------------------------------|----
//                      tail: tag <= commit position goes next     head
//
// Invariant: outputs leave in the order in which they came, and none before the commit position has reached its record.
// The ring of bytes doubles when one pass produces more than it holds, and never shrinks; `isCrowded` tells the engine
// to take in no more commands until the disk or the peer has caught up.

import { assert } from '../../base/assert.ts'
import type { OutputKind, OutputSink } from '../core/output.ts'

export type Publish = (kind: OutputKind, streamId: number, payload: Uint8Array) => void

const SIZE_FIRST = 64 * 1024
const SIZE_CROWDED = 32 * 1024 * 1024
const ENTRY_COUNT_FIRST = 512

export class CommitGate implements OutputSink {
  #bytes = new Uint8Array(SIZE_FIRST)
  #kinds = new Uint8Array(ENTRY_COUNT_FIRST)
  #streamIds = new Int32Array(ENTRY_COUNT_FIRST)
  #tags = new Float64Array(ENTRY_COUNT_FIRST)
  #starts = new Float64Array(ENTRY_COUNT_FIRST)
  #lengths = new Int32Array(ENTRY_COUNT_FIRST)
  // Entries and bytes are counted from the beginning; capacities are powers of two, so that the low bits are the place.
  #head = 0
  #tail = 0
  #headByte = 0
  #tailByte = 0
  #lastTag = 0

  get isEmpty(): boolean {
    return this.#head === this.#tail
  }

  get isCrowded(): boolean {
    return this.#headByte - this.#tailByte > SIZE_CROWDED
  }

  output(kind: OutputKind, streamId: number, payload: Uint8Array, recordSeq: number): void {
    if (this.#head - this.#tail === this.#kinds.length) this.#growEntries()
    const start = this.#place(payload.length)
    this.#bytes.set(payload, start & (this.#bytes.length - 1))
    const entry = this.#head & (this.#kinds.length - 1)
    this.#lastTag = Math.max(this.#lastTag, recordSeq)
    this.#kinds[entry] = kind
    this.#streamIds[entry] = streamId
    this.#tags[entry] = this.#lastTag
    this.#starts[entry] = start
    this.#lengths[entry] = payload.length
    this.#head += 1
    this.#headByte = start + payload.length
  }

  /** Lets everything go that tells of records up to `commitPosition`. The payload is valid during the call. */
  release(commitPosition: number, publish: Publish): void {
    while (this.#tail < this.#head) {
      const entry = this.#tail & (this.#kinds.length - 1)
      if (this.#tags[entry]! > commitPosition) return
      const start = this.#starts[entry]! & (this.#bytes.length - 1)
      const length = this.#lengths[entry]!
      publish(this.#kinds[entry] as OutputKind, this.#streamIds[entry]!, this.#bytes.subarray(start, start + length))
      // Who heard it may have caused another output, and with it larger rings: the entry is at the tail, wherever that is.
      this.#tailByte = this.#starts[this.#tail & (this.#kinds.length - 1)]! + length
      this.#tail += 1
    }
    this.#tailByte = this.#headByte
  }

  /** What waits is never told. */
  clear(): void {
    this.#tail = this.#head
    this.#tailByte = this.#headByte
    this.#lastTag = 0
  }

  /** Where `length` bytes in one piece go: an output never wraps around the end of the ring. */
  #place(length: number): number {
    for (;;) {
      const size = this.#bytes.length
      const left = size - (this.#headByte & (size - 1))
      const start = left >= length ? this.#headByte : this.#headByte + left
      if (start + length - this.#tailByte <= size) return start
      this.#growBytes(length)
    }
  }

  #growBytes(length: number): void {
    const before = this.#bytes
    let size = before.length * 2
    while (size < length * 2) size *= 2
    this.#bytes = new Uint8Array(size)
    let at = 0
    for (let number = this.#tail; number < this.#head; number++) {
      const entry = number & (this.#kinds.length - 1)
      const from = this.#starts[entry]! & (before.length - 1)
      this.#bytes.set(before.subarray(from, from + this.#lengths[entry]!), at)
      this.#starts[entry] = at
      at += this.#lengths[entry]!
    }
    this.#tailByte = 0
    this.#headByte = at
    assert(at + length <= this.#bytes.length, 'what waits fits into the larger ring')
  }

  #growEntries(): void {
    const size = this.#kinds.length
    const order = Array.from({ length: size }, (_, index) => (this.#tail + index) % size)
    this.#kinds = Uint8Array.from({ length: size * 2 }, (_, index) => this.#kinds[order[index] ?? size] ?? 0)
    this.#streamIds = Int32Array.from({ length: size * 2 }, (_, index) => this.#streamIds[order[index] ?? size] ?? 0)
    this.#tags = Float64Array.from({ length: size * 2 }, (_, index) => this.#tags[order[index] ?? size] ?? 0)
    this.#starts = Float64Array.from({ length: size * 2 }, (_, index) => this.#starts[order[index] ?? size] ?? 0)
    this.#lengths = Int32Array.from({ length: size * 2 }, (_, index) => this.#lengths[order[index] ?? size] ?? 0)
    this.#tail = 0
    this.#head = size
  }
}
