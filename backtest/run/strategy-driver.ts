// Drives a strategy over a venue: tells it the news, asks it, and turns its answer into orders.
//
// Time goes in steps. At the end of a step the strategy hears of the book (if anything reached us) and is asked when
// there was news or its own wish came due; trades and fills are told one by one as they reach us. Steps in which nothing
// can happen are passed over at once, always a whole number of them, so that the steps stay where they are.
//
// An order of ours stays when the answer still wants its price for at least its open quantity, and is made smaller where
// it wants less; the others are cancelled, and what is missing is sent at the same time, post-only. A price whose order is still on its way to be cancelled is
// not taken again before that is done.

import { Side, TimeInForce } from '../../protocol/kinds.ts'
import { isLadderStrategy, QuoteLadder } from '../../strategies/ladder.ts'
import {
  clearSides,
  emptySides,
  type MarketView,
  type QuoteProposal,
  type Strategy,
  type StrategyContext,
} from '../../strategies/strategy.ts'
import { NO_ASK, NO_BID } from '../replay/replay-book.ts'
import { OrderStatus, Pending, type ReplayOrder } from '../replay/replay-order.ts'
import { RowFlag } from '../replay/replay-rows.ts'
import { ReplayDepth } from './replay-depth.ts'
import type { RunRecord } from './run-record.ts'
import { RunRecorder } from './run-recorder.ts'
import type { Venue, VenueObserver } from './venue.ts'

export type DriverSettings = {
  readonly tickSize: number
  readonly lotSize: number
  readonly stepNs: number
  readonly sampleNs: number
  readonly timeBaseUnixS: number | null
  /** Orders that could take the position past it are made smaller or not sent; Infinity: no limit. */
  readonly positionLimitLots: number
}

const NEVER = Number.POSITIVE_INFINITY

export class StrategyDriver implements VenueObserver {
  readonly #recorder: RunRecorder
  readonly #strategy: Strategy
  readonly #settings: DriverSettings
  #venue!: Venue
  #depth!: ReplayDepth
  readonly #market: MarketView
  readonly #position = { netLots: 0, version: 0 }
  readonly #quote = emptySides()
  #context!: StrategyContext
  readonly #proposal: QuoteProposal = { ...emptySides(), askAgainNs: 0 }
  readonly #ladder = new QuoteLadder()
  /** By order id: when it was sent. The order's own time is that of its last request. */
  readonly #sentNs = new Map<number, number>()
  #newsSeen = 0
  #askAgainNs = NEVER

  constructor(strategy: Strategy, settings: DriverSettings) {
    this.#strategy = strategy
    this.#settings = settings
    this.#recorder = new RunRecorder(settings)
    this.#market = {
      ...{ nowNs: 0, bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0, lastTradeTicks: 0, referenceTicks: 0 },
      depth: { levelCount: () => 0, levelTicks: () => 0, levelLots: () => 0 },
    }
  }

  get record(): RunRecord {
    return this.#recorder.record
  }

  /** Runs to the end of the data. The venue tells this driver what reaches us. */
  run(venue: Venue): RunRecord {
    this.#venue = venue
    this.#depth = new ReplayDepth(venue.book, this.#settings.lotSize)
    const market: MarketView = Object.assign(this.#market, { depth: this.#depth })
    this.#context = { market, position: this.#position, quote: this.#quote }
    while (venue.elapse(this.#stepsAhead() * this.#settings.stepNs)) this.#step()
    this.#recorder.sampleUpTo(venue.nowNs, venue.account)
    return this.record
  }

  onTrade(word: number, priceTicks: number, quantity: number, nowNs: number): void {
    this.#market.lastTradeTicks = priceTicks
    this.#market.referenceTicks = priceTicks
    const side = (word & RowFlag.SELL) !== 0 ? Side.SELL : Side.BUY
    this.#strategy.onTrade?.(priceTicks, Math.round(quantity / this.#settings.lotSize), side, nowNs)
  }

  onFill(order: ReplayOrder, fee: number, nowNs: number): void {
    const { tickSize, lotSize } = this.#settings
    const lots = Math.round(order.execQuantity / lotSize)
    this.#position.netLots = Math.round(this.#venue.account.position / lotSize)
    this.#position.version += 1
    this.#recorder.addFill({
      orderId: order.id,
      side: order.side,
      priceTicks: order.execTicks,
      price: order.execTicks * tickSize,
      quantity: order.execQuantity,
      isMaker: order.isMaker,
      cause: order.cause,
      sentNs: this.#sentNs.get(order.id) ?? order.sentNs,
      acceptedNs: order.isMaker ? order.acceptedNs : order.exchangeNs,
      exchangeNs: order.exchangeNs,
      seenNs: nowNs,
      queueAheadAtEntry: order.frontAtEntry,
      fee,
      position: this.#venue.account.position,
    })
    this.#strategy.onFill?.(order.side, order.execTicks, lots, nowNs)
  }

  /** Steps to take at once: those before anything can happen or is wanted. */
  #stepsAhead(): number {
    const { stepNs } = this.#settings
    const dueNs = Math.min(this.#venue.nextNs(), this.#askAgainNs)
    if (dueNs === NEVER) return 1
    return Math.max(1, Math.ceil((dueNs - this.#venue.nowNs) / stepNs))
  }

  #step(): void {
    const venue = this.#venue
    const { record } = this
    const { nowNs } = venue
    record.counts.steps += 1
    const isNews = venue.newsCount !== this.#newsSeen
    this.#recorder.accountTime(this.#market, this.#quote, this.#position.netLots, nowNs)
    if (isNews) {
      this.#newsSeen = venue.newsCount
      this.#countEnded()
      venue.forgetEnded()
      this.#lookAtMarket(nowNs)
      this.#strategy.onBook?.(this.#market)
    }
    this.#recorder.sampleUpTo(nowNs, venue.account)
    if (!isNews && nowNs < this.#askAgainNs) return
    this.#market.nowNs = nowNs
    this.#ask()
    this.#reconcile()
  }

  #lookAtMarket(nowNs: number): void {
    const { book } = this.#venue
    const market = this.#market
    this.#depth.reset()
    market.nowNs = nowNs
    market.bidTicks = book.bestBid === NO_BID ? 0 : book.bestBid
    market.askTicks = book.bestAsk === NO_ASK ? 0 : book.bestAsk
    market.bidLots = this.#depth.levelLots(Side.BUY, 0)
    market.askLots = this.#depth.levelLots(Side.SELL, 0)
    if (market.referenceTicks === 0 && book.isTwoSided) {
      market.referenceTicks = Math.round((market.bidTicks + market.askTicks) / 2)
    }
    this.#recorder.look(market, nowNs)
    const quote = this.#quote
    clearSides(quote)
    for (const order of this.#venue.orders.values()) {
      if (order.status !== OrderStatus.NEW && order.status !== OrderStatus.PARTLY_FILLED) continue
      const lots = Math.round(order.leaves / this.#settings.lotSize)
      if (order.side === Side.BUY && (quote.bidLots === 0 || order.priceTicks > quote.bidTicks)) {
        quote.bidTicks = order.priceTicks
        quote.bidLots = lots
      } else if (order.side === Side.SELL && (quote.askLots === 0 || order.priceTicks < quote.askTicks)) {
        quote.askTicks = order.priceTicks
        quote.askLots = lots
      }
    }
  }

  #ask(): void {
    const ladder = this.#ladder
    const strategy = this.#strategy
    this.record.counts.questions += 1
    ladder.clear()
    if (isLadderStrategy(strategy)) {
      strategy.proposeLadder(this.#context, ladder)
    } else {
      const proposal = this.#proposal
      clearSides(proposal)
      proposal.askAgainNs = 0
      strategy.propose(this.#context, proposal)
      ladder.askAgainNs = proposal.askAgainNs
      ladder.addBid(proposal.bidTicks, proposal.bidLots)
      ladder.addAsk(proposal.askTicks, proposal.askLots)
    }
    this.#askAgainNs = ladder.askAgainNs > 0 ? ladder.askAgainNs : NEVER
  }

  /** Brings our orders in line with the ladder. */
  #reconcile(): void {
    const ladder = this.#ladder
    const { lotSize } = this.#settings
    let workingBuyLots = 0
    let workingSellLots = 0
    for (const order of this.#venue.orders.values()) {
      const isBuy = order.side === Side.BUY
      const lots = Math.round(order.leaves / lotSize)
      const [ticks, wanted] = isBuy ? [ladder.bidTicks, ladder.bidLots] : [ladder.askTicks, ladder.askLots]
      const count = isBuy ? ladder.bidCount : ladder.askCount
      let level = 0
      while (level < count && ticks[level] !== order.priceTicks) level += 1
      const wantedLots = level < count ? wanted[level]! : 0
      // Taken: one order per price, also while it is on its way to be cancelled.
      if (level < count) wanted[level] = 0
      if (isBuy) workingBuyLots += lots
      else workingSellLots += lots
      const isLive = order.status === OrderStatus.NEW || order.status === OrderStatus.PARTLY_FILLED
      if (wantedLots >= lots || !isLive || order.pending !== Pending.NONE) continue
      // Less at the same price: it keeps its place.
      if (wantedLots > 0) {
        this.record.counts.reduced += 1
        this.#venue.modify(order.id, order.priceTicks, wantedLots * lotSize)
        continue
      }
      this.record.counts.cancelled += 1
      this.#venue.cancel(order.id)
    }
    for (let level = 0; level < ladder.bidCount; level++) {
      workingBuyLots += this.#send(Side.BUY, ladder.bidTicks[level]!, ladder.bidLots[level]!, workingBuyLots)
    }
    for (let level = 0; level < ladder.askCount; level++) {
      workingSellLots += this.#send(Side.SELL, ladder.askTicks[level]!, ladder.askLots[level]!, workingSellLots)
    }
  }

  /** Gives the lots that were sent. */
  #send(side: Side, priceTicks: number, wantedLots: number, workingLots: number): number {
    if (wantedLots === 0) return 0
    const { positionLimitLots, lotSize } = this.#settings
    const { counts } = this.record
    const held = side === Side.BUY ? this.#position.netLots : -this.#position.netLots
    const lots = Math.min(wantedLots, positionLimitLots - held - workingLots)
    if (lots < wantedLots) counts.limited += 1
    if (lots < 1) return 0
    const quantity = lots * lotSize
    this.#recorder.submitted(quantity, this.#venue.nowNs)
    const timeInForce = TimeInForce.GTC
    const id = this.#venue.submit({ side, priceTicks, quantity, timeInForce, isPostOnly: true })
    this.#sentNs.set(id, this.#venue.nowNs)
    return lots
  }

  #countEnded(): void {
    const { counts } = this.record
    for (const { id, status } of this.#venue.orders.values()) {
      if (status === OrderStatus.EXPIRED) counts.expired += 1
      if (status === OrderStatus.FILLED) counts.filledOrders += 1
      const isOver = status !== OrderStatus.NONE && status !== OrderStatus.NEW && status !== OrderStatus.PARTLY_FILLED
      if (isOver) this.#sentNs.delete(id)
    }
  }
}
