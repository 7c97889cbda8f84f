// Execution reports: what each client is told of its own commands and orders, numbered per client and kept for resending.
//
// A report is written into the ring of its client, and published from there; a reply is written into the session's memory
// as well. The ring holds the last RESEND_COUNT_MAX reports. It starts small and doubles; beyond that size only
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
import { copyDoubles } from '../../base/copy-doubles.ts'
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
const EVENT_WORDS = EventField.LENGTH / 4
const CLIENT_WORD = EventField.CLIENT_ID / 4
const CONTRA_CLIENT_WORD = EventField.CONTRA_CLIENT_ID / 4
// Where flags lie in the first word, of an event as of a report.
const REPLY = EventFlag.REPLY << 24
const QUOTE = EventFlag.QUOTE << 24
const CONTRA_QUOTE = EventFlag.CONTRA_QUOTE << 24
const AGGRESSOR = EventFlag.AGGRESSOR << 24
const AUCTION = EventFlag.AUCTION << 24
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
   * Turns the events of one record into reports. `replySlot` is the session of the record's command, -1 when it has none.
   * Returns how many replies there were.
   */
  collect(events: EventLog, replySlot: number): number {
    const words = events.int32
    let replyCount = 0
    for (let index = 0; index < events.count; index++) {
      const word = index * EVENT_WORDS
      const head = words[word]!
      if ((head & REPLY) !== 0) {
        replyCount += 1
        assert(replySlot >= 0, 'only a command of a session is answered')
        this.#reply(events, index, replySlot)
        continue
      }
      const interest = INTERESTS[head & 0xff]
      if (interest === Interest.BOTH_OWNERS) {
        this.#trade(events, index)
      } else if (interest === Interest.OWNER || (interest === Interest.OWNER_BUT_QUOTE && (head & QUOTE) === 0)) {
        const slot = this.#sessions.slotOf(words[word + CLIENT_WORD]!)
        if (slot >= 0) this.#write(events, index, slot)
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

  #reply(events: EventLog, index: number, slot: number): void {
    const sessions = this.#sessions
    const clientSeq = sessions.lastClientSeq(slot)
    const entry = this.#write(events, index, slot)
    this.#rings[slot]!.buffer.float64[entry * REPORT_DOUBLES + ExecutionField.CLIENT_SEQ / 8] = clientSeq
    if (clientSeq === 0) return
    // Written once more, not copied: of what was stored in small pieces a moment ago a wide load has to wait.
    const replies = sessions.replies(slot)
    const replyEntry = sessions.replyEntry(slot)
    writeReport(replies, replyEntry, events, index)
    this.#writeNumbers(replies, replyEntry, events, slot)
    replies.float64[replyEntry * REPORT_DOUBLES + ExecutionField.CLIENT_SEQ / 8] = clientSeq
  }

  /** A trade is told to both owners, each as its own fill. */
  #trade(events: EventLog, index: number): void {
    const word = index * EVENT_WORDS
    const maker = this.#sessions.slotOf(events.int32[word + CLIENT_WORD]!)
    if (maker >= 0) this.#write(events, index, maker)
    const taker = this.#sessions.slotOf(events.int32[word + CONTRA_CLIENT_WORD]!)
    if (taker >= 0) this.#asTaker(events, index, taker, this.#write(events, index, taker))
  }

  /** Turns a report of a trade, written as the maker sees it, into the taker's. */
  #asTaker(events: EventLog, index: number, slot: number, entry: number): void {
    const { int32, float64 } = this.#rings[slot]!.buffer
    const from = index * EVENT_WORDS
    const to = entry * REPORT_WORDS
    const head = events.int32[from]!
    const ownQuote = (head & CONTRA_QUOTE) !== 0 ? QUOTE : 0
    const flags = ownQuote | ((head & AUCTION) !== 0 ? AUCTION : AGGRESSOR)
    // KIND and REASON stay, SIDE is the other one.
    int32[to] = (head & 0xff00ff) | ((1 - ((head >>> 8) & 0xff)) << 8) | flags
    float64[(to >> 1) + ExecutionField.ORDER_ID / 8] = events.float64[(from >> 1) + EventField.CONTRA_ORDER_ID / 8]!
    int32[to + ExecutionField.LEAVES_LOTS / 4] = events.int32[from + EventField.CONTRA_LEAVES_LOTS / 4]!
    int32[to + ExecutionField.CLIENT_ORDER_ID / 4] = events.int32[from + EventField.CONTRA_CLIENT_ORDER_ID / 4]!
  }

  /** Writes event `index` as a report to the session in `slot`. Returns the entry of its ring. */
  #write(events: EventLog, index: number, slot: number): number {
    const execSeq = this.#sessions.nextExecSeq(slot)
    let ring = this.#rings[slot] ?? null
    if (ring === null) {
      ring = new ReportRing(execSeq - 1)
      this.#rings[slot] = ring
    }
    const entry = ring.place(execSeq)
    this.#markDirty(slot)
    writeReport(ring.buffer, entry, events, index)
    this.#writeNumbers(ring.buffer, entry, events, slot)
    return entry
  }

  /** All but CLIENT_SEQ, which only a reply has: 0. */
  #writeNumbers({ int32, float64 }: AlignedBuffer, entry: number, events: EventLog, slot: number): void {
    const double = entry * REPORT_DOUBLES
    float64[double + ExecutionField.EXEC_SEQ / 8] = this.#sessions.execSeq(slot)
    float64[double + ExecutionField.CLIENT_SEQ / 8] = 0
    float64[double + ExecutionField.RECORD_SEQ / 8] = events.recordSeq
    float64[double + ExecutionField.TIME_NS / 8] = events.timeNs
    int32[entry * REPORT_WORDS + ExecutionField.INCARNATION / 4] = this.#sessions.incarnation(slot)
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
    const reports = ring.buffer.float64
    for (let seq = fromSeq; seq <= toSeq; ) {
      const previousSeq = seq - 1
      frame.begin(FrameKind.EXECUTIONS, REPORT_SIZE, epoch, clientId)
      while (seq <= toSeq && !frame.isFull) {
        // As many as lie side by side: up to the end of the ring.
        const entry = seq & (ring.capacity - 1)
        const count = Math.min(toSeq - seq + 1, ring.capacity - entry, frame.countLeft)
        const to = frame.extend(count) >> 3
        copyDoubles(reports, entry * REPORT_DOUBLES, frame.buffer.float64, to, count * REPORT_DOUBLES)
        seq += count
      }
      const last = ((seq - 1) & (ring.capacity - 1)) * REPORT_DOUBLES
      const timeNs = reports[last + ExecutionField.TIME_NS / 8]!
      const recordSeq = reports[last + ExecutionField.RECORD_SEQ / 8]!
      sink.output(OutputKind.EXECUTIONS, clientId, frame.finish(previousSeq, seq - 1, timeNs, recordSeq), recordSeq)
    }
  }
}

/** Whose business an event is that answers no command. */
const Interest = { NOBODY: 0, OWNER: 1, OWNER_BUT_QUOTE: 2, BOTH_OWNERS: 3 } as const

/** Index is the kind of the event. */
const INTERESTS = buildInterests()

function buildInterests(): Uint8Array {
  const interests = new Uint8Array(256)
  for (const kind of Object.values(EventKind)) interests[kind] = interestIn(kind)
  return interests
}

function interestIn(kind: EventKind): number {
  switch (kind) {
    case EventKind.ORDER_ACCEPTED:
    case EventKind.ORDER_RESTED:
    case EventKind.ORDER_CANCELLED:
    case EventKind.ORDER_EXPIRED:
    case EventKind.ORDER_REPLACED:
    case EventKind.ORDER_REFRESHED:
      return Interest.OWNER_BUT_QUOTE
    case EventKind.TRADE:
      return Interest.BOTH_OWNERS
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
    case EventKind.NODE_LIMIT_REACHED:
    case EventKind.AUTHORITY_GRANTED:
    case EventKind.AUTHORITY_RECALLED:
    case EventKind.AUTHORITY_RELEASED:
    case EventKind.AUTHORITY_EXPIRED:
      return Interest.OWNER
    case EventKind.ASSIGNMENT_CHANGED:
    case EventKind.POSITION_UPDATED:
    case EventKind.QUOTING_CHANGED:
    case EventKind.REFERENCE_PRICE_CHANGED:
    case EventKind.PHASE_CHANGED:
      return Interest.NOBODY
    default:
      return Interest.NOBODY
  }
}
