// The self-exciting generator: as many orders as its parameters say, and in clusters.

import { describe, expect, test } from 'vitest'
import { Prng } from '../../../base/prng.ts'
import { HAWKES_DEFAULTS, HawkesFlow, type HawkesParameters } from '../../../exchange-sim/order-flow/hawkes.ts'
import { ClientOrderIds, type OrderSink } from '../../../exchange-sim/order-flow/order-sink.ts'
import { ZERO_INTELLIGENCE_DEFAULTS } from '../../../exchange-sim/order-flow/zero-intelligence.ts'
import { OrderType, Side } from '../../../protocol/kinds.ts'
import { WrittenOrders } from '../../support/order-sink.ts'

const SECONDS = 20_000
const steady: HawkesParameters = { ...HAWKES_DEFAULTS, burstFactor: 1, quietExcitation: 0 }
const base = { ...ZERO_INTELLIGENCE_DEFAULTS, limitRates: [0.1], cancelRates: [0.1], marketRate: 1 }

/** Market orders of both sides, second by second, and how long the market was in a burst. */
function run(seed: number, parameters: HawkesParameters) {
  const buys = new Float64Array(SECONDS)
  const sells = new Float64Array(SECONDS)
  let quietCount = 0
  let second = 0
  const sink: OrderSink = {
    newOrder: (_symbolId, side, orderType) => {
      if (orderType !== OrderType.MARKET) quietCount += 1
      else if (side === Side.BUY) buys[second]! += 1
      else sells[second]! += 1
    },
    cancelOrder: () => {
      quietCount += 1
    },
    replaceOrder: () => {},
    massCancel: () => {},
  }
  const flow = new HawkesFlow(sink, new ClientOrderIds(), new Prng(seed), 0, 10_000, base, parameters)
  flow.observeTouch(9_999, 10_001, 10_000)
  let burstNs = 0
  let beforeNs = 0
  while (flow.nextNs < SECONDS * 1e9) {
    if (flow.isBurst) burstNs += flow.nextNs - beforeNs
    beforeNs = flow.nextNs
    second = Math.floor(flow.nextNs / 1e9)
    flow.step()
  }
  return { buys, sells, quietCount, burstShare: burstNs / (SECONDS * 1e9) }
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Variance over mean of the counts: 1 of independent orders. */
function clustering(values: Float64Array): number {
  const middle = mean(values)
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length / middle
}

describe('Hawkes flow', () => {
  test('market orders come as often as without excitation, but in clusters', () => {
    const { buys, sells } = run(3, steady)
    for (const side of [buys, sells]) {
      expect(mean(side)).toBeGreaterThan(0.93)
      expect(mean(side)).toBeLessThan(1.07)
      // Orders of long intervals have 1 / (1 - s - c)^2 the variance of independent ones; those of a second less.
      expect(clustering(side)).toBeGreaterThan(1.8)
    }
    const plain = run(3, { ...steady, selfExcitation: 0, crossExcitation: 0 })
    expect(mean(plain.buys)).toBeCloseTo(1, 1)
    expect(clustering(plain.buys)).toBeCloseTo(1, 1)
  })

  test('orders of one side bring about those of the same side more than others', () => {
    const { buys, sells } = run(5, steady)
    const follows = (from: Float64Array, to: Float64Array) => {
      const [fromMean, toMean] = [mean(from), mean(to)]
      return from.reduce((sum, value, at) => sum + (value - fromMean) * ((to[at + 1] ?? toMean) - toMean), 0)
    }
    expect(follows(buys, buys)).toBeGreaterThan(follows(buys, sells))
    expect(follows(buys, sells)).toBeGreaterThan(0)
  })

  test('a burst has so many times as much, and so much of the time', () => {
    const { buys, burstShare } = run(7, { ...steady, burstFactor: 5, calmMeanS: 20, burstMeanS: 5 })
    expect(burstShare).toBeGreaterThan(0.17)
    expect(burstShare).toBeLessThan(0.23)
    expect(mean(buys)).toBeGreaterThan(0.9 * (1 - burstShare + 5 * burstShare))
    expect(mean(buys)).toBeLessThan(1.1 * (1 - burstShare + 5 * burstShare))
  })

  test('each market order brings about so many quiet events', () => {
    const quiet = run(9, { ...steady, quietExcitation: 3 })
    const without = run(9, steady)
    const marketCount = SECONDS * (mean(quiet.buys) + mean(quiet.sells))
    const more = quiet.quietCount - without.quietCount
    expect(more / marketCount).toBeGreaterThan(2.4)
    expect(more / marketCount).toBeLessThan(3.6)
  })

  test('the same seed gives the same orders, another seed others', () => {
    const lines = (seed: number) => {
      const sink = new WrittenOrders()
      const flow = new HawkesFlow(sink, new ClientOrderIds(), new Prng(seed), 2, 10_000)
      flow.observeTouch(9_999, 10_001, 10_000)
      for (let i = 0; i < 400; i++) flow.step()
      return sink.lines
    }
    expect(lines(3)).toEqual(lines(3))
    expect(lines(3)).not.toEqual(lines(4))
  })

  test('orders that have more than one child each are refused', () => {
    const parameters = { ...HAWKES_DEFAULTS, selfExcitation: 0.8, crossExcitation: 0.3 }
    const make = () => new HawkesFlow(new WrittenOrders(), new ClientOrderIds(), new Prng(1), 0, 100, base, parameters)
    expect(make).toThrow(/less than one child/)
  })
})
