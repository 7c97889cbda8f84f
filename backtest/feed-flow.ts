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

  /** `symbolIds`: by instrument of the feed, -1 for one that is not traded here. */
  constructor(sink: OrderSink, symbolIds: readonly number[]) {
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
}
