// Feeds in files: opening, reading with read-ahead, and writing beside the target until the feed is whole.

import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { Compression } from '../compression.ts'
import { FeedEncoder } from '../feed-encoder.ts'
import { FeedFormatError } from '../feed-format.ts'
import type { FeedHeader } from '../feed-header.ts'
import { type ByteSource, FeedReader } from '../feed-reader.ts'
import { zstdCompression } from './zstd.ts'

const READ_AHEAD_SIZE = 1 << 20

/** A feed file could not be read. The message names the file, the place and what can be done. */
export class FeedFileError extends Error {
  override name = 'FeedFileError'
}

class FileSource implements ByteSource {
  readonly size: number
  readonly #file: number
  #window: Uint8Array
  #windowAt = 0
  #windowSize = 0

  constructor(file: number) {
    this.#file = file
    this.size = fstatSync(file).size
    this.#window = new Uint8Array(Math.min(this.size, READ_AHEAD_SIZE))
  }

  read(at: number, size: number): Uint8Array {
    if (at < this.#windowAt || at + size > this.#windowAt + this.#windowSize) this.#load(at, size)
    return this.#window.subarray(at - this.#windowAt, at - this.#windowAt + size)
  }

  #load(at: number, size: number): void {
    if (size > this.#window.length) this.#window = new Uint8Array(size)
    this.#windowAt = at
    this.#windowSize = 0
    while (this.#windowSize < this.#window.length) {
      const room = this.#window.length - this.#windowSize
      const got = readSync(this.#file, this.#window, this.#windowSize, room, at + this.#windowSize)
      if (got === 0) break
      this.#windowSize += got
    }
    if (this.#windowSize < size) throw new FeedFormatError('the file became shorter while it was read', at)
  }
}

export type FeedFile = { readonly path: string; readonly size: number; readonly reader: FeedReader; close(): void }

export function openFeed(path: string): FeedFile {
  const file = openSync(path, 'r')
  try {
    if (fstatSync(file).isDirectory()) throw new FeedFileError(`${path} is a folder, and a feed file is needed`)
    const source = new FileSource(file)
    const reader = new FeedReader(source, zstdCompression())
    return { path, size: source.size, reader, close: () => closeSync(file) }
  } catch (error) {
    closeSync(file)
    throw describeFeedError(path, error)
  }
}

/** What reads a feed to its end finds out here that it has one. */
export function checkWhole({ path, reader }: FeedFile): void {
  if (reader.ending === 'whole') return
  throw new FeedFileError(
    `${path}: the feed was cut off: it has no index, and may end in the middle of a block\n` +
      '  Copy or import it again; ./tandem feed slice makes a whole feed of the part that can be read.',
  )
}

/** A format error, with the file's name and a remedy; anything else as it is. */
export function describeFeedError(path: string, error: unknown): unknown {
  if (!(error instanceof FeedFormatError)) return error
  const remedy =
    error.at === 0
      ? 'Import the data first: ./tandem feed import --help'
      : 'Copy or import the file again; the blocks before this place can still be read.'
  return new FeedFileError(`${path}: ${error.message}\n  ${remedy}`, { cause: error })
}

/** Writes to `<path>.part`, which becomes `path` when the feed is whole, so that no half feed carries the final name. */
export class FeedFileWriter {
  readonly encoder: FeedEncoder
  readonly #path: string
  readonly #file: number

  constructor(path: string, header: FeedHeader, compression: Compression = zstdCompression()) {
    this.#path = path
    this.#file = openSync(`${path}.part`, 'w')
    const write = (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at)
    }
    this.encoder = new FeedEncoder(header, { compression, write })
  }

  finish(): void {
    this.encoder.finish()
    closeSync(this.#file)
    renameSync(`${this.#path}.part`, this.#path)
  }

  /** Leaves nothing behind. */
  abandon(): void {
    closeSync(this.#file)
    rmSync(`${this.#path}.part`, { force: true })
  }
}
