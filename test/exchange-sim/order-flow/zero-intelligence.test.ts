// The generator: its rates are the stated ones, and everything follows from its seed.

import { describe, expect, test } from 'vitest'
import { Prng } from '../../../base/prng.ts'
import { ClientOrderIds, type OrderSink } from '../../../exchange-sim/order-flow/order-sink.ts'
import {
  ZERO_INTELLIGENCE_DEFAULTS,
  ZeroIntelligenceFlow,
  type ZeroIntelligenceParameters,
} from '../../../exchange-sim/order-flow/zero-intelligence.ts'
import { OrderType, Side } from '../../../protocol/kinds.ts'
import { WrittenOrders } from '../../support/order-sink.ts'

const BID = 9_999
const ASK = 10_001
const HOUR_NS = 3600e9

/** Runs an hour of the model in front of a touch that stands still, and counts what it sends. */
function runHour(seed: number, parameters: ZeroIntelligenceParameters) {
  const limits = { [Side.BUY]: new Map<number, number>(), [Side.SELL]: new Map<number, number>() }
  const markets = { [Side.BUY]: 0, [Side.SELL]: 0 }
  const lots = { limit: 0, limitCount: 0, market: 0, marketCount: 0 }
  let cancelCount = 0
  let restingSeconds = 0
  const sink: OrderSink = {
    newOrder: (_symbolId, side, orderType, _timeInForce, priceTicks, quantityLots) => {
      if (orderType === OrderType.MARKET) {
        markets[side] += 1
        lots.market += quantityLots
        lots.marketCount += 1
        return
      }
      const distance = side === Side.BUY ? ASK - priceTicks : priceTicks - BID
      limits[side].set(distance, (limits[side].get(distance) ?? 0) + 1)
      lots.limit += quantityLots
      lots.limitCount += 1
    },
    cancelOrder: () => {
      cancelCount += 1
    },
    replaceOrder: () => {},
    massCancel: () => {},
  }
  const flow = new ZeroIntelligenceFlow(sink, new ClientOrderIds(), new Prng(seed), 0, 10_000, parameters)
  flow.observeTouch(BID, ASK, 10_000)
  while (flow.nextNs < HOUR_NS) {
    const beforeNs = flow.nextNs
    flow.step()
    restingSeconds += (flow.orderCount * (flow.nextNs - beforeNs)) / 1e9
  }
  return { limits, markets, lots, cancelCount, restingSeconds }
}

/** Four standard deviations of a Poisson count. */
function expectRate(count: number, expected: number): void {
  expect(Math.abs(count - expected), `${count} instead of ${expected}`).toBeLessThan(4 * Math.sqrt(expected))
}

describe('zero-intelligence flow', () => {
  test('limit orders at each distance, market orders and cancels come at the stated rates', () => {
    const parameters = { ...ZERO_INTELLIGENCE_DEFAULTS, cancelRates: [0.5] }
    const { limits, markets, lots, cancelCount, restingSeconds } = runHour(7, parameters)
    for (const side of [Side.BUY, Side.SELL] as const) {
      parameters.limitRates.forEach((rate, at) => expectRate(limits[side].get(at + 1) ?? 0, rate * 3600))
      expectRate(markets[side], parameters.marketRate * 3600)
    }
    expectRate(cancelCount, 0.5 * restingSeconds)
    expect(lots.limit / lots.limitCount).toBeCloseTo(parameters.limitLotsMean, 0)
    expect(lots.market / lots.marketCount).toBeCloseTo(parameters.marketLotsMean, 0)
  })

  test('cancel rates depend on the distance', () => {
    const parameters = { ...ZERO_INTELLIGENCE_DEFAULTS, limitRates: [1, 1], cancelRates: [0.9, 0.1] }
    const { cancelCount } = runHour(11, parameters)
    // Every order that comes is cancelled in the end, all but those that still rest.
    expectRate(cancelCount, 4 * 3600)
  })

  test('the same seed gives the same orders, another seed others', () => {
    const run = (seed: number) => {
      const sink = new WrittenOrders()
      const flow = new ZeroIntelligenceFlow(sink, new ClientOrderIds(), new Prng(seed), 0, 10_000)
      for (let i = 0; i < 500; i++) {
        if (i % 50 === 0) flow.observeTouch(BID - i, ASK - i, 10_000 - i)
        if (i % 7 === 0) flow.orderGone(i)
        flow.step()
      }
      return sink.lines
    }
    expect(run(3)).toEqual(run(3))
    expect(run(3)).not.toEqual(run(4))
  })

  test('without a touch it starts around the reference price, and sends no market orders', () => {
    const sink = new WrittenOrders()
    const flow = new ZeroIntelligenceFlow(sink, new ClientOrderIds(), new Prng(1), 0, 100)
    for (let i = 0; i < 200; i++) flow.step()
    expect(flow.counts.markets).toBe(0)
    const prices = sink.lines.flatMap((line) => {
      const match = /(BUY|SELL).*@ (\d+)/.exec(line)
      return match === null ? [] : [{ side: match[1], price: Number(match[2]) }]
    })
    expect(prices.every(({ side, price }) => (side === 'BUY' ? price <= 100 : price >= 100))).toBe(true)
  })

  test('it never believes in more orders than it may have, and prices stay above zero', () => {
    const parameters = { ...ZERO_INTELLIGENCE_DEFAULTS, cancelRates: [0], orderCountMax: 5 }
    const sink = new WrittenOrders()
    const flow = new ZeroIntelligenceFlow(sink, new ClientOrderIds(), new Prng(1), 0, 2, parameters)
    for (let i = 0; i < 300; i++) flow.step()
    expect(flow.orderCount).toBe(5)
    expect(sink.lines.every((line) => !/@ (0|-\d+)/.test(line))).toBe(true)
  })
})
