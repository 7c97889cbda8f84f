// Keeps one symbol quoted: watches its market and position, asks the strategy, and sends one attempt at a time.
//
// A quote is replaced at once after a committed fill, when the strategy wants other prices or quantities (not more often
// than minRequoteNs), when it ended, and at least every refreshNs. It is not sent while the mirror has a gap, while the
// position is not known, or while nothing has been heard of the engine for staleNs.

import { L1Field, PositionField, TradeField } from '../protocol/frame.ts'
import { FrameFault, type FrameReader } from '../protocol/frame-reader.ts'
import { type FrameKind, RiskState, Side, TradingPhase } from '../protocol/kinds.ts'
import { BookMirror, MirrorState } from './book-mirror.ts'
import { MirrorDepth } from './mirror-depth.ts'
import { assertQuoteTransition, QuoteState } from './quote-state.ts'
import type { RiskGuard } from './risk-guard.ts'
import {
  areSidesEqual,
  clearSides,
  copySides,
  emptySides,
  type MarketView,
  type PositionView,
  type QuoteProposal,
  type QuoteSides,
  type Strategy,
  type StrategyContext,
} from './strategy.ts'

export type QuoterSettings = {
  readonly refreshNs: number
  readonly minRequoteNs: number
  readonly staleNs: number
  /** Wait after a refusal that more news does not end. */
  readonly backOffNs: number
  /** How long a quote may stand without being refreshed; 0: as long as the cluster's configuration says. */
  readonly quoteTtlNs?: number
  /** Limits of the node, over all its symbols. */
  readonly risk?: RiskGuard
}

export const QUOTER_SETTINGS_DEFAULT: QuoterSettings = {
  refreshNs: 5_000_000_000,
  minRequoteNs: 20_000_000,
  staleNs: 3_000_000_000,
  backOffNs: 250_000_000,
}

export class SymbolQuoter {
  readonly symbol: string
  readonly symbolId: number
  readonly mirror = new BookMirror()
  readonly position: PositionView = { netLots: 0, version: 0 }
  isPositionKnown = false
  state: QuoteState = QuoteState.NONE
  /** The attempt that is pending, or the last one. */
  readonly sent: QuoteSides = emptySides()
  sentVersion = 0
  sentNs = 0
  sentSeq = 0
  /** Token of the authority that the attempt was sent under. */
  sentToken = 0
  /**
   * From the first news that the attempt answers to when it was sent, or from when the pace of quotes allowed it; NaN where
   * it was no news that led to it.
   */
  tickToQuoteNs = Number.NaN
  /** Stream number of the last public trade. */
  tradeSeq = 0
  /** What stands, as granted and since filled. */
  readonly active: QuoteSides = emptySides()
  readonly #strategy: Strategy
  readonly #settings: QuoterSettings
  readonly #moneyPerTickLot: number
  readonly #market: MarketView = {
    nowNs: 0,
    bidTicks: 0,
    bidLots: 0,
    askTicks: 0,
    askLots: 0,
    lastTradeTicks: 0,
    referenceTicks: 0,
    depth: new MirrorDepth(this.mirror, this.active),
  }
  readonly #context: StrategyContext = { market: this.#market, position: this.position, quote: this.active }
  readonly #proposal: QuoteProposal = { ...emptySides(), askAgainNs: 0 }
  #askAgainNs = Number.POSITIVE_INFINITY
  /** Quotes are taken in continuous trading only. */
  #isTrading = true
  #isWanted = true
  /** Local time of the first news since the strategy was asked last; NaN: there was none. */
  #newsNs = Number.NaN
  /** The same, of the news that the proposal answers. */
  #answeredNs = Number.NaN
  #isUrgent = true
  /** The last answer of the strategy, within the node's limits, was that no quote should stand. */
  #isNoneWanted = false
  #notBeforeNs = 0
  #refreshDueNs = 0

  constructor(
    symbol: string,
    symbolId: number,
    openingTicks: number,
    strategy: Strategy,
    settings: QuoterSettings,
    moneyPerTickLot = 1,
  ) {
    this.#moneyPerTickLot = moneyPerTickLot
    this.symbol = symbol
    this.symbolId = symbolId
    this.#strategy = strategy
    this.#settings = settings
    this.#market.referenceTicks = openingTicks
  }

  /** The book changed. */
  onBook(nowNs: number): void {
    this.#want(nowNs)
    if (this.#strategy.onBook === undefined || this.mirror.state !== MirrorState.LIVE) return
    this.#lookAtMarket(nowNs)
    this.#strategy.onBook(this.#market)
  }

  onL1(reader: FrameReader, nowNs: number): void {
    this.#market.lastTradeTicks = reader.int32(0, L1Field.LAST_TRADE_TICKS)
    this.#market.referenceTicks = reader.int32(0, L1Field.REFERENCE_TICKS)
    this.#isTrading = reader.uint8(0, L1Field.PHASE) === TradingPhase.CONTINUOUS
    this.#want(nowNs)
  }

  /** A trade stands in what the last increment of the book brought: what it did to our position is not known yet. */
  isFillPossible(): boolean {
    return this.tradeSeq > this.mirror.previousSeq
  }

  onTrades(reader: FrameReader, nowNs: number): void {
    if (reader.count > 0) this.tradeSeq = reader.lastSeq
    for (let index = 0; index < reader.count; index++) {
      this.#strategy.onTrade?.(
        reader.int32(index, TradeField.PRICE_TICKS),
        reader.int32(index, TradeField.QUANTITY_LOTS),
        reader.uint8(index, TradeField.AGGRESSOR_SIDE) as Side,
        nowNs,
      )
    }
  }

  /** Takes a frame of committed positions. False at a gap: the owner asks for the position. */
  onPositionFrame(reader: FrameReader, nowNs: number): boolean {
    if (reader.lastSeq <= this.position.version && this.isPositionKnown) return true
    const isGap = !this.isPositionKnown || reader.previousSeq > this.position.version
    for (let index = 0; index < reader.count; index++) {
      const version = reader.float64(index, PositionField.VERSION)
      if (version <= this.position.version) continue
      const side = reader.uint8(index, PositionField.SIDE) as Side
      const lots = reader.int32(index, PositionField.FILL_LOTS)
      const fillTicks = reader.int32(index, PositionField.FILL_TICKS)
      this.#strategy.onFill?.(side, fillTicks, lots, nowNs)
      this.setPosition(reader.float64(index, PositionField.NET_LOTS), version, nowNs, fillTicks)
    }
    return !isGap
  }

  /** `fillTicks`: the price at which it came about, where that is known. */
  setPosition(netLots: number, version: number, nowNs: number, fillTicks = this.#market.referenceTicks): void {
    if (this.isPositionKnown && version <= this.position.version) return
    const { risk } = this.#settings
    if (this.isPositionKnown) risk?.onFill(this.symbolId, netLots, fillTicks)
    else risk?.begin(this.symbolId, this.#moneyPerTickLot, netLots, this.#market.referenceTicks)
    this.position.netLots = netLots
    this.position.version = version
    this.isPositionKnown = true
    this.#want(nowNs)
    // A committed fill: the quote that it was computed for is out of date at once.
    this.#isUrgent = true
    this.#notBeforeNs = 0
  }

  /** A fill of ours, before its position update. */
  onFilled(side: Side, quantityLots: number): void {
    if (side === Side.BUY) this.active.bidLots = Math.max(0, this.active.bidLots - quantityLots)
    else this.active.askLots = Math.max(0, this.active.askLots - quantityLots)
  }

  onAccepted(bidLots: number, askLots: number, isReduced: boolean, nowNs: number): void {
    copySides(this.sent, this.active)
    this.active.bidLots = bidLots
    this.active.askLots = askLots
    this.#become(QuoteState.ACTIVE)
    this.#refreshDueNs = nowNs + this.#settings.refreshNs
    // Reduced for want of exposure: there may be more later, but asking at every tick would only make noise.
    if (isReduced) this.#notBeforeNs = nowNs + this.#settings.backOffNs
  }

  onRefused(nowNs: number): void {
    this.#become(QuoteState.BACKING_OFF)
    this.#want(nowNs)
    if (this.position.version === this.sentVersion) this.#notBeforeNs = nowNs + this.#settings.backOffNs
  }

  /** The quote that stood ended by itself: it expired, was withdrawn, or the exchange cancelled it. */
  onEnded(nowNs: number): void {
    clearSides(this.active)
    if (this.state !== QuoteState.PENDING) this.#become(QuoteState.NONE)
    this.#want(nowNs)
  }

  /** The symbol is granted anew, or lost: what we knew of our quote and of its market is void. */
  begin(): void {
    clearSides(this.active)
    this.state = QuoteState.NONE
    this.#notBeforeNs = 0
    this.forgetMarket()
    this.#isWanted = true
    this.#newsNs = Number.NaN
  }

  /** What was sent meanwhile is lost: the book and the position have to be asked for. */
  forgetMarket(): void {
    this.mirror.reset()
    this.tradeSeq = 0
    this.isPositionKnown = false
  }

  /** The attempt that `decide` asked for has been sent. */
  onSent(nowNs: number): void {
    copySides(this.#proposal, this.sent)
    this.sentVersion = this.position.version
    this.sentNs = nowNs
    this.tickToQuoteNs = nowNs - Math.max(this.#answeredNs, this.#notBeforeNs)
    this.#become(QuoteState.PENDING)
    this.#isWanted = false
    this.#newsNs = Number.NaN
    this.#isUrgent = false
    this.#notBeforeNs = nowNs + this.#settings.minRequoteNs
    this.#refreshDueNs = nowNs + this.#settings.refreshNs
  }

  /** The strategy wants no quote, or the node's limits leave none: the one that stands is to be withdrawn. */
  get isToWithdraw(): boolean {
    if (this.state === QuoteState.PENDING || this.active.bidLots + this.active.askLots === 0) return false
    return this.#isNoneWanted || this.#settings.risk?.state === RiskState.OFF
  }

  /** The quote to send now, or null. `heardNs`: when the engine was last heard of. */
  decide(nowNs: number, heardNs: number): QuoteProposal | null {
    if (this.state === QuoteState.PENDING || nowNs < this.#notBeforeNs) return null
    const isDue = nowNs >= this.#refreshDueNs
    if (!this.#isWanted && !isDue && nowNs < this.#askAgainNs) return null
    if (!this.#isTrading || this.mirror.state !== MirrorState.LIVE || !this.isPositionKnown) return null
    const { risk, staleNs } = this.#settings
    if (nowNs - heardNs > staleNs) {
      risk?.onStaleMarket(this.symbolId)
      return null
    }
    this.#lookAtMarket(nowNs)
    const proposal = this.#proposal
    clearSides(proposal)
    proposal.askAgainNs = 0
    this.#strategy.propose(this.#context, proposal)
    risk?.limit(this.symbolId, this.position.netLots, this.#market, proposal)
    this.#isWanted = false
    this.#answeredNs = this.#newsNs
    this.#newsNs = Number.NaN
    this.#askAgainNs = proposal.askAgainNs === 0 ? Number.POSITIVE_INFINITY : proposal.askAgainNs
    this.#isNoneWanted = proposal.bidLots === 0 && proposal.askLots === 0
    if (this.#isNoneWanted) {
      // Nothing to refresh: asking at every turn would only make noise.
      if (isDue) this.#refreshDueNs = nowNs + this.#settings.minRequoteNs
      return null
    }
    const isSame = this.state === QuoteState.ACTIVE && areSidesEqual(proposal, this.active)
    if (isSame && !isDue && !this.#isUrgent) return null
    return proposal
  }

  /** When `decide` should be asked again if nothing happens before. */
  nextDueNs(nowNs: number): number {
    if (this.state === QuoteState.PENDING) return Number.POSITIVE_INFINITY
    // While something else is in the way (no trading, no book yet) it is asked again and again.
    if (this.#isWanted) return this.#notBeforeNs > nowNs ? this.#notBeforeNs : nowNs + 1_000_000
    return Math.max(Math.min(this.#refreshDueNs, this.#askAgainNs), this.#notBeforeNs)
  }

  #want(nowNs: number): void {
    if (!this.#isWanted) this.#newsNs = nowNs
    this.#isWanted = true
  }

  #become(state: QuoteState): void {
    assertQuoteTransition(this.state, state)
    this.state = state
  }

  /** The touch without our own quote: a maker that looked at its own prices would chase them. */
  #lookAtMarket(nowNs: number): void {
    const market = this.#market
    const { depth } = market
    market.nowNs = nowNs
    market.bidTicks = depth.levelTicks(Side.BUY, 0)
    market.bidLots = depth.levelLots(Side.BUY, 0)
    market.askTicks = depth.levelTicks(Side.SELL, 0)
    market.askLots = depth.levelLots(Side.SELL, 0)
  }
}

/** A right frame of one of the kinds? Then the reader holds it. */
export function readFrame(reader: FrameReader, frame: Uint8Array, kind: FrameKind, symbolId: number): boolean {
  return reader.read(frame) === FrameFault.NONE && reader.kind === kind && reader.streamId === symbolId
}
