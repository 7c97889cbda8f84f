// Events that the core itself writes: about sessions, quotes that the desk refused, and controls.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { CommandHeader, MassQuoteField, QuoteField, ReportLimitField } from '../../protocol/command.ts'
import { EventField, type EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, Reason } from '../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import type { Authority } from '../desk/authority.ts'
import type { Member } from '../desk/membership.ts'

/** Starts an event with all fields 0 but these. Returns the byte where it lies. */
function put(
  events: EventLog,
  kind: EventKind,
  reason: number,
  flags: number,
  symbolId: number,
  clientId: number,
): number {
  events.reserve(1)
  const at = events.count * EventField.LENGTH
  events.float64.fill(0, at >> 3, (at + EventField.LENGTH) >> 3)
  events.bytes[at + EventField.KIND] = kind
  events.bytes[at + EventField.REASON] = reason
  events.bytes[at + EventField.FLAGS] = flags
  events.int32[(at + EventField.SYMBOL_ID) >> 2] = symbolId
  events.int32[(at + EventField.CLIENT_ID) >> 2] = clientId
  events.count += 1
  return at
}

/** SESSION_OPENED or SESSION_CLOSED: the incarnation is where an order's id would be, the nonce where its client id. */
export function putSessionEvent(
  events: EventLog,
  kind: EventKind,
  clientId: number,
  incarnation: number,
  nonce: number,
  flags: number,
): void {
  const at = put(events, kind, 0, flags, -1, clientId)
  events.float64[(at + EventField.ORDER_ID) >> 3] = incarnation
  events.int32[(at + EventField.CLIENT_ORDER_ID) >> 2] = nonce | 0
}

/** The command at `offset` used up its number and changed nothing else. */
export function putRefusal(events: EventLog, commands: AlignedBuffer, offset: number, reason: Reason): void {
  const symbolId = commands.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
  const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
  put(events, EventKind.COMMAND_REFUSED, reason, EventFlag.REPLY, symbolId, clientId)
}

/** MASS_QUOTED with how many quotes, or QUOTE_REFUSED with the symbol whose entry is wrong, for a MASS_QUOTE. */
export function putMassQuoteAnswer(
  events: EventLog,
  kind: EventKind,
  reason: number,
  commands: AlignedBuffer,
  offset: number,
  symbolId: number,
  count: number,
): void {
  const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
  const at = put(events, kind, reason, EventFlag.REPLY, symbolId, clientId)
  if (kind === EventKind.MASS_QUOTED) events.int32[(at + EventField.QUANTITY_LOTS) >> 2] = count
  events.int32[(at + EventField.CLIENT_ORDER_ID) >> 2] = commands.int32[(offset + MassQuoteField.QUOTE_ID) >> 2]!
}

/** QUOTE_REFUSED for the QUOTE at `offset`: what it asked for, with nothing granted. */
export function putQuoteRefusal(events: EventLog, commands: AlignedBuffer, offset: number, reason: number): void {
  const symbolId = commands.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
  const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
  const at = put(events, EventKind.QUOTE_REFUSED, reason, EventFlag.REPLY, symbolId, clientId)
  events.float64[(at + EventField.ORDER_ID) >> 3] = wholeOrZero(commands, offset + QuoteField.POSITION_VERSION)
  events.float64[(at + EventField.CONTRA_ORDER_ID) >> 3] = wholeOrZero(commands, offset + QuoteField.FENCING_TOKEN)
  events.int32[(at + EventField.PRICE_TICKS) >> 2] = commands.int32[(offset + QuoteField.BID_TICKS) >> 2]!
  events.int32[(at + EventField.CONTRA_LEAVES_LOTS) >> 2] = commands.int32[(offset + QuoteField.ASK_TICKS) >> 2]!
  events.int32[(at + EventField.CLIENT_ORDER_ID) >> 2] = commands.int32[(offset + QuoteField.QUOTE_ID) >> 2]!
  putAsked(events, at, commands, offset)
}

/** Completes the exchange's answer, event `index`, to the QUOTE at `offset`: what it asked for, and why it got less. */
export function completeQuoteAnswer(
  events: EventLog,
  index: number,
  commands: AlignedBuffer,
  offset: number,
  cutReason: Reason | 0,
): void {
  const at = index * EventField.LENGTH
  putAsked(events, at, commands, offset)
  if (events.bytes[at + EventField.REASON] !== Reason.REDUCED) return
  if (cutReason === Reason.POSITION_LIMIT) events.bytes[at + EventField.REASON] = Reason.REDUCED_BY_POSITION
  if (cutReason === Reason.FAIR_SHARE) events.bytes[at + EventField.REASON] = Reason.REDUCED_BY_SHARE
}

function putAsked(events: EventLog, at: number, commands: AlignedBuffer, offset: number): void {
  events.int32[(at + EventField.CONTRA_CLIENT_ID) >> 2] = commands.int32[(offset + QuoteField.BID_LOTS) >> 2]!
  events.int32[(at + EventField.CONTRA_CLIENT_ORDER_ID) >> 2] = commands.int32[(offset + QuoteField.ASK_LOTS) >> 2]!
}

/** The CANCEL_QUOTE at `offset` found no quote of its client to withdraw. */
export function putCancelQuoteRefusal(
  events: EventLog,
  commands: AlignedBuffer,
  offset: number,
  quoteId: number,
  reason: Reason,
): void {
  const symbolId = commands.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
  const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
  const at = put(events, EventKind.QUOTE_REFUSED, reason, EventFlag.REPLY, symbolId, clientId)
  events.int32[(at + EventField.CLIENT_ORDER_ID) >> 2] = quoteId | 0
}

/** `symbolId` NO_SYMBOL_ID: for all. */
export function putQuotingChanged(events: EventLog, symbolId: number, clientId: number, isEnabled: boolean): void {
  const at = put(events, EventKind.QUOTING_CHANGED, 0, EventFlag.REPLY, symbolId, clientId)
  events.int32[(at + EventField.QUANTITY_LOTS) >> 2] = isEnabled ? 1 : 0
}

/** `nodeCount`: how many are present now. */
export function putNodeEvent(
  events: EventLog,
  kind: EventKind,
  flags: number,
  member: Readonly<Member>,
  nodeCount: number,
  reason: number,
): void {
  const at = put(events, kind, reason, flags, NO_SYMBOL_ID, member.clientId)
  events.float64[(at + EventField.ORDER_ID) >> 3] = member.incarnation
  events.float64[(at + EventField.TRADE_ID) >> 3] = member.presenceNs
  events.int32[(at + EventField.QUANTITY_LOTS) >> 2] = nodeCount
}

/** The command at `offset`, about membership or authority, changed nothing. */
export function putNodeRefusal(events: EventLog, commands: AlignedBuffer, offset: number, reason: Reason): void {
  const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
  const at = put(events, EventKind.NODE_REFUSED, reason, EventFlag.REPLY, NO_SYMBOL_ID, clientId)
  events.float64[(at + EventField.ORDER_ID) >> 3] = commands.uint32[(offset + CommandHeader.INCARNATION) >> 2]!
}

/** What the REPORT_LIMIT at `offset` says: the state is where a quantity would be, the loss where a trade's id would be. */
export function putLimitReached(events: EventLog, commands: AlignedBuffer, offset: number): void {
  const symbolId = commands.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
  const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
  const reason = commands.bytes[offset + ReportLimitField.REASON]!
  const at = put(events, EventKind.NODE_LIMIT_REACHED, reason, EventFlag.REPLY, symbolId, clientId)
  events.float64[(at + EventField.ORDER_ID) >> 3] = commands.uint32[(offset + CommandHeader.INCARNATION) >> 2]!
  events.float64[(at + EventField.TRADE_ID) >> 3] = wholeOrZero(commands, offset + ReportLimitField.LOSS_HUNDREDTHS)
  events.int32[(at + EventField.QUANTITY_LOTS) >> 2] = commands.bytes[offset + ReportLimitField.STATE]!
}

export function putAssignment(events: EventLog, symbolId: number, from: number, to: number, reason: Reason): void {
  const at = put(events, EventKind.ASSIGNMENT_CHANGED, reason, 0, symbolId, to)
  events.int32[(at + EventField.CONTRA_CLIENT_ID) >> 2] = from
}

/** `other`: of a grant the holder before, else the node that the symbol is assigned to. */
export function putAuthority(
  events: EventLog,
  kind: EventKind,
  flags: number,
  authority: Authority,
  symbolId: number,
  other: number,
  reason: number,
): void {
  const at = put(events, kind, reason, flags, symbolId, authority.holder(symbolId))
  events.float64[(at + EventField.CONTRA_ORDER_ID) >> 3] = authority.token(symbolId)
  events.float64[(at + EventField.TRADE_ID) >> 3] = authority.leaseNs(symbolId)
  events.int32[(at + EventField.CONTRA_CLIENT_ID) >> 2] = other
  if (kind === EventKind.AUTHORITY_GRANTED) {
    events.float64[(at + EventField.ORDER_ID) >> 3] = authority.endedNs(symbolId)
  }
}

/** What a hostile sender put there instead of a whole number is told as 0. */
function wholeOrZero(commands: AlignedBuffer, offset: number): number {
  const value = commands.float64[offset >> 3]!
  return Number.isSafeInteger(value) && value >= 0 ? value : 0
}
