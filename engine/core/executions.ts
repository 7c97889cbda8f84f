// Execution reports: what each client is told of its own commands and orders, numbered per client and kept for resending.
//
// A report is written once, into the ring of its client, and published from there; a reply is copied into the session's
// memory as well. The ring holds the last RESEND_COUNT_MAX reports. It starts small and doubles; beyond that size only
// when one record produces more reports for one client than it holds (a sweep through the client's whole book).
//
//   execSeq & (capacity - 1)     | kept, published ............ | kept, to be published |
//                                first                  published                    sessions.execSeq
//
// Not reported: the order events of a quote's sides, which are market data; a quote's client is told of the quote as a
// whole, and of the trades.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import { type ByteReader, ByteReaderError } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { CommandHeader } from '../../protocol/command.ts'
import { EventField, type EventLog } from '../../protocol/event.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { FrameWriter } from '../../protocol/frame-writer.ts'
import { EventFlag, EventKind, FrameKind } from '../../protocol/kinds.ts'
import { REPLY_COUNT_MAX, RESEND_COUNT_MAX, SESSION_COUNT_MAX } from '../../protocol/limits.ts'
import { OutputKind, type OutputSink } from './output.ts'
import { writeReport } from './report.ts'
import type { Sessions } from './sessions.ts'

const REPORT_SIZE = ExecutionField.LENGTH
const REPORT_WORDS = REPORT_SIZE / 4
const REPORT_DOUBLES = REPORT_SIZE / 8
const CAPACITY_FIRST = 64
/** Reports per client that a snapshot carries, for consumers that missed them while no engine was up. */
const SNAPSHOT_COUNT_MAX = REPLY_COUNT_MAX

/** One client's reports. */
class ReportRing {
  buffer = new AlignedBuffer(CAPACITY_FIRST * REPORT_SIZE)
  /** A power of two, so that a number's place is its low bits. */
  capacity = CAPACITY_FIRST
  /** Number of the oldest report that is kept. */
  firstSeq: number
  publishedSeq: number

  constructor(execSeq: number) {
    this.firstSeq = execSeq + 1
    this.publishedSeq = execSeq
  }

  /** Makes room for report `execSeq`, the next one, and says at which entry of the buffer it goes. */
  place(execSeq: number): number {
    if (execSeq - this.firstSeq >= this.capacity) {
      const isAllUnpublished = execSeq - this.publishedSeq > this.capacity
      if (this.capacity < RESEND_COUNT_MAX || isAllUnpublished) this.#grow(execSeq)
      else this.firstSeq = execSeq - this.capacity + 1
    }
    return execSeq & (this.capacity - 1)
  }

  #grow(execSeq: number): void {
    const before = this.buffer
    const capacityBefore = this.capacity
    this.capacity *= 2
    this.buffer = new AlignedBuffer(this.capacity * REPORT_SIZE)
    for (let seq = this.firstSeq; seq < execSeq; seq++) {
      const from = (seq & (capacityBefore - 1)) * REPORT_SIZE
      this.buffer.bytes.set(before.bytes.subarray(from, from + REPORT_SIZE), (seq & (this.capacity - 1)) * REPORT_SIZE)
    }
  }
}

export class Executions {
  readonly #sessions: Sessions
  readonly #frame = new FrameWriter()
  readonly #rings: (ReportRing | null)[] = Array.from({ length: SESSION_COUNT_MAX }, () => null)
  /** Slots with something to publish, without repeats. */
  readonly #dirty = new Int32Array(SESSION_COUNT_MAX)
  readonly #isDirty = new Uint8Array(SESSION_COUNT_MAX)
  #dirtyCount = 0
  #pendingCount = 0
  // What the reports of the record being collected share.
  #recordSeq = 0
  #timeNs = 0

  constructor(sessions: Sessions) {
    this.#sessions = sessions
  }

  /** Reports not yet published, over all clients. */
  get pendingCount(): number {
    return this.#pendingCount
  }

  /** The session in `slot` was forgotten, and with it its reports. */
  forget(slot: number): void {
    const ring = this.#rings[slot]
    if (ring !== null && ring !== undefined) {
      this.#pendingCount -= Math.max(0, this.#sessions.execSeq(slot) - ring.publishedSeq)
    }
    this.#rings[slot] = null
  }

  /**
   * Turns the events from .. to of one record into reports. `replySlot` is the session of the record's command, -1 when
   * it has none; `offset` is where the command lies. Returns how many replies there were.
   */
  collect(
    events: EventLog,
    from: number,
    to: number,
    commands: AlignedBuffer,
    offset: number,
    replySlot: number,
    recordSeq: number,
    timeNs: number,
  ): number {
    this.#recordSeq = recordSeq
    this.#timeNs = timeNs
    let replyCount = 0
    for (let index = from; index < to; index++) {
      const at = index * EventField.LENGTH
      const flags = events.bytes[at + EventField.FLAGS]!
      if ((flags & EventFlag.REPLY) !== 0) {
        replyCount += 1
        assert(replySlot >= 0, 'only a command of a session is answered')
        this.#reply(events, index, commands, offset, replySlot)
        continue
      }
      const kind = events.bytes[at + EventField.KIND]!
      if (kind === EventKind.TRADE) {
        this.#trade(events, index)
      } else if (isReported(kind, flags)) {
        const slot = this.#sessions.slotOf(events.int32[(at + EventField.CLIENT_ID) >> 2]!)
        if (slot >= 0) this.#write(events, index, slot, 0)
      }
    }
    return replyCount
  }

  /** Publishes what was collected since the last flush, a frame per client and pass (more when one is too long). */
  flush(epoch: number, sink: OutputSink): void {
    for (let index = 0; index < this.#dirtyCount; index++) {
      const slot = this.#dirty[index]!
      this.#isDirty[slot] = 0
      const ring = this.#rings[slot]
      if (ring === null || ring === undefined) continue
      const execSeq = this.#sessions.execSeq(slot)
      this.#publish(ring, slot, ring.publishedSeq + 1, execSeq, epoch, sink)
      ring.publishedSeq = execSeq
    }
    this.#dirtyCount = 0
    this.#pendingCount = 0
  }

  /** Publishes the client's reports from `fromSeq` on once more. False when the first of them are not kept any more. */
  resend(slot: number, fromSeq: number, epoch: number, sink: OutputSink): boolean {
    const ring = this.#rings[slot] ?? null
    const execSeq = this.#sessions.execSeq(slot)
    const firstSeq = ring === null ? execSeq + 1 : ring.firstSeq
    const from = Math.max(fromSeq, firstSeq)
    if (ring !== null && from <= execSeq) {
      assert(ring.publishedSeq === execSeq, 'what was never sent is not sent again')
      this.#publish(ring, slot, from, execSeq, epoch, sink)
    }
    return fromSeq >= firstSeq
  }

  /** Tells the client's latest number with an empty frame. */
  announce(slot: number, epoch: number, sink: OutputSink, timeNs: number, recordSeq: number): void {
    const clientId = this.#sessions.clientId(slot)
    const execSeq = this.#sessions.execSeq(slot)
    this.#frame.begin(FrameKind.EXECUTIONS, REPORT_SIZE, epoch, clientId)
    const frame = this.#frame.finish(execSeq, execSeq, timeNs, recordSeq)
    sink.output(OutputKind.EXECUTIONS, clientId, frame, recordSeq)
  }

  /** Number of the oldest report that is kept. */
  firstSeq(slot: number): number {
    return this.#rings[slot]?.firstSeq ?? this.#sessions.execSeq(slot) + 1
  }

  /** Number of the last report that was published to the client. */
  publishedSeq(slot: number): number {
    return this.#rings[slot]?.publishedSeq ?? this.#sessions.execSeq(slot)
  }

  /** Says SESSION_OPENED of the present session once more, outside the numbering. */
  repeatOpening(slot: number, epoch: number, sink: OutputSink, timeNs: number, recordSeq: number): void {
    const clientId = this.#sessions.clientId(slot)
    const frame = this.#frame
    frame.begin(FrameKind.EXECUTIONS, REPORT_SIZE, epoch, clientId)
    const at = frame.next()
    const { bytes, uint32, float64 } = frame.buffer
    bytes[at + ExecutionField.KIND] = EventKind.SESSION_OPENED
    bytes[at + ExecutionField.FLAGS] = EventFlag.REPLY
    float64[(at + ExecutionField.RECORD_SEQ) >> 3] = recordSeq
    float64[(at + ExecutionField.TIME_NS) >> 3] = timeNs
    float64[(at + ExecutionField.VALUE) >> 3] = this.#sessions.incarnation(slot)
    uint32[(at + ExecutionField.CLIENT_ORDER_ID) >> 2] = this.#sessions.nonce(slot)
    uint32[(at + ExecutionField.INCARNATION) >> 2] = this.#sessions.incarnation(slot)
    // Nothing of this session has been sent before: it begins at the number published last.
    const execSeq = this.publishedSeq(slot)
    sink.output(OutputKind.EXECUTIONS, clientId, frame.finish(execSeq, execSeq, timeNs, recordSeq), recordSeq)
  }

  snapshot(writer: ByteWriter): void {
    const clientIds = this.#sessions.sortedClientIds()
    for (const clientId of clientIds) {
      const slot = this.#sessions.slotOf(clientId)
      const ring = this.#rings[slot] ?? null
      const execSeq = this.#sessions.execSeq(slot)
      const firstSeq = ring === null ? execSeq + 1 : Math.max(ring.firstSeq, execSeq - SNAPSHOT_COUNT_MAX + 1)
      writer.uint32(execSeq - firstSeq + 1)
      for (let seq = firstSeq; ring !== null && seq <= execSeq; seq++) {
        const at = (seq & (ring.capacity - 1)) * REPORT_SIZE
        writer.bytes(ring.buffer.bytes.subarray(at, at + REPORT_SIZE))
      }
    }
  }

  /** The sessions have been restored before. */
  restore(reader: ByteReader): void {
    for (const clientId of this.#sessions.sortedClientIds()) {
      const slot = this.#sessions.slotOf(clientId)
      const count = reader.uint32()
      if (count > SNAPSHOT_COUNT_MAX) throw new ByteReaderError(`${count} reports, more than ${SNAPSHOT_COUNT_MAX}`)
      const execSeq = this.#sessions.execSeq(slot)
      if (count > execSeq) throw new ByteReaderError('more reports than there ever were')
      const ring = new ReportRing(execSeq - count)
      for (let seq = execSeq - count + 1; seq <= execSeq; seq++) {
        // The place first: making room may replace the buffer.
        const at = ring.place(seq) * REPORT_SIZE
        ring.buffer.bytes.set(reader.bytes(REPORT_SIZE), at)
        ring.publishedSeq = seq
      }
      this.#rings[slot] = ring
    }
  }

  #reply(events: EventLog, index: number, commands: AlignedBuffer, offset: number, slot: number): void {
    const clientSeq = commands.float64[(offset + CommandHeader.CLIENT_SEQ) >> 3]!
    const entry = this.#write(events, index, slot, clientSeq)
    if (clientSeq === 0) return
    const ring = this.#rings[slot]!
    this.#sessions.remember(slot, ring.buffer, entry)
  }

  /** A trade is told to both owners, each as its own fill. */
  #trade(events: EventLog, index: number): void {
    const word = (index * EventField.LENGTH) >> 2
    const maker = this.#sessions.slotOf(events.int32[word + (EventField.CLIENT_ID >> 2)]!)
    if (maker >= 0) this.#write(events, index, maker, 0)
    const taker = this.#sessions.slotOf(events.int32[word + (EventField.CONTRA_CLIENT_ID >> 2)]!)
    if (taker >= 0) this.#asTaker(events, index, taker, this.#write(events, index, taker, 0))
  }

  /** Turns a report of a trade, written as the maker sees it, into the taker's. */
  #asTaker(events: EventLog, index: number, slot: number, entry: number): void {
    const { bytes, int32, uint32, float64 } = this.#rings[slot]!.buffer
    const event = index * EventField.LENGTH
    const report = entry * REPORT_SIZE
    const word = entry * REPORT_WORDS
    const flags = events.bytes[event + EventField.FLAGS]!
    const ownQuote = (flags & EventFlag.CONTRA_QUOTE) !== 0 ? EventFlag.QUOTE : 0
    bytes[report + ExecutionField.SIDE] = 1 - events.bytes[event + EventField.SIDE]!
    bytes[report + ExecutionField.FLAGS] =
      ownQuote | ((flags & EventFlag.AUCTION) !== 0 ? EventFlag.AUCTION : EventFlag.AGGRESSOR)
    float64[entry * REPORT_DOUBLES + (ExecutionField.ORDER_ID >> 3)] =
      events.float64[(event + EventField.CONTRA_ORDER_ID) >> 3]!
    int32[word + (ExecutionField.LEAVES_LOTS >> 2)] = events.int32[(event + EventField.CONTRA_LEAVES_LOTS) >> 2]!
    uint32[word + (ExecutionField.CLIENT_ORDER_ID >> 2)] =
      events.int32[(event + EventField.CONTRA_CLIENT_ORDER_ID) >> 2]!
  }

  /** Writes event `index` as a report to the session in `slot`. Returns the entry of its ring. */
  #write(events: EventLog, index: number, slot: number, clientSeq: number): number {
    const execSeq = this.#sessions.nextExecSeq(slot)
    let ring = this.#rings[slot] ?? null
    if (ring === null) {
      ring = new ReportRing(execSeq - 1)
      this.#rings[slot] = ring
    }
    const entry = ring.place(execSeq)
    this.#markDirty(slot)
    writeReport(ring.buffer, entry, events, index)
    const { uint32, float64 } = ring.buffer
    const double = entry * REPORT_DOUBLES
    float64[double + (ExecutionField.EXEC_SEQ >> 3)] = execSeq
    float64[double + (ExecutionField.CLIENT_SEQ >> 3)] = clientSeq
    float64[double + (ExecutionField.RECORD_SEQ >> 3)] = this.#recordSeq
    float64[double + (ExecutionField.TIME_NS >> 3)] = this.#timeNs
    uint32[entry * REPORT_WORDS + (ExecutionField.INCARNATION >> 2)] = this.#sessions.incarnation(slot)
    return entry
  }

  #markDirty(slot: number): void {
    this.#pendingCount += 1
    if (this.#isDirty[slot] === 1) return
    this.#isDirty[slot] = 1
    this.#dirty[this.#dirtyCount] = slot
    this.#dirtyCount += 1
  }

  #publish(ring: ReportRing, slot: number, fromSeq: number, toSeq: number, epoch: number, sink: OutputSink): void {
    const clientId = this.#sessions.clientId(slot)
    const frame = this.#frame
    let previousSeq = fromSeq - 1
    frame.begin(FrameKind.EXECUTIONS, REPORT_SIZE, epoch, clientId)
    for (let seq = fromSeq; seq <= toSeq; seq++) {
      const source = (seq & (ring.capacity - 1)) * REPORT_DOUBLES
      copyDoubles(ring.buffer.float64, source, frame.buffer.float64, frame.next() >> 3, REPORT_DOUBLES)
      if (!frame.isFull && seq < toSeq) continue
      const timeNs = ring.buffer.float64[source + (ExecutionField.TIME_NS >> 3)]!
      const recordSeq = ring.buffer.float64[source + (ExecutionField.RECORD_SEQ >> 3)]!
      sink.output(OutputKind.EXECUTIONS, clientId, frame.finish(previousSeq, seq, timeNs, recordSeq), recordSeq)
      previousSeq = seq
      frame.begin(FrameKind.EXECUTIONS, REPORT_SIZE, epoch, clientId)
    }
  }
}

function copyDoubles(source: Float64Array, from: number, target: Float64Array, to: number, count: number): void {
  for (let index = 0; index < count; index++) target[to + index] = source[from + index]!
}

function isReported(kind: number, flags: number): boolean {
  switch (kind as EventKind) {
    case EventKind.ORDER_ACCEPTED:
    case EventKind.ORDER_RESTED:
    case EventKind.ORDER_CANCELLED:
    case EventKind.ORDER_EXPIRED:
    case EventKind.ORDER_REPLACED:
    case EventKind.ORDER_REFRESHED:
      return (flags & EventFlag.QUOTE) === 0
    case EventKind.ORDER_TRIGGERED:
    case EventKind.ORDER_REJECTED:
    case EventKind.CANCEL_REJECTED:
    case EventKind.REPLACE_REJECTED:
    case EventKind.MASS_CANCELLED:
    case EventKind.MASS_QUOTED:
    case EventKind.QUOTE_ACCEPTED:
    case EventKind.QUOTE_REFUSED:
    case EventKind.QUOTE_CANCELLED:
    case EventKind.QUOTE_EXPIRED:
    case EventKind.SESSION_OPENED:
    case EventKind.SESSION_CLOSED:
    case EventKind.COMMAND_REFUSED:
    case EventKind.NODE_REGISTERED:
    case EventKind.NODE_RENEWED:
    case EventKind.NODE_LEFT:
    case EventKind.NODE_EXPIRED:
    case EventKind.NODE_REFUSED:
    case EventKind.AUTHORITY_GRANTED:
    case EventKind.AUTHORITY_RECALLED:
    case EventKind.AUTHORITY_RELEASED:
    case EventKind.AUTHORITY_EXPIRED:
      return true
    case EventKind.ASSIGNMENT_CHANGED:
    case EventKind.TRADE:
    case EventKind.POSITION_UPDATED:
    case EventKind.QUOTING_CHANGED:
    case EventKind.REFERENCE_PRICE_CHANGED:
    case EventKind.PHASE_CHANGED:
      return false
    default:
      return false
  }
}
