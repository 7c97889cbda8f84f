// A frame reader takes any bytes: right ones are read back, wrong ones are named, none of them throws.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { FRAME_MAGIC, FRAME_VERSION, FrameHeader, L2Field } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { FrameKind, Side } from '../../protocol/kinds.ts'
import { MESSAGE_SIZE_MAX } from '../../protocol/limits.ts'

/** An L2 frame of two levels. */
function l2Frame(): AlignedBuffer {
  const frame = new AlignedBuffer(FrameHeader.LENGTH + 2 * L2Field.LENGTH)
  const header = new DataView(frame.bytes.buffer)
  header.setUint16(FrameHeader.MAGIC, FRAME_MAGIC, true)
  header.setUint8(FrameHeader.VERSION, FRAME_VERSION)
  header.setUint8(FrameHeader.KIND, FrameKind.L2)
  header.setUint16(FrameHeader.COUNT, 2, true)
  header.setUint16(FrameHeader.STRIDE, L2Field.LENGTH, true)
  header.setUint32(FrameHeader.EPOCH, 7, true)
  header.setInt32(FrameHeader.STREAM_ID, 3, true)
  header.setFloat64(FrameHeader.PREVIOUS_SEQ, 10, true)
  header.setFloat64(FrameHeader.LAST_SEQ, 12, true)
  header.setFloat64(FrameHeader.TIME_NS, 5_000_000_000, true)
  header.setFloat64(FrameHeader.RECORD_SEQ, 99, true)
  const first = FrameHeader.LENGTH
  header.setInt32(first + L2Field.PRICE_TICKS, 1000, true)
  header.setInt32(first + L2Field.QUANTITY_LOTS, 5, true)
  header.setInt32(first + L2Field.ORDER_COUNT, 2, true)
  const second = first + L2Field.LENGTH
  header.setUint8(second + L2Field.SIDE, Side.SELL)
  header.setInt32(second + L2Field.PRICE_TICKS, 1001, true)
  return frame
}

/** Random bytes, and random entries and numbers behind a header that says what a right one does. */
const anyFrame = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(
      fc.nat(10),
      fc.nat(4),
      fc.constantFrom(16, 32, 40, 56, 96, 104),
      fc.uint8Array({ minLength: 600, maxLength: 600 }),
    )
    .map(([kind, count, stride, noise]) => {
      const bytes = noise.slice(0, FrameHeader.LENGTH + count * stride)
      const view = new DataView(bytes.buffer)
      view.setUint16(FrameHeader.MAGIC, FRAME_MAGIC, true)
      view.setUint8(FrameHeader.VERSION, FRAME_VERSION)
      view.setUint8(FrameHeader.KIND, kind)
      view.setUint16(FrameHeader.COUNT, count, true)
      view.setUint16(FrameHeader.STRIDE, stride, true)
      view.setInt32(FrameHeader.STREAM_ID, noise[0]!, true)
      // Noise is hardly ever a whole number: half of the frames get a header that passes.
      if (noise[1]! % 2 === 0) {
        for (const field of [FrameHeader.PREVIOUS_SEQ, FrameHeader.LAST_SEQ, FrameHeader.TIME_NS]) {
          view.setFloat64(field, noise[2]!, true)
        }
        view.setFloat64(FrameHeader.RECORD_SEQ, noise[3]!, true)
      }
      return bytes
    }),
)

function faultAfter(change: (view: DataView) => void): FrameFault {
  const frame = l2Frame()
  change(new DataView(frame.bytes.buffer))
  return new FrameReader().read(frame.bytes)
}

describe('FrameReader', () => {
  it('reads header and entries, whatever the offset of the bytes that a transport hands in', () => {
    const reader = new FrameReader()
    const shifted = new Uint8Array(l2Frame().bytes.length + 3)
    shifted.set(l2Frame().bytes, 3)
    expect(reader.read(shifted.subarray(3))).toBe(FrameFault.NONE)
    expect([reader.kind, reader.count, reader.stride, reader.epoch, reader.streamId]).toEqual([2, 2, 16, 7, 3])
    expect([reader.previousSeq, reader.lastSeq, reader.timeNs, reader.recordSeq]).toEqual([10, 12, 5_000_000_000, 99])
    expect(reader.uint8(0, L2Field.SIDE)).toBe(Side.BUY)
    expect(reader.int32(0, L2Field.PRICE_TICKS)).toBe(1000)
    expect(reader.uint8(1, L2Field.SIDE)).toBe(Side.SELL)
    expect(reader.int32(1, L2Field.QUANTITY_LOTS)).toBe(0)
  })

  it('names what is wrong', () => {
    const reader = new FrameReader()
    expect(reader.read(new Uint8Array(0))).toBe(FrameFault.TOO_SHORT)
    expect(reader.read(new Uint8Array(MESSAGE_SIZE_MAX + 8))).toBe(FrameFault.TOO_LONG)
    expect(reader.read(l2Frame().bytes.subarray(0, 64))).toBe(FrameFault.LENGTH_MISMATCH)
    expect(faultAfter((view) => view.setUint8(0, 0))).toBe(FrameFault.BAD_MAGIC)
    expect(faultAfter((view) => view.setUint8(FrameHeader.VERSION, 2))).toBe(FrameFault.UNSUPPORTED_VERSION)
    expect(faultAfter((view) => view.setUint8(FrameHeader.KIND, 0))).toBe(FrameFault.UNKNOWN_KIND)
    expect(faultAfter((view) => view.setUint8(FrameHeader.KIND, 255))).toBe(FrameFault.UNKNOWN_KIND)
    expect(faultAfter((view) => view.setUint16(FrameHeader.STRIDE, 8, true))).toBe(FrameFault.BAD_STRIDE)
    expect(faultAfter((view) => view.setUint16(FrameHeader.STRIDE, 17, true))).toBe(FrameFault.BAD_STRIDE)
    expect(faultAfter((view) => view.setUint16(FrameHeader.COUNT, 3, true))).toBe(FrameFault.LENGTH_MISMATCH)
    expect(faultAfter((view) => view.setFloat64(FrameHeader.LAST_SEQ, 9, true))).toBe(FrameFault.BAD_HEADER)
    expect(faultAfter((view) => view.setFloat64(FrameHeader.TIME_NS, Number.NaN, true))).toBe(FrameFault.BAD_HEADER)
    expect(faultAfter((view) => view.setFloat64(FrameHeader.RECORD_SEQ, 0.5, true))).toBe(FrameFault.BAD_HEADER)
    expect(faultAfter((view) => view.setUint8(FrameHeader.LENGTH + L2Field.SIDE, 2))).toBe(FrameFault.BAD_ENTRY)
    expect(faultAfter((view) => view.setInt32(FrameHeader.LENGTH + L2Field.PRICE_TICKS, 0, true))).toBe(
      FrameFault.BAD_ENTRY,
    )
  })

  it('holds no frame after a refused one', () => {
    const reader = new FrameReader()
    expect(reader.read(l2Frame().bytes)).toBe(FrameFault.NONE)
    expect(reader.read(new Uint8Array(48))).toBe(FrameFault.BAD_MAGIC)
    expect([reader.kind, reader.count, reader.lastSeq]).toEqual([0, 0, 0])
    expect(() => reader.int32(0, L2Field.PRICE_TICKS)).toThrow('an entry of the frame')
  })

  it('never throws, whatever byte of a good frame is changed or cut', () => {
    const reader = new FrameReader()
    const good = l2Frame().bytes
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, length) => {
        const bytes = good.slice(0, length)
        if (at < length) bytes[at] = value
        const fault = reader.read(bytes)
        const size = reader.count * reader.stride
        expect(size).toBe(fault === FrameFault.NONE ? length - FrameHeader.LENGTH : 0)
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes any bytes of any length, and holds only what it can vouch for', () => {
    const reader = new FrameReader()
    fc.assert(
      fc.property(anyFrame, (bytes) => {
        const fault = reader.read(bytes)
        if (fault !== FrameFault.NONE) {
          expect([reader.kind, reader.count, reader.stride, reader.lastSeq]).toEqual([0, 0, 0, 0])
          return
        }
        expect(reader.count * reader.stride).toBe(bytes.length - FrameHeader.LENGTH)
        for (const number of [reader.previousSeq, reader.lastSeq, reader.timeNs, reader.recordSeq]) {
          expect(Number.isSafeInteger(number) && number >= 0).toBe(true)
        }
        // Every byte of every entry can be read.
        for (let index = 0; index < reader.count; index++) reader.float64(index, reader.stride - 8)
      }),
      { numRuns: 2_000 },
    )
  })

  it('reads the entries of a longer, later layout by its own fields', () => {
    const stride = L2Field.LENGTH + 8
    const bytes = new Uint8Array(FrameHeader.LENGTH + 2 * stride)
    bytes.set(l2Frame().bytes.subarray(0, FrameHeader.LENGTH + L2Field.LENGTH))
    const view = new DataView(bytes.buffer)
    view.setUint16(FrameHeader.STRIDE, stride, true)
    view.setInt32(FrameHeader.LENGTH + stride + L2Field.PRICE_TICKS, 1002, true)
    const reader = new FrameReader()
    expect(reader.read(bytes)).toBe(FrameFault.NONE)
    expect(reader.int32(0, L2Field.PRICE_TICKS)).toBe(1000)
    expect(reader.int32(1, L2Field.PRICE_TICKS)).toBe(1002)
  })
})
