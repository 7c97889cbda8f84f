// The journal of one engine: an append-only sequence of records in segments, and snapshots beside them.
//
//   const journal = Journal.open(storage, { clusterId, ... })   finds the end, cuts a torn tail, refuses damage
//   journal.newestSnapshot()                                    the state to begin from, or null
//   journal.replay(seq, visit)                                  the records from seq on, in bounded memory
//   journal.append(records, firstSeq, lastSeq, epoch)           one write for all that one pass produced
//   journal.requestSync(); journal.syncPosition                 grows when the disk has answered; one sync at a time
//
// Invariant: records 1 .. appendPosition (or from the oldest kept segment on) are in the files, whole, without a hole;
// those up to syncPosition are on the disk. Nothing is ever deleted silently: what recovery cuts off is kept in a file
// beside the segment.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert, must } from '../../base/assert.ts'
import { JOURNAL_SIZE_DEFAULT } from '../../protocol/limits.ts'
import type { EpochHistory, EpochStart } from './epoch-history.ts'
import { DiskFullError, JournalCorruptError, SegmentMissingError } from './journal-errors.ts'
import { JournalReader, type Piece, type SegmentPlace } from './reader.ts'
import { recordEpoch, recordSeq } from './record.ts'
import {
  clusterHashOf,
  encodeSegmentHeader,
  firstSeqOf,
  isSegmentUnused,
  type RecordVisitor,
  readSegmentHeader,
  readSyncMark,
  SEGMENT_HEADER_LENGTH,
  SegmentScanner,
  SYNC_MARK_LENGTH,
  SYNC_MARK_OFFSET,
  segmentName,
  writeSyncMark,
} from './segment.ts'
import { encodeSnapshot, readSnapshot, type Snapshot, snapshotName, snapshotSeqOf } from './snapshot-file.ts'
import type { Storage } from './storage.ts'
import { setSegmentAside, setTailAside } from './tail.ts'

export type JournalOptions = {
  /** null: whatever cluster the journal is of, for reading. */
  readonly clusterId: string | null
  /** Base of the record times of a journal that is begun now. */
  readonly timeBaseUnixMs: number
  /** Size of a segment file. */
  readonly segmentSize?: number
  /** Bytes of all segments, and of the one that is prepared: no more is begun for commands. */
  readonly sizeMax?: number
  /** Looks without touching: nothing is cut, created or renamed. For inspection of a journal that may be in use. */
  readonly isReadOnly?: boolean
  /** The machine was started anew since the journal was written: of what was not synced, any part may be missing. */
  readonly isRebooted?: boolean
}

export type CutTail = { readonly file: string; readonly offset: number; readonly keptIn: string; readonly why: string }

const SEGMENT_SIZE_DEFAULT = 32 * 1024 * 1024
const SPARE = 'spare.journal'
/** A snapshot is wanted when so much of the journal has come since the last one: two of them leave it half empty. */
const SNAPSHOT_SHARE = 1 / 4
/** Snapshots that are kept; segments wholly before the older one are removed. */
const SNAPSHOT_COUNT = 2

const SpareState = { NONE: 0, PREPARING: 1, READY: 2, FAILED: 3 } as const

export class Journal {
  /** Last record written here; 0: none. */
  appendPosition = 0
  /** Last record known to be on the disk. */
  syncPosition = 0
  /** Epoch and time of the last record. */
  lastEpoch = 0
  lastTimeNs = 0
  timeBaseUnixMs: number
  /** What recovery cut off, if it did. */
  cutTail: CutTail | null = null
  /** Snapshots that were there and could not be used: file and reason. */
  readonly unusableSnapshots: string[] = []
  /** Why the disk stopped taking data; the journal is of no use any more. */
  failure: Error | null = null
  /** Called when the disk has answered: the sync position, or the failure, may be new. */
  onSynced: () => void = () => {}
  readonly #storage: Storage
  #clusterHash: number | null
  readonly #segmentSize: number
  readonly #sizeMax: number
  readonly #isReadOnly: boolean
  readonly #isRebooted: boolean
  readonly #scanner = new SegmentScanner()
  readonly #reader: JournalReader
  readonly #segments: SegmentPlace[] = []
  readonly #starts: EpochStart[] = []
  /** Byte behind the last record of the last segment, and that segment's size. */
  #end = 0
  #size = 0
  #isSyncing = false
  #isSyncWanted = false
  // The request under way: of which segment, how far, and after how many cuts.
  #syncingName = ''
  #syncingPosition = 0
  #syncingCutCount = 0
  readonly #syncMark = new AlignedBuffer(SYNC_MARK_LENGTH)
  readonly #onSyncDone = (error: Error | null) => {
    const name = this.#syncingName
    const position = this.#syncingPosition
    const cutCount = this.#syncingCutCount
    this.#isSyncing = false
    this.#fail(error)
    // After a cut, the numbers that were asked for may name other records.
    const isNews = error === null && cutCount === this.#cutCount && position > this.syncPosition
    if (isNews) this.syncPosition = position
    if (this.#isSyncWanted) {
      this.#isSyncWanted = false
      this.requestSync()
    }
    this.onSynced()
    // Last: nobody waits for the mark.
    if (!isNews || cutCount !== this.#cutCount) return
    writeSyncMark(this.#syncMark, position)
    this.#storage.write(name, SYNC_MARK_OFFSET, this.#syncMark.bytes)
  }
  #spare: number = SpareState.NONE
  /** The next segment was not to be had, and has not been since. */
  #isDiskFull = false
  /** Bytes of records since the last snapshot; of a journal that was opened, of all that is kept. */
  #sinceSnapshotSize = 0
  #isSnapshotting = false
  #cutCount = 0

  private constructor(storage: Storage, options: JournalOptions) {
    this.#storage = storage
    this.#reader = new JournalReader(storage, this.#scanner)
    this.#clusterHash = options.clusterId === null ? null : clusterHashOf(options.clusterId)
    this.#segmentSize = options.segmentSize ?? SEGMENT_SIZE_DEFAULT
    this.#sizeMax = options.sizeMax ?? JOURNAL_SIZE_DEFAULT
    this.#isReadOnly = options.isReadOnly ?? false
    this.#isRebooted = options.isRebooted ?? false
    this.timeBaseUnixMs = options.timeBaseUnixMs
  }

  /** Throws JournalCorruptError, JournalVersionError or SegmentMissingError, and what the storage throws. */
  static open(storage: Storage, options: JournalOptions): Journal {
    const journal = new Journal(storage, options)
    journal.#recover()
    return journal
  }

  /** First record that is kept; older ones are in the snapshots alone. */
  get firstSeq(): number {
    return this.#segments[0]?.firstSeq ?? 1
  }

  get isSnapshotting(): boolean {
    return this.#isSnapshotting
  }

  /** So much has come since the last snapshot that another one has to make room, sooner than by the count of records. */
  get isSnapshotWanted(): boolean {
    return this.#sinceSnapshotSize >= this.#sizeMax * SNAPSHOT_SHARE
  }

  /** Can a batch of this size be written, as far as is known? False while there is no next segment for it. */
  hasRoom(size: number): boolean {
    if (this.failure !== null) return false
    if (this.#end + size <= this.#size || this.#size === 0 || this.isSpareReady) return true
    // The next segment has to be there before it is needed: a write in the middle of things must not find the disk full.
    if (this.#spare !== SpareState.PREPARING && !this.#isAtLimit) this.#prepareSpare()
    return this.isSpareReady
  }

  /** What has no room now will not have it soon either: the journal is as large as it may be, or the disk is full. */
  get isFull(): boolean {
    return !this.isSpareReady && (this.#isAtLimit || this.#isDiskFull)
  }

  get #isAtLimit(): boolean {
    return (this.#segments.length + 1) * this.#segmentSize > this.#sizeMax
  }

  /** The file of the next segment is there. */
  get isSpareReady(): boolean {
    return this.#spare === SpareState.READY
  }

  /** Writes whole records of one epoch, numbered firstSeq .. lastSeq, in one go. Throws what the storage throws. */
  append(records: Uint8Array, firstSeq: number, lastSeq: number, epoch: number): void {
    assert(!this.#isReadOnly, 'a journal opened for reading is not written')
    assert(firstSeq === this.appendPosition + 1 && lastSeq >= firstSeq, 'records are appended without a hole')
    assert(epoch >= this.lastEpoch, 'epochs never go back')
    if (this.#end + records.length > this.#size) this.#roll(firstSeq, epoch, records.length)
    const segment = this.#segments.at(-1)!
    this.#storage.write(segment.name, this.#end, records)
    this.#end += records.length
    this.#sinceSnapshotSize += records.length
    this.appendPosition = lastSeq
    this.#noteEpoch(epoch, firstSeq)
    if (this.#spare === SpareState.NONE && this.#end > this.#size / 2 && !this.#isAtLimit) this.#prepareSpare()
  }

  /** Asks for what has been appended to reach the disk. While one request is under way, the next one waits and covers all. */
  requestSync(): void {
    if (this.#isSyncing) {
      this.#isSyncWanted = true
      return
    }
    if (this.syncPosition === this.appendPosition || this.failure !== null) return
    this.#isSyncing = true
    this.#syncingPosition = this.appendPosition
    this.#syncingCutCount = this.#cutCount
    this.#syncingName = this.#segments.at(-1)!.name
    this.#storage.sync(this.#syncingName, this.#onSyncDone)
  }

  /** Visits the kept records from `fromSeq` on, in order, until one visit says false. */
  replay(fromSeq: number, visit: RecordVisitor): void {
    assert(fromSeq >= this.firstSeq || this.appendPosition === 0, 'the records are kept')
    let isWanted = true
    for (let index = 0; index < this.#segments.length && isWanted; index++) {
      const next = this.#segments[index + 1]
      if (next !== undefined && next.firstSeq <= fromSeq) continue
      const { name, firstSeq } = this.#segments[index]!
      this.#scanner.scan(this.#storage, name, firstSeq, (records, offset, size) => {
        const seq = recordSeq(records, offset)
        if (seq > this.appendPosition) isWanted = false
        else if (seq >= fromSeq) isWanted = visit(records, offset, size)
        return isWanted
      })
    }
  }

  /** Records from `fromSeq` on, as many as `target` takes, at least one where there is one and it fits. */
  read(fromSeq: number, target: AlignedBuffer): Piece {
    assert(fromSeq >= this.firstSeq && fromSeq <= this.appendPosition, 'the record is kept')
    const segment = this.#segments.findLast(({ firstSeq }) => firstSeq <= fromSeq)
    return this.#reader.read(must(segment, 'a segment holds it'), fromSeq, this.appendPosition, target)
  }

  /** The newest snapshot that is whole and not ahead of the records; null when there is none. */
  newestSnapshot(seqMax = Number.POSITIVE_INFINITY): Snapshot | null {
    for (const name of this.#snapshotNames().reverse()) {
      if (snapshotSeqOf(name)! > Math.min(this.appendPosition, seqMax)) continue
      const snapshot = readSnapshot(this.#storage, name, this.#clusterHash ?? 0)
      if (typeof snapshot !== 'string') return snapshot
      this.unusableSnapshots.push(`${name}: ${snapshot}`)
    }
    return null
  }

  /** Every snapshot file and what it holds: for verification. */
  *snapshots(): Generator<{ name: string; snapshot: Snapshot | string }> {
    for (const name of this.#snapshotNames()) {
      yield { name, snapshot: readSnapshot(this.#storage, name, this.#clusterHash ?? 0) }
    }
  }

  /** Saves a snapshot without making the caller wait, then drops what two snapshots make superfluous. */
  saveSnapshot(snapshot: Snapshot, done: (error: Error | null) => void): void {
    assert(
      snapshot.seq <= this.appendPosition && !this.#isSnapshotting,
      'one snapshot at a time, of what is journalled',
    )
    this.#isSnapshotting = true
    this.#sinceSnapshotSize = 0
    const cutCount = this.#cutCount
    const name = snapshotName(snapshot.seq)
    this.#storage.save(name, encodeSnapshot(snapshot, this.#hashOfCluster), (error) => {
      this.#isSnapshotting = false
      if (error === null && cutCount !== this.#cutCount) this.#storage.remove(name)
      else if (error === null) this.#dropSuperfluous()
      done(error)
    })
  }

  /** Can the records after `seq` be taken off, and the state before them be rebuilt? */
  canCutTo(seq: number): boolean {
    if (seq < this.firstSeq - 1) return false
    return this.firstSeq === 1 || this.#snapshotNames().some((name) => snapshotSeqOf(name)! <= seq)
  }

  /** Where each epoch begins in what is kept, or was. */
  history(): EpochHistory {
    return { starts: this.#starts.slice(), end: this.appendPosition }
  }

  /**
   * Takes off all records after `seq`, which another primary's journal does not share; they are kept in files beside the
   * journal, and so the disk has it when this returns. The number of records taken off.
   */
  cut(seq: number): number {
    assert(seq >= this.firstSeq - 1 && seq <= this.appendPosition, 'a cut inside of what is kept')
    const count = this.appendPosition - seq
    if (count === 0) return 0
    this.#cutCount += 1
    this.#reader.forget()
    const label = `cut-${String(seq + 1).padStart(16, '0')}-epoch-${this.lastEpoch}`
    // The snapshots first: one that is ahead of the records would be believed once other records have its number.
    this.#dropSnapshotsAfter(seq)
    while (this.#segments.length > 1 && this.#segments.at(-1)!.firstSeq > seq) {
      const { name } = this.#segments.pop()!
      setSegmentAside(this.#storage, name, `${label}-${name}.bytes`)
    }
    const last = this.#segments.at(-1)!
    this.#size = this.#storage.size(last.name)
    this.#end = this.#offsetAfter(last, seq)
    setTailAside(this.#storage, last.name, this.#end, `${label}-${last.name}.bytes`)
    this.#storage.syncNow(last.name)
    this.appendPosition = seq
    this.syncPosition = seq
    while (this.#starts.length > 0 && this.#starts.at(-1)!.firstSeq > seq) this.#starts.pop()
    this.lastEpoch = this.#starts.at(-1)?.epoch ?? 0
    return count
  }

  /** Begins anew behind a snapshot that came from the peer; what was there is set aside. On the disk when this returns. */
  restartAt(snapshot: Snapshot): void {
    this.#cutCount += 1
    this.#reader.forget()
    const label = `replaced-by-${String(snapshot.seq).padStart(16, '0')}`
    const [oldest, ...others] = this.#segments.splice(0)
    // From the end, and snapshots with it: whatever is left when the engine dies is a journal that it can start from.
    for (const { name, firstSeq } of others.reverse()) {
      this.#dropSnapshotsAfter(firstSeq - 1)
      setSegmentAside(this.#storage, name, `${label}-${name}.bytes`)
    }
    if (oldest !== undefined) setSegmentAside(this.#storage, oldest.name, `${label}-${oldest.name}.bytes`)
    this.#dropSnapshotsAfter(0)
    this.#storage.saveNow(snapshotName(snapshot.seq), encodeSnapshot(snapshot, this.#hashOfCluster))
    this.appendPosition = snapshot.seq
    this.#beginAt(snapshot)
    this.#end = this.#size = 0
    this.#roll(snapshot.seq + 1, snapshot.epoch, 0)
  }

  #recover(): void {
    const names = this.#storage.list()
    for (const name of names) {
      const firstSeq = firstSeqOf(name)
      if (firstSeq !== null) this.#segments.push({ name, firstSeq })
    }
    if (!this.#isReadOnly && names.includes(SPARE)) this.#storage.remove(SPARE)
    this.#dropUnusedSegment()
    for (let index = 0; index < this.#segments.length; index++) this.#recoverSegment(index)
    const last = this.#segments.at(-1)
    if (last !== undefined) this.#size = this.#storage.size(last.name)
    if (last !== undefined && this.appendPosition < last.firstSeq) this.#recoverStart()
    // Of records that a power loss took: it would be believed once others have their numbers.
    if (!this.#isReadOnly) this.#dropSnapshotsAfter(this.appendPosition)
    // What a process wrote before it died may still be on its way to the disk: only a sync of ours tells.
    this.syncPosition = this.#isReadOnly ? this.appendPosition : (last?.firstSeq ?? 1) - 1
  }

  /** A segment that was created and got no header before the engine died is the spare under its new name. */
  #dropUnusedSegment(): void {
    const last = this.#segments.at(-1)
    if (last === undefined) return
    if (!isSegmentUnused(this.#storage, last.name)) return
    this.#segments.pop()
    if (!this.#isReadOnly) this.#storage.remove(last.name)
  }

  #recoverSegment(index: number): void {
    const { name, firstSeq } = this.#segments[index]!
    const file = `${this.#storage.location}/${name}`
    const header = readSegmentHeader(this.#storage, name)
    if (header.firstSeq !== firstSeq) throw new JournalCorruptError(file, 8, 'the header and the name disagree')
    this.#clusterHash ??= header.clusterHash
    if (header.clusterHash !== this.#clusterHash) {
      throw new JournalCorruptError(file, 24, 'the segment belongs to another cluster')
    }
    if (index > 0 && firstSeq !== this.appendPosition + 1) {
      throw new SegmentMissingError(
        `${this.#storage.location}: records ${this.appendPosition + 1} .. ${firstSeq - 1} are missing before ${name}. ` +
          'Restore the missing segment, or rebuild this engine from its peer.',
      )
    }
    this.timeBaseUnixMs = header.timeBaseUnixMs
    const scan = this.#scanner.scan(this.#storage, name, firstSeq, (records, offset) => {
      this.#noteEpoch(recordEpoch(records, offset), recordSeq(records, offset))
      this.lastTimeNs = records.float64[(offset >> 3) + 2]!
      return true
    })
    const isLast = index === this.#segments.length - 1
    const isHole = this.#checkEnd(name, scan.end, scan.lastSeq + 1, scan.fault, isLast)
    this.appendPosition = scan.lastSeq
    this.#end = scan.end
    this.#sinceSnapshotSize += scan.end - SEGMENT_HEADER_LENGTH
    if (isLast && (isHole || scan.fault !== null)) this.#cutTornTail(name, scan.end, scan.fault ?? 'zeros')
  }

  /**
   * Damage, or only a last write that was cut short? Damage is when a later record is whole. But after a power loss later
   * records may have reached the disk before earlier ones: true then, when nothing that was synced is missing.
   */
  #checkEnd(name: string, end: number, nextSeq: number, fault: string | null, isLast: boolean): boolean {
    const file = `${this.#storage.location}/${name}`
    const later = this.#scanner.findRecordAfter(this.#storage, name, end, nextSeq)
    const isHole = later !== null && isLast && this.#isRebooted && nextSeq > readSyncMark(this.#storage, name)
    // Its engine may be running: what was not there when the end was found has come since.
    if (later !== null && this.#isReadOnly && this.#scanner.isRecordAt(this.#storage, name, end, nextSeq)) return false
    if (later !== null && !isHole) {
      throw new JournalCorruptError(file, end, `${fault ?? 'zeros'}, but a later record is whole at byte ${later}`)
    }
    if (fault !== null && !isLast) throw new JournalCorruptError(file, end, `${fault}, but a later segment exists`)
    return isHole
  }

  #cutTornTail(name: string, end: number, why: string): void {
    const keptIn = `torn-${String(this.appendPosition + 1).padStart(16, '0')}-${name}.bytes`
    this.cutTail = { file: name, offset: end, keptIn, why }
    if (this.#isReadOnly) return
    setTailAside(this.#storage, name, end, keptIn)
  }

  /** Begins the next segment, from the spare file where one is ready. */
  #roll(firstSeq: number, epoch: number, size: number): void {
    // Whatever a power loss leaves, all segments but the last are whole, and the last has its header.
    const before = this.#segments.at(-1)
    if (before !== undefined) this.#storage.syncNow(before.name)
    this.syncPosition = this.appendPosition
    const name = segmentName(firstSeq)
    // A segment without a record that is too small for the first ones.
    if (before?.name === name) this.#storage.remove(must(this.#segments.pop(), 'the last segment').name)
    const needed = Math.max(this.#segmentSize, size + SEGMENT_HEADER_LENGTH)
    if (this.#spare === SpareState.READY && needed === this.#segmentSize) {
      this.#storage.rename(SPARE, name)
      this.#spare = SpareState.NONE
    } else {
      this.#storage.create(name, needed)
      // One that is on its way, or there and too small for this segment, is for the next.
      if (this.#spare === SpareState.FAILED) this.#spare = SpareState.NONE
    }
    const header = { firstSeq, timeBaseUnixMs: this.timeBaseUnixMs, clusterHash: this.#hashOfCluster, epoch }
    this.#storage.write(name, 0, encodeSegmentHeader(header))
    this.#storage.syncNow(name)
    this.#segments.push({ name, firstSeq })
    this.#end = SEGMENT_HEADER_LENGTH
    this.#size = needed
  }

  #prepareSpare(): void {
    this.#spare = SpareState.PREPARING
    this.#storage.prepare(SPARE, this.#segmentSize, (error) => {
      this.#spare = error === null ? SpareState.READY : SpareState.FAILED
      this.#isDiskFull = error instanceof DiskFullError
      if (error !== null && !(error instanceof DiskFullError)) this.#fail(error)
    })
  }

  #noteEpoch(epoch: number, seq: number): void {
    if (epoch !== this.lastEpoch) this.#starts.push({ epoch, firstSeq: seq })
    this.lastEpoch = epoch
  }

  /** A journal that begins behind a snapshot and has no record yet knows its last record from the snapshot alone. */
  #recoverStart(): void {
    if (this.#segments.length > 1 || this.appendPosition === 0) return
    const snapshot = this.newestSnapshot(this.appendPosition)
    if (snapshot !== null && snapshot.seq === this.appendPosition) this.#beginAt(snapshot)
  }

  #beginAt({ seq, timeNs, epoch }: Snapshot): void {
    this.#starts.length = 0
    this.#starts.push({ epoch, firstSeq: seq })
    this.lastEpoch = epoch
    this.lastTimeNs = timeNs
  }

  /** Byte behind record `seq`, which is in this segment, or behind the header. */
  #offsetAfter({ name, firstSeq }: SegmentPlace, seq: number): number {
    if (seq < firstSeq) return SEGMENT_HEADER_LENGTH
    return this.#scanner.scan(this.#storage, name, firstSeq, (records, offset) => recordSeq(records, offset) < seq).end
  }

  #dropSnapshotsAfter(seq: number): void {
    for (const name of this.#snapshotNames()) if (snapshotSeqOf(name)! > seq) this.#storage.removeNow(name)
  }

  #fail(error: Error | null): void {
    if (error !== null) this.failure = error
  }

  get #hashOfCluster(): number {
    return must(this.#clusterHash, 'a journal that is written belongs to a cluster')
  }

  #snapshotNames(): string[] {
    return this.#storage.list().filter((name) => snapshotSeqOf(name) !== null)
  }

  #dropSuperfluous(): void {
    const names = this.#snapshotNames()
    const older = names.at(-SNAPSHOT_COUNT)
    if (older === undefined) return
    const seq = snapshotSeqOf(older)!
    // A power loss may take the records that are not on the disk, and a snapshot ahead of them with them: not both of two.
    if (seq > this.syncPosition) return
    for (const name of names.slice(0, -SNAPSHOT_COUNT)) this.#storage.remove(name)
    // A segment is superfluous when the next one begins at or before the record after the older snapshot.
    while (this.#segments.length > 1 && this.#segments[1]!.firstSeq <= seq + 1) {
      this.#storage.remove(this.#segments.shift()!.name)
    }
  }
}
