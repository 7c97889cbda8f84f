// Runs a strategy as the live node runs it: the node's own quoter asks it and sends its answer as one two-sided quote,
// which the real exchange takes in among the recorded orders, and hears of the market in the engine's own frames.
//
//   record ──► exchange ──► market data, answers ──(latency)──► quoter ──► strategy
//                  ▲                                               │
//                  └────────────── quote ◄──(entry latency)────────┘
//
// Nothing happens in steps: the quoter decides when news come and when it said that it wants to. What it may quote is what
// the desk would grant for one symbol: position and open quantity within the limit, computed from the present position.
// At the same time the record comes first, then our quote, then the news. A recorded simulation so gives the fills that
// it had when it was live; a market maker's quotes that the record tells apart are left out.

import { assert } from '../../base/assert.ts'
import { MarketData } from '../../exchange-sim/market-data/market-data.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedFlag } from '../../feeds/feed-event.ts'
import type { Quote } from '../../protocol/command-writer.ts'
import { EventField } from '../../protocol/event.ts'
import { FrameReader } from '../../protocol/frame-reader.ts'
import { EventFlag, EventKind, FrameKind, Reason, Side } from '../../protocol/kinds.ts'
import type { MarketDataChannel } from '../../protocol/subjects.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import { MirrorDepth } from '../../strategies/mirror-depth.ts'
import { QuoteState } from '../../strategies/quote-state.ts'
import type { MarketView, Strategy } from '../../strategies/strategy.ts'
import { QUOTER_SETTINGS_DEFAULT, readFrame, SymbolQuoter } from '../../strategies/symbol-quoter.ts'
import { FeedFlow } from '../feed-flow.ts'
import type { BlockSource } from '../feed-rows.ts'
import { Account, type Contract, type FeeModel } from '../replay/account.ts'
import type { LatencyModel } from '../replay/latency-model.ts'
import { FillCause } from '../replay/replay-order.ts'
import type { RunRecorder } from '../run/run-recorder.ts'
import { ExchangeDoor, FLOW_CLIENT_ID, OWN_CLIENT_ID } from './exchange-door.ts'
import type { ExchangeVenueCounts } from './exchange-venue.ts'
import { NewsQueue } from './news-queue.ts'

export type QuoteRunSettings = {
  readonly instrument: Instrument
  readonly instrumentIndex: number
  readonly latency: LatencyModel
  readonly fees: FeeModel
  readonly contract: Contract
  /** Largest position, and largest open quantity of a side. */
  readonly exposureLots: number
}

/** One side of the quote that stands, for the ledger. */
type SideFacts = { sentNs: number; acceptedNs: number; queueAhead: number; ticks: number; lots: number }

const SYMBOL_ID = 0
const EPOCH = 1
const NEVER = Number.POSITIVE_INFINITY
/** Pause before the next look when one is due already: the live node's timer is no finer. */
const POLL_NS = 1_000_000
const { KIND, SIDE, REASON, FLAGS, PRICE_TICKS, QUANTITY_LOTS, LEAVES_LOTS, LENGTH } = EventField
const { CLIENT_ID, CONTRA_CLIENT_ID } = EventField

export class QuoteRun {
  readonly account: Account
  readonly counts: ExchangeVenueCounts = {
    ...{ events: 0, skipped: 0, commands: 0, refused: 0, unmatchedLots: 0, bounded: 0 },
  }
  readonly #settings: QuoteRunSettings
  readonly #recorder: RunRecorder
  readonly #strategy: Strategy
  readonly #quoter: SymbolQuoter
  readonly #depth: MirrorDepth
  readonly #market: MarketView
  readonly #door: ExchangeDoor
  readonly #marketData: MarketData
  readonly #flow: FeedFlow
  readonly #source: BlockSource
  readonly #block = new FeedBlock()
  readonly #frames = new NewsQueue()
  readonly #answers = new NewsQueue()
  readonly #requests = new NewsQueue()
  readonly #reader = new FrameReader()
  readonly #lotSize: number
  readonly #tickSize: number
  #at = 0
  #hasEnded = false
  #recordSeq = 0
  #feedLatencyNs = 0
  /** At the exchange. */
  #netLots = 0
  #positionVersion = 0
  #lastQuoteId = 0
  #pollNs = NEVER
  readonly #sides: Readonly<Record<Side, SideFacts>> = { [Side.BUY]: noSide(), [Side.SELL]: noSide() }

  constructor(source: BlockSource, strategy: Strategy, settings: QuoteRunSettings, recorder: RunRecorder) {
    const { instrument, instrumentIndex } = settings
    this.#source = source
    this.#strategy = strategy
    this.#settings = settings
    this.#recorder = recorder
    this.#tickSize = Number(instrument.tickSize)
    this.#lotSize = Number(instrument.lotSize)
    this.account = new Account(settings.fees, settings.contract)
    this.#door = new ExchangeDoor(instrument)
    this.#door.onApplied = () => this.#onApplied()
    this.#marketData = new MarketData(this.#door.config, this.#door.exchange)
    const symbolIds = source.header.instruments.map((_, index) => (index === instrumentIndex ? SYMBOL_ID : -1))
    this.#flow = new FeedFlow(this.#door, symbolIds, true)
    const { symbol, openingPriceTicks } = instrument
    this.#quoter = new SymbolQuoter(symbol, SYMBOL_ID, openingPriceTicks, strategy, QUOTER_SETTINGS_DEFAULT)
    this.#depth = new MirrorDepth(this.#quoter.mirror, this.#quoter.active)
    this.#market = {
      ...{ nowNs: 0, bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0, lastTradeTicks: 0, referenceTicks: 0 },
      depth: this.#depth,
    }
    this.#load()
  }

  get flowCounts() {
    return this.#flow.flows[this.#settings.instrumentIndex]!.counts
  }

  /** Runs to the end of the record, and until everything under way has come. */
  run(): void {
    this.#begin()
    let nowNs = 0
    for (;;) {
      const dueNs = Math.min(this.#nextEventNs(), this.#requests.firstNs, this.#frames.firstNs, this.#answers.firstNs)
      if (dueNs === NEVER) break
      nowNs = Math.min(dueNs, this.#pollNs, this.#door.exchange.nextDeadlineNs())
      this.#advanceExchange(nowNs)
      const isNews = Math.min(this.#frames.firstNs, this.#answers.firstNs) <= nowNs
      if (isNews || nowNs >= this.#pollNs) this.#look(nowNs, isNews)
    }
    this.#recorder.sampleUpTo(nowNs, this.account)
    this.counts.skipped = this.#flow.skippedCount
    this.counts.commands = this.#door.commandCount
    this.counts.bounded = this.#door.boundedCount
  }

  /** The book as it is when the record begins, empty, reaches us with the first news. */
  #begin(): void {
    const firstNs = this.#nextEventNs()
    if (firstNs === NEVER) return
    const frame = this.#marketData.snapshotFrame(SYMBOL_ID, 'l2', EPOCH)
    this.#frames.push(this.#localNsOfNext(), (nowNs) => {
      this.#quoter.mirror.onSnapshot(frame)
      this.#quoter.setPosition(0, 0, nowNs)
    })
  }

  #load(): void {
    this.#at = 0
    if (!this.#hasEnded && !this.#source.next(this.#block)) this.#hasEnded = true
    if (this.#hasEnded) this.#block.count = 0
  }

  #nextEventNs(): number {
    return this.#at < this.#block.count ? this.#block.exchangeNs[this.#at]! : NEVER
  }

  #localNsOfNext(): number {
    return Math.max(this.#block.localNs[this.#at]!, this.#block.exchangeNs[this.#at]!)
  }

  #advanceExchange(nowNs: number): void {
    const door = this.#door
    if (door.exchange.nextDeadlineNs() <= nowNs) {
      door.advance(nowNs)
      this.#flush()
    }
    while (this.#nextEventNs() <= nowNs) this.#runEvent()
    door.nowNs = nowNs
    this.#requests.advance(nowNs)
  }

  #runEvent(): void {
    const block = this.#block
    const at = this.#at
    if (block.instrumentIndex[at] === this.#settings.instrumentIndex) {
      this.counts.events += 1
      const door = this.#door
      door.nowNs = block.exchangeNs[at]!
      this.#feedLatencyNs = Math.max(0, block.localNs[at]! - block.exchangeNs[at]!)
      door.speakAs(FLOW_CLIENT_ID)
      this.#flow.apply(block, at)
      // The events of one message of the source reach us together.
      if ((block.flags[at]! & FeedFlag.LAST) !== 0) this.#flush()
    }
    this.#at += 1
    if (this.#at === block.count) this.#load()
  }

  /** What was applied since the last time goes out. */
  #flush(): void {
    const timeNs = this.#door.nowNs + this.#feedLatencyNs
    this.#marketData.flush(EPOCH, (_symbolId, channel, frame) => {
      if (channel === 'l3' || channel === 'state') return
      const copy = frame.slice()
      this.#frames.push(timeNs, (nowNs) => this.#takeFrame(channel, copy, nowNs))
    })
  }

  #takeFrame(channel: MarketDataChannel, frame: Uint8Array, nowNs: number): void {
    const quoter = this.#quoter
    const reader = this.#reader
    if (channel === 'l2') {
      const isApplied = quoter.mirror.onIncrement(frame)
      assert(isApplied, 'no frame is lost here')
      quoter.onBook(nowNs)
      return
    }
    const kind = channel === 'l1' ? FrameKind.L1 : FrameKind.TRADES
    const isRight = readFrame(reader, frame, kind, SYMBOL_ID)
    assert(isRight, 'the exchange publishes right frames')
    if (channel === 'l1') quoter.onL1(reader, nowNs)
    else quoter.onTrades(reader, nowNs)
  }

  /** News have come, or the quoter wanted to be asked. */
  #look(nowNs: number, isNews: boolean): void {
    const quoter = this.#quoter
    this.#recorder.accountTime(this.#market, quoter.active, quoter.position.netLots, nowNs)
    if (isNews) {
      this.#frames.advance(nowNs)
      this.#answers.advance(nowNs)
      this.#readMarket(nowNs)
      this.#recorder.look(this.#market, nowNs)
    }
    this.#recorder.sampleUpTo(nowNs, this.account)
    const { counts } = this.#recorder.record
    counts.steps += 1
    if (quoter.decide(nowNs, nowNs) !== null) this.#send(nowNs)
    const dueNs = quoter.nextDueNs(nowNs)
    this.#pollNs = dueNs > nowNs ? dueNs : nowNs + POLL_NS
  }

  #readMarket(nowNs: number): void {
    const market = this.#market
    market.nowNs = nowNs
    market.bidTicks = this.#depth.levelTicks(Side.BUY, 0)
    market.bidLots = this.#depth.levelLots(Side.BUY, 0)
    market.askTicks = this.#depth.levelTicks(Side.SELL, 0)
    market.askLots = this.#depth.levelLots(Side.SELL, 0)
  }

  #send(nowNs: number): void {
    const quoter = this.#quoter
    quoter.onSent(nowNs)
    this.#lastQuoteId += 1
    const quote: Quote = {
      ...quoter.sent,
      ...{ symbolId: SYMBOL_ID, quoteId: this.#lastQuoteId, fencingToken: 0, ttlNs: 0 },
      positionVersion: quoter.sentVersion,
    }
    const { counts } = this.#recorder.record
    counts.questions += 1
    this.#recorder.submitted((quote.bidLots + quote.askLots) * this.#lotSize, nowNs)
    const entryNs = this.#settings.latency.entryNs(nowNs)
    if (entryNs < 0) {
      counts.expired += 1
      this.#answers.push(nowNs - entryNs, (answerNs) => quoter.onRefused(answerNs))
      return
    }
    this.#requests.push(nowNs + entryNs, (arrivalNs) => this.#enter(quote, nowNs, arrivalNs))
  }

  /** The quote has come to the exchange, and gets what the desk would grant it. */
  #enter(quote: Quote, sentNs: number, nowNs: number): void {
    const { exposureLots } = this.#settings
    const bidLots = Math.min(quote.bidLots, Math.max(0, Math.min(exposureLots, exposureLots - this.#netLots)))
    const askLots = Math.min(quote.askLots, Math.max(0, Math.min(exposureLots, exposureLots + this.#netLots)))
    const isStale = quote.positionVersion !== this.#positionVersion
    if (isStale || (bidLots === 0 && askLots === 0)) {
      this.#recorder.record.counts.limited += isStale ? 0 : 1
      this.#answer((answerNs) => this.#quoter.onRefused(answerNs))
      return
    }
    this.#note(Side.BUY, quote.bidTicks, bidLots, sentNs, nowNs)
    this.#note(Side.SELL, quote.askTicks, askLots, sentNs, nowNs)
    this.#door.speakAs(OWN_CLIENT_ID)
    this.#door.quote(quote, bidLots, askLots)
    this.#flush()
  }

  /** A side at the same price for no more keeps its place, and what was noted of it. */
  #note(side: Side, ticks: number, lots: number, sentNs: number, acceptedNs: number): void {
    const { exchange } = this.#door
    const facts = this.#sides[side]
    const openLots = exchange.quoteLots(SYMBOL_ID, side)
    const isKept = openLots > 0 && facts.ticks === ticks && lots <= openLots
    facts.lots = lots
    if (isKept) return
    const ownLots = openLots > 0 && facts.ticks === ticks ? openLots : 0
    facts.queueAhead = (exchange.levelLots(SYMBOL_ID, side, ticks) - ownLots) * this.#lotSize
    facts.sentNs = sentNs
    facts.acceptedNs = acceptedNs
    facts.ticks = ticks
  }

  #answer(tell: (nowNs: number) => void): void {
    const { nowNs } = this.#door
    this.#answers.push(nowNs + this.#settings.latency.responseNs(nowNs), tell)
  }

  /** What the last command did: to the market, to our quote, and to our position. */
  #onApplied(): void {
    const { events, nowNs } = this.#door
    this.#recordSeq += 1
    this.#marketData.collect(events, 0, events.count, this.#recordSeq, nowNs)
    for (let index = 0; index < events.count; index++) {
      const at = index * LENGTH
      const flags = events.bytes[at + FLAGS]!
      const lots = events.int32[(at + QUANTITY_LOTS) >> 2]!
      const isOwn = events.int32[(at + CLIENT_ID) >> 2] === OWN_CLIENT_ID
      switch (events.bytes[at + KIND]) {
        case EventKind.QUOTE_ACCEPTED:
          this.#onAccepted(lots, events.int32[(at + LEAVES_LOTS) >> 2]!, events.bytes[at + REASON] === Reason.REDUCED)
          break
        case EventKind.QUOTE_REFUSED:
          this.#answer((answerNs) => this.#quoter.onRefused(answerNs))
          break
        case EventKind.QUOTE_EXPIRED:
          this.#answer((answerNs) => this.#quoter.onEnded(answerNs))
          break
        case EventKind.TRADE: {
          const isTaker = events.int32[(at + CONTRA_CLIENT_ID) >> 2] === OWN_CLIENT_ID
          if (isOwn || isTaker) this.#onFill(at, isOwn, lots)
          break
        }
        case EventKind.ORDER_CANCELLED:
        case EventKind.ORDER_EXPIRED:
          if (!isOwn && (flags & EventFlag.RESTING) === 0) this.counts.unmatchedLots += lots
          break
        case EventKind.ORDER_REJECTED:
        case EventKind.CANCEL_REJECTED:
        case EventKind.REPLACE_REJECTED:
          this.counts.refused += 1
          break
        default:
      }
    }
  }

  #onAccepted(bidLots: number, askLots: number, isReduced: boolean): void {
    const quoter = this.#quoter
    if (isReduced) this.#recorder.record.counts.limited += 1
    this.#answer((answerNs) => {
      if (quoter.state === QuoteState.PENDING) quoter.onAccepted(bidLots, askLots, isReduced, answerNs)
    })
  }

  #onFill(at: number, isMaker: boolean, lots: number): void {
    const { events, nowNs: exchangeNs } = this.#door
    const makerSide = events.bytes[at + SIDE]! as Side
    const side = isMaker ? makerSide : makerSide === Side.BUY ? Side.SELL : Side.BUY
    const ticks = events.int32[(at + PRICE_TICKS) >> 2]!
    this.#netLots += side === Side.BUY ? lots : -lots
    this.#positionVersion += 1
    const [netLots, version] = [this.#netLots, this.#positionVersion]
    const { sentNs, acceptedNs, queueAhead } = this.#sides[side]
    const orderId = this.#door.exchange.quoteId(SYMBOL_ID) || this.#lastQuoteId
    this.#answer((nowNs) => {
      const quoter = this.#quoter
      const price = ticks * this.#tickSize
      const quantity = lots * this.#lotSize
      const fee = this.account.book(side, price, quantity, isMaker)
      quoter.onFilled(side, lots)
      this.#recorder.addFill({
        ...{ orderId, side, priceTicks: ticks, price, quantity, isMaker, sentNs, acceptedNs, exchangeNs, fee },
        ...{ seenNs: nowNs, queueAheadAtEntry: isMaker ? queueAhead : 0, position: this.account.position },
        cause: isMaker ? FillCause.QUEUE : FillCause.TAKER,
      })
      this.#recorder.record.counts.filledOrders += 1
      this.#strategy.onFill?.(side, ticks, lots, nowNs)
      quoter.setPosition(netLots, version, nowNs)
    })
  }
}

function noSide(): SideFacts {
  return { sentNs: 0, acceptedNs: 0, queueAhead: 0, ticks: 0, lots: 0 }
}
