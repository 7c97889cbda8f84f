// The strategy node: quotes the symbols that it is granted, each through its own SymbolQuoter, over one client session.
//
// It holds no authoritative state. What it knows comes from committed outputs of the engine, and after a restart it
// begins with nothing: what its old incarnation held, it has lost.

import { type ClientSession, SessionState } from '../protocol/client-session.ts'
import { type Quote, writeCancelQuote, writeQuote } from '../protocol/command-writer.ts'
import { ExecutionField } from '../protocol/frame.ts'
import { FrameReader } from '../protocol/frame-reader.ts'
import { EventFlag, EventKind, FrameKind, isReduced as isReducedReason, Reason, type Side } from '../protocol/kinds.ts'
import { MirrorState } from './book-mirror.ts'
import { NodeAuthority } from './node-authority.ts'
import { QuoteState } from './quote-state.ts'
import { copySides, type Strategy } from './strategy.ts'
import { type QuoterSettings, readFrame, SymbolQuoter } from './symbol-quoter.ts'

/** One attempt and what became of it: for logs and figures. Times are of the node's own clock. */
export type QuoteOutcome = {
  readonly symbol: string
  readonly quoteId: number
  readonly positionVersion: number
  readonly fencingToken: number
  readonly outcome: 'granted' | 'reduced' | 'refused'
  readonly reason: number
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
  /** From the news that led to the attempt until it was sent; NaN for a refresh. */
  readonly tickToQuoteNs: number
  readonly quoteToAckNs: number
}

/** A symbol as a node is told of it, with the strategy that quotes it. */
export type NodeSymbol = {
  readonly symbol: string
  readonly symbolId: number
  readonly openingTicks: number
  readonly strategy: Strategy
  /** What one lot gains when the price moves by one tick; 1 when nobody says. */
  readonly moneyPerTickLot?: number
}

export type NodePort = {
  /** The symbol's market data is wanted from now on, or is not any more. */
  watch(symbolId: number, isWanted: boolean): void
  onGranted(symbol: string, fencingToken: number): void
  onLost(symbol: string, kind: number, reason: number): void
  /** Asks for an L2 snapshot of the symbol, to be handed to `onSnapshot`. */
  requestSnapshot(symbolId: number): void
  /** Asks for the committed positions, to be handed to `onPosition`. */
  requestPositions(): void
  onOutcome(outcome: QuoteOutcome): void
  onQuoteEnded(symbol: string, kind: number, reason: number): void
  /** Commands were written to the session; they leave when its owner flushes it. */
  schedule(): void
}

export type NodeCounts = {
  quoteCount: number
  grantedCount: number
  reducedCount: number
  refusedCount: number
  expiredCount: number
  /** Quotes refused because the authority that they were sent under had ended. */
  staleAuthorityCount: number
  fillCount: number
  gapCount: number
  gapRepairedCount: number
}

/** A request for a snapshot or a position that nobody answered is repeated after this time. */
const REQUEST_NS = 500_000_000

export class StrategyNode {
  readonly quoters: readonly SymbolQuoter[]
  readonly authority: NodeAuthority
  readonly counts: NodeCounts = {
    quoteCount: 0,
    grantedCount: 0,
    reducedCount: 0,
    refusedCount: 0,
    expiredCount: 0,
    staleAuthorityCount: 0,
    fillCount: 0,
    gapCount: 0,
    gapRepairedCount: 0,
  }
  readonly #port: NodePort
  readonly #bySymbolId = new Map<number, SymbolQuoter>()
  readonly #held: SymbolQuoter[] = []
  readonly #reader = new FrameReader()
  /** The one that is written next. */
  readonly #quote: Quote = {
    ...{ symbolId: 0, quoteId: 0, bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0 },
    ...{ positionVersion: 0, fencingToken: 0, ttlNs: 0 },
  }
  readonly #snapshotAskedNs = new Map<number, number>()
  #positionsAskedNs = Number.NEGATIVE_INFINITY
  #nextQuoteId = 1
  #heardNs = Number.NEGATIVE_INFINITY
  #session: ClientSession | null = null

  constructor(symbols: readonly NodeSymbol[], settings: QuoterSettings, renewalNs: number, port: NodePort) {
    this.#port = port
    this.#quote.ttlNs = settings.quoteTtlNs ?? 0
    this.authority = new NodeAuthority(renewalNs, {
      onGranted: (symbolId, token) => this.#onGranted(symbolId, token),
      onLost: (symbolId, kind, reason) => this.#onLost(symbolId, kind, reason),
    })
    this.quoters = symbols.map(
      ({ symbol, symbolId, openingTicks, strategy, moneyPerTickLot }) =>
        new SymbolQuoter(symbol, symbolId, openingTicks, strategy, settings, moneyPerTickLot),
    )
    for (const quoter of this.quoters) this.#bySymbolId.set(quoter.symbolId, quoter)
  }

  /** The session is open, for the first time or anew. */
  onSessionOpened(session: ClientSession): void {
    this.#session = session
    this.authority.onSessionOpened()
    for (const quoter of this.quoters) quoter.sentSeq = 0
  }

  /** Symbols that it may quote now. */
  get held(): readonly SymbolQuoter[] {
    return this.#held
  }

  /** The engine lives, even if its market is quiet. */
  onEngineHeard(nowNs: number): void {
    this.#heardNs = nowNs
  }

  /** The connection to the bus broke and came back: what was sent meanwhile is lost. */
  onReconnected(): void {
    for (const quoter of this.#held) quoter.forgetMarket()
    this.#snapshotAskedNs.clear()
    this.#positionsAskedNs = Number.NEGATIVE_INFINITY
  }

  onL2(symbolId: number, frame: Uint8Array, nowNs: number): void {
    const quoter = this.#heldQuoter(symbolId)
    if (quoter === undefined) return
    this.#heardNs = nowNs
    const gapsBefore = quoter.mirror.gapCount
    if (quoter.mirror.onIncrement(frame)) quoter.onBook(nowNs)
    this.counts.gapCount += quoter.mirror.gapCount - gapsBefore
  }

  onL1(symbolId: number, frame: Uint8Array, nowNs: number): void {
    const quoter = this.#heldQuoter(symbolId)
    if (quoter === undefined || !readFrame(this.#reader, frame, FrameKind.L1, symbolId)) return
    if (this.#reader.count === 1) quoter.onL1(this.#reader, nowNs)
  }

  onTrades(symbolId: number, frame: Uint8Array, nowNs: number): void {
    const quoter = this.#heldQuoter(symbolId)
    if (quoter === undefined || !readFrame(this.#reader, frame, FrameKind.TRADES, symbolId)) return
    quoter.onTrades(this.#reader, nowNs)
  }

  onSnapshot(symbolId: number, frame: Uint8Array, nowNs: number): void {
    const quoter = this.#heldQuoter(symbolId)
    if (quoter === undefined) return
    this.#snapshotAskedNs.delete(symbolId)
    const repairedBefore = quoter.mirror.repairedCount
    if (quoter.mirror.onSnapshot(frame)) quoter.onBook(nowNs)
    this.counts.gapRepairedCount += quoter.mirror.repairedCount - repairedBefore
  }

  onPositionFrame(symbolId: number, frame: Uint8Array, nowNs: number): void {
    const quoter = this.#heldQuoter(symbolId)
    if (quoter === undefined || !readFrame(this.#reader, frame, FrameKind.POSITION, symbolId)) return
    this.#heardNs = nowNs
    if (!quoter.onPositionFrame(this.#reader, nowNs)) this.#askPositions(nowNs)
  }

  onPosition(symbolId: number, netLots: number, version: number, nowNs: number): void {
    this.#heldQuoter(symbolId)?.setPosition(netLots, version, nowNs)
    this.#positionsAskedNs = Number.NEGATIVE_INFINITY
  }

  /** A fresh execution report of our session. */
  onReport(reader: FrameReader, index: number, nowNs: number): void {
    this.#heardNs = nowNs
    const kind = reader.uint8(index, ExecutionField.KIND) as EventKind
    if (kind >= EventKind.NODE_REGISTERED && kind <= EventKind.AUTHORITY_EXPIRED) {
      this.authority.onReport(reader, index, this.#session?.incarnation ?? 0, nowNs)
      return
    }
    const quoter = this.#bySymbolId.get(reader.int32(index, ExecutionField.SYMBOL_ID))
    if (quoter === undefined) return
    switch (kind) {
      case EventKind.QUOTE_ACCEPTED:
      case EventKind.QUOTE_REFUSED:
        this.#onAnswer(quoter, reader, index, nowNs)
        return
      case EventKind.TRADE:
        this.counts.fillCount += 1
        quoter.onFilled(
          reader.uint8(index, ExecutionField.SIDE) as Side,
          reader.int32(index, ExecutionField.QUANTITY_LOTS),
        )
        return
      case EventKind.QUOTE_EXPIRED:
      case EventKind.QUOTE_CANCELLED:
        this.#onEnded(quoter, reader, index, nowNs)
        return
      default:
        // Nothing else is sent to a client that only quotes.
        return
    }
  }

  /** Sends what is due. Returns when to call again at the latest. */
  poll(nowNs: number): number {
    if (this.#session?.state === SessionState.OPEN && this.authority.poll(this.#session, nowNs)) this.#port.schedule()
    this.#repair(nowNs)
    let nextNs = Math.min(nowNs + REQUEST_NS, this.authority.nextDueNs())
    for (const quoter of this.#held) {
      const proposal = quoter.decide(nowNs, this.#heardNs)
      if (proposal !== null) this.#send(quoter, nowNs)
      if (quoter.isToWithdraw) this.#withdraw(quoter, nowNs)
      nextNs = Math.min(nextNs, quoter.nextDueNs(nowNs))
    }
    return nextNs
  }

  /**
   * Decides about one symbol at once, after news of its book and before whatever else the engine has to tell. Not after
   * a trade, which may have been with us: then `poll` decides, when the position is known. True: a quote was written.
   */
  act(symbolId: number, nowNs: number): boolean {
    const quoter = this.#heldQuoter(symbolId)
    if (quoter === undefined || quoter.isFillPossible() || this.#session?.state !== SessionState.OPEN) return false
    if (quoter.decide(nowNs, this.#heardNs) !== null) return this.#send(quoter, nowNs)
    if (!quoter.isToWithdraw) return false
    this.#withdraw(quoter, nowNs)
    return true
  }

  #onGranted(symbolId: number, token: number): void {
    const quoter = this.#bySymbolId.get(symbolId)
    if (quoter === undefined) return
    quoter.begin()
    this.#snapshotAskedNs.delete(symbolId)
    this.#positionsAskedNs = Number.NEGATIVE_INFINITY
    if (!this.#held.includes(quoter)) {
      this.#held.push(quoter)
      this.#port.watch(symbolId, true)
    }
    this.#port.onGranted(quoter.symbol, token)
  }

  #onLost(symbolId: number, kind: number, reason: number): void {
    const quoter = this.#bySymbolId.get(symbolId)
    if (quoter === undefined) return
    quoter.begin()
    this.#held.splice(this.#held.indexOf(quoter), 1)
    this.#port.watch(symbolId, false)
    this.#port.onLost(quoter.symbol, kind, reason)
  }

  /** The quoter of a symbol that it holds. */
  #heldQuoter(symbolId: number): SymbolQuoter | undefined {
    const quoter = this.#bySymbolId.get(symbolId)
    return quoter !== undefined && this.authority.token(symbolId) !== 0 ? quoter : undefined
  }

  /** False: the session takes nothing now. */
  #send(quoter: SymbolQuoter, nowNs: number): boolean {
    const session = this.#session
    if (session === null) return false
    const offset = session.begin()
    if (offset < 0) return false
    quoter.onSent(nowNs)
    quoter.sentToken = this.authority.token(quoter.symbolId)
    const quote = this.#quote
    copySides(quoter.sent, quote)
    quote.symbolId = quoter.symbolId
    quote.quoteId = this.#nextQuoteId
    quote.positionVersion = quoter.sentVersion
    quote.fencingToken = quoter.sentToken
    writeQuote(session.outbox, offset, quote)
    quoter.sentSeq = session.finish()
    this.#nextQuoteId += 1
    this.counts.quoteCount += 1
    this.#port.schedule()
    return true
  }

  /** Whichever of ours stands. If it has ended by itself meanwhile, the answer says so, and nothing is lost. */
  #withdraw(quoter: SymbolQuoter, nowNs: number): void {
    const session = this.#session
    if (session === null) return
    const offset = session.begin()
    if (offset < 0) return
    const token = this.authority.token(quoter.symbolId)
    writeCancelQuote(session.outbox, offset, quoter.symbolId, 0, token)
    session.finish()
    quoter.onEnded(nowNs)
    this.#port.schedule()
  }

  #onAnswer(quoter: SymbolQuoter, reader: FrameReader, index: number, nowNs: number): void {
    const clientSeq = reader.float64(index, ExecutionField.CLIENT_SEQ)
    const reason = reader.uint8(index, ExecutionField.REASON)
    if (reason === Reason.STALE_AUTHORITY) this.counts.staleAuthorityCount += 1
    // An answer to an earlier life of this node's, or to a quote under an authority that has ended.
    if (quoter.sentSeq !== clientSeq || quoter.state !== QuoteState.PENDING) return
    const bidLots = reader.int32(index, ExecutionField.BID_LOTS)
    const askLots = reader.int32(index, ExecutionField.ASK_LOTS)
    const isAccepted = reader.uint8(index, ExecutionField.KIND) === EventKind.QUOTE_ACCEPTED
    const isReduced = isAccepted && isReducedReason(reason)
    if (isAccepted) quoter.onAccepted(bidLots, askLots, isReduced, nowNs)
    else quoter.onRefused(nowNs)
    if (!isAccepted) this.counts.refusedCount += 1
    else if (isReduced) this.counts.reducedCount += 1
    else this.counts.grantedCount += 1
    if (reason === Reason.STALE_POSITION) this.#askPositions(nowNs)
    this.#port.onOutcome({
      symbol: quoter.symbol,
      quoteId: reader.uint32(index, ExecutionField.CLIENT_ORDER_ID),
      positionVersion: quoter.sentVersion,
      fencingToken: quoter.sentToken,
      outcome: isAccepted ? (isReduced ? 'reduced' : 'granted') : 'refused',
      reason,
      bidTicks: quoter.sent.bidTicks,
      bidLots,
      askTicks: quoter.sent.askTicks,
      askLots,
      tickToQuoteNs: quoter.tickToQuoteNs,
      quoteToAckNs: nowNs - quoter.sentNs,
    })
  }

  #onEnded(quoter: SymbolQuoter, reader: FrameReader, index: number, nowNs: number): void {
    const isReply = (reader.uint8(index, ExecutionField.FLAGS) & EventFlag.REPLY) !== 0
    const reason = reader.uint8(index, ExecutionField.REASON)
    // Superseded by our own next one: its acceptance tells.
    if (isReply || reason === Reason.SUPERSEDED) return
    const kind = reader.uint8(index, ExecutionField.KIND)
    if (kind === EventKind.QUOTE_EXPIRED) this.counts.expiredCount += 1
    quoter.onEnded(nowNs)
    this.#port.onQuoteEnded(quoter.symbol, kind, reason)
  }

  #repair(nowNs: number): void {
    let isPositionMissing = false
    for (const quoter of this.#held) {
      isPositionMissing ||= !quoter.isPositionKnown
      if (quoter.mirror.state === MirrorState.LIVE) continue
      const askedNs = this.#snapshotAskedNs.get(quoter.symbolId) ?? Number.NEGATIVE_INFINITY
      if (nowNs - askedNs < REQUEST_NS) continue
      this.#snapshotAskedNs.set(quoter.symbolId, nowNs)
      this.#port.requestSnapshot(quoter.symbolId)
    }
    if (isPositionMissing) this.#askPositions(nowNs)
  }

  #askPositions(nowNs: number): void {
    if (nowNs - this.#positionsAskedNs < REQUEST_NS) return
    this.#positionsAskedNs = nowNs
    this.#port.requestPositions()
  }
}
