// Damaged snapshots: refused in words, or exactly what was saved. Behind the checksum too: a body that is no state is refused
// by an error, in bounded time and memory, or gives a state of another hash, which is not believed.

import type { Prng } from '../../base/prng.ts'
import { Core } from '../../engine/core/core.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { clusterHashOf } from '../../engine/journal/segment.ts'
import { encodeSnapshot, readSnapshot, type Snapshot, snapshotName } from '../../engine/journal/snapshot-file.ts'
import { randomCommand, stamped } from './command-inputs.ts'
import { FuzzEngine, JOURNAL_OPTIONS, openMessage } from './fuzz-engine.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { mutate } from './mutate.ts'

const CLIENT_ID = 10
const COMMAND_COUNT = 300
const EPISODE_COUNT = 50_000
/** A state takes long to make. */
const RESTORE_CHANCE = 0.003

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
  #count = 0

  execute(random: Prng): string | undefined {
    if (this.#count % EPISODE_COUNT === 0) this.#save(random)
    this.#count += 1
    const snapshot = this.#snapshot!
    if (random.nextChance(RESTORE_CHANCE)) return this.#restore(mutate(random, snapshot.body), snapshot)
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

  #restore(body: Uint8Array, snapshot: Snapshot): undefined {
    let core: Core
    try {
      core = Core.restore(body)
    } catch (error) {
      this.outcomes.add(`behind the checksum: ${error instanceof Error ? error.name : 'refused'}`)
      return undefined
    }
    this.outcomes.add(
      core.hash() === snapshot.stateHash ? 'behind the checksum: the same' : 'behind the checksum: another',
    )
    return undefined
  }

  #save(random: Prng): void {
    const fuzzed = new FuzzEngine()
    fuzzed.send(CLIENT_ID, openMessage(CLIENT_ID, 1))
    for (let clientSeq = 1; clientSeq <= COMMAND_COUNT; clientSeq++) {
      fuzzed.send(CLIENT_ID, stamped(randomCommand(random), CLIENT_ID, 1, clientSeq))
    }
    this.#snapshot = fuzzed.engine.snapshot()
    this.#file = encodeSnapshot(this.#snapshot, this.#clusterHash).slice()
  }
}
