// The journal over a disk in memory: what is appended is read again, torn tails are cut, damage is refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checksum } from '../../../base/checksum.ts'
import { Journal } from '../../../engine/journal/journal.ts'
import {
  JournalCorruptError,
  JournalVersionError,
  SegmentMissingError,
} from '../../../engine/journal/journal-errors.ts'
import { MemoryStorage } from '../../../engine/journal/memory-storage.ts'
import { recordSeq } from '../../../engine/journal/record.ts'
import { SEGMENT_HEADER_LENGTH, segmentName } from '../../../engine/journal/segment.ts'
import { recordBatch } from '../../support/records.ts'

/** Of a segment's header, with its checksum; the sync mark that follows is written again and again. */
const HEADER_CHECKED_LENGTH = 64

const options = { clusterId: 'test', timeBaseUnixMs: 1_700_000_000_000, segmentSize: 4096 }

function appendBatch(journal: Journal, count: number, epoch = 1): void {
  const batch = recordBatch(journal.appendPosition + 1, count, epoch)
  journal.append(batch.bytes, batch.firstSeq, batch.lastSeq, epoch)
}

function seqsOf(journal: Journal, fromSeq = 1): number[] {
  const seqs: number[] = []
  journal.replay(fromSeq, (records, offset) => {
    seqs.push(recordSeq(records, offset))
    return true
  })
  return seqs
}

function segmentsOf(storage: MemoryStorage): Map<string, Uint8Array> {
  const names = storage.list().filter((file) => file.startsWith('segment'))
  return new Map(
    names.map((name) => {
      const bytes = new Uint8Array(storage.size(name))
      storage.read(name, 0, bytes)
      return [name, bytes]
    }),
  )
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

describe('appending and reading', () => {
  test('a new journal is empty', () => {
    const journal = Journal.open(new MemoryStorage(), options)
    expect(journal.appendPosition).toBe(0)
    expect(seqsOf(journal)).toEqual([])
  })

  test('records are read again over segment borders, also after a reopening', () => {
    const storage = new MemoryStorage()
    const journal = Journal.open(storage, options)
    for (let pass = 0; pass < 60; pass++) appendBatch(journal, 7)
    expect(storage.list().length).toBeGreaterThan(5)
    expect(seqsOf(journal)).toEqual(upTo(420))
    const reopened = Journal.open(storage, options)
    expect(reopened.appendPosition).toBe(420)
    expect(reopened.timeBaseUnixMs).toBe(options.timeBaseUnixMs)
    expect(reopened.lastTimeNs).toBe(420_000)
    expect(seqsOf(reopened, 400)).toEqual(upTo(420).slice(399))
    appendBatch(reopened, 3, 2)
    expect(seqsOf(reopened)).toEqual(upTo(423))
    expect(Journal.open(storage, options).lastEpoch).toBe(2)
  })

  test('a batch larger than a segment gets a segment of its own', () => {
    const storage = new MemoryStorage()
    const journal = Journal.open(storage, options)
    appendBatch(journal, 200)
    appendBatch(journal, 1)
    expect(seqsOf(Journal.open(storage, options))).toEqual(upTo(201))
  })
})

describe('syncing', () => {
  test('the sync position follows the disk, one request at a time', () => {
    const storage = new MemoryStorage(false)
    const journal = Journal.open(storage, { ...options, segmentSize: 1 << 20 })
    appendBatch(journal, 5)
    journal.requestSync()
    appendBatch(journal, 5)
    journal.requestSync()
    expect(storage.pendingCount).toBe(1)
    expect(journal.syncPosition).toBe(0)
    storage.complete(1)
    expect(journal.syncPosition).toBe(5)
    storage.complete(1)
    expect(journal.syncPosition).toBe(10)
  })

  test('nothing in a new segment counts as synced before the old one is', () => {
    const storage = new MemoryStorage(false)
    const journal = Journal.open(storage, options)
    appendBatch(journal, 50)
    appendBatch(journal, 20)
    journal.requestSync()
    for (let step = 0; step < 10 && journal.syncPosition < 70; step++) {
      const before = journal.syncPosition
      storage.complete(1)
      expect(journal.syncPosition).toBeGreaterThanOrEqual(before)
    }
    expect(journal.syncPosition).toBe(70)
    storage.losePower()
    expect(seqsOf(Journal.open(storage, options))).toEqual(upTo(70))
  })

  test('whatever was synced survives a power loss at any time', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('append', 'sync', 'complete'), { maxLength: 60 }), (steps) => {
        const storage = new MemoryStorage(false)
        const journal = Journal.open(storage, options)
        for (const step of steps) {
          if (step === 'append') appendBatch(journal, 9)
          else if (step === 'sync') journal.requestSync()
          else storage.complete(1)
        }
        const promised = journal.syncPosition
        storage.losePower()
        expect(Journal.open(storage, options).appendPosition).toBeGreaterThanOrEqual(promised)
      }),
      { numRuns: 200 },
    )
  })
})

describe('damage', () => {
  function written(passes: number): MemoryStorage {
    const storage = new MemoryStorage()
    const journal = Journal.open(storage, options)
    for (let pass = 0; pass < passes; pass++) appendBatch(journal, 7)
    return storage
  }

  function lastSegment(storage: MemoryStorage): { name: string; bytes: Uint8Array; end: number } {
    const name = storage.list().findLast((file) => file.startsWith('segment'))!
    const bytes = new Uint8Array(storage.size(name))
    storage.read(name, 0, bytes)
    let end = bytes.length
    while (end > 0 && bytes[end - 1] === 0) end -= 1
    return { name, bytes, end: (end + 7) & ~7 }
  }

  test('a tail cut at any byte is cut back to whole records, and kept aside', () => {
    const whole = written(8)
    const { name, end } = lastSegment(whole)
    const complete = Journal.open(whole, options).appendPosition
    for (let cut = end - 1; cut > end - 120; cut--) {
      const storage = written(8)
      storage.write(name, cut, new Uint8Array(end - cut))
      const journal = Journal.open(storage, options)
      expect(journal.appendPosition).toBeLessThanOrEqual(complete)
      expect(journal.appendPosition).toBeGreaterThanOrEqual(complete - 3)
      expect(seqsOf(journal)).toEqual(upTo(journal.appendPosition))
      if (journal.cutTail !== null) expect(storage.list()).toContain(journal.cutTail.keptIn)
      appendBatch(journal, 3)
      expect(seqsOf(Journal.open(storage, options))).toEqual(upTo(journal.appendPosition))
    }
  })

  test('a flipped byte is never silently accepted', () => {
    const { name, end } = lastSegment(written(20))
    fc.assert(
      fc.property(fc.nat({ max: end - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const storage = written(20)
        const byte = new Uint8Array(1)
        storage.read(name, at, byte)
        byte[0]! ^= flip
        storage.write(name, at, byte)
        try {
          const journal = Journal.open(storage, options)
          // Only damage to the very last record looks like a write that was cut short.
          expect(journal.appendPosition).toBe(139)
          expect(journal.cutTail).not.toBeNull()
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
          if (error instanceof JournalCorruptError) {
            expect(error.file).toContain(name)
            expect(error.offset).toBeLessThanOrEqual(at)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  test('damage in the middle names file and byte', () => {
    const storage = written(20)
    const name = segmentName(1)
    storage.write(name, SEGMENT_HEADER_LENGTH + 40, Uint8Array.of(0xff))
    expect(() => Journal.open(storage, options)).toThrow(JournalCorruptError)
    expect(() => Journal.open(storage, options)).toThrow(`${name}, byte ${SEGMENT_HEADER_LENGTH}`)
  })

  test('zeros over a record in the middle are damage, not the end', () => {
    const storage = written(20)
    const { name } = lastSegment(storage)
    storage.write(name, SEGMENT_HEADER_LENGTH, new Uint8Array(56))
    expect(() => Journal.open(storage, options)).toThrow(JournalCorruptError)
  })

  test('a segment with any byte of its header changed is refused by name, and left as it is', () => {
    for (let at = 0; at < HEADER_CHECKED_LENGTH; at++) {
      const storage = written(60)
      const [name = ''] = segmentsOf(storage).keys()
      const byte = new Uint8Array(1)
      storage.read(name, at, byte)
      storage.write(
        name,
        at,
        byte.map((value) => value ^ 0x40),
      )
      const before = segmentsOf(storage)
      expect(() => Journal.open(storage, options), `byte ${at}`).toThrow(`${name}, byte 0`)
      expect(segmentsOf(storage)).toEqual(before)
    }
  })

  test('a missing segment is named', () => {
    const storage = written(60)
    const names = storage.list().filter((file) => file.startsWith('segment'))
    storage.remove(names[2]!)
    expect(() => Journal.open(storage, options)).toThrow(SegmentMissingError)
  })

  test('a segment of another version is refused, and both versions are named', () => {
    const storage = written(2)
    const name = storage.list().find((file) => file.startsWith('segment')) ?? ''
    const header = new Uint8Array(60)
    storage.read(name, 0, header)
    header[4] = 9
    storage.write(name, 0, header)
    const sum = new Uint8Array(4)
    new DataView(sum.buffer).setUint32(0, checksum(header, 0, 60), true)
    storage.write(name, 60, sum)
    expect(() => Journal.open(storage, options)).toThrow(JournalVersionError)
    expect(() => Journal.open(storage, options)).toThrow('format version 9; this program reads 1')
  })

  test('another cluster’s journal is refused', () => {
    expect(() => Journal.open(written(2), { ...options, clusterId: 'other' })).toThrow('another cluster')
  })
})

describe('snapshots', () => {
  const body = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff)

  test('the newest whole one is found; two are kept; old segments go', () => {
    const storage = new MemoryStorage()
    const journal = Journal.open(storage, options)
    for (const pass of upTo(4)) {
      for (let batch = 0; batch < 20; batch++) appendBatch(journal, 7)
      journal.requestSync()
      const seq = journal.appendPosition
      journal.saveSnapshot({ seq, timeNs: pass, epoch: 1, stateHash: pass, body }, (error) => expect(error).toBeNull())
    }
    expect(storage.list().filter((name) => name.startsWith('snapshot'))).toHaveLength(2)
    expect(journal.firstSeq).toBeGreaterThan(1)
    expect(journal.firstSeq).toBeLessThanOrEqual(3 * 140 + 1)
    const reopened = Journal.open(storage, options)
    expect(reopened.newestSnapshot()).toMatchObject({ seq: 560, stateHash: 4, body })
    expect(reopened.newestSnapshot(559)).toMatchObject({ seq: 420 })
  })

  test('segments stay until the disk has the records of the older snapshot: a power loss may take both snapshots with them', () => {
    const storage = new MemoryStorage()
    const journal = Journal.open(storage, options)
    for (let batch = 0; batch < 22; batch++) appendBatch(journal, 7)
    const save = (pass: number) => {
      appendBatch(journal, 7)
      const seq = journal.appendPosition
      journal.saveSnapshot({ seq, timeNs: pass, epoch: 1, stateHash: pass, body }, () => {})
    }
    // A disk that is slow with the records, and quick with the snapshots.
    const sync = storage.sync.bind(storage)
    const held: (() => void)[] = []
    storage.sync = (...asked) => void held.push(() => sync(...asked))
    for (const pass of upTo(2)) save(pass)
    expect(journal.firstSeq).toBe(1)
    storage.sync = sync
    for (const ask of held) ask()
    journal.requestSync()
    save(3)
    const kept = journal.firstSeq
    expect(kept).toBeGreaterThan(1)
    storage.losePower()
    const reopened = Journal.open(storage, options)
    expect(reopened.newestSnapshot()!.seq).toBeGreaterThanOrEqual(kept - 1)
  })

  test('a damaged one is passed over, and said', () => {
    const storage = new MemoryStorage()
    const journal = Journal.open(storage, options)
    appendBatch(journal, 10)
    journal.saveSnapshot({ seq: 5, timeNs: 1, epoch: 1, stateHash: 5, body }, () => {})
    journal.saveSnapshot({ seq: 10, timeNs: 1, epoch: 1, stateHash: 10, body }, () => {})
    storage.write('snapshot-0000000000000010.state', 300, Uint8Array.of(0))
    expect(journal.newestSnapshot()).toMatchObject({ seq: 5 })
    expect(journal.unusableSnapshots).toEqual(['snapshot-0000000000000010.state: its checksum does not match'])
  })

  test('one whose records a power loss took is not believed when others have their numbers', () => {
    const before = new MemoryStorage()
    const longer = Journal.open(before, options)
    appendBatch(longer, 10)
    longer.saveSnapshot({ seq: 10, timeNs: 1, epoch: 1, stateHash: 10, body }, () => {})
    const storage = new MemoryStorage()
    appendBatch(Journal.open(storage, options), 5)
    const name = 'snapshot-0000000000000010.state'
    const file = new Uint8Array(before.size(name))
    before.read(name, 0, file)
    storage.saveNow(name, file)

    Journal.open(storage, { ...options, isReadOnly: true })
    expect(storage.list()).toContain(name)
    const journal = Journal.open(storage, options)
    appendBatch(journal, 20)
    expect(journal.newestSnapshot()).toBeNull()
  })

  test('a journal that is being replaced can be started from, wherever the engine dies in between', () => {
    const steps = ['create', 'write', 'rename', 'remove', 'removeNow', 'saveNow', 'clearFrom', 'syncNow'] as const
    let isOver = false
    for (let dyingAt = 0; !isOver; dyingAt++) {
      const storage = new MemoryStorage()
      const journal = Journal.open(storage, options)
      for (const pass of upTo(4)) {
        for (let batch = 0; batch < 20; batch++) appendBatch(journal, 7)
        journal.requestSync()
        const seq = journal.appendPosition
        journal.saveSnapshot({ seq, timeNs: pass, epoch: 1, stateHash: pass, body }, () => {})
      }
      for (let batch = 0; batch < 20; batch++) appendBatch(journal, 7)
      expect(journal.firstSeq).toBeGreaterThan(1)
      let step = 0
      const dying = new Map<string, (...args: never[]) => unknown>(
        steps.map((name) => [name, storage[name].bind(storage)]),
      )
      for (const [name, act] of dying) {
        Object.assign(storage, {
          [name]: (...args: never[]) => {
            if (step++ === dyingAt) throw new Error('dead')
            return act(...args)
          },
        })
      }
      try {
        journal.restartAt({ seq: 9_000, timeNs: 9, epoch: 2, stateHash: 9, body })
        isOver = true
      } catch (error) {
        expect((error as Error).message).toBe('dead')
      }
      for (const [name, act] of dying) Object.assign(storage, { [name]: act })
      const started = Journal.open(storage, options)
      const from = started.newestSnapshot()?.seq ?? 0
      expect(seqsOf(started, from + 1).length, `dead at step ${dyingAt}`).toBe(started.appendPosition - from)
      if (isOver) expect({ from, end: started.appendPosition }).toEqual({ from: 9_000, end: 9_000 })
    }
  })
})

test('reading a journal while its engine appends finds no damage where records have just come', () => {
  const storage = new MemoryStorage()
  const writer = Journal.open(storage, { clusterId: 'test', timeBaseUnixMs: 1 })
  const append = (firstSeq: number, count: number) => {
    const { bytes, lastSeq } = recordBatch(firstSeq, count)
    writer.append(bytes, firstSeq, lastSeq, 1)
  }
  append(1, 5)
  // Two records are written between finding the end and looking behind it.
  let reads = 0
  const read = storage.read.bind(storage)
  storage.read = (name, position, target) => {
    const length = read(name, position, target)
    if (target.length > 1_000 && ++reads === 2) append(6, 2)
    return length
  }
  const journal = Journal.open(storage, { clusterId: null, timeBaseUnixMs: 0, isReadOnly: true })
  expect(writer.appendPosition).toBe(7)
  expect(journal.appendPosition).toBe(5)
})
