// Holds outputs until the records that they tell about are committed.
//
//   released            | waiting, in order                       |
//   --------------------|-----------------------------------------|----
//                      tail: tag <= commit position goes next     head
//
// Invariant: outputs leave in the order in which they came, and none before the commit position has reached its record.
// The ring of bytes doubles when one pass produces more than it holds, and never shrinks; `isCrowded` tells the engine
// to take in no more commands until the disk or the peer has caught up.
//
// An output begins at a multiple of eight in the ring. A short one leaves from a buffer of its own at the gate, of whose
// first bytes there are views already: a view of the place in the ring would be a new object for each output.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import { copyDoubles } from '../../base/copy-doubles.ts'
import { PrefixViews } from '../../base/prefix-views.ts'
import type { OutputKind, OutputSink } from '../core/output.ts'

export type Publish = (kind: OutputKind, streamId: number, payload: Uint8Array) => void

const SIZE_FIRST = 64 * 1024
const SIZE_CROWDED = 32 * 1024 * 1024
const ENTRY_COUNT_FIRST = 512
/** Longer outputs leave from the ring: then the view costs less than the copy. */
const SHORT_LENGTH_MAX = 4_096

export class CommitGate implements OutputSink {
  #ring = new AlignedBuffer(SIZE_FIRST)
  readonly #leaving = new AlignedBuffer(SHORT_LENGTH_MAX)
  readonly #leavingViews = new PrefixViews(this.#leaving)
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
    this.#ring.bytes.set(payload, start & (this.#ring.size - 1))
    const entry = this.#head & (this.#kinds.length - 1)
    this.#lastTag = Math.max(this.#lastTag, recordSeq)
    this.#kinds[entry] = kind
    this.#streamIds[entry] = streamId
    this.#tags[entry] = this.#lastTag
    this.#starts[entry] = start
    this.#lengths[entry] = payload.length
    this.#head += 1
    this.#headByte = start + roundedUp(payload.length)
  }

  /** Lets everything go that tells of records up to `commitPosition`. The payload is valid during the call. */
  release(commitPosition: number, publish: Publish): void {
    while (this.#tail < this.#head) {
      const entry = this.#tail & (this.#kinds.length - 1)
      if (this.#tags[entry]! > commitPosition) return
      const length = this.#lengths[entry]!
      const payload = this.#payload(this.#starts[entry]! & (this.#ring.size - 1), length)
      publish(this.#kinds[entry] as OutputKind, this.#streamIds[entry]!, payload)
      // Who heard it may have caused another output, and with it larger rings: the entry is at the tail, wherever that is.
      this.#tailByte = this.#starts[this.#tail & (this.#kinds.length - 1)]! + roundedUp(length)
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

  #payload(start: number, length: number): Uint8Array {
    if (length > SHORT_LENGTH_MAX || length % 8 !== 0) return this.#ring.bytes.subarray(start, start + length)
    copyDoubles(this.#ring.float64, start >> 3, this.#leaving.float64, 0, length >> 3)
    return this.#leavingViews.ofLength(length)
  }

  /** Where `length` bytes in one piece go: an output never wraps around the end of the ring. */
  #place(length: number): number {
    for (;;) {
      const { size } = this.#ring
      const left = size - (this.#headByte & (size - 1))
      const start = left >= length ? this.#headByte : this.#headByte + left
      if (start + length - this.#tailByte <= size) return start
      this.#growBytes(length)
    }
  }

  #growBytes(length: number): void {
    const before = this.#ring
    let size = before.size * 2
    while (size < length * 2) size *= 2
    this.#ring = new AlignedBuffer(size)
    let at = 0
    for (let number = this.#tail; number < this.#head; number++) {
      const entry = number & (this.#kinds.length - 1)
      const from = this.#starts[entry]! & (before.size - 1)
      this.#ring.bytes.set(before.bytes.subarray(from, from + this.#lengths[entry]!), at)
      this.#starts[entry] = at
      at += roundedUp(this.#lengths[entry]!)
    }
    this.#tailByte = 0
    this.#headByte = at
    assert(at + length <= size, 'what waits fits into the larger ring')
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

/** To where the next output may begin. */
function roundedUp(length: number): number {
  return (length + 7) & ~7
}
