// Records for tests of the journal: sealed commands with any content.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { sealRecord } from '../../engine/journal/record.ts'
import { RecordHeader } from '../../protocol/record.ts'

export type Batch = { readonly bytes: Uint8Array; readonly firstSeq: number; readonly lastSeq: number }

/** `count` records from `firstSeq` on; record n has a body of `bodySize(n)` bytes that all depend on n. */
export function recordBatch(
  firstSeq: number,
  count: number,
  epoch = 1,
  bodySize: (seq: number) => number = (seq) => 24 + (seq % 5) * 8,
): Batch {
  const buffer = new AlignedBuffer(count * 256)
  let length = 0
  for (let seq = firstSeq; seq < firstSeq + count; seq++) {
    const body = bodySize(seq)
    for (let index = 0; index < body; index++) {
      buffer.bytes[length + RecordHeader.LENGTH + index] = (seq * 31 + index * 7) & 0xff
    }
    length += sealRecord(buffer, length, body, epoch, seq, seq * 1000)
  }
  return { bytes: buffer.bytes.subarray(0, length), firstSeq, lastSeq: firstSeq + count - 1 }
}
