// The contract of a block's compression: the codec is pure, io/ hands in zstd.

/** How a block is stored. */
export const CompressionCode = { NONE: 0, ZSTD: 1 } as const

export type Compression = {
  readonly code: number
  compress(bytes: Uint8Array): Uint8Array
  /** The result is valid until the next call. `size` is what the block says it is; throws when it is not. */
  decompress(bytes: Uint8Array, size: number): Uint8Array
}

export const NO_COMPRESSION: Compression = {
  code: CompressionCode.NONE,
  compress: (bytes) => bytes,
  decompress: (bytes) => bytes,
}
