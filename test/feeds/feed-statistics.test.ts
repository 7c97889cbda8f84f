// What `tandem feed info` and `verify` say of a feed: an event that is stored twice, once for each side, counts once.

import { expect, test } from 'vitest'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedCheck } from '../../feeds/feed-check.ts'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { FeedStatistics } from '../../feeds/feed-statistics.ts'
import { openBytes, plainEvent, plainHeader, writeFeed } from '../support/feed.ts'

test('trades, messages, times and latencies are those of the source, in whatever order they reached us', () => {
  const { ADD, EXECUTE, TRADE } = FeedKind
  const [bid, ask] = [FeedFlag.BUY | FeedFlag.LAST, FeedFlag.SELL | FeedFlag.LAST]
  const later = plainEvent(TRADE, { exchangeNs: 30, localNs: 90, priceTicks: 101, quantityLots: 7, flags: ask })
  const events = [
    plainEvent(ADD, { exchangeNs: 0, localNs: 10, orderId: 1, priceTicks: 100, quantityLots: 5, flags: bid }),
    plainEvent(ADD, { exchangeNs: 10, localNs: 20, orderId: 2, priceTicks: 102, quantityLots: 5, flags: ask }),
    { ...later, flags: later.flags & ~FeedFlag.LOCAL },
    plainEvent(EXECUTE, { exchangeNs: 50, localNs: 60, orderId: 1, priceTicks: 100, quantityLots: 2, flags: bid }),
    { ...later, flags: later.flags & ~FeedFlag.EXCHANGE },
    plainEvent(ADD, { exchangeNs: 110, localNs: 120, orderId: 3, priceTicks: 101, quantityLots: 1, flags: bid }),
  ]
  const reader = openBytes(writeFeed(events))
  const statistics = new FeedStatistics(plainHeader)
  for (const block = new FeedBlock(); reader.next(block); ) statistics.add(block)
  expect(statistics).toMatchObject({ eventCount: 6, storedAgainCount: 1, messageCount: 5, latencyMaxNs: 60 })
  expect([...statistics.kindCounts]).toMatchObject({ [ADD]: 3, [EXECUTE]: 1, [TRADE]: 1 })
  // The time from 50 to 110 is booked once, though the trade of time 30 is stored behind it.
  expect(statistics.instruments[0]).toMatchObject({ eventCount: 5, tradeCount: 2, tradedLots: 9, quotedNs: 100 })
})

test('a gap and a synthetic event are found once, though each side has its own', () => {
  const { EXCHANGE, LOCAL, SYNTHETIC, BUY, LAST } = FeedFlag
  const gap = { ...plainEvent(FeedKind.GAP, { exchangeNs: 20, localNs: 70 }), flags: EXCHANGE }
  const added = plainEvent(FeedKind.ADD, { exchangeNs: 20, localNs: 80, orderId: 1, priceTicks: 100, quantityLots: 5 })
  const flags = SYNTHETIC | BUY | LAST
  const events = [
    gap,
    { ...added, flags: flags | EXCHANGE },
    plainEvent(FeedKind.TRADE, { exchangeNs: 60, localNs: 60, priceTicks: 100, quantityLots: 1, flags: BUY | LAST }),
    { ...gap, flags: LOCAL },
    { ...added, flags: flags | LOCAL },
  ]
  const reader = openBytes(writeFeed(events))
  const check = new FeedCheck(plainHeader)
  for (const block = new FeedBlock(); reader.next(block); ) for (let i = 0; i < block.count; i++) check.apply(block, i)
  expect(check).toMatchObject({
    eventCount: 5,
    messageCount: 2,
    syntheticCount: 1,
    gaps: { count: 1, first: 'event 1' },
  })
  expect(check.timeOrder.count).toBe(0)
})
