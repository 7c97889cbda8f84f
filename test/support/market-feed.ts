// A generated market as a feed file, for tests of backtests: orders that come, go and trade around a price that wanders.

import { Prng } from '../../base/prng.ts'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import type { FeedDetail } from '../../feeds/feed-header.ts'
import { FeedFileWriter } from '../../feeds/io/feed-file.ts'

const FEED_LATENCY_NS = 2_000_000

type Order = { readonly orderId: number; readonly isBuy: boolean; readonly ticks: number; lots: number }

/** By order, or (L2) the same market as levels and trades. */
export function writeMarketFeed(path: string, detail: FeedDetail, eventCount: number, seed = 1): void {
  const writer = new FeedFileWriter(path, {
    ...{ source: 'test', detail, timeBaseUnixS: 1_340_236_800, metadata: {} },
    instruments: [{ symbol: 'GEN', tickSize: '0.01', lotSize: '1' }],
  })
  const prng = new Prng(seed)
  const live: Order[] = []
  const levels = new Map<string, number>()
  let midTicks = 10_000
  let timeNs = 0
  const push = (kind: FeedKind, isBuy: boolean, ticks: number, lots: number, orderId: number) => {
    const flags = FeedFlag.EXCHANGE | FeedFlag.LOCAL | FeedFlag.LAST | (isBuy ? FeedFlag.BUY : FeedFlag.SELL)
    writer.encoder.push(kind, flags, 0, timeNs, timeNs + FEED_LATENCY_NS, ticks, lots, orderId)
  }
  const change = (isBuy: boolean, ticks: number, by: number) => {
    const key = `${isBuy} ${ticks}`
    const shown = (levels.get(key) ?? 0) + by
    levels.set(key, shown)
    push(FeedKind.LEVEL, isBuy, ticks, shown, 0)
  }
  const best = (isBuy: boolean) =>
    live
      .filter((order) => order.isBuy === isBuy)
      .reduce<Order | null>((found, order) => {
        if (found === null) return order
        const isBetter = isBuy ? order.ticks > found.ticks : order.ticks < found.ticks
        return isBetter ? order : found
      }, null)
  for (let orderId = 1; writer.encoder.eventCount < eventCount; ) {
    timeNs += Math.ceil(prng.nextExponential(20_000_000))
    if (prng.nextChance(0.05)) midTicks += prng.nextBetween(-2, 2)
    if (live.length < 60 || (live.length < 200 && prng.nextChance(0.5))) {
      const isBuy = prng.nextChance(0.5)
      const ticks = midTicks + (isBuy ? -1 : 1) * (1 + Math.floor(prng.nextExponential(5)))
      const opposite = best(!isBuy)
      if (opposite !== null && (isBuy ? ticks >= opposite.ticks : ticks <= opposite.ticks)) continue
      const order = { orderId, isBuy, ticks, lots: prng.nextBetween(1, 10) }
      live.push(order)
      orderId += 1
      if (detail === 'L3') push(FeedKind.ADD, isBuy, ticks, order.lots, order.orderId)
      else change(isBuy, ticks, order.lots)
      continue
    }
    if (prng.nextChance(0.6)) {
      const order = live.splice(prng.nextBelow(live.length), 1)[0]!
      if (detail === 'L3') push(FeedKind.DELETE, order.isBuy, order.ticks, order.lots, order.orderId)
      else change(order.isBuy, order.ticks, -order.lots)
      continue
    }
    const order = best(prng.nextChance(0.5))
    if (order === null) continue
    const lots = prng.nextBetween(1, order.lots)
    if (detail === 'L3') {
      push(FeedKind.EXECUTE, order.isBuy, order.ticks, lots, order.orderId)
    } else {
      push(FeedKind.TRADE, !order.isBuy, order.ticks, lots, 0)
      change(order.isBuy, order.ticks, -lots)
    }
    order.lots -= lots
    if (order.lots === 0) live.splice(live.indexOf(order), 1)
  }
  writer.finish()
}
