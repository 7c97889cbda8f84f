// What has been promised: the one history of committed records, what it says that each client is told, and what clients
// were told. Everything that an engine commits, publishes or becomes is held against it as it happens.
//
// Records enter when the first engine commits them, and are applied to a state machine of the checker's own. What any
// engine commits later, or any client hears, has to agree.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { checksum } from '../base/checksum.ts'
import { Core } from '../engine/core/core.ts'
import { OutputKind, type OutputSink } from '../engine/core/output.ts'
import { recordSeq, recordSize } from '../engine/journal/record.ts'
import { isPrimary, type Role } from '../engine/replication/roles.ts'
import { CommandHeader } from '../protocol/command.ts'
import { ExecutionField, FrameHeader } from '../protocol/frame.ts'
import { EventFlag, EventKind, nameOf } from '../protocol/kinds.ts'
import { RecordHeader } from '../protocol/record.ts'
import { DeskChecker } from './desk-checker.ts'
import type { EngineProcess } from './engine-process.ts'
import type { ViewArbiter } from './view-arbiter.ts'
import { promise, type World } from './world.ts'

type Sent = { readonly checksum: number; readonly afterSeq: number; recordSeq: number; isAnswered: boolean }

const REPORT_SIZE = ExecutionField.LENGTH
const READ_SIZE = 256 * 1024

export class History {
  /** Of each committed record, from the first one on. */
  readonly checksums: number[] = []
  /** The state after all of them. */
  core: Core | null = null
  answeredCount = 0
  readonly #world: World
  readonly #arbiter: ViewArbiter
  readonly #primaries = new Map<number, string>()
  readonly #sent = new Map<number, Sent>()
  /** What each client is told, by client and number. */
  readonly #reports = new Map<number, Uint8Array[]>()
  readonly #replies = new Map<number, Uint8Array>()
  /** Up to where each process's commits were held against the history. */
  readonly #checked = new WeakMap<object, number>()
  readonly #records = new AlignedBuffer(READ_SIZE)
  readonly #desk = new DeskChecker()
  /** Records that left in a snapshot before they were committed, by its number: no journal may have them when they are. */
  readonly #inSnapshots = new Map<number, Map<number, Uint8Array>>()
  /** The latest record that any client knows to be committed. */
  #knownSeq = 0
  readonly #sink: OutputSink = { output: (kind, clientId, frame) => this.#expect(kind, clientId, frame) }

  constructor(world: World, arbiter: ViewArbiter) {
    this.#world = world
    this.#arbiter = arbiter
  }

  get length(): number {
    return this.checksums.length
  }

  positionVersion(symbolId: number): number {
    return this.core?.desk.positions.version(symbolId) ?? 0
  }

  onSent(clientId: number, incarnation: number, clientSeq: number, bytesChecksum: number): void {
    const sent = { checksum: bytesChecksum, afterSeq: this.#knownSeq, recordSeq: 0, isAnswered: false }
    this.#sent.set(keyOf(clientId, incarnation, clientSeq), sent)
  }

  /** Linearizable: what was answered before a command was sent comes before it. */
  onAnswered(clientId: number, incarnation: number, clientSeq: number, seq: number): void {
    const who = () => `client ${clientId}, command ${clientSeq} of incarnation ${incarnation}`
    const sent = this.#sent.get(keyOf(clientId, incarnation, clientSeq))
    promise(sent !== undefined, () => `${who()} was answered and never sent`)
    promise(seq <= this.length, () => `${who()} was answered as record ${seq}, of ${this.length} that are committed`)
    promise(sent!.recordSeq === seq, () => `${who()} was answered as record ${seq}, and is record ${sent!.recordSeq}`)
    promise(
      seq > sent!.afterSeq,
      () => `${who()} is record ${seq}, but was sent after record ${sent!.afterSeq} was known`,
    )
    this.#knownSeq = Math.max(this.#knownSeq, seq)
    if (!sent!.isAnswered) this.answeredCount += 1
    sent!.isAnswered = true
  }

  /** A frame reaches a client: all that it says follows from the history. */
  onDelivered(clientId: number, frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
    for (let at = FrameHeader.LENGTH; at + REPORT_SIZE <= frame.length; at += REPORT_SIZE) {
      const entry = frame.subarray(at, at + REPORT_SIZE)
      const kind = entry[ExecutionField.KIND]!
      const execSeq = view.getFloat64(at + ExecutionField.EXEC_SEQ, true)
      const clientSeq = view.getFloat64(at + ExecutionField.CLIENT_SEQ, true)
      const incarnation = view.getUint32(at + ExecutionField.INCARNATION, true)
      if (execSeq === 0 && (kind === EventKind.COMMAND_REFUSED || kind === EventKind.SESSION_OPENED)) continue
      const expected =
        execSeq > 0
          ? this.#reports.get(clientId)?.[execSeq]
          : this.#replies.get(keyOf(clientId, incarnation, clientSeq))
      const what = () =>
        `client ${clientId} was told ${nameOf(EventKind, kind)} (report ${execSeq}, command ${clientSeq})`
      promise(expected !== undefined, () => `${what()}, which follows from no committed record`)
      promise(isSameReport(entry, expected!), () => `${what()}, which is not what the records say`)
    }
  }

  /** An engine lets something out. */
  onPublish(host: EngineProcess, kind: OutputKind, frame: Uint8Array): void {
    this.observe(host)
    if (kind === OutputKind.ANSWER) return
    const seq = new DataView(frame.buffer, frame.byteOffset).getFloat64(FrameHeader.RECORD_SEQ, true)
    promise(seq <= this.length, () => `${host.name} published record ${seq}; ${this.length} are committed`)
  }

  onTransition(host: EngineProcess, from: Role, to: Role, epoch: number): void {
    if (!isPrimary(to)) return
    const before = this.#primaries.get(epoch)
    promise(before === undefined || before === host.name, () => `${before} and ${host.name} led in epoch ${epoch}`)
    this.#primaries.set(epoch, host.name)
    if (!isPrimary(from) && this.#arbiter.record?.epoch === epoch) this.#checkWhole(host)
  }

  /** Takes over what the engine has committed since the last look. */
  observe(host: EngineProcess): void {
    const { engine, journal } = host
    if (engine === null || journal === null || !engine.isPrimary) return
    const { commitPosition } = engine
    if (commitPosition >= journal.firstSeq - 1) this.#observeSnapshot(host.name, journal.firstSeq - 1)
    // Of the records that its snapshots have made superfluous nothing else can be seen any more.
    const checked = Math.max(this.#checked.get(engine) ?? 0, journal.firstSeq - 1)
    if (checked >= commitPosition) return
    this.#checked.set(engine, commitPosition)
    this.#read(host, checked + 1, commitPosition, (offset, seq) => {
      const sum = this.#records.uint32[(offset + RecordHeader.CHECKSUM) >> 2]!
      if (seq <= this.length) {
        promise(this.checksums[seq - 1] === sum, () => `${host.name} committed another record ${seq}`)
        return
      }
      promise(seq === this.length + 1, () => `${host.name} committed record ${seq} after ${this.length}`)
      this.checksums.push(sum)
      this.#apply(offset, seq)
    })
  }

  /** A primary's whole state goes to its peer, committed or not. */
  onSnapshotSent(host: EngineProcess, snapshotSeq: number): void {
    const journal = host.journal!
    const records = new Map(this.#inSnapshots.get(journal.firstSeq - 1))
    this.#read(host, Math.max(journal.firstSeq, this.length + 1), snapshotSeq, (offset, seq) => {
      records.set(seq, this.#records.bytes.slice(offset, offset + recordSize(this.#records, offset)))
    })
    this.#inSnapshots.set(snapshotSeq, records)
  }

  /** A primary commits the snapshot that its journal begins behind, and so all records in it. */
  #observeSnapshot(name: string, snapshotSeq: number): void {
    while (this.length < snapshotSeq) {
      const seq = this.length + 1
      const record = this.#inSnapshots.get(snapshotSeq)?.get(seq)
      promise(record !== undefined, () => `${name} committed record ${seq} in a snapshot that nobody sent`)
      this.#records.bytes.set(record!)
      this.checksums.push(this.#records.uint32[RecordHeader.CHECKSUM >> 2]!)
      this.#apply(0, seq)
    }
  }

  /** Both engines stand at the same record, with the same state as the history. */
  checkEnd(hosts: readonly EngineProcess[]): void {
    const hash = this.core?.hash() ?? 0
    for (const host of hosts) {
      const { engine } = host
      promise(engine !== null && engine.hasCore, () => `${host.name} does not run at the end`)
      promise(engine!.core.seq === this.length, () => `${host.name} ends at ${engine!.core.seq}, not ${this.length}`)
      promise(engine!.core.hash() === hash, () => `${host.name} ends with another state`)
      this.#checkWhole(host)
    }
    for (const [key, { isAnswered, recordSeq: seq }] of this.#sent) {
      promise(!isAnswered || seq > 0, () => `command ${key} was acknowledged, and is in no record`)
    }
  }

  /** All that is committed is in the process's journal. */
  #checkWhole(host: EngineProcess): void {
    const journal = host.journal!
    promise(
      journal.appendPosition >= this.length,
      () => `${host.name} leads with ${journal.appendPosition} records; ${this.length} are committed`,
    )
    this.#read(host, journal.firstSeq, this.length, (offset, seq) => {
      const sum = this.#records.uint32[(offset + RecordHeader.CHECKSUM) >> 2]!
      promise(this.checksums[seq - 1] === sum, () => `${host.name} has another record ${seq} than is committed`)
    })
  }

  #read(host: EngineProcess, fromSeq: number, toSeq: number, visit: (offset: number, seq: number) => void): void {
    const journal = host.journal!
    for (let from = fromSeq; from <= toSeq; ) {
      const { length, lastSeq } = journal.read(from, this.#records)
      for (let at = 0; at < length; at += recordSize(this.#records, at)) {
        const seq = recordSeq(this.#records, at)
        if (seq <= toSeq) visit(at, seq)
      }
      from = lastSeq + 1
    }
  }

  #apply(offset: number, seq: number): void {
    const records = this.#records
    const command = offset + RecordHeader.LENGTH
    const clientSeq = records.float64[(command + CommandHeader.CLIENT_SEQ) >> 3]!
    const clientId = records.uint32[(command + CommandHeader.CLIENT_ID) >> 2]!
    if (clientSeq > 0) {
      const incarnation = records.uint32[(command + CommandHeader.INCARNATION) >> 2]!
      const who = () => `client ${clientId}, command ${clientSeq} of incarnation ${incarnation}`
      const sent = this.#sent.get(keyOf(clientId, incarnation, clientSeq))
      promise(sent !== undefined, () => `${who()} is record ${seq} and was never sent`)
      promise(sent!.recordSeq === 0, () => `${who()} is record ${sent!.recordSeq}, and ${seq} again`)
      const sum = checksum(records.bytes, command, offset + recordSize(records, offset))
      promise(sent!.checksum === sum, () => `${who()}, record ${seq}, is not what was sent`)
      sent!.recordSeq = seq
    }
    if (this.core === null) this.core = Core.fromGenesis(records, offset)
    else this.core.apply(records, offset)
    this.core.executions.flush(this.core.epoch, this.#sink)
    this.#desk.check(this.core)
    this.core.discard()
  }

  #expect(kind: OutputKind, clientId: number, frame: Uint8Array): void {
    if (kind !== OutputKind.EXECUTIONS) return
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
    const reports = this.#reports.get(clientId) ?? []
    this.#reports.set(clientId, reports)
    for (let at = FrameHeader.LENGTH; at + REPORT_SIZE <= frame.length; at += REPORT_SIZE) {
      const entry = frame.slice(at, at + REPORT_SIZE)
      reports[view.getFloat64(at + ExecutionField.EXEC_SEQ, true)] = entry
      if ((entry[ExecutionField.FLAGS]! & EventFlag.REPLY) === 0) continue
      const clientSeq = view.getFloat64(at + ExecutionField.CLIENT_SEQ, true)
      const incarnation = view.getUint32(at + ExecutionField.INCARNATION, true)
      this.#replies.set(keyOf(clientId, incarnation, clientSeq), entry)
    }
  }

  /** For the story: how far things are. */
  describe(): string {
    return `${this.length} records committed, ${this.answeredCount} commands acknowledged at ${this.#world.schedule.nowNs}`
  }
}

function keyOf(clientId: number, incarnation: number, clientSeq: number): number {
  return (clientId * 4_096 + incarnation) * 1_000_000 + clientSeq
}

/** But for the number in the client's stream, which a remembered reply does not carry. */
function isSameReport(one: Uint8Array, other: Uint8Array): boolean {
  for (let at = 0; at < REPORT_SIZE; at++) {
    const isNumber = at >= ExecutionField.EXEC_SEQ && at < ExecutionField.EXEC_SEQ + 8
    if (!isNumber && one[at] !== other[at]) return false
  }
  return true
}
