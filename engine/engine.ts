// The engine: one duty cycle that turns commands into journalled, applied and published records.
//
//   offer ──► ingress ──► poll: screen ─► stamp ─► apply ─► append to the journal ─► outputs wait in the gate
//                                                                 │                        ▲
//                                                                 └─ synced: committed ────┘ released
//
// Applying may run ahead of the disk; sending may not. Alone, the commit position is what the disk has. Everything
// outside is handed in: time with each poll, the journal, and where outputs go. So the same object runs in a process
// and in a simulator.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import { NS_PER_S, type TimeNs } from '../base/clock.ts'
import { CommandHeader } from '../protocol/command.ts'
import { checkCommand, commandSize } from '../protocol/command-check.ts'
import { stampSession, writeGenesis, writeTick } from '../protocol/command-writer.ts'
import { ExecutionField } from '../protocol/frame.ts'
import { FrameWriter } from '../protocol/frame-writer.ts'
import { CommandKind, FrameKind, Reason } from '../protocol/kinds.ts'
import { GENESIS_SIZE_MAX, INGRESS_COUNT_MAX, MESSAGE_SIZE_MAX } from '../protocol/limits.ts'
import { RecordHeader } from '../protocol/record.ts'
import type { ClusterConfig } from '../protocol/symbol.ts'
import type { Core } from './core/core.ts'
import { OutputKind } from './core/output.ts'
import { writeRefusal } from './core/report.ts'
import { Screening } from './core/sessions.ts'
import type { Journal } from './journal/journal.ts'
import { sealRecord } from './journal/record.ts'
import { recoverCore } from './recovery.ts'
import { CommitGate, type Publish } from './replication/commit-gate.ts'

export type EngineSettings = {
  /** A snapshot after this many records. */
  readonly snapshotRecords: number
}

export const ENGINE_SETTINGS_DEFAULT: EngineSettings = { snapshotRecords: 500_000 }

export type EngineCounts = {
  /** Commands answered from memory. */
  duplicateCount: number
  /** Commands refused before they were journalled, by reason. */
  refusals: Map<number, number>
  snapshotCount: number
  /** Longest time that taking a snapshot held the engine up. The caller measures it. */
  snapshotPauseNsMax: number
}

/** Bytes of commands that wait, and of records of one pass. */
const INGRESS_SIZE = 16 * 1024 * 1024
const PASS_SIZE = 1024 * 1024
/** Time passes on record at least this often while a quote or order may expire. */
const TICK_NS = NS_PER_S

export class Engine {
  readonly core: Core
  readonly epoch: number
  readonly counts: EngineCounts = { duplicateCount: 0, refusals: new Map(), snapshotCount: 0, snapshotPauseNsMax: 0 }
  readonly #journal: Journal
  readonly #settings: EngineSettings
  readonly #publish: Publish
  readonly #gate = new CommitGate()
  readonly #ingress = new AlignedBuffer(INGRESS_SIZE)
  #ingressFrom = 0
  #ingressTo = 0
  #ingressCount = 0
  readonly #message = new AlignedBuffer(MESSAGE_SIZE_MAX)
  readonly #records = new AlignedBuffer(PASS_SIZE)
  readonly #frame = new FrameWriter()
  #snapshotSeq = 0

  private constructor(core: Core, journal: Journal, settings: EngineSettings, publish: Publish) {
    this.core = core
    this.#journal = journal
    this.#settings = settings
    this.#publish = publish
    // A restart begins a new epoch, also when nobody else led meanwhile.
    this.epoch = journal.lastEpoch + 1
    this.#snapshotSeq = core.seq
  }

  /**
   * Recovers from the journal, or begins one with a GENESIS record of `config`. `onProgress` hears of each share of a
   * long replay, 0 .. 1.
   */
  static start(
    journal: Journal,
    config: ClusterConfig,
    settings: EngineSettings,
    publish: Publish,
    nowNs: TimeNs,
    onProgress: (share: number) => void,
  ): Engine {
    if (journal.appendPosition === 0) begin(journal, config, nowNs)
    const engine = new Engine(recoverCore(journal, onProgress), journal, settings, publish)
    journal.requestSync()
    engine.core.announce(engine.epoch, engine.#gate)
    return engine
  }

  get appendPosition(): number {
    return this.#journal.appendPosition
  }

  /** Alone: what is on the disk. */
  get commitPosition(): number {
    return this.#journal.syncPosition
  }

  /** Is there something to do without waiting for anything? */
  get isBusy(): boolean {
    return this.#ingressCount > 0 && !this.#gate.isCrowded
  }

  /** Nothing waits to be committed or released. */
  get isQuiet(): boolean {
    return this.#ingressCount === 0 && this.#gate.isEmpty && this.commitPosition === this.appendPosition
  }

  /** Takes in one message of the client `clientId`, as whom it was authenticated: commands back to back. */
  offer(clientId: number, message: Uint8Array): void {
    if (message.length > MESSAGE_SIZE_MAX) {
      this.#refuse(clientId, 0, Reason.MALFORMED, 0)
      return
    }
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

  /** One pass of the duty cycle. */
  poll(nowNs: TimeNs): void {
    const { core } = this
    const before = core.seq
    const length = this.#sequence(nowNs)
    if (length > 0) {
      this.#journal.append(this.#records.bytes.subarray(0, length), before + 1, core.seq, this.epoch)
      core.flush(this.epoch, this.#gate)
    }
    this.#journal.requestSync()
    this.release()
  }

  /** Lets go what has been committed. Called by poll, and when the disk has answered. */
  release(): void {
    this.#gate.release(this.commitPosition, this.#publish)
  }

  /** When `poll` has to be called even if nothing is offered. */
  nextDueNs(): TimeNs {
    return this.core.nextDeadlineNs()
  }

  /** An answer about the state as applied now: it leaves when that is committed. */
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
    this.core.announce(this.epoch, this.#gate)
    this.release()
  }

  isSnapshotDue(): boolean {
    return this.core.seq - this.#snapshotSeq >= this.#settings.snapshotRecords && !this.#journal.isSnapshotting
  }

  /** Serialises the state now and saves it while the engine goes on. */
  takeSnapshot(done: (error: Error | null) => void): void {
    const { core } = this
    this.#snapshotSeq = core.seq
    this.counts.snapshotCount += 1
    const { seq, timeNs, epoch } = core
    this.#journal.saveSnapshot({ seq, timeNs, epoch, stateHash: core.hash(), body: core.snapshot() }, done)
  }

  #offerCommand(clientId: number, message: AlignedBuffer, offset: number): void {
    const clientSeq = message.float64[(offset + CommandHeader.CLIENT_SEQ) >> 3]!
    if (message.uint32[(offset + CommandHeader.CLIENT_ID) >> 2] !== clientId) {
      this.#refuse(clientId, clientSeq, Reason.NOT_PERMITTED, 0)
      return
    }
    const size = commandSize(message, offset)
    if (this.#ingressTo + size > INGRESS_SIZE) this.#compactIngress()
    if (this.#ingressTo + size > INGRESS_SIZE || this.#ingressCount >= INGRESS_COUNT_MAX) {
      this.#refuse(clientId, clientSeq, Reason.OVERLOADED, 0)
      return
    }
    copyDoubles(message.float64, offset >> 3, this.#ingress.float64, this.#ingressTo >> 3, size >> 3)
    this.#ingressTo += size
    this.#ingressCount += 1
  }

  #compactIngress(): void {
    this.#ingress.bytes.copyWithin(0, this.#ingressFrom, this.#ingressTo)
    this.#ingressTo -= this.#ingressFrom
    this.#ingressFrom = 0
  }

  /** Screens, stamps and applies what waits, as much as one pass holds. Returns the bytes of the records written. */
  #sequence(nowNs: TimeNs): number {
    const stampNs = Math.max(nowNs, this.core.timeNs)
    const ingress = this.#ingress
    let length = 0
    while (this.#ingressCount > 0 && !this.#gate.isCrowded) {
      const size = commandSize(ingress, this.#ingressFrom)
      if (length + RecordHeader.LENGTH + size > PASS_SIZE || !this.#journal.hasRoom(PASS_SIZE)) break
      const screening = this.core.screen(ingress, this.#ingressFrom, stampNs)
      if (screening === Screening.FRESH) {
        const command = length + RecordHeader.LENGTH
        copyDoubles(ingress.float64, this.#ingressFrom >> 3, this.#records.float64, command >> 3, size >> 3)
        length += this.#seal(length, size, stampNs)
      } else if (screening === Screening.DUPLICATE) {
        this.#repeat(ingress, this.#ingressFrom)
      } else {
        const { sessions } = this.core
        const clientId = ingress.uint32[(this.#ingressFrom + CommandHeader.CLIENT_ID) >> 2]!
        this.#refuse(clientId, sessions.clientSeq, sessions.reason as Reason, sessions.value)
      }
      this.#ingressFrom += size
      this.#ingressCount -= 1
    }
    if (this.#ingressCount === 0) this.#ingressFrom = this.#ingressTo = 0
    if (length === 0) length = this.#tickIfDue(stampNs)
    return length
  }

  #seal(offset: number, commandLength: number, timeNs: TimeNs): number {
    const size = sealRecord(this.#records, offset, commandLength, this.epoch, this.core.seq + 1, timeNs)
    this.core.apply(this.#records, offset)
    return size
  }

  #tickIfDue(nowNs: TimeNs): number {
    const dueNs = this.core.nextDeadlineNs()
    const isDue = nowNs >= dueNs || (dueNs !== Number.POSITIVE_INFINITY && nowNs - this.core.timeNs >= TICK_NS)
    if (!isDue) return 0
    const size = writeTick(this.#records, RecordHeader.LENGTH)
    return this.#seal(0, size, nowNs)
  }

  /** Sends the remembered reply again, outside the numbering. */
  #repeat(commands: AlignedBuffer, offset: number): void {
    const { sessions, executions } = this.core
    this.counts.duplicateCount += 1
    const clientId = sessions.clientId(sessions.slot)
    if (commands.bytes[offset + CommandHeader.KIND] === CommandKind.OPEN_SESSION) {
      executions.repeatOpening(sessions.slot, this.epoch, this.#gate, this.core.timeNs, this.core.seq)
      return
    }
    const entry = this.#beginUnnumbered(clientId)
    sessions.copyReply(sessions.slot, sessions.clientSeq, this.#frame.buffer.bytes, entry)
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

  #beginUnnumbered(clientId: number): number {
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

/** The first record of a new journal. */
function begin(journal: Journal, config: ClusterConfig, nowNs: TimeNs): void {
  const configuration = new TextEncoder().encode(JSON.stringify(config))
  assert(configuration.length <= GENESIS_SIZE_MAX, 'the configuration fits into one record')
  const record = new AlignedBuffer(RecordHeader.LENGTH + CommandHeader.LENGTH + configuration.length + 8)
  const length = writeGenesis(record, RecordHeader.LENGTH, configuration)
  stampSession(record, RecordHeader.LENGTH, 0, 0, 0)
  const size = sealRecord(record, 0, length, 1, 1, Math.max(0, nowNs))
  journal.append(record.bytes.subarray(0, size), 1, 1, 1)
}

function copyDoubles(source: Float64Array, from: number, target: Float64Array, to: number, count: number): void {
  for (let index = 0; index < count; index++) target[to + index] = source[from + index]!
}
