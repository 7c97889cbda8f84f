// Reads a feed block by block from any source of bytes. Every length is bounded and every checksum compared before the
// bytes behind it are used. A file that was cut off gives its whole blocks and then says so.

import { assert } from '../base/assert.ts'
import { checksum } from '../base/checksum.ts'
import { BlockDecoder } from './block-decoder.ts'
import {
  type BlockHeader,
  decodeBlockHeader,
  decodeIndex,
  decodeTrailer,
  type IndexEntry,
  isIndex,
} from './block-frame.ts'
import { type Compression, CompressionCode, NO_COMPRESSION } from './compression.ts'
import type { FeedBlock } from './feed-block.ts'
import { aligned, BLOCK_HEADER_SIZE, FeedFormatError, HEADER_FIXED_SIZE, TRAILER_SIZE } from './feed-format.ts'
import { decodeHeader, type FeedHeader, headerSize } from './feed-header.ts'

export type ByteSource = {
  /** Bytes in all. */
  readonly size: number
  /** `size` bytes from `at`, which lie inside the source. Valid until the next call. */
  read(at: number, size: number): Uint8Array
}

/** How the file ends: known once `next` has returned false. */
export type FeedEnding = 'unknown' | 'whole' | 'truncated'

export class FeedReader {
  readonly header: FeedHeader
  readonly #source: ByteSource
  readonly #zstd: Compression
  /** There from the first block on: it holds much. */
  #decoder: BlockDecoder | undefined
  readonly #firstBlockAt: number
  #at: number
  #ending: FeedEnding = 'unknown'
  #index: readonly IndexEntry[] | null | undefined

  constructor(source: ByteSource, zstd: Compression) {
    this.#source = source
    this.#zstd = zstd
    const size = headerSize(source.read(0, Math.min(source.size, HEADER_FIXED_SIZE)))
    this.header = decodeHeader(source.read(0, Math.min(source.size, size)))
    this.#firstBlockAt = size
    this.#at = size
  }

  get ending(): FeedEnding {
    return this.#ending
  }

  /** Fills `block` with the next events; false at the end. Throws a FeedFormatError when the file is damaged. */
  next(block: FeedBlock): boolean {
    const at = this.#at
    const left = this.#source.size - at
    const start = this.#source.read(at, Math.min(left, BLOCK_HEADER_SIZE))
    if (isIndex(start)) {
      this.#ending = this.index() === null ? 'truncated' : 'whole'
      return false
    }
    if (left < BLOCK_HEADER_SIZE) return this.#truncated()
    const header = decodeBlockHeader(start, at)
    if (left < BLOCK_HEADER_SIZE + aligned(header.storedSize)) return this.#truncated()
    if (header.eventCount > block.capacity) {
      throw new FeedFormatError(`a block of ${header.eventCount} events, and there is room for ${block.capacity}`, at)
    }
    const raw = this.#unpack(header, at)
    this.#decoder ??= new BlockDecoder(this.header.instruments.length)
    this.#decoder.decode(raw, header.eventCount, block, at)
    block.firstEventIndex = header.firstEventIndex
    this.#at = at + BLOCK_HEADER_SIZE + aligned(header.storedSize)
    return true
  }

  /** The blocks as the file's index lists them, or null when the file was cut off before it. */
  index(): readonly IndexEntry[] | null {
    if (this.#index === undefined) this.#index = this.#readIndex()
    return this.#index
  }

  rewind(): void {
    this.#at = this.#firstBlockAt
    this.#ending = 'unknown'
  }

  /** The next block is the first that may hold an event at or after `timeNs`. Needs the index. */
  seek(timeNs: number): void {
    const index = this.index()
    assert(index !== null, 'only a whole file can be searched by time')
    const entry = index.find((candidate) => candidate.latestNs >= timeNs)
    this.#at = entry?.at ?? this.#indexAt()
    this.#ending = 'unknown'
  }

  #unpack(header: BlockHeader, at: number): Uint8Array {
    const padded = this.#source.read(at + BLOCK_HEADER_SIZE, aligned(header.storedSize))
    const stored = padded.subarray(0, header.storedSize)
    if (padded.subarray(header.storedSize).some((byte) => byte !== 0)) {
      throw new FeedFormatError('the padding after a block is not zero: the file is damaged', at)
    }
    if (checksum(stored, 0, stored.length) !== header.checksum) {
      throw new FeedFormatError("a block's checksum does not match: the file is damaged", at)
    }
    const compression = this.#compressionOf(header.compression, at)
    let raw: Uint8Array
    try {
      raw = compression.decompress(stored, header.rawSize)
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error)
      throw new FeedFormatError(`a block cannot be unpacked: ${cause}`, at)
    }
    if (raw.length !== header.rawSize) throw new FeedFormatError('a block has another length than it says', at)
    // Columns are read as wider words, so they must be aligned; where the source's buffer is not, they move.
    return raw.byteOffset % 8 === 0 ? raw : new Uint8Array(raw)
  }

  #compressionOf(code: number, at: number): Compression {
    if (code === CompressionCode.NONE) return NO_COMPRESSION
    if (code === CompressionCode.ZSTD) return this.#zstd
    throw new FeedFormatError(`compression ${code} is unknown`, at)
  }

  #truncated(): false {
    this.#ending = 'truncated'
    return false
  }

  #readIndex(): readonly IndexEntry[] | null {
    const at = this.#indexAt()
    if (at < 0) return null
    return decodeIndex(this.#source.read(at, this.#source.size - TRAILER_SIZE - at), at)
  }

  /** Where the index starts; -1 when the file does not end as a whole one does. */
  #indexAt(): number {
    const trailerAt = this.#source.size - TRAILER_SIZE
    if (trailerAt < this.#firstBlockAt) return -1
    const at = decodeTrailer(this.#source.read(trailerAt, TRAILER_SIZE))
    if (at === null) return -1
    if (at < this.#firstBlockAt || at > trailerAt) throw new FeedFormatError('the trailer points nowhere', trailerAt)
    return at
  }
}
