// The journal on real files: one process at a time, and disks that are full or cannot be written.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileStorage } from '../../../engine/io/file-storage.ts'
import { Journal } from '../../../engine/journal/journal.ts'
import { DiskFullError, DiskWriteError, JournalLockedError } from '../../../engine/journal/journal-errors.ts'
import { recordBatch } from '../../support/records.ts'
import { mountSmallDisk, type SmallDisk } from '../../support/small-disk.ts'

const SEGMENT_SIZE = 128 * 1024
const options = { clusterId: 'test', timeBaseUnixMs: 1_700_000_000_000, segmentSize: SEGMENT_SIZE }

function append(journal: Journal): void {
  const batch = recordBatch(journal.appendPosition + 1, 20, 1)
  journal.append(batch.bytes, batch.firstSeq, batch.lastSeq, 1)
}

test('a directory belongs to one process at a time, and a dead one holds nobody up', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-storage-'))
  const storage = FileStorage.open(folder)
  expect(() => FileStorage.open(folder)).toThrow(JournalLockedError)
  expect(() => FileStorage.open(folder)).toThrow(`process ${process.pid}`)
  storage.close()
  writeFileSync(join(folder, 'lock'), '999999999 1\n')
  FileStorage.open(folder).close()
  rmSync(folder, { recursive: true })
})

test('what is no directory is named', () => {
  expect(() => FileStorage.openReadOnly('/nowhere/at/all')).toThrow('/nowhere/at/all is no directory')
})

// Says that it was skipped where this process may not mount a file system.
const canMount = (() => {
  const disk = mountSmallDisk(64)
  disk?.unmount()
  return disk !== null
})()

describe.skipIf(!canMount)('a disk of its own', () => {
  let disk: SmallDisk
  beforeEach(() => {
    const mounted = mountSmallDisk(512)
    if (mounted === null) throw new Error('it could be mounted before')
    disk = mounted
  })
  const open: FileStorage[] = []
  afterEach(() => {
    for (const storage of open.splice(0)) storage.close()
    disk.unmount()
  })
  const openStorage = () => {
    const storage = FileStorage.open(join(disk.folder, 'journal'))
    open.push(storage)
    return storage
  }

  test('full: the journal says that it has no room, keeps what it has, and goes on when there is room', async () => {
    const ballast = join(disk.folder, 'ballast')
    writeFileSync(ballast, new Uint8Array(250 * 1024))
    const storage = openStorage()
    const journal = Journal.open(storage, options)
    // It asks for the next segment in the background, and has none when the disk says no.
    while (journal.hasRoom(4_096) || storage.list().some((name) => name.startsWith('spare'))) {
      if (journal.hasRoom(4_096)) append(journal)
      else await new Promise((resolve) => setImmediate(resolve))
    }
    expect(journal.failure).toBeNull()
    const before = journal.appendPosition
    expect(before).toBeGreaterThan(100)
    rmSync(ballast)
    await expect.poll(() => journal.hasRoom(4_096)).toBe(true)
    append(journal)
    expect(journal.appendPosition).toBe(before + 20)
    storage.close()
    expect(Journal.open(openStorage(), options).appendPosition).toBe(before + 20)
  })

  test('full from the start: the error names the file and the remedy', () => {
    writeFileSync(join(disk.folder, 'ballast'), new Uint8Array(480 * 1024))
    const storage = openStorage()
    const journal = Journal.open(storage, options)
    expect(() => append(journal)).toThrow(DiskFullError)
    expect(() => append(journal)).toThrow(/segment-\d+\.journal: the disk is full\. Free some space/)
    expect(storage.list()).toEqual(['lock'])
  })

  test('read-only: the error says so', () => {
    disk.makeReadOnly()
    expect(() => FileStorage.open(join(disk.folder, 'journal'))).toThrow(DiskWriteError)
    expect(() => FileStorage.open(join(disk.folder, 'journal'))).toThrow(/EROFS/)
  })
})
