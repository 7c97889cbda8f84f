// Constants and failures of the recorded-feed format; docs/feed-format.md draws it byte by byte.
//
//   header | block | block | ... | block | index
//
// A reader that stops anywhere before the index has read whole blocks, each with its own checksums. All numbers are
// little-endian.

/** Version of the format. 1: the first. */
export const FEED_VERSION = 1

/** "TNDMFEED" */
export const FEED_MAGIC = [0x54, 0x4e, 0x44, 0x4d, 0x46, 0x45, 0x45, 0x44] as const
/** "TFBK" */
export const BLOCK_MAGIC = 0x4b42_4654
/** "TFIX" */
export const INDEX_MAGIC = 0x5849_4654
/** "TFND" */
export const TRAILER_MAGIC = 0x444e_4654

export const HEADER_FIXED_SIZE = 24
export const HEADER_BODY_SIZE_MAX = 1 << 20
export const BLOCK_HEADER_SIZE = 64
/** Bytes of a block's columns, before and after compression. */
export const BLOCK_RAW_SIZE_MAX = 1 << 21
export const INDEX_ENTRY_SIZE = 32
export const INDEX_HEADER_SIZE = 16
export const TRAILER_SIZE = 24
/** Header, blocks and index start at multiples of it; the bytes between are zero, in the header spaces. */
const ALIGNMENT = 8
export const BLOCK_COUNT_MAX = 1 << 24

/** Times lie this far from the time base at most: 52 days. Differences of two are then exact. */
export const FEED_TIME_NS_MAX = 2 ** 52

export function aligned(size: number): number {
  return Math.ceil(size / ALIGNMENT) * ALIGNMENT
}

/** The bytes are not what the format says. `at` is the offset in the file. */
export class FeedFormatError extends Error {
  override name = 'FeedFormatError'
  readonly at: number

  constructor(message: string, at: number) {
    super(`${message} (at byte ${at})`)
    this.at = at
  }
}
