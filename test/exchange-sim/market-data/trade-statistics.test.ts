// The statistics of a session's trades, against exact arithmetic.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader } from '../../../base/byte-reader.ts'
import { ByteWriter } from '../../../base/byte-writer.ts'
import { TradeStatistics } from '../../../exchange-sim/market-data/trade-statistics.ts'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../../../protocol/limits.ts'

describe('TradeStatistics', () => {
  it('follows the trades of each symbol apart', () => {
    const statistics = new TradeStatistics(2)
    statistics.addTrade(1, 100, 10)
    statistics.addTrade(1, 104, 10)
    statistics.addTrade(1, 98, 20)
    expect(statistics.openTicks[1]).toBe(100)
    expect(statistics.highTicks[1]).toBe(104)
    expect(statistics.lowTicks[1]).toBe(98)
    expect(statistics.lastTicks[1]).toBe(98)
    expect(statistics.volumeLots[1]).toBe(40)
    expect(statistics.tradeCount[1]).toBe(3)
    expect(statistics.averageTicks(1)).toBe(100)
    expect(statistics.averageTicks(0)).toBe(0)
    statistics.reset(1)
    expect([statistics.openTicks[1], statistics.volumeLots[1], statistics.averageTicks(1)]).toEqual([0, 0, 0])
  })

  it('sums turnover exactly, up to the largest prices and quantities, over a snapshot and restore', () => {
    const trade = fc.record({
      priceTicks: fc.integer({ min: 1, max: PRICE_TICKS_MAX }),
      quantityLots: fc.integer({ min: 1, max: QUANTITY_LOTS_MAX }),
    })
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 200 }), fc.array(trade, { maxLength: 20 }), (before, after) => {
        const statistics = new TradeStatistics(1)
        for (const { priceTicks, quantityLots } of before) statistics.addTrade(0, priceTicks, quantityLots)
        const writer = new ByteWriter()
        statistics.snapshot(writer)
        const restored = new TradeStatistics(1)
        restored.restore(new ByteReader(writer.finish()))
        for (const { priceTicks, quantityLots } of after) restored.addTrade(0, priceTicks, quantityLots)
        const turnover = [...before, ...after].reduce(
          (sum, t) => sum + BigInt(t.priceTicks) * BigInt(t.quantityLots),
          0n,
        )
        expect(restored.turnoverTickLots(0)).toBe(turnover)
      }),
      { numRuns: 200 },
    )
  })
})
