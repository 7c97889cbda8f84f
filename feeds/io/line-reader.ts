// Lines of a text file, which may be compressed with gzip or zstd: told by its content, not by its name. Bounded memory.
//
// `next` is synchronous as long as a whole line is in memory; only `fill` waits for the disk.

import type { ReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
/** A longer line is no line of any source that is read here. */
const LINE_SIZE_MAX = 1 << 24
const CHUNK_SIZE = 1 << 18

/** An input cannot be read on. The message names the file, the place and the remedy. */
export class InputFileError extends Error {
  override name = 'InputFileError'
}

export class LineReader {
  readonly path: string
  /** Bytes of the file itself, compressed or not: what progress is measured in. */
  readonly fileSize: number
  readonly #file: ReadStream
  readonly #chunks: AsyncIterator<Buffer>
  /** The line found by `next` is bytes[from .. to), without its end. */
  bytes: Uint8Array = new Uint8Array(0)
  from = 0
  to = 0
  /** From 1. */
  lineNumber = 0
  #at = 0
  #ended = false

  private constructor(path: string, fileSize: number, file: ReadStream, stream: Readable) {
    this.path = path
    this.fileSize = fileSize
    this.#file = file
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  }

  static async open(path: string): Promise<LineReader> {
    const handle = await open(path, 'r')
    const magic = new Uint8Array(4)
    await handle.read(magic, 0, 4, 0)
    const { size } = await handle.stat()
    const file = handle.createReadStream({ start: 0, highWaterMark: CHUNK_SIZE })
    return new LineReader(path, size, file, decompressed(file, magic))
  }

  /** Bytes of the file read so far. */
  get fileBytesRead(): number {
    return this.#file.bytesRead
  }

  /** Steps to the next line when it is in memory. An empty last line is none. */
  next(): boolean {
    if (this.#at >= this.bytes.length) return false
    let end = this.bytes.indexOf(LINE_FEED, this.#at)
    if (end === -1) {
      if (!this.#ended) return false
      end = this.bytes.length
    }
    this.from = this.#at
    this.to = end > this.from && this.bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end
    this.#at = end + 1
    this.lineNumber += 1
    return true
  }

  /** Brings more into memory; false when there is no more. */
  async fill(): Promise<boolean> {
    if (this.#ended) return false
    const result = await this.#chunks.next().catch((error: unknown) => {
      throw this.#describe(error)
    })
    if (result.done === true) {
      this.#ended = true
      return this.#at < this.bytes.length
    }
    const left = this.bytes.subarray(this.#at)
    if (left.length > LINE_SIZE_MAX) {
      throw new InputFileError(`${this.path}:${this.lineNumber + 1}: this line is too long; is it a text file?`)
    }
    this.bytes = left.length === 0 ? result.value : Buffer.concat([left, result.value])
    this.#at = 0
    return true
  }

  /** Where the current line is, for messages. */
  place(): string {
    return `${this.path}:${this.lineNumber}`
  }

  text(): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.from, this.to - this.from).toString('utf8')
  }

  close(): void {
    this.#file.destroy()
  }

  #describe(error: unknown): unknown {
    const code = (error as { code?: string }).code ?? ''
    const isCutOff = code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong'
    if (!isCutOff && !code.startsWith('Z_') && !code.startsWith('ZSTD')) return error
    const what = isCutOff ? 'the compressed file ends too early' : 'the compressed file is damaged'
    return new InputFileError(
      `${this.path}: ${what}, after line ${this.lineNumber} and byte ${this.fileBytesRead} of the file (${code})\n` +
        '  Copy or download it again; its size or checksum at the source tells whether it is whole.',
      { cause: error },
    )
  }
}

function decompressed(file: ReadStream, magic: Uint8Array): Readable {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return piped(file, createGunzip({ chunkSize: CHUNK_SIZE }))
  const isZstd = magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd
  return isZstd ? piped(file, createZstdDecompress({ chunkSize: CHUNK_SIZE })) : file
}

function piped(file: ReadStream, stage: ReturnType<typeof createGunzip>): Readable {
  file.on('error', (error) => stage.destroy(error))
  return file.pipe(stage)
}
