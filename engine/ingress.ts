// Commands that were received and not yet sequenced, in the order in which they came. Bounded: full means refused.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { copyDoubles } from '../base/copy-doubles.ts'
import { commandSize } from '../protocol/command-check.ts'
import { INGRESS_COUNT_MAX } from '../protocol/limits.ts'

const SIZE_FIRST = 64 * 1024
const SIZE_MAX = 16 * 1024 * 1024

export class Ingress {
  buffer = new AlignedBuffer(SIZE_FIRST)
  /** Byte of the oldest command. */
  offset = 0
  count = 0
  #end = 0

  /** Copies the command at `offset` of `message`. False: there is no room. */
  push(message: AlignedBuffer, offset: number): boolean {
    const size = commandSize(message, offset)
    if (this.#end + size > this.buffer.size) this.#makeRoom(size)
    if (this.#end + size > this.buffer.size || this.count >= INGRESS_COUNT_MAX) return false
    copyDoubles(message.float64, offset >> 3, this.buffer.float64, this.#end >> 3, size >> 3)
    this.#end += size
    this.count += 1
    return true
  }

  /** Drops the oldest command. */
  shift(): void {
    this.offset += commandSize(this.buffer, this.offset)
    this.count -= 1
    if (this.count === 0) this.offset = this.#end = 0
  }

  clear(): void {
    this.offset = this.#end = this.count = 0
  }

  /** Moves what waits to the front, of a larger buffer when it fills more than half. */
  #makeRoom(size: number): void {
    const before = this.buffer
    const length = this.#end - this.offset
    if ((length + size) * 2 > before.size && before.size < SIZE_MAX) this.buffer = new AlignedBuffer(before.size * 2)
    this.buffer.bytes.set(before.bytes.subarray(this.offset, this.#end))
    this.#end = length
    this.offset = 0
  }
}
