// Measured rates of orders: by hand on a few events, and on a feed that the generator itself made, whose rates are known.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Prng } from '../../base/prng.ts'
import { ClientOrderIds } from '../../exchange-sim/order-flow/order-sink.ts'
import { ZERO_INTELLIGENCE_DEFAULTS, ZeroIntelligenceFlow } from '../../exchange-sim/order-flow/zero-intelligence.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { openFeed } from '../../feeds/io/feed-file.ts'
import { importLobster } from '../../feeds/io/lobster-import.ts'
import { fitPowerLaw, OrderRates } from '../../feeds/order-rates.ts'
import { OrderType, Side } from '../../protocol/kinds.ts'
import { lobsterAmzn } from '../support/data.ts'
import { type PlainEvent, plainEvent } from '../support/feed.ts'

const { BUY, SELL } = FeedFlag
const S = 1e9

function measure(events: readonly PlainEvent[], distanceCount = 3): OrderRates {
  const rates = new OrderRates(distanceCount)
  for (const event of events) addTo(rates, event)
  return rates
}

const block = new FeedBlock(1)

function addTo(rates: OrderRates, event: PlainEvent): void {
  block.kind[0] = event.kind
  block.flags[0] = event.flags
  block.exchangeNs[0] = event.exchangeNs
  block.priceTicks[0] = event.priceTicks
  block.quantityLots[0] = event.quantityLots
  block.orderId[0] = event.orderId
  rates.add(block, 0)
}

function event(kind: FeedKind, seconds: number, flags: number, orderId: number, priceTicks: number, lots: number) {
  return plainEvent(kind, { exchangeNs: seconds * S, flags, orderId, priceTicks, quantityLots: lots })
}

const touch = [
  event(FeedKind.ADD, 0, BUY | FeedFlag.SNAPSHOT, 1, 99, 10),
  event(FeedKind.ADD, 0, SELL | FeedFlag.SNAPSHOT, 2, 101, 10),
]

describe('rates of orders', () => {
  test('limit orders by their distance from the opposite touch, and their sizes', () => {
    const { counts, ...rates } = measureAll([
      ...touch,
      event(FeedKind.ADD, 1, BUY, 3, 100, 4),
      event(FeedKind.ADD, 2, BUY, 4, 98, 6),
      event(FeedKind.ADD, 3, SELL, 5, 102, 8),
      event(FeedKind.ADD, 4, SELL, 6, 200, 99),
      event(FeedKind.STATUS, 10, 0, 0, 0, 3),
    ])
    expect(counts).toEqual({ limits: 3, markets: 0, cancels: 0 })
    // Buys at 101 - 100 = 1 and 101 - 98 = 3, a sell at 102 - 100 = 2; 10 s, two sides.
    expect(rates.limitRates).toEqual([1 / 20, 1 / 20, 1 / 20])
    expect(rates.limitLotsMean).toBe(6)
  })

  test('executions at one time are one market order, an auction is none', () => {
    const { counts, marketLotsMean } = measureAll([
      ...touch,
      event(FeedKind.EXECUTE, 1, SELL, 2, 101, 3),
      event(FeedKind.EXECUTE, 1, SELL, 2, 101, 2),
      event(FeedKind.EXECUTE, 2, SELL, 2, 101, 1),
      event(FeedKind.EXECUTE, 2, BUY, 1, 99, 2),
      event(FeedKind.EXECUTE, 3, BUY | FeedFlag.AUCTION, 1, 99, 2),
    ])
    expect(counts.markets).toBe(3)
    expect(marketLotsMean).toBeCloseTo(8 / 3)
  })

  test('cancels for each order that rests: whole, in part, and by a change of price', () => {
    const { counts, cancelRates, limitRates } = measureAll([
      ...touch,
      event(FeedKind.REDUCE, 1, BUY, 1, 99, 5),
      event(FeedKind.MODIFY, 2, SELL, 2, 102, 10),
      event(FeedKind.MODIFY, 3, SELL, 2, 102, 4),
      event(FeedKind.STATUS, 10, 0, 0, 0, 3),
    ])
    expect(counts.cancels).toBeCloseTo(0.5 + 1 + 0.6)
    expect(counts.limits).toBe(1)
    // At distance 2 both rest for two seconds (2 x 2 s), then at distance 3 for eight (2 x 8 s).
    expect(cancelRates[1]).toBeCloseTo(1.5 / 4)
    expect(cancelRates[2]).toBeCloseTo(0.6 / 16)
    expect(limitRates[2]).toBeCloseTo(1 / 20)
  })

  test('a fill whose effect the record tells on its own is no cancel', () => {
    const { counts } = measureAll([
      ...touch,
      event(FeedKind.FILL, 1, SELL, 2, 101, 4),
      event(FeedKind.REDUCE, 1, SELL, 2, 101, 4),
      event(FeedKind.DELETE, 2, SELL, 2, 101, 6),
    ])
    expect(counts).toEqual({ limits: 0, markets: 1, cancels: 1 })
  })

  test('time without both sides does not count', () => {
    const rates = measure([touch[0]!, event(FeedKind.ADD, 5, SELL, 2, 101, 1), event(FeedKind.STATUS, 8, 0, 0, 0, 3)])
    expect(rates.twoSidedNs).toBe(3 * S)
    expect(rates.counts.limits).toBe(0)
  })

  test('a power law is found again', () => {
    const { k, alpha } = fitPowerLaw(Array.from({ length: 20 }, (_, at) => 1.92 / (at + 1) ** 0.52))
    expect(k).toBeCloseTo(1.92, 10)
    expect(alpha).toBeCloseTo(0.52, 10)
  })
})

function measureAll(events: readonly PlainEvent[]) {
  const measured = measure(events)
  return { counts: measured.counts, ...measured.rates() }
}

test('the rates of a feed that the generator made are those that it was given', () => {
  const parameters = { ...ZERO_INTELLIGENCE_DEFAULTS, limitRates: [2, 1.5, 1], cancelRates: [0.6, 0.4, 0.2] }
  const measured = new OrderRates(3)
  const resting = new Map<number, { flags: number; priceTicks: number; lots: number }>()
  const at = (kind: FeedKind, orderId: number, order: { flags: number; priceTicks: number; lots: number }) =>
    addTo(measured, plainEvent(kind, { ...order, orderId, quantityLots: order.lots, exchangeNs: flow.nextNs }))
  const bestOf = (side: number) =>
    [...resting]
      .filter(([, { flags }]) => flags === side)
      .sort(([, a], [, b]) => (side === BUY ? b.priceTicks - a.priceTicks : a.priceTicks - b.priceTicks))
  // An exchange of its own: orders of the generator never cross, and a market order takes the best orders.
  const flow: ZeroIntelligenceFlow = new ZeroIntelligenceFlow(
    {
      newOrder: (_symbolId, side, orderType, _time, priceTicks, lots, clientOrderId) => {
        if (orderType === OrderType.LIMIT) {
          const order = { flags: side === Side.BUY ? BUY : SELL, priceTicks, lots }
          resting.set(clientOrderId, order)
          at(FeedKind.ADD, clientOrderId, order)
          return
        }
        let leavesLots = lots
        for (const [orderId, order] of bestOf(side === Side.BUY ? SELL : BUY)) {
          const filledLots = Math.min(leavesLots, order.lots)
          if (filledLots === 0) break
          at(FeedKind.EXECUTE, orderId, { ...order, lots: filledLots })
          order.lots -= filledLots
          leavesLots -= filledLots
          if (order.lots > 0) continue
          resting.delete(orderId)
          flow.orderGone(orderId)
        }
      },
      cancelOrder: (_symbolId, clientOrderId) => {
        at(FeedKind.DELETE, clientOrderId, resting.get(clientOrderId)!)
        resting.delete(clientOrderId)
      },
      replaceOrder: () => {},
      massCancel: () => {},
    },
    new ClientOrderIds(),
    new Prng(11),
    0,
    10_000,
    parameters,
  )
  while (flow.nextNs < 4_000 * S) {
    flow.observeTouch(bestOf(BUY)[0]?.[1].priceTicks ?? 0, bestOf(SELL)[0]?.[1].priceTicks ?? 0, 10_000)
    flow.step()
  }
  const rates = measured.rates()
  const near = (value: number, expected: number, share: number) => {
    expect(value).toBeGreaterThan(expected * (1 - share))
    expect(value).toBeLessThan(expected * (1 + share))
  }
  parameters.limitRates.forEach((rate, place) => near(rates.limitRates[place]!, rate, 0.06))
  parameters.cancelRates.forEach((rate, place) => near(rates.cancelRates[place]!, rate, 0.1))
  near(rates.marketRate, parameters.marketRate, 0.06)
  near(rates.limitLotsMean, parameters.limitLotsMean, 0.06)
})

describe.skipIf(!existsSync(lobsterAmzn.messages))('a recorded day', () => {
  test('AMZN 2012-06-21: all the day is measured, and cancels far outnumber trades', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'tandem-rates-'))
    const out = join(scratch, 'AMZN.feed')
    await importLobster({ ...lobsterAmzn, tickSize: '0.01', feedLatencyNs: 0, badRowCountMax: 0, out })
    const feed = openFeed(out)
    const measured = new OrderRates(40)
    const events = new FeedBlock()
    while (feed.reader.next(events)) for (let i = 0; i < events.count; i++) measured.add(events, i)
    feed.close()
    rmSync(scratch, { recursive: true })
    const rates = measured.rates()
    expect(measured.twoSidedNs / S).toBeGreaterThan(23_300)
    expect(measured.counts.limits).toBeGreaterThan(60_000)
    expect(measured.counts.cancels).toBeGreaterThan(8 * measured.counts.markets)
    expect(rates.marketRate).toBeGreaterThan(0.05)
    expect(rates.limitRates.every((rate) => rate >= 0)).toBe(true)
  })
})
