// A segment: one preallocated file of a journal.
//
//   0       4         6        8          16               24            28      32         60         64          96
//   +-------+---------+--------+----------+----------------+-------------+-------+----------+----------+-----------+------
//   | magic | version | length | firstSeq | timeBaseUnixMs | clusterHash | epoch | reserved | checksum | sync mark | records
//   +-------+---------+--------+----------+----------------+-------------+-------+----------+----------+-----------+------
//    uint32  uint16    uint16   float64    float64          uint32        uint32  28 bytes   uint32     32 bytes
//
// The file is full of zeros before records are written, so that writing one changes no metadata on the disk. A size
// field of zero ends the records. The checksum is XXH32 over the 60 bytes before it. The sync mark is written again and
// again: a float64, the last record known to be on the disk, and the XXH32 of these 8 bytes. After a power loss it tells
// damage from records that had not reached the disk; it is on the disk itself with the sync after the one it tells of.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { checksum, checksumOfWords } from '../../base/checksum.ts'
import { JournalCorruptError, JournalVersionError } from './journal-errors.ts'
import { isRecordIntact, isRecordSize, RECORD_SIZE_MAX, recordSeq, recordSize } from './record.ts'
import type { Storage } from './storage.ts'

export const SEGMENT_HEADER_LENGTH = 96
const CHECKED_LENGTH = 60
export const SYNC_MARK_OFFSET = 64
export const SYNC_MARK_LENGTH = 16
const MAGIC = 0x314a4454
/** Version of the segment format. 1: the first. */
const VERSION = 1
const NAME = /^segment-(\d{16})\.journal$/
const CHUNK_SIZE = 4 * 1024 * 1024

export type SegmentHeader = {
  readonly firstSeq: number
  /** Record times count from here. Milliseconds since 1970. */
  readonly timeBaseUnixMs: number
  readonly clusterHash: number
  readonly epoch: number
}

export function segmentName(firstSeq: number): string {
  return `segment-${String(firstSeq).padStart(16, '0')}.journal`
}

/** The first sequence number in a segment's name, or null when it names no segment. */
export function firstSeqOf(name: string): number | null {
  const match = NAME.exec(name)
  return match === null ? null : Number(match[1])
}

export function clusterHashOf(clusterId: string): number {
  const bytes = new TextEncoder().encode(clusterId)
  return checksum(bytes, 0, bytes.length)
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const buffer = new AlignedBuffer(SEGMENT_HEADER_LENGTH)
  buffer.uint32[0] = MAGIC
  buffer.bytes[4] = VERSION
  buffer.bytes[6] = SEGMENT_HEADER_LENGTH
  buffer.float64[1] = header.firstSeq
  buffer.float64[2] = header.timeBaseUnixMs
  buffer.uint32[6] = header.clusterHash
  buffer.uint32[7] = header.epoch
  buffer.uint32[CHECKED_LENGTH >> 2] = checksum(buffer.bytes, 0, CHECKED_LENGTH)
  const mark = new AlignedBuffer(SYNC_MARK_LENGTH)
  writeSyncMark(mark, header.firstSeq - 1)
  buffer.bytes.set(mark.bytes, SYNC_MARK_OFFSET)
  return buffer.bytes
}

/** Says in `mark`, of SYNC_MARK_LENGTH bytes, that all records up to `seq` are on the disk. */
export function writeSyncMark(mark: AlignedBuffer, seq: number): void {
  mark.float64[0] = seq
  mark.int32[2] = checksumOfWords(mark.int32, 0, 2)
}

/** The last record known to have been on the disk; Infinity where the mark is damaged: nothing may be missing then. */
export function readSyncMark(storage: Storage, name: string): number {
  const mark = new AlignedBuffer(SYNC_MARK_LENGTH)
  storage.read(name, SYNC_MARK_OFFSET, mark.bytes)
  return mark.uint32[2] === checksum(mark.bytes, 0, 8) ? mark.float64[0]! : Number.POSITIVE_INFINITY
}

export function readSegmentHeader(storage: Storage, name: string): SegmentHeader {
  const buffer = new AlignedBuffer(SEGMENT_HEADER_LENGTH)
  const file = `${storage.location}/${name}`
  const length = storage.read(name, 0, buffer.bytes)
  if (length < SEGMENT_HEADER_LENGTH) throw new JournalCorruptError(file, 0, 'a segment header that is cut short')
  if (buffer.uint32[0] !== MAGIC) throw new JournalCorruptError(file, 0, 'this is no journal segment')
  if (!isHeaderIntact(buffer)) throw new JournalCorruptError(file, 0, 'the segment header is damaged')
  if (buffer.bytes[4] !== VERSION) {
    throw new JournalVersionError(`${file} has format version ${buffer.bytes[4]}; this program reads ${VERSION}.`)
  }
  return {
    firstSeq: buffer.float64[1]!,
    timeBaseUnixMs: buffer.float64[2]!,
    clusterHash: buffer.uint32[6]!,
    epoch: buffer.uint32[7]!,
  }
}

/** Was the segment created, and its process gone before the header was written whole? */
export function isSegmentUnused(storage: Storage, name: string): boolean {
  const buffer = new AlignedBuffer(SEGMENT_HEADER_LENGTH)
  storage.read(name, 0, buffer.bytes)
  if (buffer.uint32[0] === MAGIC && isHeaderIntact(buffer)) return false
  const rest = new Uint8Array(Math.max(0, storage.size(name) - SEGMENT_HEADER_LENGTH))
  storage.read(name, SEGMENT_HEADER_LENGTH, rest)
  return rest.every((byte) => byte === 0)
}

function isHeaderIntact({ bytes, uint32 }: AlignedBuffer): boolean {
  return uint32[CHECKED_LENGTH >> 2] === checksum(bytes, 0, CHECKED_LENGTH)
}

/** Gets each record in turn: `records` from `offset`, valid during the call. False ends the reading. */
export type RecordVisitor = (records: AlignedBuffer, offset: number, size: number) => boolean

export type SegmentScan = {
  /** Sequence number of the last whole record, or firstSeq - 1. */
  readonly lastSeq: number
  /** Byte behind it. */
  readonly end: number
  /** What stands there instead of a record: null when it is the zeros of unused space. */
  readonly fault: string | null
}

/** Reads the segment's records in order, as far as they are whole and numbered without a hole. Memory: one chunk. */
export class SegmentScanner {
  #chunk = new AlignedBuffer(0)

  scan(storage: Storage, name: string, firstSeq: number, visit: RecordVisitor): SegmentScan {
    const fileSize = storage.size(name)
    const chunk = this.#chunkFor(fileSize)
    let base = SEGMENT_HEADER_LENGTH
    let expected = firstSeq
    while (true) {
      const length = storage.read(name, base, chunk.bytes)
      const isLast = base + length >= fileSize
      let offset = 0
      // All records but the last of a chunk are whole in it; the rest begins the next chunk.
      const limit = isLast ? length : length - RECORD_SIZE_MAX
      while (offset < limit) {
        const fault = faultAt(chunk, offset, length, expected)
        if (fault !== null) return { lastSeq: expected - 1, end: base + offset, fault: fault === '' ? null : fault }
        const size = recordSize(chunk, offset)
        if (!visit(chunk, offset, size)) return { lastSeq: expected, end: base + offset + size, fault: null }
        expected += 1
        offset += size
      }
      base += offset
      if (isLast) return { lastSeq: expected - 1, end: base, fault: null }
    }
  }

  /**
   * Looks behind a faulty place for a whole record with a higher number than `seq`. Where there is one, what was
   * written is damaged; where there is none, the last write was cut short. Returns the byte of that record, or null.
   */
  findRecordAfter(storage: Storage, name: string, from: number, seq: number): number | null {
    const fileSize = storage.size(name)
    const chunk = this.#chunkFor(fileSize)
    for (let base = from + 8; base < fileSize; base += CHUNK_SIZE) {
      const length = storage.read(name, base, chunk.bytes)
      for (let offset = 0; offset + 40 <= length && offset < CHUNK_SIZE; offset += 8) {
        const size = recordSize(chunk, offset)
        if (size === 0 || !isRecordSize(size) || offset + size > length) continue
        const found = recordSeq(chunk, offset)
        if (Number.isSafeInteger(found) && found >= seq && isRecordIntact(chunk, offset, size)) return base + offset
      }
    }
    return null
  }

  /** Is record `seq` whole at byte `position` now? */
  isRecordAt(storage: Storage, name: string, position: number, seq: number): boolean {
    const chunk = new AlignedBuffer(RECORD_SIZE_MAX)
    const length = storage.read(name, position, chunk.bytes)
    return faultAt(chunk, 0, length, seq) === null
  }

  /** Holds the whole file, or so much of it at a time. */
  #chunkFor(fileSize: number): AlignedBuffer {
    const size = Math.min(fileSize, CHUNK_SIZE + RECORD_SIZE_MAX)
    if (this.#chunk.size < size) this.#chunk = new AlignedBuffer(size)
    return this.#chunk
  }
}

/** null: a whole record with the expected number; '': unused space; else what is wrong. */
function faultAt(chunk: AlignedBuffer, offset: number, length: number, expected: number): string | null {
  const size = offset + 8 <= length ? recordSize(chunk, offset) : 0
  if (size === 0) return isZero(chunk, offset, Math.min(length, offset + 32)) ? '' : 'a record whose size field is 0'
  if (!isRecordSize(size)) return `a record that claims ${size} bytes`
  if (offset + size > length) return `a record of ${size} bytes that goes beyond the end of the file`
  if (!isRecordIntact(chunk, offset, size)) return `the checksum of record ${expected} does not match`
  const seq = recordSeq(chunk, offset)
  return seq === expected ? null : `record ${seq} where ${expected} should be`
}

function isZero(chunk: AlignedBuffer, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if (chunk.bytes[index] !== 0) return false
  return true
}
