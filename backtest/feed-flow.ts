// Hands recorded events to the recorded flow of each symbol: the bridge between the feed format and the exchange.

import { ClientOrderIds, type OrderSink } from '../exchange-sim/order-flow/order-sink.ts'
import { RecordedFlow } from '../exchange-sim/order-flow/recorded-flow.ts'
import type { FeedBlock } from '../feeds/feed-block.ts'
import { FeedFlag, FeedKind } from '../feeds/feed-event.ts'
import { Side } from '../protocol/kinds.ts'

export class FeedFlow {
  /** By instrument of the feed; null for one that is not traded here. */
  readonly flows: readonly (RecordedFlow | null)[]
  /** Events that are no order flow: unmatched ones, statuses, gaps. */
  skippedCount = 0

  readonly #leavesOutQuotes: boolean
  #nowNs = Number.NEGATIVE_INFINITY

  /**
   * `symbolIds`: by instrument of the feed, -1 for one that is not traded here. `leavesOutQuotes`: without the quotes of
   * the record's market maker, in whose place ours are.
   */
  constructor(sink: OrderSink, symbolIds: readonly number[], leavesOutQuotes = false) {
    this.#leavesOutQuotes = leavesOutQuotes
    const ids = new ClientOrderIds()
    this.flows = symbolIds.map((symbolId) => (symbolId < 0 ? null : new RecordedFlow(sink, ids, symbolId)))
  }

  /** Sends what event `i` asks for: none, one or two orders. */
  apply(block: FeedBlock, i: number): void {
    const flow = this.flows[block.instrumentIndex[i]!]!
    const flags = block.flags[i]!
    const isSeen = (flags & FeedFlag.EXCHANGE) !== 0 && (flags & FeedFlag.UNMATCHED) === 0
    if (flow === null || !isSeen) {
      this.skippedCount += 1
      return
    }
    const side = (flags & FeedFlag.BUY) !== 0 ? Side.BUY : Side.SELL
    const orderId = block.orderId[i]!
    const priceTicks = block.priceTicks[i]!
    const quantityLots = block.quantityLots[i]!
    if (this.#leavesOutQuotes && this.#isOfQuote(flow, block, i)) return
    switch (block.kind[i]) {
      case FeedKind.ADD:
        flow.add(orderId, side, priceTicks, quantityLots)
        return
      case FeedKind.REDUCE:
        flow.reduce(orderId, quantityLots)
        return
      case FeedKind.DELETE:
        flow.delete(orderId)
        return
      case FeedKind.MODIFY:
        flow.modify(orderId, side, priceTicks, quantityLots)
        return
      case FeedKind.EXECUTE:
        flow.execute(orderId, priceTicks, quantityLots)
        return
      case FeedKind.FILL:
        flow.fill(orderId, priceTicks, quantityLots)
        return
      case FeedKind.TRADE:
        flow.hiddenTrade()
        return
      case FeedKind.CLEAR:
        flow.clear()
        return
      default:
        this.skippedCount += 1
    }
  }

  /** True: the event is of a quote, and done with. Quotes from before the record are orders like all others. */
  #isOfQuote(flow: RecordedFlow, block: FeedBlock, i: number): boolean {
    const nowNs = block.exchangeNs[i]!
    if (nowNs > this.#nowNs) flow.goOn()
    this.#nowNs = nowNs
    const flags = block.flags[i]!
    const orderId = block.orderId[i]!
    const isExecuted = block.kind[i] === FeedKind.EXECUTE
    if (isExecuted && (flags & FeedFlag.BY_QUOTE) !== 0) {
      flow.takenByQuote(orderId, block.quantityLots[i]!)
      return true
    }
    if ((flags & FeedFlag.QUOTE) === 0 || flow.has(orderId)) return false
    const side = (flags & FeedFlag.BUY) !== 0 ? Side.BUY : Side.SELL
    if (isExecuted) flow.takeQuote(side, block.priceTicks[i]!, block.quantityLots[i]!)
    else flow.counts.leftOutQuotes += 1
    return true
  }
}
