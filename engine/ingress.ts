// Commands that were received and not yet sequenced, in the order in which they came. Bounded: full means refused.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { commandSize } from '../protocol/command-check.ts'
import { INGRESS_COUNT_MAX } from '../protocol/limits.ts'

const SIZE = 16 * 1024 * 1024

export class Ingress {
  readonly buffer = new AlignedBuffer(SIZE)
  /** Byte of the oldest command. */
  offset = 0
  count = 0
  #end = 0

  /** Copies the command at `offset` of `message`. False: there is no room. */
  push(message: AlignedBuffer, offset: number): boolean {
    const size = commandSize(message, offset)
    if (this.#end + size > SIZE) this.#compact()
    if (this.#end + size > SIZE || this.count >= INGRESS_COUNT_MAX) return false
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

  #compact(): void {
    this.buffer.bytes.copyWithin(0, this.offset, this.#end)
    this.#end -= this.offset
    this.offset = 0
  }
}

/** Commands and records are multiples of eight bytes. */
export function copyDoubles(source: Float64Array, from: number, target: Float64Array, to: number, count: number): void {
  for (let index = 0; index < count; index++) target[to + index] = source[from + index]!
}
