// Builds frames (frame.ts) one after the other in one buffer, without allocating once each length has occurred.
//
//   begin(header) ... next() per entry, written in place ... finish(): a view, valid until the next begin
//
// A frame is full at what its count or one message can hold; the caller looks at `isFull` before each entry and splits.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import { PrefixViews } from '../base/prefix-views.ts'
import { FRAME_MAGIC, FRAME_VERSION, FrameHeader } from './frame.ts'
import type { FrameKind } from './kinds.ts'
import { MESSAGE_SIZE_MAX } from './limits.ts'

const COUNT_MAX = 0xffff

/** How many entries of `stride` bytes one frame can hold. */
export function frameEntryCountMax(stride: number): number {
  return Math.min(COUNT_MAX, Math.floor((MESSAGE_SIZE_MAX - FrameHeader.LENGTH) / stride))
}

export class FrameWriter {
  /** Written by the caller at the offsets that `next` gives. */
  readonly buffer = new AlignedBuffer(MESSAGE_SIZE_MAX)
  #stride = 0
  #count = 0
  #countMax = 0
  readonly #views = new PrefixViews(this.buffer)

  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count === this.#countMax
  }

  /** Entries that fit in still. */
  get countLeft(): number {
    return this.#countMax - this.#count
  }

  begin(kind: FrameKind, stride: number, epoch: number, streamId: number): void {
    assert(stride % 8 === 0, 'entries are aligned')
    const { bytes, int32, uint32 } = this.buffer
    writeUint16(bytes, FrameHeader.MAGIC, FRAME_MAGIC)
    bytes[FrameHeader.VERSION] = FRAME_VERSION
    bytes[FrameHeader.KIND] = kind
    writeUint16(bytes, FrameHeader.STRIDE, stride)
    uint32[FrameHeader.EPOCH >> 2] = epoch
    int32[FrameHeader.STREAM_ID >> 2] = streamId
    this.#stride = stride
    this.#count = 0
    this.#countMax = frameEntryCountMax(stride)
  }

  /** Room for one more entry, all zero: its byte offset in the buffer. */
  next(): number {
    assert(this.#count < this.#countMax, 'a full frame is finished first')
    const offset = FrameHeader.LENGTH + this.#count * this.#stride
    const { float64 } = this.buffer
    const end = (offset + this.#stride) >> 3
    for (let word = offset >> 3; word < end; word++) float64[word] = 0
    this.#count += 1
    return offset
  }

  /** Room for `count` more entries: the byte offset of the first. Their bytes are whatever they were: all are to be written. */
  extend(count: number): number {
    assert(count <= this.#countMax - this.#count, 'a frame that cannot hold them is finished first')
    const offset = FrameHeader.LENGTH + this.#count * this.#stride
    this.#count += count
    return offset
  }

  /** The whole frame. The view is valid until the next `begin`. */
  finish(previousSeq: number, lastSeq: number, timeNs: number, recordSeq: number): Uint8Array {
    assert(Number.isSafeInteger(previousSeq) && Number.isSafeInteger(lastSeq), 'sequence numbers are whole')
    const { bytes, float64 } = this.buffer
    writeUint16(bytes, FrameHeader.COUNT, this.#count)
    float64[FrameHeader.PREVIOUS_SEQ >> 3] = previousSeq
    float64[FrameHeader.LAST_SEQ >> 3] = lastSeq
    float64[FrameHeader.TIME_NS >> 3] = timeNs
    float64[FrameHeader.RECORD_SEQ >> 3] = recordSeq
    const length = FrameHeader.LENGTH + this.#count * this.#stride
    assert(length <= MESSAGE_SIZE_MAX, 'a frame fits into one message')
    return this.#views.ofLength(length)
  }
}

function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value & 0xff
  bytes[offset + 1] = value >> 8
}
