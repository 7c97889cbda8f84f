// Reads a journal's records in pieces, from wherever the reader has come to: for a peer that catches up.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { recordSeq, recordSize } from './record.ts'
import { SEGMENT_HEADER_LENGTH, type SegmentScanner } from './segment.ts'
import type { Storage } from './storage.ts'

export type SegmentPlace = { readonly name: string; readonly firstSeq: number }

export type Piece = {
  /** Bytes of whole records. */
  readonly length: number
  readonly lastSeq: number
}

export class JournalReader {
  readonly #storage: Storage
  readonly #scanner: SegmentScanner
  // Record #seq begins at byte #offset of segment #name.
  #name = ''
  #seq = 0
  #offset = 0

  constructor(storage: Storage, scanner: SegmentScanner) {
    this.#storage = storage
    this.#scanner = scanner
  }

  /** Records from `fromSeq` of `segment`, which holds it, up to `lastSeq` at most, as many as `target` takes. */
  read(segment: SegmentPlace, fromSeq: number, lastSeq: number, target: AlignedBuffer): Piece {
    if (segment.name !== this.#name || fromSeq !== this.#seq) this.#seek(segment, fromSeq)
    const available = this.#storage.read(segment.name, this.#offset, target.bytes)
    let length = 0
    let seq = fromSeq
    while (seq <= lastSeq && length + 8 <= available) {
      const size = recordSize(target, length)
      if (size === 0 || length + size > available || recordSeq(target, length) !== seq) break
      length += size
      seq += 1
    }
    this.#offset += length
    this.#seq = seq
    return { length, lastSeq: seq - 1 }
  }

  /** The records may be others now. */
  forget(): void {
    this.#name = ''
  }

  #seek({ name, firstSeq }: SegmentPlace, seq: number): void {
    this.#name = name
    this.#seq = seq
    this.#offset = SEGMENT_HEADER_LENGTH
    if (seq === firstSeq) return
    const visit = (records: AlignedBuffer, offset: number) => recordSeq(records, offset) < seq - 1
    this.#offset = this.#scanner.scan(this.#storage, name, firstSeq, visit).end
  }
}
