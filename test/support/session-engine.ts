// The engine's half of client sessions, as plainly as it can be said: what is applied, what is answered, what a restart
// loses. For tests of the client's half; it knows nothing of markets.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { CommandHeader, NewOrderField, OpenSessionField } from '../../protocol/command.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { FrameWriter } from '../../protocol/frame-writer.ts'
import { CommandKind, EventFlag, EventKind, FrameKind, Reason } from '../../protocol/kinds.ts'
import { MESSAGE_SIZE_MAX, REPLY_COUNT_MAX } from '../../protocol/limits.ts'

/** One execution report. `id` is what tests recognise it by. */
export type PlainReport = {
  readonly kind: number
  readonly id: number
  readonly execSeq: number
  readonly clientSeq: number
  readonly incarnation: number
  readonly reason?: number
  readonly value?: number
  readonly nonce?: number
}

type State = {
  readonly incarnation: number
  readonly nonce: number
  readonly clientSeq: number
  /** All reports ever, in order of their numbers. */
  readonly reports: readonly PlainReport[]
  /** Client order ids of the orders applied, in order. */
  readonly applied: readonly number[]
}

export class SessionEngine {
  /** What has been promised: a restart begins from here. */
  committed: State = { incarnation: 0, nonce: 0, clientSeq: 0, reports: [], applied: [] }
  epoch = 1
  /** Reports kept for resending. */
  keptCountMax = Number.POSITIVE_INFINITY
  readonly #clientId: number
  readonly #publish: (frame: Uint8Array) => void
  readonly #batch = new AlignedBuffer(MESSAGE_SIZE_MAX)
  readonly #frame = new FrameWriter()
  #state: State = this.committed
  #reportId = 0

  constructor(clientId: number, publish: (frame: Uint8Array) => void) {
    this.#clientId = clientId
    this.#publish = publish
  }

  onMessage(message: Uint8Array): void {
    this.#batch.bytes.set(message)
    for (let offset = 0; offset < message.length; ) {
      this.#onCommand(offset)
      offset += this.#batch.bytes[offset]! | (this.#batch.bytes[offset + 1]! << 8)
    }
  }

  /** Something happens to the client's orders that no command of its own caused. */
  happen(): void {
    if (this.#state.incarnation > 0) this.#report(EventKind.TRADE, 0)
  }

  /** What was applied becomes final, and is told. */
  commit(): void {
    const told = this.committed.reports.length
    this.committed = this.#state
    this.#tell(told)
  }

  /** The process dies, at worst between the commit and what it would have said, and another takes over. */
  restart(): void {
    this.#state = this.committed
    this.epoch += 1
    this.announce()
  }

  announce(): void {
    this.#begin()
    const { length } = this.committed.reports
    this.#publish(this.#frame.finish(length, length, 0, 0).slice())
  }

  /** Commits without a word: the process dies right after this. */
  commitSilently(): void {
    this.committed = this.#state
  }

  /** Publishes reports again; answers with the first that is kept. */
  resend(fromSeq: number): number {
    const { length } = this.committed.reports
    const firstSeq = Math.max(1, length - this.keptCountMax + 1)
    this.#tell(Math.max(fromSeq, firstSeq) - 1)
    return firstSeq
  }

  #onCommand(offset: number): void {
    const { bytes, uint32, float64 } = this.#batch
    const kind = bytes[offset + CommandHeader.KIND]!
    const clientSeq = float64[(offset + CommandHeader.CLIENT_SEQ) >> 3]!
    const incarnation = uint32[(offset + CommandHeader.INCARNATION) >> 2]!
    const state = this.#state
    if (kind === CommandKind.OPEN_SESSION) {
      this.#onOpening(uint32[(offset + OpenSessionField.NONCE) >> 2]!)
    } else if (state.incarnation === 0) {
      this.#refuse(Reason.UNKNOWN_CLIENT, 0, clientSeq)
    } else if (incarnation !== state.incarnation) {
      this.#refuse(Reason.STALE_SESSION, state.incarnation, clientSeq)
    } else if (clientSeq <= state.clientSeq - REPLY_COUNT_MAX) {
      this.#refuse(Reason.FORGOTTEN, state.clientSeq + 1, clientSeq)
    } else if (clientSeq <= state.clientSeq) {
      this.#repeat((report) => report.clientSeq === clientSeq && report.incarnation === incarnation)
    } else if (clientSeq > state.clientSeq + 1) {
      this.#refuse(Reason.SEQUENCE_GAP, state.clientSeq + 1, clientSeq)
    } else {
      const clientOrderId = uint32[(offset + NewOrderField.CLIENT_ORDER_ID) >> 2]!
      this.#state = { ...state, clientSeq, applied: [...state.applied, clientOrderId] }
      this.#report(EventKind.ORDER_ACCEPTED, clientSeq)
    }
  }

  #onOpening(nonce: number): void {
    const state = this.#state
    if (nonce === state.nonce) {
      this.#repeat((report) => report.nonce === nonce)
      return
    }
    const incarnation = state.incarnation + 1
    this.#state = { ...state, incarnation, nonce, clientSeq: 0 }
    this.#report(EventKind.SESSION_OPENED, 0, { value: incarnation, nonce })
  }

  #report(kind: number, clientSeq: number, more: Partial<PlainReport> = {}): void {
    const { reports, incarnation } = this.#state
    this.#reportId += 1
    const report = { kind, id: this.#reportId, execSeq: reports.length + 1, clientSeq, incarnation, ...more }
    this.#state = { ...this.#state, reports: [...reports, report] }
  }

  /** The remembered reply, without a number. What is not committed is not said: its own report will come. */
  #repeat(isIt: (report: PlainReport) => boolean): void {
    const report = this.committed.reports.find(isIt)
    if (report !== undefined) this.#sayUnnumbered(report)
  }

  #refuse(reason: number, value: number, clientSeq: number): void {
    const { incarnation } = this.committed
    this.#sayUnnumbered({ kind: EventKind.COMMAND_REFUSED, id: 0, execSeq: 0, clientSeq, incarnation, reason, value })
  }

  #sayUnnumbered(report: PlainReport): void {
    this.#begin()
    this.#put({ ...report, execSeq: 0 })
    const { length } = this.committed.reports
    this.#publish(this.#frame.finish(length, length, 0, 0).slice())
  }

  #tell(from: number): void {
    const { reports } = this.committed
    if (from >= reports.length) return
    this.#begin()
    for (const report of reports.slice(from)) this.#put(report)
    this.#publish(this.#frame.finish(from, reports.length, 0, 0).slice())
  }

  #begin(): void {
    this.#frame.begin(FrameKind.EXECUTIONS, ExecutionField.LENGTH, this.epoch, this.#clientId)
  }

  #put(report: PlainReport): void {
    const at = this.#frame.next()
    const { bytes, uint32, float64 } = this.#frame.buffer
    bytes[at + ExecutionField.KIND] = report.kind
    bytes[at + ExecutionField.REASON] = report.reason ?? 0
    bytes[at + ExecutionField.FLAGS] = report.kind === EventKind.TRADE ? 0 : EventFlag.REPLY
    float64[(at + ExecutionField.EXEC_SEQ) >> 3] = report.execSeq
    float64[(at + ExecutionField.CLIENT_SEQ) >> 3] = report.clientSeq
    float64[(at + ExecutionField.TRADE_ID) >> 3] = report.id
    float64[(at + ExecutionField.VALUE) >> 3] = report.value ?? 0
    uint32[(at + ExecutionField.CLIENT_ORDER_ID) >> 2] = report.nonce ?? 0
    uint32[(at + ExecutionField.INCARNATION) >> 2] = report.incarnation
  }
}
