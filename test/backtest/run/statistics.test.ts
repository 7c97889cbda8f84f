// Figures of curves and ledgers that can be worked out by hand.

import { expect, test } from 'vitest'
import { Account, FeeBasis } from '../../../backtest/replay/account.ts'
import { FillCause } from '../../../backtest/replay/replay-order.ts'
import { dayFigures } from '../../../backtest/run/day-figures.ts'
import { dayText } from '../../../backtest/run/day-text.ts'
import { equityStatistics } from '../../../backtest/run/equity-statistics.ts'
import type { LedgerFill } from '../../../backtest/run/fill-ledger.ts'
import { PendingMarkouts } from '../../../backtest/run/pending-markouts.ts'
import { realisedProfit } from '../../../backtest/run/profit.ts'
import { RunRecorder } from '../../../backtest/run/run-recorder.ts'
import { runFigures } from '../../../backtest/run/run-statistics.ts'
import { Side } from '../../../protocol/kinds.ts'

function fill(side: Side, price: number, quantity: number, exchangeNs = 0): LedgerFill {
  return {
    ...{ orderId: 1, side, priceTicks: price, price, quantity, isMaker: true, cause: FillCause.QUEUE },
    ...{ sentNs: 0, acceptedNs: 0, exchangeNs, seenNs: exchangeNs, queueAheadAtEntry: 0, fee: 0, position: 0 },
    ...{ midTicksBefore: price, markoutTicks: [Number.NaN, Number.NaN, Number.NaN, Number.NaN] },
  }
}

test('an equity curve: ratios, and the drawdown with its time under water', () => {
  const equity = Float64Array.of(0, 1, 3, 2, 1, 2, 3, 4)
  const figures = equityStatistics(equity, 1e9, 365)
  const changes = [1, 2, -1, -1, 1, 1, 1]
  const mean = 4 / 7
  const deviation = Math.sqrt(changes.reduce((sum, change) => sum + (change - mean) ** 2, 0) / 6)
  expect(figures.sharpePerDay).toBeCloseTo((mean / deviation) * Math.sqrt(86_400), 9)
  expect(figures.sortinoPerYear).toBeCloseTo((mean / Math.sqrt(2 / 7)) * Math.sqrt(86_400 * 365), 6)
  expect(figures).toMatchObject({ maxDrawdown: 2, maxDrawdownDurationS: 3, returnOverDrawdown: 2 })
  expect(equityStatistics(Float64Array.of(5), 1e9, 365)).toMatchObject({ sharpePerDay: null, maxDrawdown: 0 })
})

test('realised profit goes by average cost, also through zero', () => {
  const linear = { size: 1, isInverse: false }
  const fills = [fill(Side.BUY, 10, 2), fill(Side.BUY, 13, 1), fill(Side.SELL, 12, 4), fill(Side.BUY, 10, 1)]
  expect(realisedProfit(fills, linear)).toBeCloseTo(3 * (12 - 11) + 2, 9)
  const inverse = { size: 100, isInverse: true }
  expect(realisedProfit([fill(Side.BUY, 100, 1), fill(Side.SELL, 125, 1)], inverse)).toBeCloseTo(1 - 0.8, 9)
})

test('markouts are signed in our favour and taken when their time has come', () => {
  const markouts = new PendingMarkouts()
  const [bought, sold] = [fill(Side.BUY, 100, 1, 0), fill(Side.SELL, 100, 1, 50e6)]
  markouts.add(bought)
  markouts.add(sold)
  markouts.mark(103, 99e6)
  expect(bought.markoutTicks[0]).toBeNaN()
  markouts.mark(101, 120e6)
  markouts.mark(98, 1_050e6)
  expect(bought.markoutTicks.slice(0, 2)).toEqual([1, -2])
  expect(sold.markoutTicks.slice(0, 2)).toEqual([2, 2])
  expect(sold.markoutTicks[2]).toBeNaN()
})

test('days have their names', () => {
  for (let day = -800; day < 60_000; day += 37) {
    expect(dayText(day)).toBe(new Date(day * 86_400_000).toISOString().slice(0, 10))
  }
})

test('days add up to the whole, and midnight ends a day', () => {
  const settings = {
    ...{ contract: { size: 1, isInverse: false }, sampleNs: 3_600e9, dayCountPerYear: 365 },
    ...{ timeBaseUnixS: 86_400 * 10, lotSize: 1 },
  }
  const recorder = new RunRecorder({ tickSize: 1, sampleNs: settings.sampleNs, timeBaseUnixS: settings.timeBaseUnixS })
  const account = new Account(
    { basis: FeeBasis.FLAT, maker: 1, taker: 1, buyerExtra: 0, sellerExtra: 0 },
    settings.contract,
  )
  const market = {
    ...{ nowNs: 0, bidTicks: 99, bidLots: 1, askTicks: 101, askLots: 1, lastTradeTicks: 0, referenceTicks: 0 },
    depth: { levelCount: () => 0, levelTicks: () => 0, levelLots: () => 0 },
  }
  const quote = { bidTicks: 99, bidLots: 1, askTicks: 0, askLots: 0 }
  for (let hour = 1; hour <= 60; hour++) {
    const nowNs = hour * 3_600e9
    recorder.look(market, nowNs)
    recorder.accountTime(market, quote, account.position, nowNs)
    if (hour % 20 === 10) {
      recorder.submitted(4, nowNs)
      account.book(hour < 40 ? Side.BUY : Side.SELL, 99 + hour, 2, true)
      const {
        midTicksBefore: _,
        markoutTicks: __,
        ...facts
      } = fill(hour < 40 ? Side.BUY : Side.SELL, 99 + hour, 2, nowNs)
      recorder.addFill({ ...facts, fee: 1, position: account.position })
    }
    recorder.sampleUpTo(nowNs, account)
  }
  const days = dayFigures(recorder.record, settings)
  const total = runFigures(recorder.record, account, settings)
  expect(days.map(({ day }) => day)).toEqual(['1970-01-11', '1970-01-12', '1970-01-13'])
  expect(days.map(({ fills }) => fills)).toEqual([1, 1, 1])
  expect(days.map(({ fillRatio }) => fillRatio)).toEqual([0.5, 0.5, 0.5])
  expect(days.map(({ uptimeBid, uptimeAsk, timeAtTouchBid }) => [uptimeBid, uptimeAsk, timeAtTouchBid])).toEqual([
    [1, 0, 1],
    [1, 0, 1],
    [1, 0, 1],
  ])
  for (const name of ['netProfit', 'grossProfit', 'realisedProfit', 'unrealisedProfit', 'fees', 'turnover'] as const) {
    const sum = days.reduce((so, day) => so + day[name], 0)
    expect(sum, name).toBeCloseTo(total[name], 9)
  }
  expect(total.maxPosition).toBe(4)
  expect(days.map(({ maxPosition }) => maxPosition)).toEqual([2, 4, 4])
})
