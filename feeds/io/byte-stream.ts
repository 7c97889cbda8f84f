// Bytes of a binary file, which may be compressed with gzip or zstd: told by its content. Bounded memory.
//
// `has` is synchronous; only `fill` waits for the disk.

import type { ReadStream } from 'node:fs'
import { describeInputError, InputFileError, openInput } from './input-file.ts'

export class ByteStream {
  readonly path: string
  /** Bytes of the file itself, compressed or not. */
  readonly fileSize: number
  readonly #file: ReadStream
  readonly #chunks: AsyncIterator<Buffer>
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  view = new DataView(this.bytes.buffer)
  /** Where the next byte is in `bytes`. */
  at = 0
  /** Bytes of the content that were passed. */
  #passed = 0
  #ended = false

  private constructor(path: string, fileSize: number, file: ReadStream, chunks: AsyncIterator<Buffer>) {
    this.path = path
    this.fileSize = fileSize
    this.#file = file
    this.#chunks = chunks
  }

  static async open(path: string): Promise<ByteStream> {
    const { fileSize, file, content } = await openInput(path)
    return new ByteStream(path, fileSize, file, content[Symbol.asyncIterator]() as AsyncIterator<Buffer>)
  }

  /** Offset of the next byte in the uncompressed content. */
  get position(): number {
    return this.#passed + this.at
  }

  get fileBytesRead(): number {
    return this.#file.bytesRead
  }

  has(count: number): boolean {
    return this.at + count <= this.bytes.length
  }

  /** Brings at least `count` bytes into memory; false when the file ends before. */
  async fill(count: number): Promise<boolean> {
    while (!this.has(count)) {
      if (this.#ended) return false
      const result = await this.#chunks.next().catch((error: unknown) => {
        throw describeInputError(error, this.path, `byte ${this.position} of its content`, this.fileBytesRead)
      })
      if (result.done === true) {
        this.#ended = true
        return false
      }
      const left = this.bytes.length - this.at
      const joined = new Uint8Array(left + result.value.length)
      joined.set(this.bytes.subarray(this.at))
      joined.set(result.value, left)
      this.#passed += this.at
      this.bytes = joined
      this.view = new DataView(joined.buffer)
      this.at = 0
    }
    return true
  }

  /** At the end of the content, there must be nothing left. */
  checkEnd(what: string): void {
    const left = this.bytes.length - this.at
    if (left === 0) return
    throw new InputFileError(
      `${this.path}: the file ends inside ${what}, ${left} bytes after byte ${this.position} of its content\n` +
        '  Copy or download it again.',
    )
  }

  close(): void {
    this.#file.destroy()
  }
}
