// A snapshot file: the state at one sequence number, with its hash.
//
//   0       4         6        8     16       24      28          32          36         40          44       64
//   +-------+---------+--------+-----+--------+-------+-----------+-----------+----------+-----------+--------+------+
//   | magic | version | length | seq | timeNs | epoch | stateHash | bodyLength| bodyHash | cluster   | ..60 checksum | body |
//   +-------+---------+--------+-----+--------+-------+-----------+-----------+----------+-----------+--------+------+
//
// It is written beside its name, synced and renamed, so that it is there whole or not at all. The body's own format
// is the core's (engine/core/core.ts).

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { checksum } from '../../base/checksum.ts'
import type { Storage } from './storage.ts'

const HEADER_LENGTH = 64
const MAGIC = 0x534a4454
/** Version of the file format. 1: the first. */
const VERSION = 1
const NAME = /^snapshot-(\d{16})\.state$/
/** Bound on what a damaged length can make us read. */
const BODY_SIZE_MAX = 1024 * 1024 * 1024

export type Snapshot = {
  readonly seq: number
  readonly timeNs: number
  readonly epoch: number
  readonly stateHash: number
  readonly body: Uint8Array
}

export function snapshotName(seq: number): string {
  return `snapshot-${String(seq).padStart(16, '0')}.state`
}

export function snapshotSeqOf(name: string): number | null {
  const match = NAME.exec(name)
  return match === null ? null : Number(match[1])
}

export function encodeSnapshot(snapshot: Snapshot, clusterHash: number): Uint8Array {
  const file = new AlignedBuffer(HEADER_LENGTH + snapshot.body.length)
  file.uint32[0] = MAGIC
  file.bytes[4] = VERSION
  file.bytes[6] = HEADER_LENGTH
  file.float64[1] = snapshot.seq
  file.float64[2] = snapshot.timeNs
  file.uint32[6] = snapshot.epoch
  file.uint32[7] = snapshot.stateHash
  file.uint32[8] = snapshot.body.length
  file.uint32[9] = checksum(snapshot.body, 0, snapshot.body.length)
  file.uint32[10] = clusterHash
  file.uint32[15] = checksum(file.bytes, 0, 60)
  file.bytes.set(snapshot.body, HEADER_LENGTH)
  return file.bytes.subarray(0, HEADER_LENGTH + snapshot.body.length)
}

/** The snapshot, or what is wrong with the file. Nothing of it is used before its checksums were right. */
export function readSnapshot(storage: Storage, name: string, clusterHash: number): Snapshot | string {
  const header = new AlignedBuffer(HEADER_LENGTH)
  if (storage.read(name, 0, header.bytes) < HEADER_LENGTH) return 'it is cut short'
  if (header.uint32[0] !== MAGIC) return 'it is no snapshot'
  if (header.uint32[15] !== checksum(header.bytes, 0, 60)) return 'its header is damaged'
  if (header.bytes[4] !== VERSION) return `it has format version ${header.bytes[4]}; this program reads ${VERSION}`
  if (header.uint32[10] !== clusterHash) return 'it belongs to another cluster'
  const length = header.uint32[8]!
  if (length > BODY_SIZE_MAX) return `it claims a state of ${length} bytes`
  const body = new Uint8Array(length)
  if (storage.read(name, HEADER_LENGTH, body) < length) return 'it is cut short'
  if (header.uint32[9] !== checksum(body, 0, length)) return 'its checksum does not match'
  return {
    seq: header.float64[1]!,
    timeNs: header.float64[2]!,
    epoch: header.uint32[6]!,
    stateHash: header.uint32[7]!,
    body,
  }
}
