// Damaged snapshots: refused in words, or exactly what was saved. Behind the checksum too: a body that is no state, or another
// than its hash names, is refused in bounded time and memory.

import { assert } from '../../base/assert.ts'
import { ByteWriter } from '../../base/byte-writer.ts'
import type { Prng } from '../../base/prng.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { clusterHashOf } from '../../engine/journal/segment.ts'
import { encodeSnapshot, readSnapshot, type Snapshot, snapshotName } from '../../engine/journal/snapshot-file.ts'
import { stateOf } from '../../engine/recovery.ts'
import { randomCommand, stamped } from './command-inputs.ts'
import { FuzzEngine, JOURNAL_OPTIONS, openMessage } from './fuzz-engine.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { mutate } from './mutate.ts'

const CLIENT_ID = 10
const COMMAND_COUNT = 300
const EPISODE_COUNT = 50_000
/** A state takes long to make. */
const RESTORE_CHANCE = 0.02
const COUNT_MAX = 1_000

export const snapshotsTarget: FuzzTarget = {
  name: 'snapshots',
  summary: 'damaged snapshots: refused in words, or what was saved',
  covers: ['engine/journal/snapshot-file.ts', 'base/byte-reader.ts', 'exchange-sim/exchange-snapshot.ts'],
  open: () => new SnapshotsSubject(),
}

class SnapshotsSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #clusterHash = clusterHashOf(JOURNAL_OPTIONS.clusterId)
  #snapshot: Snapshot | null = null
  #file = new Uint8Array(0)
  /** Where the books are in the body. */
  #exchangeAt = 0
  #exchangeLength = 0
  #count = 0

  execute(random: Prng): string | undefined {
    if (this.#count % EPISODE_COUNT === 0) this.#save(random)
    this.#count += 1
    const snapshot = this.#snapshot!
    if (random.nextChance(RESTORE_CHANCE)) return this.#restore(this.#damagedBody(random, snapshot.body), snapshot)
    const storage = new MemoryStorage()
    const name = snapshotName(snapshot.seq)
    storage.saveNow(name, mutate(random, this.#file))
    const read = readSnapshot(storage, name, this.#clusterHash)
    if (typeof read === 'string') {
      this.outcomes.add(read.replaceAll(/\d+/g, 'n'))
      return undefined
    }
    this.outcomes.add('whole')
    const isSame = Buffer.compare(read.body, snapshot.body) === 0 && read.stateHash === snapshot.stateHash
    return isSame && read.seq === snapshot.seq ? undefined : 'a damaged snapshot was believed'
  }

  close(): void {}

  /** Anywhere, or a few bytes of the books, whose counts, orders and terms are most of what can be wrong. */
  #damagedBody(random: Prng, body: Uint8Array): Uint8Array {
    if (random.nextChance(0.3)) return mutate(random, body)
    const damaged = body.slice()
    const at = this.#exchangeAt + random.nextBelow(this.#exchangeLength)
    const view = new DataView(damaged.buffer, at)
    if (random.nextChance(0.5)) damaged[at] = random.nextBelow(256)
    else view.setUint32(0, random.nextChance(0.5) ? random.nextBelow(COUNT_MAX) : random.nextUint32(), true)
    return damaged
  }

  #restore(body: Uint8Array, snapshot: Snapshot): undefined {
    const core = stateOf({ ...snapshot, body })
    this.outcomes.add(`behind the checksum: ${core === null ? 'refused' : 'the same'}`)
    return undefined
  }

  #save(random: Prng): void {
    const fuzzed = new FuzzEngine()
    fuzzed.send(CLIENT_ID, openMessage(CLIENT_ID, 1))
    for (let clientSeq = 1; clientSeq <= COMMAND_COUNT; clientSeq++) {
      fuzzed.send(CLIENT_ID, stamped(randomCommand(random), CLIENT_ID, 1, clientSeq))
    }
    this.#snapshot = fuzzed.engine.snapshot()
    const writer = new ByteWriter()
    fuzzed.core.exchange.snapshot(writer)
    this.#exchangeAt = Buffer.from(this.#snapshot.body).indexOf(writer.written)
    this.#exchangeLength = writer.written.length
    assert(this.#exchangeAt > 0, 'a snapshot has the books in it')
    this.#file = encodeSnapshot(this.#snapshot, this.#clusterHash).slice()
  }
}
