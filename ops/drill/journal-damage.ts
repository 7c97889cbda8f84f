// Damage to the journal files of an engine that does not run, as crashes and bad disks do it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { firstSeqOf, SEGMENT_HEADER_LENGTH } from '../../engine/journal/segment.ts'

/** Of a record whose write was cut short: its size is there, most of it is not. */
const TORN_SIZE = 96
const TORN_WRITTEN = 24
const TORN_BYTE = 0x5a

/** Begins one more record behind the last one and leaves it unfinished: a write that a crash cut short. */
export function tearTail(folder: string): void {
  const { path, bytes, end } = newestSegment(folder)
  bytes.writeUInt32LE(TORN_SIZE, end)
  bytes.fill(TORN_BYTE, end + 4, end + TORN_WRITTEN)
  writeFileSync(path, bytes)
}

/** Turns one bit in the middle of the records. Returns the file. */
export function flipBit(folder: string): string {
  const { path, bytes, end } = newestSegment(folder)
  const at = Math.floor((SEGMENT_HEADER_LENGTH + end) / 2)
  bytes[at] = bytes[at]! ^ 1
  writeFileSync(path, bytes)
  return path
}

/** The newest one that has records; `end` is where they end. */
function newestSegment(folder: string): { path: string; bytes: Buffer; end: number } {
  const names = readdirSync(folder)
    .filter((name) => firstSeqOf(name) !== null)
    .sort()
    .reverse()
  for (const name of names) {
    const path = join(folder, name)
    const bytes = readFileSync(path)
    let end = SEGMENT_HEADER_LENGTH
    for (let size = bytes.readUInt32LE(end); size !== 0 && end + size < bytes.length; size = bytes.readUInt32LE(end)) {
      end += size
    }
    if (end > SEGMENT_HEADER_LENGTH) return { path, bytes, end }
  }
  throw new Error(`${folder} holds no records`)
}
