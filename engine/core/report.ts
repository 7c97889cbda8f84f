// How an event reads as an execution report: the fields of protocol/event.ts, put where protocol/frame.ts has them.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { EventField, type EventLog } from '../../protocol/event.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import { EventFlag, EventKind, type Reason } from '../../protocol/kinds.ts'

const REPORT_SIZE = ExecutionField.LENGTH
const REPORT_WORDS = REPORT_SIZE / 4
const EVENT_WORDS = EventField.LENGTH / 4
const { QUOTE_ACCEPTED } = EventKind
/** Where it lies in the first word. */
const CONTRA_QUOTE = EventFlag.CONTRA_QUOTE << 24

/**
 * Writes event `index` into entry `entry` of `target`, as its owner (in a trade: the maker) sees it. All of the entry's
 * bytes but its numbers (EXEC_SEQ, CLIENT_SEQ, RECORD_SEQ, TIME_NS, INCARNATION), which are the caller's to write.
 */
export function writeReport(target: AlignedBuffer, entry: number, events: EventLog, index: number): void {
  const kind = events.int32[index * EVENT_WORDS]! & 0xff
  if (kind < QUOTE_ACCEPTED) writeOrder(target, entry * REPORT_WORDS, events, index * EVENT_WORDS)
  else writeOther(target, entry * REPORT_SIZE, events, index * EventField.LENGTH, kind)
}

/** What nearly all reports are: of an order or a trade. Words `to` of the report and `from` of the event. */
function writeOrder({ int32, float64 }: AlignedBuffer, to: number, events: EventLog, from: number): void {
  const words = events.int32
  const doubles = events.float64
  const double = to >> 1
  // KIND, SIDE, REASON and FLAGS lie alike in both. Whether the other side of a trade was a quote is nobody's business
  // but its owner's.
  int32[to] = words[from]! & ~CONTRA_QUOTE
  int32[to + ExecutionField.SYMBOL_ID / 4] = words[from + EventField.SYMBOL_ID / 4]!
  float64[double + ExecutionField.ORDER_ID / 8] = doubles[(from >> 1) + EventField.ORDER_ID / 8]!
  float64[double + ExecutionField.TRADE_ID / 8] = doubles[(from >> 1) + EventField.TRADE_ID / 8]!
  int32[to + ExecutionField.PRICE_TICKS / 4] = words[from + EventField.PRICE_TICKS / 4]!
  int32[to + ExecutionField.QUANTITY_LOTS / 4] = words[from + EventField.QUANTITY_LOTS / 4]!
  int32[to + ExecutionField.LEAVES_LOTS / 4] = words[from + EventField.LEAVES_LOTS / 4]!
  int32[to + ExecutionField.CLIENT_ORDER_ID / 4] = words[from + EventField.CLIENT_ORDER_ID / 4]!
  // BID_LOTS and ASK_LOTS in one.
  float64[double + ExecutionField.BID_LOTS / 8] = 0
  float64[double + ExecutionField.VALUE / 8] = 0
  int32[to + ExecutionField.ASK_TICKS / 4] = 0
}

/** Quotes, sessions, nodes and controls. Bytes `report` and `event`. */
function writeOther(target: AlignedBuffer, report: number, events: EventLog, event: number, kind: number): void {
  clearReport(target, report)
  const { bytes, int32, float64 } = target
  bytes[report + ExecutionField.KIND] = kind
  bytes[report + ExecutionField.SIDE] = events.bytes[event + EventField.SIDE]!
  bytes[report + ExecutionField.REASON] = events.bytes[event + EventField.REASON]!
  bytes[report + ExecutionField.FLAGS] = events.bytes[event + EventField.FLAGS]! & ~EventFlag.CONTRA_QUOTE
  const from = event >> 2
  const to = report >> 2
  int32[to + (ExecutionField.SYMBOL_ID >> 2)] = events.int32[from + (EventField.SYMBOL_ID >> 2)]!
  int32[to + (ExecutionField.PRICE_TICKS >> 2)] = events.int32[from + (EventField.PRICE_TICKS >> 2)]!
  int32[to + (ExecutionField.CLIENT_ORDER_ID >> 2)] = events.int32[from + (EventField.CLIENT_ORDER_ID >> 2)]!
  float64[(report + ExecutionField.TRADE_ID) >> 3] = events.float64[(event + EventField.TRADE_ID) >> 3]!
  if (kind <= EventKind.QUOTE_EXPIRED) {
    writeQuote(target, report, events, event)
    return
  }
  int32[to + (ExecutionField.QUANTITY_LOTS >> 2)] = events.int32[from + (EventField.QUANTITY_LOTS >> 2)]!
  if (kind >= EventKind.ASSIGNMENT_CHANGED && kind <= EventKind.AUTHORITY_EXPIRED) {
    writeAuthority(target, report, events, event)
    return
  }
  int32[to + (ExecutionField.LEAVES_LOTS >> 2)] = events.int32[from + (EventField.LEAVES_LOTS >> 2)]!
  const orderId = events.float64[(event + EventField.ORDER_ID) >> 3]!
  // An event of a session or a node carries the incarnation where an order's has the order id.
  const isSession = kind === EventKind.SESSION_OPENED || kind === EventKind.SESSION_CLOSED
  const isNode = kind >= EventKind.NODE_REGISTERED && kind <= EventKind.NODE_LIMIT_REACHED
  float64[(report + (isSession || isNode ? ExecutionField.VALUE : ExecutionField.ORDER_ID)) >> 3] = orderId
}

/** A refusal at byte `report` that no event stands behind: the command changed nothing and is in no record. */
export function writeRefusal(target: AlignedBuffer, report: number, reason: Reason, value: number): void {
  clearReport(target, report)
  target.bytes[report + ExecutionField.KIND] = EventKind.COMMAND_REFUSED
  target.bytes[report + ExecutionField.REASON] = reason
  target.bytes[report + ExecutionField.FLAGS] = EventFlag.REPLY
  target.float64[(report + ExecutionField.VALUE) >> 3] = value
}

/** Who holds a symbol, under which token, and which other node it concerns. */
function writeAuthority(target: AlignedBuffer, report: number, events: EventLog, event: number): void {
  const { int32, float64 } = target
  float64[(report + ExecutionField.ORDER_ID) >> 3] = events.float64[(event + EventField.CONTRA_ORDER_ID) >> 3]!
  float64[(report + ExecutionField.VALUE) >> 3] = events.float64[(event + EventField.ORDER_ID) >> 3]!
  const other = events.int32[(event + EventField.CONTRA_CLIENT_ID) >> 2]!
  int32[(report + ExecutionField.CLIENT_ORDER_ID) >> 2] = other
}

function writeQuote(target: AlignedBuffer, report: number, events: EventLog, event: number): void {
  const { int32, float64 } = target
  const from = event >> 2
  const to = report >> 2
  int32[to + (ExecutionField.BID_LOTS >> 2)] = events.int32[from + (EventField.QUANTITY_LOTS >> 2)]!
  int32[to + (ExecutionField.ASK_LOTS >> 2)] = events.int32[from + (EventField.LEAVES_LOTS >> 2)]!
  int32[to + (ExecutionField.QUANTITY_LOTS >> 2)] = events.int32[from + (EventField.CONTRA_CLIENT_ID >> 2)]!
  int32[to + (ExecutionField.LEAVES_LOTS >> 2)] = events.int32[from + (EventField.CONTRA_CLIENT_ORDER_ID >> 2)]!
  int32[to + (ExecutionField.ASK_TICKS >> 2)] = events.int32[from + (EventField.CONTRA_LEAVES_LOTS >> 2)]!
  float64[(report + ExecutionField.VALUE) >> 3] = events.float64[(event + EventField.ORDER_ID) >> 3]!
  float64[(report + ExecutionField.ORDER_ID) >> 3] = events.float64[(event + EventField.CONTRA_ORDER_ID) >> 3]!
}

function clearReport(target: AlignedBuffer, report: number): void {
  const first = report >> 3
  for (let double = first; double < first + REPORT_SIZE / 8; double++) target.float64[double] = 0
}
