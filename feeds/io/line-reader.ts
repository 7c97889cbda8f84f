// Lines of a text file, which may be compressed with gzip or zstd: told by its content, not by its name. Bounded memory.
//
// `next` is synchronous as long as a whole line is in memory; only `fill` waits for the disk.

import type { ReadStream } from 'node:fs'
import { describeInputError, InputFileError, openInput } from './input-file.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
/** A longer line is no line of any source that is read here. */
const LINE_SIZE_MAX = 1 << 24
/** Kept of the content for a second reading of its start; of more, the file is read again. */
const KEPT_SIZE_MAX = 1 << 25

export class LineReader {
  readonly path: string
  /** Bytes of the file itself, compressed or not: what progress is measured in. */
  readonly fileSize: number
  #file: ReadStream
  #chunks: AsyncIterator<Buffer>
  /** The line found by `next` is bytes[from .. to), without its end. */
  bytes: Uint8Array = new Uint8Array(0)
  from = 0
  to = 0
  /** From 1. */
  lineNumber = 0
  #at = 0
  /** Behind the line that began in the chunk before: the rest of its last chunk. */
  #rest: Uint8Array | null = null
  #ended = false
  /** All chunks so far, for `rewind`; null when nobody asked for them, or they became too many. */
  #kept: Buffer[] | null = null
  #keptSize = 0
  /** Chunks that come again. */
  #again: Buffer[] = []

  private constructor(path: string, fileSize: number, file: ReadStream, chunks: AsyncIterator<Buffer>) {
    this.path = path
    this.fileSize = fileSize
    this.#file = file
    this.#chunks = chunks
  }

  static async open(path: string): Promise<LineReader> {
    const { fileSize, file, content } = await openInput(path)
    return new LineReader(path, fileSize, file, content[Symbol.asyncIterator]() as AsyncIterator<Buffer>)
  }

  /** From now on, what is read is kept for `rewind`. To be called before the first line. */
  keep(): void {
    this.#kept = []
  }

  /** Back to before the first line. It can be done once. */
  async rewind(): Promise<void> {
    if (this.#kept === null) {
      this.close()
      const { file, content } = await openInput(this.path)
      this.#file = file
      this.#chunks = content[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    } else {
      this.#again = this.#kept
      this.#kept = null
    }
    this.bytes = new Uint8Array(0)
    this.#at = 0
    this.#rest = null
    this.#ended = false
    this.lineNumber = 0
  }

  /** Bytes of the file read so far. */
  get fileBytesRead(): number {
    return this.#file.bytesRead
  }

  /** Steps to the next line when it is in memory. An empty last line is none. */
  next(): boolean {
    if (this.#at >= this.bytes.length && !this.#takeRest()) return false
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
    const chunk = this.#again.shift() ?? (await this.#nextChunk())
    if (chunk === null) {
      this.#ended = true
      return this.#at < this.bytes.length
    }
    const left = this.bytes.subarray(this.#at)
    if (left.length > LINE_SIZE_MAX) {
      throw new InputFileError(`${this.path}:${this.lineNumber + 1}: this line is too long; is it a text file?`)
    }
    this.#join(left, chunk)
    return true
  }

  async #nextChunk(): Promise<Buffer | null> {
    const result = await this.#chunks.next().catch((error: unknown) => {
      throw describeInputError(error, this.path, `line ${this.lineNumber}`, this.fileBytesRead)
    })
    if (result.done === true) return null
    if (this.#kept !== null) {
      this.#kept.push(result.value)
      this.#keptSize += result.value.length
      if (this.#keptSize > KEPT_SIZE_MAX) this.#kept = null
    }
    return result.value
  }

  /** Only the line that lies in both is copied. */
  #join(left: Uint8Array, chunk: Buffer): void {
    this.#at = 0
    this.bytes = chunk
    if (left.length === 0) return
    const end = chunk.indexOf(LINE_FEED) + 1
    // No line ends in the chunk: the next one goes on.
    const joined = end === 0 ? chunk : chunk.subarray(0, end)
    this.bytes = Buffer.concat([left, joined])
    if (joined.length < chunk.length) this.#rest = chunk.subarray(joined.length)
  }

  #takeRest(): boolean {
    if (this.#rest === null) return false
    this.bytes = this.#rest
    this.#rest = null
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
}
