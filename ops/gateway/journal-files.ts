// The journals of the engines on this machine, for reading: what there is, and the bytes of one file.
//
// A segment is preallocated, so most of its file may be zeros; they are not sent. An engine may be writing meanwhile:
// what is sent then ends within a record, which every reader of journals takes for a torn tail.

import { readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstSeqOf } from '../../engine/journal/segment.ts'
import { snapshotSeqOf } from '../../engine/journal/snapshot-file.ts'

const ENGINE_NAME = /^engine(?:-[a-z0-9]{1,16})?$/

export type JournalListing = {
  /** Name of the engine's process, and of its folder. */
  readonly name: string
  /** By name, which is by first record. */
  readonly files: readonly { readonly name: string; readonly size: number }[]
}

export class JournalFiles {
  readonly #folder: string

  /** `folder`: the data directory of a cluster, with a folder of each engine. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Engines that have a journal here, by name. */
  list(): JournalListing[] {
    return namesIn(this.#folder)
      .filter((name) => ENGINE_NAME.test(name))
      .map((name) => ({ name, files: this.#filesOf(name) }))
      .filter(({ files }) => files.length > 0)
  }

  /** The file's bytes without the zeros at its end; undefined when there is no such file of a journal. */
  async read(engine: string, file: string): Promise<Uint8Array | undefined> {
    if (!ENGINE_NAME.test(engine) || !isJournalFile(file)) return undefined
    try {
      return withoutZeros(await readFile(join(this.#folder, engine, file)))
    } catch {
      return undefined
    }
  }

  #filesOf(engine: string): { name: string; size: number }[] {
    return namesIn(join(this.#folder, engine))
      .filter(isJournalFile)
      .sort()
      .map((name) => ({ name, size: sizeOf(join(this.#folder, engine, name)) }))
  }
}

function isJournalFile(name: string): boolean {
  return firstSeqOf(name) !== null || snapshotSeqOf(name) !== null
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}

/** Up to a multiple of 8: records are aligned, and the last one may end with zeros of its own. */
function withoutZeros(bytes: Uint8Array): Uint8Array {
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length >> 3)
  let last = words.length - 1
  while (last >= 0 && words[last] === 0n) last--
  // A record's last field may be 0: its size says where it ends, so the reader needs those zeros.
  return bytes.subarray(0, Math.min(bytes.length, (last + 1) * 8 + RECORD_TAIL))
}

/** No command ends with more zeros than this. */
const RECORD_TAIL = 4_096
