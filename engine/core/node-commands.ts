// Commands about membership and authority, and the events of every transition that they, or time, bring about.
//
// When the authority over a symbol ends, its quote is withdrawn here, in the same step.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import type { Exchange } from '../../exchange-sim/exchange.ts'
import { CommandHeader, ReleaseAuthorityField, ReportLimitField } from '../../protocol/command.ts'
import type { EventLog } from '../../protocol/event.ts'
import { CommandKind, EventFlag, EventKind, Reason, RiskState } from '../../protocol/kinds.ts'
import type { Authority } from '../desk/authority.ts'
import type { Member } from '../desk/membership.ts'
import type { NodeListener, Nodes } from '../desk/nodes.ts'
import { putAssignment, putAuthority, putLimitReached, putNodeEvent, putNodeRefusal } from './desk-events.ts'

/** The kind of event that answers a command that was carried out. */
const REPLIES: Readonly<Partial<Record<CommandKind, EventKind>>> = {
  [CommandKind.REGISTER_NODE]: EventKind.NODE_REGISTERED,
  [CommandKind.RENEW_NODE]: EventKind.NODE_RENEWED,
  [CommandKind.LEAVE_NODE]: EventKind.NODE_LEFT,
  [CommandKind.RELEASE_AUTHORITY]: EventKind.AUTHORITY_RELEASED,
}

export class NodeCommands implements NodeListener {
  readonly #exchange: Exchange
  readonly #events: EventLog
  /** The next event of this kind answers the command at hand; 0: none does. */
  #replyKind: EventKind | 0 = 0

  constructor(exchange: Exchange, events: EventLog) {
    this.#exchange = exchange
    this.#events = events
  }

  /** Carries out the command at `offset`, or refuses it; one event is its reply. */
  apply(nodes: Nodes, commands: AlignedBuffer, offset: number, nowNs: number): void {
    const kind = commands.bytes[offset + CommandHeader.KIND]! as CommandKind
    this.#replyKind = REPLIES[kind] ?? 0
    const reason = this.#carryOut(nodes, kind, commands, offset, nowNs)
    this.#replyKind = 0
    if (reason !== 0) putNodeRefusal(this.#events, commands, offset, reason)
  }

  onNode(kind: EventKind, member: Member, nodeCount: number, reason: number): void {
    putNodeEvent(this.#events, kind, this.#flagsOf(kind), member, nodeCount, reason)
  }

  onAssignment(symbolId: number, from: number, to: number, reason: Reason): void {
    putAssignment(this.#events, symbolId, from, to, reason)
  }

  onAuthority(kind: EventKind, authority: Authority, symbolId: number, other: number, reason: number): void {
    putAuthority(this.#events, kind, this.#flagsOf(kind), authority, symbolId, other, reason)
  }

  onQuoteOrphaned(symbolId: number): void {
    this.#exchange.cancelQuote(symbolId, Reason.AUTHORITY_ENDED, 0, this.#events)
  }

  #carryOut(nodes: Nodes, kind: CommandKind, commands: AlignedBuffer, offset: number, nowNs: number): Reason | 0 {
    const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
    const incarnation = commands.uint32[(offset + CommandHeader.INCARNATION) >> 2]!
    switch (kind) {
      case CommandKind.REGISTER_NODE:
        return nodes.register(clientId, incarnation, nowNs)
      case CommandKind.RENEW_NODE:
        return nodes.renew(clientId, incarnation, nowNs)
      case CommandKind.LEAVE_NODE:
        return nodes.leave(clientId, incarnation, nowNs)
      case CommandKind.REPORT_LIMIT:
        return this.#reportLimit(nodes, commands, offset)
      default: {
        const symbolId = commands.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
        const token = commands.float64[(offset + ReleaseAuthorityField.FENCING_TOKEN) >> 3]!
        return nodes.release(clientId, incarnation, symbolId, token, nowNs)
      }
    }
  }

  /** Nothing changes: what a node says of itself stands where everybody can read it. */
  #reportLimit(nodes: Nodes, commands: AlignedBuffer, offset: number): Reason | 0 {
    const { bytes } = commands
    const clientId = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
    const incarnation = commands.uint32[(offset + CommandHeader.INCARNATION) >> 2]!
    const symbolId = commands.int32[(offset + CommandHeader.SYMBOL_ID) >> 2]!
    const reason = bytes[offset + ReportLimitField.REASON]!
    const state = bytes[offset + ReportLimitField.STATE]!
    if (!nodes.isPresent(clientId, incarnation)) return Reason.NOT_REGISTERED
    if (symbolId < 0 || symbolId >= nodes.symbolCount) return Reason.UNKNOWN_SYMBOL
    if (reason < Reason.INVENTORY_LIMIT || reason > Reason.STALE_MARKET) return Reason.MALFORMED
    if (state < RiskState.NORMAL || state > RiskState.OFF) return Reason.MALFORMED
    putLimitReached(this.#events, commands, offset)
    return 0
  }

  #flagsOf(kind: EventKind): number {
    if (kind !== this.#replyKind) return 0
    this.#replyKind = 0
    return EventFlag.REPLY
  }
}
