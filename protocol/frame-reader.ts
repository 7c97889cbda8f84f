// Reads frames (frame.ts) that somebody sent: checks the bytes first, then gives typed access to header and entries.
//
// It trusts nothing: whatever the bytes, `read` returns and says what is wrong. A frame that passed has a header whose
// numbers can be compared and entries whose sides, prices, quantities and ids are in range; whether the entries make
// sense together is the business of whoever applies them.
//
// The bytes are copied into one aligned buffer, because a transport hands out views at any offset and for a moment
// only. So one reader serves one subscription without allocating, and holds the last frame until the next `read`.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import {
  ExecutionField,
  FRAME_MAGIC,
  FRAME_VERSION,
  FrameHeader,
  L1Field,
  L2Field,
  L3Field,
  PositionField,
  StateField,
  TradeField,
} from './frame.ts'
import { FrameKind, L3Action } from './kinds.ts'
import { MESSAGE_SIZE_MAX } from './limits.ts'
import { NO_SYMBOL_ID } from './symbol.ts'

/** What is wrong with a frame. NONE: nothing. */
export const FrameFault = {
  NONE: 0,
  TOO_SHORT: 1,
  TOO_LONG: 2,
  BAD_MAGIC: 3,
  UNSUPPORTED_VERSION: 4,
  UNKNOWN_KIND: 5,
  /** The entries are shorter than this version's, or their size is no multiple of 8. */
  BAD_STRIDE: 6,
  /** count times stride is not what follows the header. */
  LENGTH_MISMATCH: 7,
  /** A sequence number or time that is no whole number, is negative, or runs backwards. */
  BAD_HEADER: 8,
  /** An entry with a side, price, quantity, action or id that cannot be. */
  BAD_ENTRY: 9,
} as const
export type FrameFault = (typeof FrameFault)[keyof typeof FrameFault]

/** Bytes of one entry of this version, by kind; 0: no such kind. A later version may append fields, so more is accepted. */
const STRIDES: readonly number[] = buildStrides()

function buildStrides(): number[] {
  const strides = Array.from<number>({ length: Math.max(...Object.values(FrameKind)) + 1 }).fill(0)
  strides[FrameKind.L1] = L1Field.LENGTH
  strides[FrameKind.L2] = L2Field.LENGTH
  strides[FrameKind.L3] = L3Field.LENGTH
  strides[FrameKind.TRADES] = TradeField.LENGTH
  strides[FrameKind.L2_SNAPSHOT] = L2Field.LENGTH
  strides[FrameKind.L3_SNAPSHOT] = L3Field.LENGTH
  strides[FrameKind.EXECUTIONS] = ExecutionField.LENGTH
  strides[FrameKind.POSITION] = PositionField.LENGTH
  strides[FrameKind.DESK] = ExecutionField.LENGTH
  strides[FrameKind.STATE] = StateField.LENGTH
  return strides
}

const SIZE_FIRST = 4_096

export class FrameReader {
  // The header of the frame that `read` accepted last; all 0 before the first and after a refused one.
  kind = 0
  count = 0
  stride = 0
  epoch = 0
  streamId = 0
  previousSeq = 0
  lastSeq = 0
  timeNs = 0
  recordSeq = 0
  /** As large as the largest frame so far. */
  #buffer = new AlignedBuffer(SIZE_FIRST)

  /** Takes over one received frame, if it is right; else says what is wrong and holds no frame. */
  read(frame: Uint8Array): FrameFault {
    this.#clear()
    if (frame.length < FrameHeader.LENGTH) return FrameFault.TOO_SHORT
    if (frame.length > MESSAGE_SIZE_MAX) return FrameFault.TOO_LONG
    if (frame.length > this.#buffer.size) this.#buffer = new AlignedBuffer(Math.min(frame.length * 2, MESSAGE_SIZE_MAX))
    this.#buffer.bytes.set(frame)
    const fault = this.#checkLayout(frame.length)
    if (fault !== FrameFault.NONE) return fault
    this.#takeHeader()
    if (!this.#isHeaderPossible()) {
      this.#clear()
      return FrameFault.BAD_HEADER
    }
    for (let index = 0; index < this.count; index++) {
      if (this.#isEntryPossible(index)) continue
      this.#clear()
      return FrameFault.BAD_ENTRY
    }
    return FrameFault.NONE
  }

  /** `field` is an offset of the kind's fields: `reader.uint8(0, L2Field.SIDE)`. */
  uint8(index: number, field: number): number {
    return this.#buffer.bytes[this.#offset(index, field)]!
  }

  int32(index: number, field: number): number {
    return this.#buffer.int32[this.#offset(index, field) >> 2]!
  }

  uint32(index: number, field: number): number {
    return this.#buffer.uint32[this.#offset(index, field) >> 2]!
  }

  float64(index: number, field: number): number {
    return this.#buffer.float64[this.#offset(index, field) >> 3]!
  }

  #offset(index: number, field: number): number {
    assert(index >= 0 && index < this.count, 'an entry of the frame')
    assert(field >= 0 && field < this.stride, 'a field of the entry')
    return FrameHeader.LENGTH + index * this.stride + field
  }

  #clear(): void {
    this.kind = 0
    this.count = 0
    this.stride = 0
    this.epoch = 0
    this.streamId = 0
    this.previousSeq = 0
    this.lastSeq = 0
    this.timeNs = 0
    this.recordSeq = 0
  }

  #checkLayout(length: number): FrameFault {
    const { bytes } = this.#buffer
    if (uint16At(bytes, FrameHeader.MAGIC) !== FRAME_MAGIC) return FrameFault.BAD_MAGIC
    if (bytes[FrameHeader.VERSION] !== FRAME_VERSION) return FrameFault.UNSUPPORTED_VERSION
    const strideMin = STRIDES[bytes[FrameHeader.KIND]!] ?? 0
    if (strideMin === 0) return FrameFault.UNKNOWN_KIND
    const stride = uint16At(bytes, FrameHeader.STRIDE)
    if (stride < strideMin || stride % 8 !== 0) return FrameFault.BAD_STRIDE
    const count = uint16At(bytes, FrameHeader.COUNT)
    if (FrameHeader.LENGTH + count * stride !== length) return FrameFault.LENGTH_MISMATCH
    return FrameFault.NONE
  }

  #takeHeader(): void {
    const { bytes, int32, uint32, float64 } = this.#buffer
    this.kind = bytes[FrameHeader.KIND]!
    this.count = uint16At(bytes, FrameHeader.COUNT)
    this.stride = uint16At(bytes, FrameHeader.STRIDE)
    this.epoch = uint32[FrameHeader.EPOCH >> 2]!
    this.streamId = int32[FrameHeader.STREAM_ID >> 2]!
    this.previousSeq = float64[FrameHeader.PREVIOUS_SEQ >> 3]!
    this.lastSeq = float64[FrameHeader.LAST_SEQ >> 3]!
    this.timeNs = float64[FrameHeader.TIME_NS >> 3]!
    this.recordSeq = float64[FrameHeader.RECORD_SEQ >> 3]!
  }

  #isHeaderPossible(): boolean {
    if (this.streamId < NO_SYMBOL_ID) return false
    if (!isCount(this.timeNs) || !isCount(this.recordSeq)) return false
    if (!isCount(this.previousSeq) || !isCount(this.lastSeq)) return false
    // In a snapshot previousSeq is no number of the stream: it counts the entries of the parts that follow.
    const isSnapshot = this.kind === FrameKind.L2_SNAPSHOT || this.kind === FrameKind.L3_SNAPSHOT
    return isSnapshot || this.previousSeq <= this.lastSeq
  }

  #isEntryPossible(index: number): boolean {
    switch (this.kind) {
      case FrameKind.L1:
        return this.#isL1Possible(index)
      case FrameKind.L2:
      case FrameKind.L2_SNAPSHOT:
        return (
          this.uint8(index, L2Field.SIDE) <= 1 &&
          this.int32(index, L2Field.PRICE_TICKS) > 0 &&
          this.int32(index, L2Field.QUANTITY_LOTS) >= 0 &&
          this.int32(index, L2Field.ORDER_COUNT) >= 0
        )
      case FrameKind.L3:
      case FrameKind.L3_SNAPSHOT:
        return this.#isL3Possible(index)
      case FrameKind.TRADES:
        return (
          isCount(this.float64(index, TradeField.TRADE_ID)) &&
          this.int32(index, TradeField.PRICE_TICKS) > 0 &&
          this.int32(index, TradeField.QUANTITY_LOTS) > 0 &&
          this.uint8(index, TradeField.AGGRESSOR_SIDE) <= 1 &&
          isCount(this.float64(index, TradeField.SEQ)) &&
          isCount(this.float64(index, TradeField.TIME_NS))
        )
      case FrameKind.POSITION:
        return this.#isPositionPossible(index)
      case FrameKind.STATE:
        return this.#isStatePossible(index)
      default:
        return this.#isExecutionPossible(index)
    }
  }

  #isL1Possible(index: number): boolean {
    return (
      this.int32(index, L1Field.BID_TICKS) >= 0 &&
      this.int32(index, L1Field.BID_LOTS) >= 0 &&
      this.int32(index, L1Field.ASK_TICKS) >= 0 &&
      this.int32(index, L1Field.ASK_LOTS) >= 0 &&
      this.int32(index, L1Field.LAST_TRADE_TICKS) >= 0 &&
      this.int32(index, L1Field.LAST_TRADE_LOTS) >= 0 &&
      this.int32(index, L1Field.REFERENCE_TICKS) >= 0
    )
  }

  #isL3Possible(index: number): boolean {
    const action = this.uint8(index, L3Field.ACTION)
    return (
      action >= L3Action.ADD &&
      action <= L3Action.HIDDEN_TRADE &&
      this.uint8(index, L3Field.SIDE) <= 1 &&
      this.int32(index, L3Field.PRICE_TICKS) > 0 &&
      this.int32(index, L3Field.QUANTITY_LOTS) >= 0 &&
      this.int32(index, L3Field.LEAVES_LOTS) >= 0 &&
      isCount(this.float64(index, L3Field.ORDER_ID)) &&
      isCount(this.float64(index, L3Field.TRADE_ID)) &&
      isCount(this.float64(index, L3Field.SEQ))
    )
  }

  #isPositionPossible(index: number): boolean {
    return (
      this.int32(index, PositionField.SYMBOL_ID) >= 0 &&
      this.uint8(index, PositionField.SIDE) <= 1 &&
      Number.isSafeInteger(this.float64(index, PositionField.NET_LOTS)) &&
      isCount(this.float64(index, PositionField.VERSION)) &&
      isCount(this.float64(index, PositionField.LAST_TRADE_ID)) &&
      Number.isSafeInteger(this.float64(index, PositionField.CASH_TICK_LOTS)) &&
      isCount(this.float64(index, PositionField.TIME_NS))
    )
  }

  #isStatePossible(index: number): boolean {
    return (
      this.uint8(index, StateField.SURPLUS_SIDE) <= 1 &&
      this.int32(index, StateField.INDICATIVE_TICKS) >= 0 &&
      isCount(this.float64(index, StateField.INDICATIVE_LOTS)) &&
      isCount(this.float64(index, StateField.SURPLUS_LOTS)) &&
      this.int32(index, StateField.OPEN_TICKS) >= 0 &&
      this.int32(index, StateField.HIGH_TICKS) >= 0 &&
      this.int32(index, StateField.LOW_TICKS) >= 0 &&
      this.int32(index, StateField.LAST_TICKS) >= 0 &&
      isCount(this.float64(index, StateField.TRADE_COUNT)) &&
      isCount(this.float64(index, StateField.VOLUME_LOTS)) &&
      isCount(this.float64(index, StateField.TURNOVER_HIGH)) &&
      isCount(this.float64(index, StateField.TURNOVER_LOW))
    )
  }

  #isExecutionPossible(index: number): boolean {
    return (
      this.uint8(index, ExecutionField.KIND) > 0 &&
      this.uint8(index, ExecutionField.SIDE) <= 1 &&
      isCount(this.float64(index, ExecutionField.EXEC_SEQ)) &&
      isCount(this.float64(index, ExecutionField.CLIENT_SEQ)) &&
      isCount(this.float64(index, ExecutionField.RECORD_SEQ)) &&
      isCount(this.float64(index, ExecutionField.TIME_NS)) &&
      isCount(this.float64(index, ExecutionField.ORDER_ID)) &&
      isCount(this.float64(index, ExecutionField.TRADE_ID)) &&
      Number.isSafeInteger(this.float64(index, ExecutionField.VALUE))
    )
  }
}

/** A whole number, 0 or more, that a double holds exactly. */
function isCount(value: number): boolean {
  return value >= 0 && Number.isSafeInteger(value)
}

function uint16At(bytes: Uint8Array, offset: number): number {
  return bytes[offset]! | (bytes[offset + 1]! << 8)
}
