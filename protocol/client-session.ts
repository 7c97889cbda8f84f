// One client's ordered conversation with the engine, over anything that may lose, repeat and delay whole messages.
//
// Invariant: each command is applied exactly once, in the order it was finished in, and each execution report is handed
// over exactly once, in the order of its number, whatever dies in between. The engine's half is engine/core/sessions.ts.
//
//   clientSeq    answered            | in flight                     | written, not sent
//   ------------ answeredSeq --------|------------ transmittedSeq ---|------------ writtenSeq
//                                     kept until answered: at most REPLY_COUNT_MAX, so that the engine still remembers
//
// Recovery is go-back-N: the engine refuses a number that is not the next with SEQUENCE_GAP and says which one it
// expects; a command that is not answered in time is sent again, and with it all after it. A hole in the numbers of the
// reports asks for a resend. Time is an argument; whoever owns the session calls `poll`.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import { commandSize } from './command-check.ts'
import { stampSession, writeOpenSession } from './command-writer.ts'
import { ExecutionField } from './frame.ts'
import { FrameFault, FrameReader } from './frame-reader.ts'
import { EventFlag, EventKind, FrameKind, Reason } from './kinds.ts'
import { COMMAND_SIZE_MAX, MESSAGE_SIZE_MAX, REPLY_COUNT_MAX } from './limits.ts'

export const SessionState = {
  CLOSED: 1,
  /** OPEN_SESSION is sent and not answered. */
  OPENING: 2,
  OPEN: 3,
  /** This one is over; `endReason` says why. Whoever wants to go on opens another. */
  ENDED: 4,
} as const
export type SessionState = (typeof SessionState)[keyof typeof SessionState]

export type SessionPort = {
  /** Sends one message: commands back to back. The bytes are valid during the call. */
  transmit(message: Uint8Array): void
  /** Asks the engine to publish this client's reports again, from this number on. */
  requestResend(fromSeq: number): void
}

export type SessionHandler = {
  /** A fresh execution report: entry `index` of `reader`, valid during the call. */
  onReport(reader: FrameReader, index: number): void
  onState(state: SessionState): void
  /** The engine no longer had `count` reports that were missed: whoever counts on having seen all asks for the state. */
  onReportsLost?(count: number): void
}

export type SessionOptions = {
  readonly clientId: number
  /** 1 .. 2^32-1, chosen at random at each start. */
  readonly nonce: number
  readonly isCancelledOnDisconnect?: boolean
  /** Unanswered for this long: sent again. Doubles up to retryNsMax while nothing is heard. */
  readonly retryNs?: number
  readonly retryNsMax?: number
}

/** Figures since the start. */
export type SessionCounts = {
  sent: number
  answered: number
  /** Commands transmitted again. */
  retried: number
  /** Reports that had been seen before. */
  repeated: number
  /** Holes in the report numbers that a resend filled. */
  gapsRepaired: number
  /** Reports that the engine no longer had. */
  lost: number
}

const RETRY_NS_DEFAULT = 250_000_000
const RETRY_NS_MAX_DEFAULT = 2_000_000_000
/** Refusals of one burst name the same gap: the session goes back once in this time for the same number. */
const GO_BACK_NS_MIN = 20_000_000
/** A session that ends when its client is silent says this often that it is there. */
const SIGN_NS = 500_000_000

export class ClientSession {
  readonly counts: SessionCounts = { sent: 0, answered: 0, retried: 0, repeated: 0, gapsRepaired: 0, lost: 0 }
  readonly clientId: number
  /** Where commands are written, at the offset that `begin` gives. */
  readonly outbox = new AlignedBuffer(REPLY_COUNT_MAX * COMMAND_SIZE_MAX)
  state: SessionState = SessionState.CLOSED
  /** Why it ended. STALE_SESSION: another process has our client id. UNKNOWN_CLIENT: the engine knows none of us. */
  endReason: Reason | 0 = 0
  incarnation = 0
  /** Highest clientSeq that the engine answered. */
  answeredSeq = 0
  writtenSeq = 0
  readonly #port: SessionPort
  readonly #handler: SessionHandler
  readonly #options: Required<SessionOptions>
  readonly #reader = new FrameReader()
  readonly #message = new AlignedBuffer(MESSAGE_SIZE_MAX)
  #transmittedSeq = 0
  /** Of the last frame. */
  #epoch = 0
  /** Number of the last report that was handed over. */
  #execSeq = 0
  #isGapOpen = false
  #resendDueNs = 0
  #retryDueNs = 0
  #retryWaitNs = 0
  #signDueNs = 0
  #goBackSeq = 0
  #goBackNs = Number.NEGATIVE_INFINITY

  constructor(options: SessionOptions, port: SessionPort, handler: SessionHandler) {
    assert(options.nonce >= 1 && options.nonce <= 0xffffffff, 'the nonce is 1 .. 2^32-1')
    this.clientId = options.clientId
    this.#options = {
      isCancelledOnDisconnect: false,
      retryNs: RETRY_NS_DEFAULT,
      retryNsMax: RETRY_NS_MAX_DEFAULT,
      ...options,
    }
    this.#port = port
    this.#handler = handler
  }

  /** Commands that may be begun now. */
  get room(): number {
    return this.state === SessionState.OPEN ? REPLY_COUNT_MAX - (this.writtenSeq - this.answeredSeq) : 0
  }

  get inFlight(): number {
    return this.writtenSeq - this.answeredSeq
  }

  open(nowNs: number): void {
    assert(this.state === SessionState.CLOSED, 'a session is opened once')
    this.#become(SessionState.OPENING)
    this.#transmitOpening(nowNs)
    this.#retryWaitNs = this.#options.retryNs
  }

  /** Byte offset in `outbox` to write the next command at, or -1 when there is no room. */
  begin(): number {
    if (this.room === 0) return -1
    return ((this.writtenSeq + 1) % REPLY_COUNT_MAX) * COMMAND_SIZE_MAX
  }

  /** The command begun is complete. Returns its clientSeq. It leaves with the next `flush`. */
  finish(): number {
    assert(this.room > 0, 'a command was begun')
    const offset = ((this.writtenSeq + 1) % REPLY_COUNT_MAX) * COMMAND_SIZE_MAX
    assert(commandSize(this.outbox, offset) <= COMMAND_SIZE_MAX, 'a command within its bound')
    this.writtenSeq += 1
    stampSession(this.outbox, offset, this.clientId, this.incarnation, this.writtenSeq)
    this.counts.sent += 1
    return this.writtenSeq
  }

  /** Sends what was written since the last time, as few messages as possible. */
  flush(nowNs: number): void {
    if (this.state !== SessionState.OPEN || this.#transmittedSeq === this.writtenSeq) return
    if (this.#transmittedSeq === this.answeredSeq) this.#armRetry(nowNs)
    this.#transmitFrom(this.#transmittedSeq + 1)
  }

  /** Retries what is due. Returns when to call again at the latest; call it sooner at will. */
  poll(nowNs: number): number {
    if (this.state === SessionState.OPENING && nowNs >= this.#retryDueNs) this.#transmitOpening(nowNs)
    if (this.state !== SessionState.OPEN) return this.state === SessionState.OPENING ? this.#retryDueNs : nowNs + 1e9
    this.flush(nowNs)
    const signDueNs = this.#giveSign(nowNs)
    if (this.#isGapOpen && nowNs >= this.#resendDueNs) this.#askResend(nowNs)
    if (this.inFlight > 0 && nowNs >= this.#retryDueNs) {
      this.#retryWaitNs = Math.min(this.#retryWaitNs * 2, this.#options.retryNsMax)
      this.#goBack(this.answeredSeq + 1, nowNs)
    }
    const gapDueNs = this.#isGapOpen ? this.#resendDueNs : Number.POSITIVE_INFINITY
    return Math.min(gapDueNs, signDueNs, this.inFlight > 0 ? this.#retryDueNs : nowNs + this.#options.retryNsMax)
  }

  /** A message came on the client's execution subject. Whatever is not a right frame of this client is dropped. */
  onFrame(frame: Uint8Array, nowNs: number): void {
    const reader = this.#reader
    if (reader.read(frame) !== FrameFault.NONE) return
    if (reader.kind !== FrameKind.EXECUTIONS || reader.streamId !== this.clientId) return
    if (this.state === SessionState.CLOSED || this.state === SessionState.ENDED) return
    for (let index = 0; index < reader.count; index++) this.#onUnnumbered(index, nowNs)
    this.#onNumbered(nowNs)
    this.#watchEpoch(nowNs)
  }

  /** The answer to `requestResend`: the engine keeps no reports before `firstSeq`, so what was missed of them is lost. */
  onResendAnswer(firstSeq: number, nowNs: number): void {
    const count = firstSeq - 1 - this.#execSeq
    if (!Number.isSafeInteger(count) || count <= 0 || this.state !== SessionState.OPEN) return
    this.counts.lost += count
    this.#execSeq = firstSeq - 1
    this.#handler.onReportsLost?.(count)
    // What followed the lost ones came while it could not be joined on.
    this.#isGapOpen = true
    this.#askResend(nowNs)
  }

  /** The way to the engine is open again after a break: what was sent meanwhile may be lost. */
  onReconnected(nowNs: number): void {
    if (this.state === SessionState.OPENING) this.#transmitOpening(nowNs)
    if (this.state !== SessionState.OPEN) return
    this.#retryWaitNs = this.#options.retryNs
    if (this.inFlight > 0) this.#goBack(this.answeredSeq + 1, nowNs)
  }

  /** Refusals and remembered replies: reports outside the numbering. */
  #onUnnumbered(index: number, nowNs: number): void {
    const reader = this.#reader
    if (reader.float64(index, ExecutionField.EXEC_SEQ) !== 0) return
    const kind = reader.uint8(index, ExecutionField.KIND)
    if (kind === EventKind.COMMAND_REFUSED) {
      this.#onRefusal(index, nowNs)
    } else if (kind === EventKind.SESSION_OPENED) {
      this.#onOpened(index, reader.lastSeq)
    } else if (this.state === SessionState.OPEN) {
      this.#onRemembered(index, nowNs)
    }
  }

  /** The answer of long ago to a command that was sent again. */
  #onRemembered(index: number, nowNs: number): void {
    const reader = this.#reader
    const clientSeq = reader.float64(index, ExecutionField.CLIENT_SEQ)
    const isOurs = reader.uint32(index, ExecutionField.INCARNATION) === this.incarnation
    if (!isOurs || clientSeq <= this.answeredSeq) {
      this.counts.repeated += 1
      return
    }
    // The frame's number is that of the stream when it was sent. Behind it, the numbered copy is still to be had, and
    // with it perhaps other reports that were missed; level with it, that copy is among those the engine has lost.
    const isNumberedLost = reader.lastSeq > 0 && reader.lastSeq <= this.#execSeq
    if (!isNumberedLost) this.#openGap(nowNs)
    else if (clientSeq === this.answeredSeq + 1) this.#takeReply(index, clientSeq, nowNs)
  }

  #onNumbered(nowNs: number): void {
    const reader = this.#reader
    if (this.state === SessionState.OPENING) {
      for (let index = 0; index < reader.count; index++) {
        if (reader.uint8(index, ExecutionField.KIND) !== EventKind.SESSION_OPENED) continue
        this.#onOpened(index, reader.float64(index, ExecutionField.EXEC_SEQ))
      }
    }
    if (this.state !== SessionState.OPEN) return
    // An announcement has no entries and previousSeq = lastSeq: it shows a gap like any other frame.
    if (reader.previousSeq > this.#execSeq) {
      this.#openGap(nowNs)
      return
    }
    const isNews = reader.lastSeq > this.#execSeq
    for (let index = 0; index < reader.count; index++) this.#take(index, nowNs)
    if (isNews && this.#isGapOpen) {
      this.#isGapOpen = false
      this.counts.gapsRepaired += 1
    }
  }

  /** Entry `index` of a frame that joins on to what was handed over. */
  #take(index: number, nowNs: number): void {
    const reader = this.#reader
    const execSeq = reader.float64(index, ExecutionField.EXEC_SEQ)
    const kind = reader.uint8(index, ExecutionField.KIND)
    if (execSeq === 0 || this.state !== SessionState.OPEN) return
    if (execSeq <= this.#execSeq) {
      if (kind !== EventKind.SESSION_OPENED) this.counts.repeated += 1
      return
    }
    this.#execSeq = execSeq
    if (kind === EventKind.SESSION_OPENED) {
      if (reader.float64(index, ExecutionField.VALUE) > this.incarnation) this.#end(Reason.STALE_SESSION)
      return
    }
    const isReply = (reader.uint8(index, ExecutionField.FLAGS) & EventFlag.REPLY) !== 0
    const isOurs = reader.uint32(index, ExecutionField.INCARNATION) === this.incarnation
    if (isReply && isOurs) this.#takeReply(index, reader.float64(index, ExecutionField.CLIENT_SEQ), nowNs)
    else this.#handler.onReport(reader, index)
    const isOver = kind === EventKind.SESSION_CLOSED && !isReply
    if (isOver && reader.float64(index, ExecutionField.VALUE) === this.incarnation) this.#end(Reason.SESSION_ENDED)
  }

  #takeReply(index: number, clientSeq: number, nowNs: number): void {
    const isNext = clientSeq === this.answeredSeq + 1
    assert(isNext || this.counts.lost > 0, 'replies come in the order of the commands')
    assert(clientSeq > this.answeredSeq && clientSeq <= this.#transmittedSeq, 'a reply answers what was sent')
    this.answeredSeq = clientSeq
    this.counts.answered += 1
    this.#armRetry(nowNs)
    this.#handler.onReport(this.#reader, index)
  }

  #onOpened(index: number, execSeq: number): void {
    const reader = this.#reader
    if (this.state !== SessionState.OPENING) return
    // Another claimant's opening: ours is answered on its own.
    if (reader.uint32(index, ExecutionField.CLIENT_ORDER_ID) !== this.#options.nonce) return
    this.incarnation = reader.float64(index, ExecutionField.VALUE)
    this.#execSeq = execSeq
    this.#retryWaitNs = this.#options.retryNs
    this.#become(SessionState.OPEN)
  }

  #onRefusal(index: number, nowNs: number): void {
    const reader = this.#reader
    const reason = reader.uint8(index, ExecutionField.REASON) as Reason
    const value = reader.float64(index, ExecutionField.VALUE)
    const clientSeq = reader.float64(index, ExecutionField.CLIENT_SEQ)
    if (this.state === SessionState.OPENING) {
      // Our opening, sent again after somebody else's: it has been superseded before we knew that it was applied.
      if (reason === Reason.STALE_SESSION && clientSeq === 0) this.#end(reason)
      return
    }
    if (this.state !== SessionState.OPEN) return
    switch (reason) {
      case Reason.SEQUENCE_GAP:
        // Only a number in the window makes sense; a refusal of long ago is answered by nothing.
        if (value > this.answeredSeq && value <= this.#transmittedSeq) this.#goBackOnce(value, nowNs)
        return
      case Reason.STALE_SESSION:
        // Of an earlier incarnation of ours if it names the present one.
        if (value !== this.incarnation) this.#end(reason)
        return
      case Reason.UNKNOWN_CLIENT:
        this.#end(reason)
        return
      case Reason.OVERLOADED:
      case Reason.THROTTLED:
      case Reason.JOURNAL_FULL:
      case Reason.TOO_MANY_SESSIONS:
        // Nothing was applied. The retry timer goes back when its time has come, and so takes the pressure off.
        return
      default:
        // The command can never pass, and those after it wait for its number: no retry mends that. A refusal of a copy
        // that came late, after the command was answered, means nothing.
        if (clientSeq > this.answeredSeq && clientSeq <= this.#transmittedSeq) {
          this.#handler.onReport(reader, index)
          this.#end(reason)
        }
    }
  }

  /** Another engine speaks than before, or the same after a restart: what it never got is sent again at once. */
  #watchEpoch(nowNs: number): void {
    const { epoch } = this.#reader
    if (epoch === this.#epoch) return
    const isFirst = this.#epoch === 0
    this.#epoch = epoch
    if (isFirst || this.state !== SessionState.OPEN) return
    if (this.#transmittedSeq > this.answeredSeq) this.#goBackOnce(this.answeredSeq + 1, nowNs)
  }

  #openGap(nowNs: number): void {
    if (this.#isGapOpen || this.state !== SessionState.OPEN) return
    this.#isGapOpen = true
    this.#askResend(nowNs)
  }

  #askResend(nowNs: number): void {
    this.#resendDueNs = nowNs + this.#options.retryNs
    this.#port.requestResend(this.#execSeq + 1)
  }

  #goBackOnce(clientSeq: number, nowNs: number): void {
    if (clientSeq === this.#goBackSeq && nowNs - this.#goBackNs < GO_BACK_NS_MIN) return
    this.#goBackSeq = clientSeq
    this.#goBackNs = nowNs
    this.#goBack(clientSeq, nowNs)
  }

  #goBack(clientSeq: number, nowNs: number): void {
    assert(clientSeq > this.answeredSeq && clientSeq <= this.writtenSeq, 'goes back to what is kept')
    this.#retryDueNs = nowNs + this.#retryWaitNs
    this.#transmitFrom(clientSeq)
  }

  #transmitFrom(clientSeq: number): void {
    let length = 0
    for (let seq = clientSeq; seq <= this.writtenSeq; seq++) {
      const offset = (seq % REPLY_COUNT_MAX) * COMMAND_SIZE_MAX
      const size = commandSize(this.outbox, offset)
      if (length + size > MESSAGE_SIZE_MAX) {
        this.#port.transmit(this.#message.bytes.subarray(0, length))
        length = 0
      }
      this.#message.bytes.set(this.outbox.bytes.subarray(offset, offset + size), length)
      length += size
      if (seq <= this.#transmittedSeq) this.counts.retried += 1
    }
    if (length > 0) this.#port.transmit(this.#message.bytes.subarray(0, length))
    this.#transmittedSeq = this.writtenSeq
  }

  #transmitOpening(nowNs: number): void {
    const length = writeOpenSession(this.#message, 0, this.#options.nonce, this.#options.isCancelledOnDisconnect)
    stampSession(this.#message, 0, this.clientId, 0, 0)
    this.#retryDueNs = nowNs + this.#options.retryNs
    this.#signDueNs = nowNs + SIGN_NS
    this.#port.transmit(this.#message.bytes.subarray(0, length))
  }

  /** The same opening once more: it changes nothing, and is heard. Returns when the next is due. */
  #giveSign(nowNs: number): number {
    if (!this.#options.isCancelledOnDisconnect) return Number.POSITIVE_INFINITY
    if (nowNs >= this.#signDueNs) {
      const retryDueNs = this.#retryDueNs
      this.#transmitOpening(nowNs)
      this.#retryDueNs = retryDueNs
    }
    return this.#signDueNs
  }

  #armRetry(nowNs: number): void {
    this.#retryWaitNs = this.#options.retryNs
    this.#retryDueNs = nowNs + this.#retryWaitNs
  }

  #end(reason: Reason): void {
    this.endReason = reason
    this.#become(SessionState.ENDED)
  }

  #become(state: SessionState): void {
    if (this.state === state) return
    this.state = state
    this.#handler.onState(state)
  }
}
