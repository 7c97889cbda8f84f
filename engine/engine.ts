// The engine: one duty cycle that turns commands into journalled, replicated, applied and published records.
//
//   offer ──► ingress ──► poll: screen ─► stamp ─► append to the journal ─► apply ─► outputs wait in the gate
//                                                        │      │                          ▲
//                                                        │      └─ to the peer             │ released
//                                                        └─ committed, by the rules of the replica's role
//
// Applying may run ahead of the disk and of the peer; sending may not. A backup applies what its primary sends, tells
// nobody, and is ready to lead. Everything outside is handed in: time with each call, the journal, the peer, the view
// store, and where outputs go. So the same object runs in a process and in a simulator.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert, must } from '../base/assert.ts'
import { NS_PER_MS, NS_PER_S, type TimeNs } from '../base/clock.ts'
import { copyDoubles } from '../base/copy-doubles.ts'
import { PrefixViews } from '../base/prefix-views.ts'
import { CLOSE_SESSION_LENGTH, CommandHeader, TICK_LENGTH } from '../protocol/command.ts'
import { checkCommand, commandSize } from '../protocol/command-check.ts'
import { stampSession, writeCloseSession, writeGenesis, writeTick } from '../protocol/command-writer.ts'
import { ExecutionField } from '../protocol/frame.ts'
import { FrameWriter } from '../protocol/frame-writer.ts'
import { CommandKind, FrameKind, Reason } from '../protocol/kinds.ts'
import { GENESIS_SIZE_MAX, MESSAGE_SIZE_MAX, SESSION_COUNT_MAX } from '../protocol/limits.ts'
import { RecordHeader } from '../protocol/record.ts'
import type { ClusterConfig } from '../protocol/symbol.ts'
import { Core } from './core/core.ts'
import { OutputKind } from './core/output.ts'
import { writeRefusal } from './core/report.ts'
import { Screening } from './core/sessions.ts'
import { Ingress } from './ingress.ts'
import type { Journal } from './journal/journal.ts'
import { recordSize, sealRecord } from './journal/record.ts'
import type { Snapshot } from './journal/snapshot-file.ts'
import { recoverCore, stateOf } from './recovery.ts'
import { CommitGate, type Publish } from './replication/commit-gate.ts'
import type { DurableState } from './replication/durable-state.ts'
import type { ReplicatedMachine } from './replication/machine.ts'
import type { PeerFrame } from './replication/peer-frame.ts'
import { Replica } from './replication/replica.ts'
import type { Pairing, Transition } from './replication/replica-options.ts'
import { Role } from './replication/roles.ts'
import { REPLICA_SETTINGS_DEFAULT, type ReplicaSettings } from './replication/settings.ts'
import type { StoredView, ViewAnswer, WriteOutcome } from './replication/view.ts'
import { SilenceWatch } from './silence-watch.ts'

export type EngineSettings = {
  /** A snapshot after this many records. */
  readonly snapshotRecords: number
  /** A session that asked for it ends when its client was silent for this long. */
  readonly silenceNs: number
  readonly replica: ReplicaSettings
}

export const ENGINE_SETTINGS_DEFAULT: EngineSettings = {
  snapshotRecords: 500_000,
  silenceNs: 3 * NS_PER_S,
  replica: REPLICA_SETTINGS_DEFAULT,
}

export type EngineOptions = {
  readonly journal: Journal
  readonly state: DurableState
  /** Begins a new journal, when this engine is the first to lead. */
  readonly config: ClusterConfig
  readonly settings: EngineSettings
  /** null: this engine runs alone. */
  readonly pairing: Pairing | null
  /** Names the boot of the machine. */
  readonly bootId: number
  /** Wall clock at which the time of all calls is 0. Milliseconds since 1970. */
  readonly startUnixMs: number
  readonly isForced?: boolean
  readonly publish: Publish
  /** Hears of each share of a long replay, 0 .. 1. */
  readonly onProgress: (share: number) => void
  readonly onTransition: (transition: Transition) => void
}

export type EngineCounts = {
  /** Commands answered from memory. */
  duplicateCount: number
  /** Commands refused before they were journalled, by reason. */
  refusals: Map<number, number>
  snapshotCount: number
  /** Longest time that taking a snapshot held the engine up. The caller measures it. */
  snapshotPauseNsMax: number
}

const MESSAGE_SIZE_FIRST = 16 * 1024
/** Bytes of records of one pass. */
const PASS_SIZE = 1024 * 1024
/** Time passes on record at least this often while a quote or order may expire. */
const TICK_NS = NS_PER_S
/** In a pair the disk is written behind: this often. */
const SYNC_NS = 20 * NS_PER_MS
/** A snapshot that could not be saved is tried again after so long. */
const SNAPSHOT_AGAIN_NS = 10 * NS_PER_S
/** A replica looks at its timers this often. */
const POLL_NS = 5 * NS_PER_MS

export class Engine implements ReplicatedMachine {
  readonly replica: Replica
  readonly counts: EngineCounts = { duplicateCount: 0, refusals: new Map(), snapshotCount: 0, snapshotPauseNsMax: 0 }
  readonly #options: EngineOptions
  readonly #journal: Journal
  readonly #gate = new CommitGate()
  readonly #ingress = new Ingress()
  readonly #silence: SilenceWatch
  /** As large as the largest message so far. */
  #message = new AlignedBuffer(MESSAGE_SIZE_FIRST)
  readonly #records = new AlignedBuffer(PASS_SIZE)
  /** Byte of the record that is sealed and not yet applied: the last one of the pass; -1: none. */
  #sealedAt = -1
  readonly #recordViews = new PrefixViews(this.#records)
  readonly #frame = new FrameWriter()
  #core: Core | null
  #snapshotSeq: number
  /** When the last one could not be saved: without one, room is never made. */
  #snapshotAgainNs = Number.POSITIVE_INFINITY
  #syncedNs = Number.NEGATIVE_INFINITY
  #nowNs = 0
  /** How far this machine's clock was behind the records when this engine began to lead: time goes on from there. */
  #behindNs = 0

  private constructor(options: EngineOptions) {
    this.#options = options
    this.#journal = options.journal
    this.#silence = new SilenceWatch(options.settings.silenceNs)
    this.#core = options.journal.appendPosition === 0 ? null : recoverCore(options.journal, options.onProgress)
    this.#snapshotSeq = this.#core?.seq ?? 0
    this.replica = new Replica({
      ...options,
      machine: this,
      settings: options.settings.replica,
      onTransition: options.onTransition,
    })
  }

  /** Recovers from the journal and takes its place: as primary at once when it runs alone. */
  static start(options: EngineOptions, nowNs: number): Engine {
    const engine = new Engine(options)
    engine.#nowNs = nowNs
    options.journal.requestSync()
    engine.replica.start(nowNs)
    return engine
  }

  /** The state as applied. An engine that never had a record has none. */
  get core(): Core {
    return must(this.#core, 'there is a state')
  }

  get hasCore(): boolean {
    return this.#core !== null
  }

  get isPrimary(): boolean {
    return this.replica.isPrimary
  }

  get epoch(): number {
    return this.replica.epoch
  }

  get appendPosition(): number {
    return this.#journal.appendPosition
  }

  get commitPosition(): number {
    return this.replica.commitPosition
  }

  /** Is there something to do without waiting for anything? */
  get isBusy(): boolean {
    return this.#ingress.count > 0 && this.replica.isIntakeOpen && !this.#gate.isCrowded
  }

  /** Nothing waits to be committed or released. */
  get isQuiet(): boolean {
    if (!this.isPrimary) return true
    return this.#ingress.count === 0 && this.#gate.isEmpty && this.commitPosition === this.appendPosition
  }

  /** Takes in one message of the client `clientId`, as whom it was authenticated: commands back to back. */
  offer(clientId: number, message: Uint8Array): void {
    // Whoever leads answers; the client repeats until then.
    if (!this.isPrimary) return
    this.#silence.heard(clientId)
    if (message.length > MESSAGE_SIZE_MAX) {
      this.#refuse(clientId, 0, Reason.MALFORMED, 0)
      return
    }
    if (message.length > this.#message.size) this.#message = new AlignedBuffer(MESSAGE_SIZE_MAX)
    const buffer = this.#message
    buffer.bytes.set(message)
    let offset = 0
    while (offset < message.length) {
      const fault = checkCommand(buffer, offset, message.length)
      if (fault !== 0) {
        this.#refuse(clientId, 0, fault, 0)
        return
      }
      this.#offerCommand(clientId, buffer, offset)
      offset += commandSize(buffer, offset)
    }
    if (message.length === 0) this.#refuse(clientId, 0, Reason.MALFORMED, 0)
  }

  /** Something of the client was not taken in. Changes nothing. */
  refuseOverload(clientId: number): void {
    if (this.isPrimary) this.#refuse(clientId, 0, Reason.OVERLOADED, 0)
  }

  onPeerFrame(frame: PeerFrame, nowNs: number): void {
    this.#nowNs = nowNs
    this.replica.onFrame(frame, nowNs)
    this.release()
  }

  onPeerLink(isConnected: boolean, nowNs: number): void {
    this.#nowNs = nowNs
    this.replica.onLink(isConnected, nowNs)
  }

  onViewRead(request: number, answer: ViewAnswer | null, nowNs: number): void {
    this.#nowNs = nowNs
    this.replica.onViewRead(request, answer, nowNs)
  }

  onViewWritten(request: number, outcome: WriteOutcome, written: StoredView | null, nowNs: number): void {
    this.#nowNs = nowNs
    this.replica.onViewWritten(request, outcome, written, nowNs)
    this.release()
  }

  /** The disk has answered. */
  onSynced(nowNs: number): void {
    this.#nowNs = nowNs
    this.replica.onSynced(nowNs)
    this.release()
  }

  /** One pass of the duty cycle. */
  poll(nowNs: number): void {
    this.#nowNs = nowNs
    // Commands before timers: somebody waits for their answers.
    if (this.replica.isIntakeOpen) this.#sequence()
    this.replica.poll(nowNs)
    this.#sync(nowNs)
    this.release()
  }

  /** Lets go what has been committed. */
  release(): void {
    if (this.isPrimary) this.#gate.release(this.commitPosition, this.#options.publish)
  }

  /** When `poll` has to be called even if nothing is offered. */
  nextDueNs(nowNs: number): TimeNs {
    const deadlineNs = this.isPrimary ? this.core.nextDeadlineNs() - this.#recordNs(0) : Number.POSITIVE_INFINITY
    const dueNs = this.#silence.isWatching ? Math.min(deadlineNs, this.#silence.dueNs) : deadlineNs
    if (this.#options.pairing === null) return dueNs
    return Math.min(dueNs, nowNs + (this.replica.isDoubting(nowNs) ? NS_PER_MS : POLL_NS))
  }

  /** An answer about the state as applied now: it leaves when that is committed. Primaries only. */
  answer(id: number, payload: Uint8Array): void {
    this.#gate.output(OutputKind.ANSWER, id, payload, this.core.seq)
    this.release()
  }

  /** Publishes a client's reports once more. False when the oldest of them are forgotten. */
  resend(clientId: number, fromSeq: number): boolean {
    const slot = this.core.sessions.slotOf(clientId)
    if (slot < 0) return false
    const isWhole = this.core.executions.resend(slot, fromSeq, this.epoch, this.#gate)
    this.release()
    return isWhole
  }

  /** Tells every stream's latest number again. */
  announce(): void {
    if (!this.isPrimary) return
    this.core.announce(this.epoch, this.#gate)
    this.release()
  }

  isSnapshotDue(): boolean {
    if (this.#core === null || this.#journal.isSnapshotting) return false
    // A second one makes the records before the first superfluous: they must be committed by then.
    if (this.#snapshotSeq > this.commitPosition) return false
    if (this.#nowNs >= this.#snapshotAgainNs) return true
    const recordCount = this.#core.seq - this.#snapshotSeq
    return recordCount >= this.#options.settings.snapshotRecords || (recordCount > 0 && this.#journal.isSnapshotWanted)
  }

  /** Serialises the state now and saves it while the engine goes on. */
  takeSnapshot(done: (error: Error | null) => void): void {
    this.#snapshotSeq = this.core.seq
    this.#snapshotAgainNs = Number.POSITIVE_INFINITY
    this.counts.snapshotCount += 1
    this.#journal.saveSnapshot(this.snapshot(), (error) => {
      if (error !== null) this.#snapshotAgainNs = this.#nowNs + SNAPSHOT_AGAIN_NS
      done(error)
    })
  }

  // What the replica drives.

  lead(epoch: number, wasPrimary: boolean): void {
    if (wasPrimary) return
    if (this.#journal.appendPosition === 0) this.#begin(epoch)
    this.#behindNs = Math.max(0, this.core.timeNs - this.#recordNs(this.#nowNs) + this.#behindNs)
    this.#ingress.clear()
    this.#silence.restart()
    this.core.announce(epoch, this.#gate)
  }

  follow(): void {
    this.#gate.clear()
    this.#ingress.clear()
    this.#silence.restart()
    this.#core?.discard()
  }

  apply(records: AlignedBuffer, from: number, to: number): void {
    for (let at = from; at < to; at += recordSize(records, at)) {
      if (this.#core === null) this.#core = Core.fromGenesis(records, at)
      else this.#core.follow(records, at)
    }
    this.#core?.discard()
  }

  cutTo(seq: number): void {
    if (this.#core === null || this.#core.seq <= seq) return
    this.#core = seq === 0 ? null : recoverCore(this.#journal, this.#options.onProgress)
    this.#snapshotSeq = Math.min(this.#snapshotSeq, seq)
  }

  restore(snapshot: Snapshot): boolean {
    const core = stateOf(snapshot)
    if (core === null || core.seq !== snapshot.seq) return false
    this.#core = core
    this.#snapshotSeq = snapshot.seq
    return true
  }

  snapshot(): Snapshot {
    const { seq, timeNs, epoch } = this.core
    return { seq, timeNs, epoch, ...this.core.hashedSnapshot() }
  }

  /** The time that a record stamped at `nowNs` would carry, but for never going back. */
  #recordNs(nowNs: number): TimeNs {
    return nowNs + (this.#options.startUnixMs - this.#journal.timeBaseUnixMs) * NS_PER_MS + this.#behindNs
  }

  #offerCommand(clientId: number, message: AlignedBuffer, offset: number): void {
    const clientSeq = message.float64[(offset + CommandHeader.CLIENT_SEQ) >> 3]!
    if (message.uint32[(offset + CommandHeader.CLIENT_ID) >> 2] !== clientId) {
      this.#refuse(clientId, clientSeq, Reason.NOT_PERMITTED, 0)
    } else if (!this.#ingress.push(message, offset)) {
      this.#refuse(clientId, clientSeq, Reason.OVERLOADED, 0)
    }
  }

  /** Screens, stamps, applies and appends what waits, as much as one pass holds. */
  #sequence(): void {
    const { core } = this
    const before = core.seq
    const stampNs = Math.max(Math.round(this.#recordNs(this.#nowNs)), core.timeNs)
    let length = this.#nowNs >= this.#silence.dueNs ? this.#endSilent(stampNs) : 0
    if (length === 0) length = this.#takeCommands(stampNs)
    if (length === 0) length = this.#tickIfDue(stampNs)
    if (length === 0) return
    // The last record is applied while peer and disk have it: a pass of one command waits for them and the state at once.
    this.#append(this.#recordViews.ofLength(length), before + 1, core.seq + (this.#sealedAt < 0 ? 0 : 1))
    this.#applySealed()
    core.flush(this.epoch, this.#gate)
  }

  #append(records: Uint8Array, firstSeq: number, lastSeq: number): void {
    // On their way to the peer while they are written here: only both together commit them.
    this.replica.onAppending(records, firstSeq, lastSeq, this.#nowNs)
    this.#journal.append(records, firstSeq, lastSeq, this.epoch)
    this.#sync(this.#nowNs)
  }

  /** Returns the bytes of the records written. */
  #takeCommands(stampNs: TimeNs): number {
    const ingress = this.#ingress
    const { buffer } = ingress
    let length = 0
    while (ingress.count > 0 && !this.#gate.isCrowded) {
      const { offset } = ingress
      const size = commandSize(buffer, offset)
      const lengthAfter = length + RecordHeader.LENGTH + size
      if (lengthAfter > PASS_SIZE) break
      const hasRoom = this.#journal.hasRoom(lengthAfter)
      // The next segment is on its way.
      if (!hasRoom && !this.#journal.isFull) break
      // Screening looks at the state that all commands before have made.
      this.#applySealed()
      const screening = this.core.screen(buffer, offset, stampNs)
      if (screening === Screening.FRESH && hasRoom) {
        const command = length + RecordHeader.LENGTH
        copyDoubles(buffer.float64, offset >> 3, this.#records.float64, command >> 3, size >> 3)
        length += this.#seal(length, size, stampNs)
      } else if (screening === Screening.DUPLICATE) {
        this.#repeat(buffer, offset)
      } else {
        const { sessions } = this.core
        const clientId = buffer.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
        if (screening === Screening.FRESH) this.#refuse(clientId, sessions.clientSeq, Reason.JOURNAL_FULL, 0)
        else this.#refuse(clientId, sessions.clientSeq, sessions.reason as Reason, sessions.value)
      }
      ingress.shift()
    }
    return length
  }

  #seal(offset: number, commandLength: number, timeNs: TimeNs): number {
    this.#applySealed()
    this.#sealedAt = offset
    return sealRecord(this.#records, offset, commandLength, this.epoch, this.core.seq + 1, timeNs)
  }

  #applySealed(): void {
    if (this.#sealedAt < 0) return
    this.core.apply(this.#records, this.#sealedAt)
    this.#sealedAt = -1
  }

  /** Ends the sessions of clients that are gone. Returns the bytes of the records written. */
  #endSilent(stampNs: TimeNs): number {
    const { sessions } = this.core
    const size = RecordHeader.LENGTH + CLOSE_SESSION_LENGTH
    if (!this.#journal.hasRoom(size * SESSION_COUNT_MAX)) return 0
    let length = 0
    for (const clientId of this.#silence.look(sessions, this.#nowNs)) {
      const command = length + RecordHeader.LENGTH
      writeCloseSession(this.#records, command)
      // The client's own commands are numbered from 1 on: number 0 is ours.
      stampSession(this.#records, command, clientId, sessions.incarnation(sessions.slotOf(clientId)), 0)
      length += this.#seal(length, CLOSE_SESSION_LENGTH, stampNs)
    }
    return length
  }

  #tickIfDue(nowNs: TimeNs): number {
    const dueNs = this.core.nextDeadlineNs()
    const isDue = nowNs >= dueNs || (dueNs !== Number.POSITIVE_INFINITY && nowNs - this.core.timeNs >= TICK_NS)
    if (!isDue || !this.#journal.hasRoom(RecordHeader.LENGTH + TICK_LENGTH)) return 0
    const size = writeTick(this.#records, RecordHeader.LENGTH)
    return this.#seal(0, size, nowNs)
  }

  /** At once where the commit position waits for the disk; behind where it waits for the peer. */
  #sync(nowNs: number): void {
    const isBehind = this.replica.role === Role.PAIR || this.replica.role === Role.BACKUP
    const waits = isBehind && !this.#options.settings.replica.isDiskDurable
    if (waits && nowNs - this.#syncedNs < SYNC_NS) return
    this.#syncedNs = nowNs
    this.#journal.requestSync()
  }

  /** The first record of a new journal. */
  #begin(epoch: number): void {
    const configuration = new TextEncoder().encode(JSON.stringify(this.#options.config))
    assert(configuration.length <= GENESIS_SIZE_MAX, 'the configuration fits into one record')
    const record = new AlignedBuffer(RecordHeader.LENGTH + CommandHeader.LENGTH + configuration.length + 8)
    const length = writeGenesis(record, RecordHeader.LENGTH, configuration)
    stampSession(record, RecordHeader.LENGTH, 0, 0, 0)
    const timeNs = Math.max(0, Math.round(this.#recordNs(this.#nowNs)))
    const size = sealRecord(record, 0, length, epoch, 1, timeNs)
    this.#core = Core.fromGenesis(record, 0)
    this.#append(record.bytes.subarray(0, size), 1, 1)
  }

  /** Sends the remembered reply again, outside the numbering. */
  #repeat(commands: AlignedBuffer, offset: number): void {
    const { sessions, executions } = this.core
    this.counts.duplicateCount += 1
    const clientId = sessions.clientId(sessions.slot)
    if (commands.bytes[offset + CommandHeader.KIND] === CommandKind.OPEN_SESSION) {
      this.#flushReports()
      executions.repeatOpening(sessions.slot, this.epoch, this.#gate, this.core.timeNs, this.core.seq)
      return
    }
    const entry = this.#beginUnnumbered(clientId)
    sessions.copyReply(sessions.slot, sessions.clientSeq, this.#frame.buffer, entry)
    this.#frame.buffer.float64[(entry + ExecutionField.EXEC_SEQ) >> 3] = 0
    this.#sendUnnumbered(clientId)
  }

  /** Refuses what never becomes a record: it changed nothing, and its number is not used up. */
  #refuse(clientId: number, clientSeq: number, reason: Reason, value: number): void {
    this.counts.refusals.set(reason, (this.counts.refusals.get(reason) ?? 0) + 1)
    const entry = this.#beginUnnumbered(clientId)
    writeRefusal(this.#frame.buffer, entry, reason, value)
    this.#frame.buffer.float64[(entry + ExecutionField.CLIENT_SEQ) >> 3] = clientSeq
    this.#sendUnnumbered(clientId)
  }

  /** What stands outside the numbering names the last number published: the reports before it go first. */
  #flushReports(): void {
    if (this.core.executions.pendingCount > 0) this.core.flush(this.epoch, this.#gate)
  }

  #beginUnnumbered(clientId: number): number {
    this.#flushReports()
    this.#frame.begin(FrameKind.EXECUTIONS, ExecutionField.LENGTH, this.epoch, clientId)
    return this.#frame.next()
  }

  #sendUnnumbered(clientId: number): void {
    const { core } = this
    const slot = core.sessions.slotOf(clientId)
    const execSeq = slot < 0 ? 0 : core.executions.publishedSeq(slot)
    const frame = this.#frame.finish(execSeq, execSeq, core.timeNs, core.seq)
    this.#gate.output(OutputKind.EXECUTIONS, clientId, frame, core.seq)
  }
}
