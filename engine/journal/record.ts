// Framing of one record in a buffer: its header around a command (layout: protocol/record.ts).

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import { checksumOfWords } from '../../base/checksum.ts'
import { COMMAND_SIZE_MAX, GENESIS_SIZE_MAX } from '../../protocol/limits.ts'
import { RecordHeader } from '../../protocol/record.ts'

/** Largest record: GENESIS, whose configuration is bounded, with its headers. */
export const RECORD_SIZE_MAX = GENESIS_SIZE_MAX + COMMAND_SIZE_MAX + RecordHeader.LENGTH

/**
 * Puts a header around the command that lies at `offset + RecordHeader.LENGTH` and is `commandLength` bytes long.
 * Returns the size of the record.
 */
export function sealRecord(
  target: AlignedBuffer,
  offset: number,
  commandLength: number,
  epoch: number,
  seq: number,
  timeNs: number,
): number {
  const size = RecordHeader.LENGTH + commandLength
  assert(offset % 8 === 0 && size % 8 === 0, 'records are aligned')
  assert(size <= RECORD_SIZE_MAX && Number.isSafeInteger(seq) && seq >= 1, 'a record within its bounds')
  target.uint32[(offset + RecordHeader.SIZE) >> 2] = size
  target.float64[(offset + RecordHeader.SEQ) >> 3] = seq
  target.float64[(offset + RecordHeader.TIME_NS) >> 3] = timeNs
  target.uint32[(offset + RecordHeader.EPOCH) >> 2] = epoch
  target.uint32[(offset + RecordHeader.RESERVED) >> 2] = 0
  target.int32[(offset + RecordHeader.CHECKSUM) >> 2] = checksumOf(target, offset, size)
  return size
}

/** Could this be the size field of a record? */
export function isRecordSize(size: number): boolean {
  return size > RecordHeader.LENGTH && size <= RECORD_SIZE_MAX && size % 8 === 0
}

/** Is there a whole, undamaged record of `size` bytes at `offset`? The caller has made sure that the bytes are there. */
export function isRecordIntact(source: AlignedBuffer, offset: number, size: number): boolean {
  const expected = source.int32[(offset + RecordHeader.CHECKSUM) >> 2]!
  return checksumOf(source, offset, size) === expected
}

export function recordSize(source: AlignedBuffer, offset: number): number {
  return source.uint32[(offset + RecordHeader.SIZE) >> 2]!
}

export function recordSeq(source: AlignedBuffer, offset: number): number {
  return source.float64[(offset + RecordHeader.SEQ) >> 3]!
}

export function recordTimeNs(source: AlignedBuffer, offset: number): number {
  return source.float64[(offset + RecordHeader.TIME_NS) >> 3]!
}

export function recordEpoch(source: AlignedBuffer, offset: number): number {
  return source.uint32[(offset + RecordHeader.EPOCH) >> 2]!
}

/** Of all that follows the field itself. */
function checksumOf(source: AlignedBuffer, offset: number, size: number): number {
  return checksumOfWords(source.int32, (offset + RecordHeader.SEQ) >> 2, (offset + size) >> 2)
}
