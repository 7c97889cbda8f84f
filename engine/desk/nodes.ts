// The strategy nodes of the desk: who is present, who is to quote what, and who may. Every transition happens here, and is
// told to a listener at once, in order.
//
//   register ──► present ──► assigned ──► granted ──► renewed ... ──► recalled ──► released ─┐
//                  ▲                         ▲                            └─► expired ───────┤
//                  └── renew                 └───────────────────────────────────────────────┘ to the node assigned
//
// Rules. A symbol is granted to the node that it is assigned to, when nobody holds it. Where the assignment moves a held
// symbol, its holder is told to release it, and its lease is no longer renewed: so it goes over when the holder has let
// go, or a lease later. No lease outlasts its holder's presence. A node whose lease ran out is granted nothing until it
// renews. When authority ends, the listener withdraws the symbol's quote before anything else happens.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { isStrategyNode } from '../../protocol/clients.ts'
import { EventKind, Reason } from '../../protocol/kinds.ts'
import { NODE_COUNT_MAX } from '../../protocol/limits.ts'
import { MEMBERSHIP_DEFAULT, type MembershipTimes } from '../../protocol/symbol.ts'
import { assignSymbols, NO_NODE } from './assignment.ts'
import { Authority, NO_HOLDER } from './authority.ts'
import { type Member, Membership } from './membership.ts'

/** Hears of each transition as it happens. */
export type NodeListener = {
  /** `nodeCount`: how many are present now. */
  onNode(kind: EventKind, member: Member, nodeCount: number, reason: Reason | 0): void
  onAssignment(symbolId: number, from: number, to: number, reason: Reason): void
  /** `authority` holds the lease still, or, when it is granted, already. `other`: the other node concerned. */
  onAuthority(kind: EventKind, authority: Authority, symbolId: number, other: number, reason: Reason | 0): void
  /** The quote that stands, if any, is nobody's any more. */
  onQuoteOrphaned(symbolId: number): void
}

export class Nodes {
  readonly membership = new Membership()
  readonly authority: Authority
  readonly #times: MembershipTimes
  readonly #listener: NodeListener
  readonly #assigned: Float64Array
  readonly #assignedBefore: Float64Array

  constructor(symbolCount: number, times: MembershipTimes | undefined, listener: NodeListener) {
    this.authority = new Authority(symbolCount)
    this.#times = times ?? MEMBERSHIP_DEFAULT
    this.#listener = listener
    this.#assigned = new Float64Array(symbolCount)
    this.#assignedBefore = new Float64Array(symbolCount)
  }

  /** When the next presence or lease ends; Infinity when there is none. */
  get earliestNs(): number {
    return Math.min(this.membership.earliestNs, this.authority.earliestNs)
  }

  /** The node that is to quote the symbol, or NO_NODE. */
  assigned(symbolId: number): number {
    return this.#assigned[symbolId]!
  }

  get symbolCount(): number {
    return this.#assigned.length
  }

  isPresent(clientId: number, incarnation: number): boolean {
    return this.#present(clientId, incarnation) !== undefined
  }

  /** 0: the client is a node from now on; else why not. */
  register(clientId: number, incarnation: number, nowNs: number): Reason | 0 {
    const { membership } = this
    if (!isStrategyNode(clientId)) return Reason.NOT_PERMITTED
    const member = membership.find(clientId)
    if (member === undefined && membership.count === NODE_COUNT_MAX) return Reason.TOO_MANY_NODES
    if (member === undefined) {
      membership.add(clientId, incarnation, nowNs, nowNs + this.#times.presenceNs)
      this.#tellNode(EventKind.NODE_REGISTERED, membership.member(clientId), 0)
      this.#assign(Reason.NODE_JOINED)
    } else {
      member.incarnation = incarnation
      this.#renew(member, nowNs)
      this.#tellNode(EventKind.NODE_REGISTERED, member, 0)
    }
    this.#grantFree(nowNs)
    return 0
  }

  renew(clientId: number, incarnation: number, nowNs: number): Reason | 0 {
    const member = this.#present(clientId, incarnation)
    if (member === undefined) return Reason.NOT_REGISTERED
    const wasSilent = member.isSilent
    this.#renew(member, nowNs)
    this.#tellNode(EventKind.NODE_RENEWED, member, 0)
    if (wasSilent) this.#grantFree(nowNs)
    return 0
  }

  /** The node lets go of a symbol. One that is still assigned to it is granted to it anew. */
  release(clientId: number, incarnation: number, symbolId: number, token: number, nowNs: number): Reason | 0 {
    if (symbolId < 0 || symbolId >= this.symbolCount) return Reason.UNKNOWN_SYMBOL
    if (!this.isPresent(clientId, incarnation)) return Reason.NOT_REGISTERED
    if (!this.authority.isInForce(symbolId, clientId, token)) return Reason.STALE_AUTHORITY
    this.#end(EventKind.AUTHORITY_RELEASED, symbolId, Reason.BY_OWNER, nowNs)
    this.#grantFree(nowNs)
    return 0
  }

  leave(clientId: number, incarnation: number, nowNs: number): Reason | 0 {
    const member = this.#present(clientId, incarnation)
    if (member === undefined) return Reason.NOT_REGISTERED
    this.#goAway(member, Reason.BY_OWNER, nowNs)
    return 0
  }

  /** The client opened a session: what its old incarnation held is free, what it was assigned waits for it. */
  onSessionOpened(clientId: number, nowNs: number): void {
    const member = this.membership.find(clientId)
    if (member === undefined) return
    member.isSilent = true
    this.#endAll(EventKind.AUTHORITY_RELEASED, clientId, Reason.NEW_INCARNATION, nowNs)
    // What it was to hand over anyway.
    this.#grantFree(nowNs)
  }

  onSessionClosed(clientId: number, nowNs: number): void {
    const member = this.membership.find(clientId)
    if (member !== undefined) this.#goAway(member, Reason.SESSION_ENDED, nowNs)
  }

  /**
   * A new epoch counts as a renewal of everything: that nobody was heard of while no engine led is not the nodes' doing.
   * A lease that a record has ended stays ended.
   */
  onEpoch(nowNs: number): void {
    for (const clientId of this.membership.clientIds) {
      const member = this.membership.member(clientId)
      const presenceNs = Math.max(member.presenceNs, nowNs + this.#times.presenceNs)
      this.membership.setPresence(member, presenceNs)
      this.authority.renew(clientId, Math.min(presenceNs, nowNs + this.#times.leaseNs))
    }
  }

  /** Ends what is due: leases, then presences; then the symbols that became free are assigned and granted. */
  expire(nowNs: number): void {
    if (this.earliestNs > nowNs) return
    const { authority, membership } = this
    for (let symbolId = 0; symbolId < this.#assigned.length && authority.earliestNs <= nowNs; symbolId++) {
      if (authority.holder(symbolId) === NO_HOLDER || authority.leaseNs(symbolId) > nowNs) continue
      // One that was recalled and never released may still be well: then the others of its leases run on.
      if (!authority.isRecalled(symbolId)) membership.member(authority.holder(symbolId)).isSilent = true
      this.#end(EventKind.AUTHORITY_EXPIRED, symbolId, Reason.TIME_PASSED, nowNs)
    }
    let isChanged = false
    for (const clientId of membership.clientIds) {
      const member = membership.member(clientId)
      if (member.presenceNs > nowNs) continue
      // Its leases have ended by now: none outlasts it.
      membership.remove(clientId)
      this.#tellNode(EventKind.NODE_EXPIRED, member, Reason.TIME_PASSED)
      isChanged = true
    }
    if (isChanged) this.#assign(Reason.NODE_GONE)
    this.#grantFree(nowNs)
  }

  snapshot(writer: ByteWriter): void {
    this.membership.snapshot(writer)
    this.authority.snapshot(writer)
    for (const node of this.#assigned) writer.uint32(node)
  }

  restore(reader: ByteReader): void {
    this.membership.restore(reader)
    this.authority.restore(reader)
    for (let symbolId = 0; symbolId < this.#assigned.length; symbolId++) this.#assigned[symbolId] = reader.uint32()
  }

  /** The node, if this incarnation of it is present. */
  #present(clientId: number, incarnation: number): Member | undefined {
    const member = this.membership.find(clientId)
    return member?.incarnation === incarnation ? member : undefined
  }

  #tellNode(kind: EventKind, member: Member, reason: Reason | 0): void {
    this.#listener.onNode(kind, member, this.membership.count, reason)
  }

  #renew(member: Member, nowNs: number): void {
    const { presenceNs, leaseNs } = this.#times
    member.isSilent = false
    this.membership.setPresence(member, nowNs + presenceNs)
    this.authority.renew(member.clientId, Math.min(member.presenceNs, nowNs + leaseNs))
  }

  #goAway(member: Member, reason: Reason, nowNs: number): void {
    this.#endAll(EventKind.AUTHORITY_RELEASED, member.clientId, reason, nowNs)
    this.membership.remove(member.clientId)
    this.#tellNode(EventKind.NODE_LEFT, member, reason)
    this.#assign(Reason.NODE_GONE)
    this.#grantFree(nowNs)
  }

  #endAll(kind: EventKind, clientId: number, reason: Reason, nowNs: number): void {
    for (let symbolId = 0; symbolId < this.#assigned.length; symbolId++) {
      if (this.authority.holder(symbolId) === clientId) this.#end(kind, symbolId, reason, nowNs)
    }
  }

  #end(kind: EventKind, symbolId: number, reason: Reason, nowNs: number): void {
    this.#listener.onAuthority(kind, this.authority, symbolId, this.#assigned[symbolId]!, reason)
    this.authority.end(symbolId, nowNs)
    this.#listener.onQuoteOrphaned(symbolId)
  }

  #assign(reason: Reason): void {
    const before = this.#assignedBefore
    before.set(this.#assigned)
    assignSymbols(this.membership.clientIds, before, this.#assigned)
    for (let symbolId = 0; symbolId < before.length; symbolId++) {
      const from = before[symbolId]!
      const to = this.#assigned[symbolId]!
      if (from === to) continue
      this.#listener.onAssignment(symbolId, from, to, reason)
      const holder = this.authority.holder(symbolId)
      if (holder === NO_HOLDER) continue
      assert(to !== NO_NODE, 'who holds a symbol is present')
      const wasRecalled = this.authority.isRecalled(symbolId)
      this.authority.setRecalled(symbolId, holder !== to)
      if (holder === to || wasRecalled) continue
      this.#listener.onAuthority(EventKind.AUTHORITY_RECALLED, this.authority, symbolId, to, reason)
    }
  }

  #grantFree(nowNs: number): void {
    const { authority } = this
    for (let symbolId = 0; symbolId < this.#assigned.length; symbolId++) {
      const node = this.#assigned[symbolId]!
      if (node === NO_NODE || authority.holder(symbolId) !== NO_HOLDER) continue
      const member = this.membership.member(node)
      if (member.isSilent) continue
      const leaseNs = Math.min(member.presenceNs, nowNs + this.#times.leaseNs)
      // What somebody quoted by hand makes way.
      this.#listener.onQuoteOrphaned(symbolId)
      authority.grant(symbolId, node, leaseNs)
      this.#listener.onAuthority(EventKind.AUTHORITY_GRANTED, authority, symbolId, authority.lastHolder(symbolId), 0)
    }
  }
}
