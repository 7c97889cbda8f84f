// A strategy node's part in membership: it registers, renews, lets go of what is recalled, says good-bye, and knows under
// which token it may quote which symbol.
//
// It decides nothing: what it knows comes from committed reports, and the desk checks each token again when a quote is
// sequenced. One command about membership is on its way at a time, so that a dead engine finds no heap of them.

import type { ClientSession } from '../protocol/client-session.ts'
import {
  writeLeaveNode,
  writeRegisterNode,
  writeReleaseAuthority,
  writeRenewNode,
  writeReportLimit,
} from '../protocol/command-writer.ts'
import { ExecutionField } from '../protocol/frame.ts'
import type { FrameReader } from '../protocol/frame-reader.ts'
import { EventKind, Reason, type RiskState } from '../protocol/kinds.ts'

export const NodeState = {
  /** Not a member: it has not registered, or its presence ended. */
  OUT: 1,
  REGISTERING: 2,
  PRESENT: 3,
  /** It has been told to go: it registers no more, and says good-bye. */
  LEAVING: 4,
  GONE: 5,
} as const
export type NodeState = (typeof NodeState)[keyof typeof NodeState]

/** A limit of the node's own that was reached. */
export type LimitReport = {
  readonly symbolId: number
  readonly reason: Reason
  readonly state: RiskState
  /** Of the currency; 0: none. */
  readonly lossHundredths: number
}

/** So many wait while there is no engine to tell; what comes then is not told. */
const REPORT_COUNT_MAX = 64

/** Wait after a registration that was refused. */
const REGISTER_AGAIN_NS = 1_000_000_000

export type AuthorityListener = {
  onGranted(symbolId: number, token: number): void
  onLost(symbolId: number, kind: number, reason: number): void
}

export class NodeAuthority {
  state: NodeState = NodeState.OUT
  readonly #renewalNs: number
  readonly #listener: AuthorityListener
  readonly #tokens = new Map<number, number>()
  readonly #releases: { readonly symbolId: number; readonly token: number }[] = []
  readonly #reports: LimitReport[] = []
  /** clientSeq of the command about membership that is not answered; 0: none. */
  #pendingSeq = 0
  #dueNs = Number.NEGATIVE_INFINITY

  constructor(renewalNs: number, listener: AuthorityListener) {
    this.#renewalNs = renewalNs
    this.#listener = listener
  }

  /** Symbols that it may quote now. */
  get heldCount(): number {
    return this.#tokens.size
  }

  /** The token under which it may quote the symbol; 0: it may not. */
  token(symbolId: number): number {
    return this.#tokens.get(symbolId) ?? 0
  }

  /** A new incarnation begins with nothing. */
  onSessionOpened(): void {
    if (this.state !== NodeState.LEAVING && this.state !== NodeState.GONE) this.state = NodeState.OUT
    this.#pendingSeq = 0
    this.#dueNs = Number.NEGATIVE_INFINITY
    this.#releases.length = 0
    this.#loseAll(EventKind.SESSION_OPENED, Reason.NEW_INCARNATION)
  }

  leave(): void {
    if (this.state === NodeState.GONE) return
    this.state = this.state === NodeState.OUT ? NodeState.GONE : NodeState.LEAVING
  }

  /** The engine is to know; told as soon as the node is a member. */
  report(report: LimitReport): void {
    if (this.#reports.length < REPORT_COUNT_MAX) this.#reports.push(report)
  }

  /** Writes what is due to the session. True: something was written. */
  poll(session: ClientSession, nowNs: number): boolean {
    let isWritten = false
    for (let release = this.#releases[0]; release !== undefined; release = this.#releases[0]) {
      const offset = session.begin()
      if (offset < 0) return isWritten
      writeReleaseAuthority(session.outbox, offset, release.symbolId, release.token)
      session.finish()
      this.#releases.shift()
      isWritten = true
    }
    if (this.#tellReports(session)) isWritten = true
    const isDue = this.state === NodeState.LEAVING || nowNs >= this.#dueNs
    if (this.#pendingSeq !== 0 || this.state === NodeState.GONE || !isDue) return isWritten
    const offset = session.begin()
    if (offset < 0) return isWritten
    if (this.state === NodeState.LEAVING) writeLeaveNode(session.outbox, offset)
    else if (this.state === NodeState.PRESENT) writeRenewNode(session.outbox, offset)
    else {
      writeRegisterNode(session.outbox, offset)
      this.state = NodeState.REGISTERING
    }
    this.#pendingSeq = session.finish()
    this.#dueNs = nowNs + this.#renewalNs
    return true
  }

  nextDueNs(): number {
    if (this.#reports.length > 0 && this.state === NodeState.PRESENT) return Number.NEGATIVE_INFINITY
    return this.#pendingSeq !== 0 || this.state === NodeState.GONE ? Number.POSITIVE_INFINITY : this.#dueNs
  }

  /** A report about membership or authority. */
  onReport(reader: FrameReader, index: number, incarnation: number, nowNs: number): void {
    // What an earlier life was told.
    if (reader.uint32(index, ExecutionField.INCARNATION) !== incarnation) return
    const clientSeq = reader.float64(index, ExecutionField.CLIENT_SEQ)
    if (clientSeq !== 0 && clientSeq === this.#pendingSeq) this.#pendingSeq = 0
    const kind = reader.uint8(index, ExecutionField.KIND) as EventKind
    const reason = reader.uint8(index, ExecutionField.REASON) as Reason
    const symbolId = reader.int32(index, ExecutionField.SYMBOL_ID)
    const token = reader.float64(index, ExecutionField.ORDER_ID)
    switch (kind) {
      case EventKind.NODE_REGISTERED:
        if (this.state === NodeState.REGISTERING) this.state = NodeState.PRESENT
        return
      case EventKind.NODE_REFUSED:
        this.#onRefused(reason, nowNs)
        return
      case EventKind.NODE_EXPIRED:
        if (this.state === NodeState.PRESENT) this.state = NodeState.OUT
        if (this.state === NodeState.LEAVING) this.state = NodeState.GONE
        this.#loseAll(kind, reason)
        return
      case EventKind.NODE_LEFT:
        this.state = NodeState.GONE
        this.#loseAll(kind, reason)
        return
      case EventKind.AUTHORITY_GRANTED:
        this.#tokens.set(symbolId, token)
        this.#listener.onGranted(symbolId, token)
        return
      case EventKind.AUTHORITY_RECALLED:
        if (this.token(symbolId) !== token) return
        this.#releases.push({ symbolId, token })
        this.#lose(symbolId, kind, reason)
        return
      case EventKind.AUTHORITY_RELEASED:
      case EventKind.AUTHORITY_EXPIRED:
        if (this.token(symbolId) === token) this.#lose(symbolId, kind, reason)
        return
      default:
        // NODE_RENEWED needs nothing but to be answered.
        return
    }
  }

  /** True: something was written. */
  #tellReports(session: ClientSession): boolean {
    let isWritten = false
    while (this.state === NodeState.PRESENT && this.#reports[0] !== undefined) {
      const offset = session.begin()
      if (offset < 0) break
      const { symbolId, reason, state, lossHundredths } = this.#reports.shift()!
      writeReportLimit(session.outbox, offset, symbolId, reason, state, lossHundredths)
      session.finish()
      isWritten = true
    }
    return isWritten
  }

  #onRefused(reason: Reason, nowNs: number): void {
    // A release that came too late: what it was about had ended.
    if (reason === Reason.STALE_AUTHORITY || reason === Reason.UNKNOWN_SYMBOL) return
    if (this.state === NodeState.LEAVING) this.state = NodeState.GONE
    if (this.state === NodeState.GONE) return
    this.state = NodeState.OUT
    this.#dueNs = reason === Reason.NOT_REGISTERED ? nowNs : nowNs + REGISTER_AGAIN_NS
    this.#loseAll(EventKind.NODE_REFUSED, reason)
  }

  #loseAll(kind: EventKind, reason: Reason): void {
    for (const symbolId of [...this.#tokens.keys()]) this.#lose(symbolId, kind, reason)
  }

  #lose(symbolId: number, kind: EventKind, reason: Reason): void {
    this.#tokens.delete(symbolId)
    this.#listener.onLost(symbolId, kind, reason)
  }
}
