// What a feed holds, gathered block by block with bounded memory: the figures of `tandem feed info`.

import { Side } from '../protocol/kinds.ts'
import { type DepthBook, isCrossed } from './depth-book.ts'
import type { FeedBlock } from './feed-block.ts'
import { FEED_KIND_MAX, FeedFlag, FeedKind } from './feed-event.ts'
import type { FeedHeader } from './feed-header.ts'
import { L2Book } from './l2-book.ts'
import { L3Book } from './l3-book.ts'
import { TimeSeries } from './time-series.ts'

/** A book that suits the feed: by order or by level. */
export function bookFor(header: FeedHeader): DepthBook {
  return header.detail === 'L3' ? new L3Book() : new L2Book()
}

/** Spreads up to this many ticks are told apart. */
const SPREAD_TICKS_MAX = 4_096

export class InstrumentStatistics {
  eventCount = 0
  tradeCount = 0
  tradedLots = 0
  lowestTradeTicks = Infinity
  highestTradeTicks = -Infinity
  levelCountMax = 0
  /** Time in nanoseconds with both sides present. */
  quotedNs = 0
  bidLotsNs = 0
  askLotsNs = 0
  spreadTicksNs = 0
  /** Time by spread in ticks; the last place gathers all wider ones. */
  readonly timeBySpreadNs = new Float64Array(SPREAD_TICKS_MAX + 1)
  crossedCount = 0
  /** Mid prices, in ticks. */
  readonly mids = new TimeSeries()
  readonly book: DepthBook
  #sinceNs = 0
  #spreadTicks = -1
  #bidLots = 0
  #askLots = 0

  constructor(book: DepthBook) {
    this.book = book
  }

  /** Called when the book is whole: books the time that the last state stood, and takes the new one. */
  settle(timeNs: number): void {
    this.#bookTime(timeNs)
    const bid = this.book.levelAt(Side.BUY, 0)
    const ask = this.book.levelAt(Side.SELL, 0)
    this.#sinceNs = timeNs
    this.#spreadTicks = -1
    const levelCount = this.book.levelCount(Side.BUY) + this.book.levelCount(Side.SELL)
    if (levelCount > this.levelCountMax) this.levelCountMax = levelCount
    if (bid === undefined || ask === undefined) return
    if (isCrossed(this.book)) {
      this.crossedCount += 1
      return
    }
    this.#spreadTicks = ask.priceTicks - bid.priceTicks
    this.#bidLots = bid.quantityLots
    this.#askLots = ask.quantityLots
    this.mids.add(timeNs, (bid.priceTicks + ask.priceTicks) / 2)
  }

  /** The spread in ticks that was not passed in this share of the time. */
  spreadTicksAt(share: number): number {
    let left = share * this.quotedNs
    for (let spreadTicks = 0; spreadTicks < this.timeBySpreadNs.length; spreadTicks++) {
      left -= this.timeBySpreadNs[spreadTicks]!
      if (left <= 0) return spreadTicks
    }
    return SPREAD_TICKS_MAX
  }

  #bookTime(timeNs: number): void {
    const durationNs = timeNs - this.#sinceNs
    if (this.#spreadTicks < 0 || durationNs <= 0) return
    const place = Math.min(this.#spreadTicks, SPREAD_TICKS_MAX)
    this.timeBySpreadNs[place] = this.timeBySpreadNs[place]! + durationNs
    this.quotedNs += durationNs
    this.spreadTicksNs += this.#spreadTicks * durationNs
    this.bidLotsNs += this.#bidLots * durationNs
    this.askLotsNs += this.#askLots * durationNs
  }
}

/** Each event counts once, as the exchange saw it; that it may be stored once more, as we saw it, is counted apart. */
export class FeedStatistics {
  /** Events as they are stored. */
  eventCount = 0
  /** Events that are in the feed already, and stored once more for the local side. */
  storedAgainCount = 0
  messageCount = 0
  syntheticCount = 0
  unmatchedCount = 0
  /** Events by kind. */
  readonly kindCounts = new Float64Array(FEED_KIND_MAX + 1)
  earliestNs = Infinity
  latestNs = -Infinity
  latencyMinNs = Infinity
  latencyMaxNs = -Infinity
  latencySumNs = 0
  /** By instrument index. */
  readonly instruments: readonly InstrumentStatistics[]

  constructor(header: FeedHeader) {
    this.instruments = header.instruments.map(() => new InstrumentStatistics(bookFor(header)))
  }

  add(block: FeedBlock): void {
    for (let i = 0; i < block.count; i++) {
      const timeNs = block.exchangeNs[i]!
      if (timeNs < this.earliestNs) this.earliestNs = timeNs
      if (timeNs > this.latestNs) this.latestNs = timeNs
      if ((block.flags[i]! & FeedFlag.EXCHANGE) === 0) this.storedAgainCount += 1
      else this.#addEvent(block, i)
    }
    this.eventCount += block.count
  }

  #addEvent(block: FeedBlock, i: number): void {
    const flags = block.flags[i]!
    const kind = block.kind[i]!
    const timeNs = block.exchangeNs[i]!
    this.kindCounts[kind] = this.kindCounts[kind]! + 1
    if ((flags & FeedFlag.SYNTHETIC) !== 0) this.syntheticCount += 1
    if ((flags & FeedFlag.UNMATCHED) !== 0) this.unmatchedCount += 1
    this.#addLatency(block.localNs[i]! - timeNs)
    const instrument = this.instruments[block.instrumentIndex[i]!]!
    instrument.eventCount += 1
    if (kind === FeedKind.EXECUTE || kind === FeedKind.TRADE) addTrade(instrument, block, i)
    instrument.book.apply(kind, flags, block.orderId[i]!, block.priceTicks[i]!, block.quantityLots[i]!)
    if ((flags & FeedFlag.LAST) === 0) return
    this.messageCount += 1
    instrument.settle(timeNs)
  }

  #addLatency(latencyNs: number): void {
    this.latencySumNs += latencyNs
    if (latencyNs < this.latencyMinNs) this.latencyMinNs = latencyNs
    if (latencyNs > this.latencyMaxNs) this.latencyMaxNs = latencyNs
  }
}

function addTrade(instrument: InstrumentStatistics, block: FeedBlock, i: number): void {
  const priceTicks = block.priceTicks[i]!
  instrument.tradeCount += 1
  instrument.tradedLots += block.quantityLots[i]!
  if (priceTicks < instrument.lowestTradeTicks) instrument.lowestTradeTicks = priceTicks
  if (priceTicks > instrument.highestTradeTicks) instrument.highestTradeTicks = priceTicks
}
