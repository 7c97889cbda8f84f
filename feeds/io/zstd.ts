// The zstd compression of feed blocks, by Node's own library.

import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { type Compression, CompressionCode } from '../compression.ts'
import { BLOCK_RAW_SIZE_MAX } from '../feed-format.ts'

/** Level 9 takes five times as long for three hundredths of the size. */
const LEVEL_DEFAULT = 2

export function zstdCompression(level = LEVEL_DEFAULT): Compression {
  const compressOptions = { params: { [constants.ZSTD_c_compressionLevel]: level } }
  return {
    code: CompressionCode.ZSTD,
    compress: (bytes) => zstdCompressSync(bytes, compressOptions),
    decompress: (bytes, size) =>
      zstdDecompressSync(bytes, { maxOutputLength: Math.min(size, BLOCK_RAW_SIZE_MAX), chunkSize: Math.max(64, size) }),
  }
}
