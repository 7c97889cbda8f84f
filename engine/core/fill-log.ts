// The last FILL_COUNT_MAX fills of the desk, for queries. Older ones are in the journal.
//
// An entry is a position as published (PositionField), with the record that made it and the client whose quote it was.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { type ByteReader, ByteReaderError } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { PositionField } from '../../protocol/frame.ts'
import { FILL_COUNT_MAX } from '../../protocol/limits.ts'

export const FillField = { ...PositionField, RECORD_SEQ: 56, CLIENT_ID: 64, LENGTH: 72 } as const

const CAPACITY_FIRST = 256
const DOUBLES = FillField.LENGTH / 8

export class FillLog {
  /** Entry i starts at byte i * FillField.LENGTH. Another object after an `add` that had to grow. */
  buffer = new AlignedBuffer(CAPACITY_FIRST * FillField.LENGTH)
  /** Fills so far, kept or not. */
  count = 0
  #capacity = CAPACITY_FIRST
  #keptFrom = 0

  /** Number of the oldest fill that is kept, counted from 0. */
  get keptFrom(): number {
    return this.#keptFrom
  }

  /** Entry of fill `number`, which is kept. */
  entryOf(number: number): number {
    return number % this.#capacity
  }

  /** Entry of the next fill. All its bytes are 0. */
  add(): number {
    if (this.count - this.#keptFrom === this.#capacity) {
      if (this.#capacity < FILL_COUNT_MAX) this.#grow()
      else this.#keptFrom += 1
    }
    const entry = this.count % this.#capacity
    this.count += 1
    this.buffer.float64.fill(0, entry * DOUBLES, (entry + 1) * DOUBLES)
    return entry
  }

  snapshot(writer: ByteWriter): void {
    writer.safeInteger(this.count)
    writer.uint32(this.count - this.#keptFrom)
    for (let number = this.#keptFrom; number < this.count; number++) {
      const at = this.entryOf(number) * FillField.LENGTH
      writer.bytes(this.buffer.bytes.subarray(at, at + FillField.LENGTH))
    }
  }

  restore(reader: ByteReader): void {
    const count = reader.safeInteger()
    const keptCount = reader.uint32()
    if (keptCount > FILL_COUNT_MAX || keptCount > count) throw new ByteReaderError('more fills than there can be')
    this.count = count - keptCount
    this.#keptFrom = this.count
    for (let index = 0; index < keptCount; index++) {
      const bytes = reader.bytes(FillField.LENGTH)
      const entry = this.add()
      this.buffer.bytes.set(bytes, entry * FillField.LENGTH)
    }
  }

  #grow(): void {
    const before = this.buffer
    const capacityBefore = this.#capacity
    this.#capacity *= 2
    this.buffer = new AlignedBuffer(this.#capacity * FillField.LENGTH)
    for (let number = this.#keptFrom; number < this.count; number++) {
      const from = (number % capacityBefore) * FillField.LENGTH
      const bytes = before.bytes.subarray(from, from + FillField.LENGTH)
      this.buffer.bytes.set(bytes, this.entryOf(number) * FillField.LENGTH)
    }
  }
}
