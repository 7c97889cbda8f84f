// What an engine must not forget: written and on the disk before it is acted on.
//
// One file with two slots, written in turns. A slot has a generation and a checksum, so a write that was cut short leaves
// the other one, which is the state before.
//
//   0        512      1024
//   +--------+--------+        slot: generation, checksum, fields; all uint32
//   | slot 0 | slot 1 |
//   +--------+--------+

import { assert } from '../../base/assert.ts'
import { checksum } from '../../base/checksum.ts'
import type { Storage } from '../journal/storage.ts'

export type DurableFields = {
  /** Of this process start; grows with each. */
  incarnation: number
  /** Highest epoch joined or led. */
  epochMax: number
  /** The epoch whose primary the journal follows or is: made equal once, only appended to since. */
  syncedEpoch: number
  /** The last view this engine belonged to, and its members; both once a join was proposed from it. */
  viewEpoch: number
  viewMembers: number
  /** The highest epoch from which this engine ever asked to be sole member. */
  soloTriedEpoch: number
  /** 1: the journal holds all that this engine ever acknowledged. */
  isEligible: number
  /** Names the boot of the machine: another one means that what was not synced may be gone. */
  bootId: number
}

const NAME = 'replica.state'
const SLOT_SIZE = 512
const MAGIC = 0x52544454
const FIELDS = [
  'incarnation',
  'epochMax',
  'syncedEpoch',
  'viewEpoch',
  'viewMembers',
  'soloTriedEpoch',
  'isEligible',
  'bootId',
] as const satisfies readonly (keyof DurableFields)[]
const WORDS = 3 + FIELDS.length

export class DurableState {
  readonly fields: Readonly<DurableFields>
  /** There was no file: this engine has never been here. */
  readonly isFresh: boolean
  readonly #storage: Storage
  #generation: number

  private constructor(storage: Storage, fields: DurableFields, isFresh: boolean, generation: number) {
    this.#storage = storage
    this.fields = fields
    this.isFresh = isFresh
    this.#generation = generation
  }

  static open(storage: Storage): DurableState {
    const isFresh = !storage.list().includes(NAME)
    if (isFresh) storage.create(NAME, 2 * SLOT_SIZE)
    const slots = [readSlot(storage, 0), readSlot(storage, 1)].filter((slot) => slot !== null)
    const newest = slots.sort((one, other) => other.generation - one.generation)[0]
    const fields = newest?.fields ?? emptyFields()
    return new DurableState(storage, fields, newest === undefined, newest?.generation ?? 0)
  }

  /** The machine was started anew since the last start: what was not synced may be gone. */
  isRebooted(bootId: number): boolean {
    return !this.isFresh && this.fields.bootId !== bootId
  }

  /** On the disk when this returns. */
  save(change: Partial<DurableFields>): void {
    const next = { ...this.fields, ...change }
    if (FIELDS.every((name) => next[name] === this.fields[name])) return
    assert(next.epochMax >= this.fields.epochMax && next.incarnation >= this.fields.incarnation, 'neither goes back')
    this.#generation += 1
    const words = new Uint32Array(SLOT_SIZE / 4)
    words[0] = MAGIC
    words[1] = this.#generation
    FIELDS.forEach((name, index) => {
      words[2 + index] = next[name]
    })
    const bytes = new Uint8Array(words.buffer)
    words[WORDS - 1] = checksum(bytes, 0, (WORDS - 1) * 4)
    this.#storage.write(NAME, (this.#generation % 2) * SLOT_SIZE, bytes)
    this.#storage.syncNow(NAME)
    Object.assign(this.fields, next)
  }
}

function readSlot(storage: Storage, slot: number): { generation: number; fields: DurableFields } | null {
  const bytes = new Uint8Array(SLOT_SIZE)
  if (storage.read(NAME, slot * SLOT_SIZE, bytes) < SLOT_SIZE) return null
  const words = new Uint32Array(bytes.buffer)
  if (words[0] !== MAGIC || words[WORDS - 1] !== checksum(bytes, 0, (WORDS - 1) * 4)) return null
  const fields = emptyFields()
  FIELDS.forEach((name, index) => {
    fields[name] = words[2 + index]!
  })
  return { generation: words[1]!, fields }
}

function emptyFields(): DurableFields {
  return {
    incarnation: 0,
    epochMax: 0,
    syncedEpoch: 0,
    viewEpoch: 0,
    viewMembers: 0,
    soloTriedEpoch: 0,
    isEligible: 0,
    bootId: 0,
  }
}
