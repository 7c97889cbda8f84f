// What stands around the compressed columns of a block in the file, and the index that ends the file.
//
// Block header, 64 bytes:
//
//   0       4                 8            12        16           20           24            25      32
//   +-------+-----------------+------------+---------+------------+------------+-------------+-------+-----------------
//   | magic | header checksum | storedSize | rawSize | eventCount | checksum   | compression | 0 ... | firstEventIndex
//   +-------+-----------------+------------+---------+------------+------------+-------------+-------+-----------------
//   40              48              56
//   | earliestNs    | latestNs      | 0 ...      exchange times
//
// Header checksum: over bytes 8 .. 64. Checksum: over the stored bytes, which follow the header.

import { checksum } from '../base/checksum.ts'
import { BLOCK_EVENT_COUNT_MAX } from './feed-block.ts'
import {
  BLOCK_COUNT_MAX,
  BLOCK_HEADER_SIZE,
  BLOCK_MAGIC,
  BLOCK_RAW_SIZE_MAX,
  FeedFormatError,
  INDEX_ENTRY_SIZE,
  INDEX_HEADER_SIZE,
  INDEX_MAGIC,
  TRAILER_MAGIC,
  TRAILER_SIZE,
} from './feed-format.ts'

export type BlockHeader = {
  readonly storedSize: number
  readonly rawSize: number
  readonly eventCount: number
  readonly checksum: number
  readonly compression: number
  readonly firstEventIndex: number
  readonly earliestNs: number
  readonly latestNs: number
}

/** One block, as the index lists it. Entry of 32 bytes: at, earliestNs, latestNs (float64), eventCount, storedSize (uint32). */
export type IndexEntry = {
  readonly at: number
  readonly earliestNs: number
  readonly latestNs: number
  readonly eventCount: number
  readonly storedSize: number
}

export function encodeBlockHeader(header: BlockHeader, target: Uint8Array): void {
  const view = new DataView(target.buffer, target.byteOffset, BLOCK_HEADER_SIZE)
  target.fill(0, 0, BLOCK_HEADER_SIZE)
  view.setUint32(0, BLOCK_MAGIC, true)
  view.setUint32(8, header.storedSize, true)
  view.setUint32(12, header.rawSize, true)
  view.setUint32(16, header.eventCount, true)
  view.setUint32(20, header.checksum, true)
  view.setUint8(24, header.compression)
  view.setFloat64(32, header.firstEventIndex, true)
  view.setFloat64(40, header.earliestNs, true)
  view.setFloat64(48, header.latestNs, true)
  view.setUint32(4, checksum(target, 8, BLOCK_HEADER_SIZE), true)
}

/** `at`: the block's offset in the file, for messages. */
export function decodeBlockHeader(bytes: Uint8Array, at: number): BlockHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_HEADER_SIZE)
  if (view.getUint32(0, true) !== BLOCK_MAGIC) throw new FeedFormatError('no block starts where one should', at)
  if (view.getUint32(4, true) !== checksum(bytes, 8, BLOCK_HEADER_SIZE)) {
    throw new FeedFormatError("a block header's checksum does not match: the file is damaged", at)
  }
  const header: BlockHeader = {
    storedSize: view.getUint32(8, true),
    rawSize: view.getUint32(12, true),
    eventCount: view.getUint32(16, true),
    checksum: view.getUint32(20, true),
    compression: view.getUint8(24),
    firstEventIndex: view.getFloat64(32, true),
    earliestNs: view.getFloat64(40, true),
    latestNs: view.getFloat64(48, true),
  }
  const { storedSize, rawSize, eventCount } = header
  if (storedSize > BLOCK_RAW_SIZE_MAX || rawSize > BLOCK_RAW_SIZE_MAX) {
    throw new FeedFormatError(`a block of ${storedSize} bytes, ${rawSize} unpacked, is too long`, at)
  }
  if (eventCount < 1 || eventCount > BLOCK_EVENT_COUNT_MAX) {
    throw new FeedFormatError(`a block of ${eventCount} events is not possible`, at)
  }
  return header
}

/** The index of all blocks, and the trailer that says where it is. `at`: where it will stand in the file. */
export function encodeIndex(entries: readonly IndexEntry[], at: number): Uint8Array {
  const trailerAt = INDEX_HEADER_SIZE + INDEX_ENTRY_SIZE * entries.length
  const bytes = new Uint8Array(trailerAt + TRAILER_SIZE)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, INDEX_MAGIC, true)
  view.setUint32(8, entries.length, true)
  let eventCount = 0
  entries.forEach((entry, position) => {
    const entryAt = INDEX_HEADER_SIZE + INDEX_ENTRY_SIZE * position
    view.setFloat64(entryAt, entry.at, true)
    view.setFloat64(entryAt + 8, entry.earliestNs, true)
    view.setFloat64(entryAt + 16, entry.latestNs, true)
    view.setUint32(entryAt + 24, entry.eventCount, true)
    view.setUint32(entryAt + 28, entry.storedSize, true)
    eventCount += entry.eventCount
  })
  view.setUint32(4, checksum(bytes, 8, trailerAt), true)
  view.setUint32(trailerAt, TRAILER_MAGIC, true)
  view.setFloat64(trailerAt + 8, at, true)
  view.setFloat64(trailerAt + 16, eventCount, true)
  view.setUint32(trailerAt + 4, checksum(bytes, trailerAt + 8, trailerAt + TRAILER_SIZE), true)
  return bytes
}

/** Where the index starts, or null when the file does not end with a trailer: it was cut off. */
export function decodeTrailer(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, TRAILER_SIZE)
  if (view.getUint32(0, true) !== TRAILER_MAGIC) return null
  if (view.getUint32(4, true) !== checksum(bytes, 8, TRAILER_SIZE)) return null
  return view.getFloat64(8, true)
}

export function isIndex(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return bytes.length >= 4 && view.getUint32(0, true) === INDEX_MAGIC
}

/** `bytes`: from the index to the trailer. */
export function decodeIndex(bytes: Uint8Array, at: number): IndexEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const blockCount = bytes.length >= INDEX_HEADER_SIZE ? view.getUint32(8, true) : 0
  if (!isIndex(bytes) || blockCount > BLOCK_COUNT_MAX) throw new FeedFormatError('the index is damaged', at)
  if (bytes.length !== INDEX_HEADER_SIZE + INDEX_ENTRY_SIZE * blockCount) {
    throw new FeedFormatError(`an index of ${blockCount} blocks has another length`, at)
  }
  if (view.getUint32(4, true) !== checksum(bytes, 8, bytes.length)) {
    throw new FeedFormatError("the index's checksum does not match: the file is damaged", at)
  }
  return Array.from({ length: blockCount }, (_, position) => {
    const entryAt = INDEX_HEADER_SIZE + INDEX_ENTRY_SIZE * position
    return {
      at: view.getFloat64(entryAt, true),
      earliestNs: view.getFloat64(entryAt + 8, true),
      latestNs: view.getFloat64(entryAt + 16, true),
      eventCount: view.getUint32(entryAt + 24, true),
      storedSize: view.getUint32(entryAt + 28, true),
    }
  })
}
