// Client sessions: who may send the next command, and what each client was answered.
//
// Invariant: a command of a client is applied when its clientSeq is exactly one more than the last applied one of the
// same incarnation, and never otherwise. So a client that repeats a command until it is answered has it applied once,
// across restarts and failovers, because this state is replicated.
//
// Remembered: the replies to the last REPLY_COUNT_MAX commands of each session, in a ring that grows as needed. Older
// ones are answered FORGOTTEN.
//
//   clientSeq & (capacity - 1)        0 |   1 |   2 | ... | capacity - 1
//   capacity doubles before a clientSeq would wrap, until it is REPLY_COUNT_MAX; so growing is a plain copy
//
// Forgetting a session. Sessions stay until room is needed for a new client. Then the closed session that was used
// least recently goes; if none is closed, the open one that has been idle longest, if that is SESSION_IDLE_NS_MAX or
// more by record time; if there is none, the new client is refused. Incarnations are numbers of the whole cluster, and
// a forgotten client's stream goes on above `execSeqForgotten`, so neither ever goes back for anybody.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import { type ByteReader, ByteReaderError } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { CommandHeader, OpenSessionField } from '../../protocol/command.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { CommandKind, Reason } from '../../protocol/kinds.ts'
import { CLIENT_ID_MAX, REPLY_COUNT_MAX, SESSION_COUNT_MAX, SESSION_IDLE_NS_MAX } from '../../protocol/limits.ts'
import type { ThrottleLimits } from '../../protocol/symbol.ts'
import { ClientSlots, NO_SLOT } from './client-slots.ts'
import { SessionThrottle } from './session-throttle.ts'

/** What is to be done with a command. */
export const Screening = {
  /** It is the next of its session: journal and apply it. */
  FRESH: 1,
  /** It was applied before: `slot` and `clientSeq` find the remembered reply. */
  DUPLICATE: 2,
  /** It may not be applied: `reason` and `value` say why. */
  REFUSED: 3,
} as const
export type Screening = (typeof Screening)[keyof typeof Screening]

/** Snapshot layout. 1: the first. 2: what throttles them. */
const SESSIONS_SNAPSHOT_VERSION = 2
const REPLY_SIZE = ExecutionField.LENGTH
const REPLY_CAPACITY_FIRST = 16
/** Nonces of earlier openings that a late copy of them is known by. */
const OLD_NONCE_COUNT = 4
const NO_REPLIES = new AlignedBuffer(0)

const State = { FREE: 0, OPEN: 1, CLOSED: 2 } as const

export class Sessions {
  // Results of the last `screen`.
  reason = 0
  /** Goes into the refusal's VALUE: the clientSeq expected, or the incarnation. */
  value = 0
  slot = NO_SLOT
  clientSeq = 0

  readonly #slots = new ClientSlots()
  readonly #state = new Uint8Array(SESSION_COUNT_MAX)
  readonly #clientId = new Uint32Array(SESSION_COUNT_MAX)
  readonly #incarnation = new Uint32Array(SESSION_COUNT_MAX)
  readonly #nonce = new Uint32Array(SESSION_COUNT_MAX)
  /** The previous ones, newest first; 0: none. */
  readonly #oldNonces = new Uint32Array(SESSION_COUNT_MAX * OLD_NONCE_COUNT)
  readonly #isCancelling = new Uint8Array(SESSION_COUNT_MAX)
  readonly #lastClientSeq = new Float64Array(SESSION_COUNT_MAX)
  readonly #execSeq = new Float64Array(SESSION_COUNT_MAX)
  /** Record that the session was used at last. */
  readonly #usedSeq = new Float64Array(SESSION_COUNT_MAX)
  readonly #usedNs = new Float64Array(SESSION_COUNT_MAX)
  /** Rings whose sizes are powers of two: reply n is at n modulo the size. */
  readonly #replies: AlignedBuffer[] = Array.from({ length: SESSION_COUNT_MAX }, () => NO_REPLIES)
  readonly #throttle: SessionThrottle
  #incarnationHighest = 0
  #execSeqForgotten = 0

  constructor(limits?: ThrottleLimits) {
    this.#throttle = new SessionThrottle(limits)
  }

  get count(): number {
    return this.#slots.count
  }

  /** -1: no such session. */
  slotOf(clientId: number): number {
    return this.#slots.find(clientId)
  }

  clientId(slot: number): number {
    return this.#clientId[slot]!
  }

  incarnation(slot: number): number {
    return this.#incarnation[slot]!
  }

  nonce(slot: number): number {
    return this.#nonce[slot]!
  }

  isOpen(slot: number): boolean {
    return this.#state[slot] === State.OPEN
  }

  /** Its orders are to be cancelled when it is closed. */
  isCancelling(slot: number): boolean {
    return this.#isCancelling[slot] === 1
  }

  lastClientSeq(slot: number): number {
    return this.#lastClientSeq[slot]!
  }

  /** Number of the last execution report to the client. */
  execSeq(slot: number): number {
    return this.#execSeq[slot]!
  }

  usedNs(slot: number): number {
    return this.#usedNs[slot]!
  }

  nextExecSeq(slot: number): number {
    const execSeq = this.#execSeq[slot]! + 1
    this.#execSeq[slot] = execSeq
    return execSeq
  }

  /** Visits the client ids in ascending order: for queries, snapshots and announcements. */
  sortedClientIds(): number[] {
    const clientIds: number[] = []
    for (let slot = 0; slot < SESSION_COUNT_MAX; slot++) {
      if (this.#state[slot] !== State.FREE) clientIds.push(this.#clientId[slot]!)
    }
    return clientIds.sort((one, other) => one - other)
  }

  /** Decides what to do with the command at `offset` at time `nowNs`. Changes nothing but the result fields. */
  screen(commands: AlignedBuffer, offset: number, nowNs: number): Screening {
    const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
    this.clientSeq = commands.float64[(offset + CommandHeader.CLIENT_SEQ) >> 3]!
    this.reason = 0
    this.value = 0
    this.slot = this.slotOf(clientId)
    if (commands.bytes[offset + CommandHeader.KIND] === CommandKind.OPEN_SESSION) {
      return this.#screenOpening(commands, offset, clientId, nowNs)
    }
    const slot = this.slot
    if (slot === NO_SLOT) return this.#refuse(Reason.UNKNOWN_CLIENT, 0)
    const incarnation = this.#incarnation[slot]!
    if (commands.uint32[(offset + CommandHeader.INCARNATION) >> 2] !== incarnation) {
      return this.#refuse(Reason.STALE_SESSION, incarnation)
    }
    const last = this.#lastClientSeq[slot]!
    if (this.clientSeq <= last) {
      if (this.clientSeq <= last - REPLY_COUNT_MAX || this.clientSeq < 1)
        return this.#refuse(Reason.FORGOTTEN, last + 1)
      return Screening.DUPLICATE
    }
    if (this.#state[slot] === State.CLOSED) return this.#refuse(Reason.STALE_SESSION, incarnation)
    if (this.clientSeq !== last + 1) return this.#refuse(Reason.SEQUENCE_GAP, last + 1)
    if (this.#throttle.isTooMuch(slot, nowNs)) return this.#refuse(Reason.THROTTLED, last + 1)
    return Screening.FRESH
  }

  /** The slot that a new client would have to take, or -1 when a free one is there or none may be forgotten. */
  slotToForget(nowNs: number): number {
    if (this.count < SESSION_COUNT_MAX) return NO_SLOT
    let closed = NO_SLOT
    let idle = NO_SLOT
    for (let slot = 0; slot < SESSION_COUNT_MAX; slot++) {
      const used = this.#usedSeq[slot]!
      if (this.#state[slot] === State.CLOSED) {
        if (closed === NO_SLOT || used < this.#usedSeq[closed]!) closed = slot
      } else if (nowNs - this.#usedNs[slot]! >= SESSION_IDLE_NS_MAX) {
        if (idle === NO_SLOT || used < this.#usedSeq[idle]!) idle = slot
      }
    }
    return closed !== NO_SLOT ? closed : idle
  }

  forget(slot: number): void {
    assert(this.#state[slot] !== State.FREE, 'there is a session to forget')
    this.#execSeqForgotten = Math.max(this.#execSeqForgotten, this.#execSeq[slot]!)
    this.#state[slot] = State.FREE
    this.#slots.clear()
    for (let other = 0; other < SESSION_COUNT_MAX; other++) {
      if (this.#state[other] !== State.FREE) this.#slots.add(this.#clientId[other]!, other)
    }
    this.#replies[slot] = NO_REPLIES
    this.#throttle.clear(slot)
  }

  /** Opens the session that the FRESH command at `offset` asks for. Returns its slot. */
  open(commands: AlignedBuffer, offset: number, recordSeq: number, timeNs: number): number {
    const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
    const nonce = commands.uint32[(offset + OpenSessionField.NONCE) >> 2]!
    let slot = this.slotOf(clientId)
    if (slot === NO_SLOT) {
      slot = this.#state.indexOf(State.FREE)
      assert(slot !== NO_SLOT, 'room was made before a session is opened')
      this.#slots.add(clientId, slot)
      this.#clientId[slot] = clientId
      this.#execSeq[slot] = this.#execSeqForgotten
      this.#oldNonces.fill(0, slot * OLD_NONCE_COUNT, (slot + 1) * OLD_NONCE_COUNT)
    } else {
      const first = slot * OLD_NONCE_COUNT
      this.#oldNonces.copyWithin(first + 1, first, first + OLD_NONCE_COUNT - 1)
      this.#oldNonces[first] = this.#nonce[slot]!
    }
    this.#incarnationHighest += 1
    this.#state[slot] = State.OPEN
    this.#incarnation[slot] = this.#incarnationHighest
    this.#nonce[slot] = nonce
    this.#isCancelling[slot] = commands.bytes[offset + OpenSessionField.CANCEL_ON_DISCONNECT] === 1 ? 1 : 0
    this.#lastClientSeq[slot] = 0
    this.#use(slot, recordSeq, timeNs)
    return slot
  }

  /**
   * The command at `offset`, which opens no session and was screened as FRESH before it was journalled, is applied now: its
   * number is used up. Returns the slot of its session.
   */
  take(commands: AlignedBuffer, offset: number, recordSeq: number, timeNs: number): number {
    const slot = this.slotOf(commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!)
    const clientSeq = commands.float64[(offset + CommandHeader.CLIENT_SEQ) >> 3]!
    assert(slot !== NO_SLOT && this.#state[slot] === State.OPEN, 'only an open session sends commands')
    const incarnation = commands.uint32[(offset + CommandHeader.INCARNATION) >> 2]
    assert(incarnation === this.#incarnation[slot], 'a command is of the present incarnation')
    assert(clientSeq === this.#lastClientSeq[slot]! + 1, 'a session has no gaps')
    assert(!this.#throttle.isTooMuch(slot, timeNs), 'a session sends no more than it may')
    this.#lastClientSeq[slot] = clientSeq
    this.#throttle.add(slot, timeNs)
    this.#use(slot, recordSeq, timeNs)
    return slot
  }

  close(slot: number): void {
    assert(this.#state[slot] === State.OPEN, 'only an open session is closed')
    this.#state[slot] = State.CLOSED
  }

  /** Where the reply to the session's last command is remembered: the buffer in which `replyEntry` is its entry. */
  replies(slot: number): AlignedBuffer {
    const clientSeq = this.#lastClientSeq[slot]!
    assert(clientSeq > 0, 'a reply answers a command of the session')
    const replies = this.#replies[slot]!
    const isGrowing = clientSeq >= replies.size / REPLY_SIZE && replies.size < REPLY_COUNT_MAX * REPLY_SIZE
    return isGrowing ? this.#growReplies(slot, clientSeq) : replies
  }

  replyEntry(slot: number): number {
    return this.#lastClientSeq[slot]! & (this.#replies[slot]!.size / REPLY_SIZE - 1)
  }

  /** Copies the remembered reply to `clientSeq` to byte `offset` of `target`; `screen` must have called it DUPLICATE. */
  copyReply(slot: number, clientSeq: number, target: AlignedBuffer, offset: number): void {
    const last = this.#lastClientSeq[slot]!
    assert(clientSeq >= 1 && clientSeq <= last && clientSeq > last - REPLY_COUNT_MAX, 'the reply is remembered')
    const replies = this.#replies[slot]!
    const at = (clientSeq & (replies.size / REPLY_SIZE - 1)) * REPLY_SIZE
    for (let index = 0; index < REPLY_SIZE; index++) target.bytes[offset + index] = replies.bytes[at + index]!
  }

  snapshot(writer: ByteWriter): void {
    writer.uint32(SESSIONS_SNAPSHOT_VERSION)
    writer.safeInteger(this.#incarnationHighest)
    writer.safeInteger(this.#execSeqForgotten)
    const clientIds = this.sortedClientIds()
    writer.uint32(clientIds.length)
    for (const clientId of clientIds) this.#snapshotSession(writer, this.slotOf(clientId))
  }

  restore(reader: ByteReader): void {
    assert(this.count === 0 && this.#incarnationHighest === 0, 'only empty sessions are restored into')
    if (reader.uint32() !== SESSIONS_SNAPSHOT_VERSION) throw new ByteReaderError('sessions of another version')
    this.#incarnationHighest = reader.safeInteger()
    this.#execSeqForgotten = reader.safeInteger()
    const count = reader.uint32()
    if (count > SESSION_COUNT_MAX) throw new ByteReaderError(`${count} sessions, more than ${SESSION_COUNT_MAX}`)
    for (let slot = 0; slot < count; slot++) this.#restoreSession(reader, slot)
  }

  #screenOpening(commands: AlignedBuffer, offset: number, clientId: number, nowNs: number): Screening {
    if (clientId < 1 || clientId > CLIENT_ID_MAX) return this.#refuse(Reason.UNKNOWN_CLIENT, 0)
    if (this.clientSeq !== 0) return this.#refuse(Reason.MALFORMED, 0)
    const nonce = commands.uint32[(offset + OpenSessionField.NONCE) >> 2]!
    if (nonce === 0) return this.#refuse(Reason.MALFORMED, 0)
    const slot = this.slot
    if (slot === NO_SLOT) {
      const isFull = this.count === SESSION_COUNT_MAX && this.slotToForget(nowNs) === NO_SLOT
      return isFull ? this.#refuse(Reason.TOO_MANY_SESSIONS, 0) : Screening.FRESH
    }
    if (nonce === this.#nonce[slot]) {
      // Of a session that has ended nothing is said as if it stood: its client would wait for answers for ever.
      const isOpen = this.#state[slot] === State.OPEN
      return isOpen ? Screening.DUPLICATE : this.#refuse(Reason.STALE_SESSION, this.#incarnation[slot]!)
    }
    const first = slot * OLD_NONCE_COUNT
    for (let index = first; index < first + OLD_NONCE_COUNT; index++) {
      // A late copy of an earlier opening must not end the session that came after it.
      if (this.#oldNonces[index] === nonce) return this.#refuse(Reason.STALE_SESSION, this.#incarnation[slot]!)
    }
    return Screening.FRESH
  }

  #refuse(reason: number, value: number): Screening {
    this.reason = reason
    this.value = value
    return Screening.REFUSED
  }

  #use(slot: number, recordSeq: number, timeNs: number): void {
    this.#usedSeq[slot] = recordSeq
    this.#usedNs[slot] = timeNs
  }

  #growReplies(slot: number, clientSeq: number): AlignedBuffer {
    const before = this.#replies[slot]!
    let capacity = Math.max(REPLY_CAPACITY_FIRST, before.size / REPLY_SIZE)
    while (capacity <= clientSeq && capacity < REPLY_COUNT_MAX) capacity *= 2
    assert(before.size === 0 || clientSeq === before.size / REPLY_SIZE, 'the ring grows just before it would wrap')
    const grown = new AlignedBuffer(capacity * REPLY_SIZE)
    grown.bytes.set(before.bytes)
    this.#replies[slot] = grown
    return grown
  }

  #snapshotSession(writer: ByteWriter, slot: number): void {
    writer.uint32(this.#clientId[slot]!)
    writer.uint8(this.#state[slot]!)
    writer.uint8(this.#isCancelling[slot]!)
    writer.uint32(this.#incarnation[slot]!)
    writer.uint32(this.#nonce[slot]!)
    for (let index = 0; index < OLD_NONCE_COUNT; index++) {
      writer.uint32(this.#oldNonces[slot * OLD_NONCE_COUNT + index]!)
    }
    const last = this.#lastClientSeq[slot]!
    writer.safeInteger(last)
    writer.safeInteger(this.#execSeq[slot]!)
    writer.safeInteger(this.#usedSeq[slot]!)
    writer.safeInteger(this.#usedNs[slot]!)
    this.#throttle.snapshot(slot, writer)
    const replies = this.#replies[slot]!
    const capacity = replies.size / REPLY_SIZE
    for (let clientSeq = oldestRemembered(last); clientSeq <= last; clientSeq++) {
      const at = (clientSeq % capacity) * REPLY_SIZE
      writer.bytes(replies.bytes.subarray(at, at + REPLY_SIZE))
    }
  }

  #restoreSession(reader: ByteReader, slot: number): void {
    const clientId = reader.uint32()
    if (this.slotOf(clientId) !== NO_SLOT) throw new ByteReaderError(`client ${clientId} has two sessions`)
    this.#slots.add(clientId, slot)
    this.#clientId[slot] = clientId
    this.#state[slot] = reader.uint8()
    this.#isCancelling[slot] = reader.uint8()
    this.#incarnation[slot] = reader.uint32()
    this.#nonce[slot] = reader.uint32()
    for (let index = 0; index < OLD_NONCE_COUNT; index++) {
      this.#oldNonces[slot * OLD_NONCE_COUNT + index] = reader.uint32()
    }
    const last = reader.safeInteger()
    this.#lastClientSeq[slot] = last
    this.#execSeq[slot] = reader.safeInteger()
    this.#usedSeq[slot] = reader.safeInteger()
    this.#usedNs[slot] = reader.safeInteger()
    this.#throttle.restore(slot, reader)
    if (last === 0) return
    let capacity = REPLY_CAPACITY_FIRST
    while (capacity <= last && capacity < REPLY_COUNT_MAX) capacity *= 2
    const replies = new AlignedBuffer(capacity * REPLY_SIZE)
    for (let clientSeq = oldestRemembered(last); clientSeq <= last; clientSeq++) {
      replies.bytes.set(reader.bytes(REPLY_SIZE), (clientSeq % capacity) * REPLY_SIZE)
    }
    this.#replies[slot] = replies
  }
}

function oldestRemembered(lastClientSeq: number): number {
  return Math.max(1, lastClientSeq - REPLY_COUNT_MAX + 1)
}
