// Damaged journals: either the journal is refused with an error of its own, or what it gives is a beginning of what was
// written, and replays to the state that the engine had then.

import type { Prng } from '../../base/prng.ts'
import { Core } from '../../engine/core/core.ts'
import { Journal } from '../../engine/journal/journal.ts'
import { JournalCorruptError, JournalVersionError, SegmentMissingError } from '../../engine/journal/journal-errors.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { RecordHeader } from '../../protocol/record.ts'
import { randomCommand, stamped } from './command-inputs.ts'
import { FuzzEngine, JOURNAL_OPTIONS, openMessage } from './fuzz-engine.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { mutate, pick } from './mutate.ts'

const CLIENT_ID = 10
const COMMAND_COUNT = 60
const SEGMENT_SIZE = 4 * 1024
/** A state takes long to make: every so many inputs the records are applied, else their bytes are compared. */
const APPLY_CHANCE = 0.002
/** Inputs before a new journal is written. */
const EPISODE_COUNT = 20_000

export const recordsTarget: FuzzTarget = {
  name: 'records',
  summary: 'damaged journal segments: refused by name, or a beginning of what was written',
  covers: [
    'engine/journal/journal.ts',
    'engine/journal/segment.ts',
    'engine/journal/record.ts',
    'engine/journal/tail.ts',
  ],
  open: () => new RecordsSubject(),
}

type File = readonly [name: string, bytes: Uint8Array]

class RecordsSubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  #files: readonly File[] = []
  #hashes: readonly number[] = []
  /** Of the records, each over all of it. */
  #checksums: readonly number[] = []
  #count = 0

  execute(random: Prng): string | undefined {
    if (this.#count % EPISODE_COUNT === 0) this.#write(random)
    this.#count += 1
    const victim = pick(random, this.#files)
    const storage = new MemoryStorage()
    for (const [name, bytes] of this.#files) {
      storage.saveNow(name, name === victim[0] ? mutate(random, bytes) : bytes)
    }
    let journal: Journal
    try {
      journal = Journal.open(storage, { ...JOURNAL_OPTIONS, segmentSize: SEGMENT_SIZE })
    } catch (error) {
      return this.#refused(error)
    }
    return random.nextChance(APPLY_CHANCE) ? this.#replay(journal) : this.#compare(journal)
  }

  close(): void {}

  #refused(error: unknown): string | undefined {
    const isExpected =
      error instanceof JournalCorruptError ||
      error instanceof JournalVersionError ||
      error instanceof SegmentMissingError
    if (!isExpected) throw error
    this.outcomes.add(error.name)
    return undefined
  }

  #compare(journal: Journal): string | undefined {
    const end = journal.appendPosition
    let wrong: string | undefined
    let count = 0
    try {
      journal.replay(1, (records, offset, size) => {
        const checksum = records.uint32[(offset + RecordHeader.CHECKSUM) >> 2]!
        if (checksum !== this.#checksums[count]) wrong = `record ${count + 1} is not what was written`
        count += 1
        return size > 0
      })
    } catch (error) {
      return this.#refused(error)
    }
    if (count !== end) return `${count} records, where ${end} are promised`
    this.outcomes.add(end === this.#hashes.length - 1 ? 'whole' : 'cut')
    return wrong
  }

  #replay(journal: Journal): string | undefined {
    const end = journal.appendPosition
    if (end >= this.#hashes.length) return `${end} records, where ${this.#hashes.length - 1} were written`
    let core: Core | null = null
    try {
      journal.replay(1, (records, offset) => {
        if (core === null) core = Core.fromGenesis(records, offset)
        else core.apply(records, offset)
        core.discard()
        return true
      })
    } catch (error) {
      return this.#refused(error)
    }
    const hash = (core as Core | null)?.hash() ?? 0
    if (hash !== this.#hashes[end]) return `the state after record ${end} is not what it was`
    this.outcomes.add(end === this.#hashes.length - 1 ? 'whole' : 'cut')
    return undefined
  }

  /** A journal, and the state's hash after each of its records. */
  #write(random: Prng): void {
    const fuzzed = new FuzzEngine(SEGMENT_SIZE)
    fuzzed.send(CLIENT_ID, openMessage(CLIENT_ID, 1))
    for (let clientSeq = 1; clientSeq <= COMMAND_COUNT; clientSeq++) {
      fuzzed.send(CLIENT_ID, stamped(randomCommand(random), CLIENT_ID, 1, clientSeq))
    }
    const hashes = [0]
    const checksums: number[] = []
    let core: Core | null = null
    fuzzed.journal.replay(1, (records, offset) => {
      if (core === null) core = Core.fromGenesis(records, offset)
      else core.apply(records, offset)
      core.discard()
      hashes.push(core.hash())
      checksums.push(records.uint32[(offset + RecordHeader.CHECKSUM) >> 2]!)
      return true
    })
    this.#hashes = hashes
    this.#checksums = checksums
    const { storage } = fuzzed
    this.#files = storage
      .list()
      .filter((name) => name.endsWith('.journal'))
      .map((name) => {
        const bytes = new Uint8Array(storage.size(name))
        storage.read(name, 0, bytes)
        return [name, bytes]
      })
  }
}
