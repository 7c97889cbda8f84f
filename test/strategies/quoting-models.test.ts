// The quoting models against their formulas, worked out here a second time.

import { describe, expect, test } from 'vitest'
import { Side } from '../../protocol/kinds.ts'
import { findStrategyKind, STRATEGY_KINDS } from '../../strategies/catalogue.ts'
import { isLadderStrategy, QuoteLadder } from '../../strategies/ladder.ts'
import { IntensityEstimate, VarianceEstimate } from '../../strategies/market-estimates.ts'
import {
  checkParameters,
  emptySides,
  type MarketView,
  type Parameters,
  type QuoteProposal,
  type Strategy,
  type StrategyContext,
} from '../../strategies/strategy.ts'

function create(name: string, given: Parameters): Strategy {
  const kind = findStrategyKind(name)!
  const parameters = checkParameters(kind, given)
  if (typeof parameters === 'string') throw new Error(parameters)
  return kind.create(parameters)
}

function marketOf(bidTicks: number, askTicks: number, bidLots = 10, askLots = 10, nowNs = 1e9): MarketView {
  const side = (which: Side) => (which === Side.BUY ? [bidTicks, bidLots] : [askTicks, askLots])
  return {
    ...{ nowNs, bidTicks, bidLots, askTicks, askLots, lastTradeTicks: 0, referenceTicks: 0 },
    depth: {
      levelCount: () => 1,
      levelTicks: (which, index) => (index === 0 ? side(which)[0]! : 0),
      levelLots: (which, index) => (index === 0 ? side(which)[1]! : 0),
    },
  }
}

function contextOf(market: MarketView, netLots = 0): StrategyContext {
  return { market, position: { netLots, version: 0 }, quote: emptySides() }
}

function ask(strategy: Strategy, context: StrategyContext): QuoteProposal {
  const proposal = { ...emptySides(), askAgainNs: 0 }
  strategy.propose(context, proposal)
  return proposal
}

describe.each(STRATEGY_KINDS)('$name', (kind) => {
  test('quotes inside its limits, never through the market, and nothing about an unknown market', () => {
    for (const [bid, offer] of [
      [1_000, 1_001],
      [1_000, 1_200],
      [1, 2],
    ] as const) {
      for (const netLots of [-60, -50, -7, 0, 7, 50, 60]) {
        const strategy = create(kind.name, {})
        const market = marketOf(bid, offer)
        strategy.onBook?.(market)
        const quote = ask(strategy, contextOf(market, netLots))
        if (quote.bidLots > 0) expect(quote.bidTicks).toBeLessThan(offer)
        if (quote.askLots > 0) expect(quote.askTicks).toBeGreaterThan(bid)
        if (quote.bidLots > 0 && quote.askLots > 0) expect(quote.bidTicks).toBeLessThan(quote.askTicks)
        expect(quote.bidLots).toBeLessThanOrEqual(Math.max(0, 50 - netLots))
        expect(quote.askLots).toBeLessThanOrEqual(Math.max(0, 50 + netLots))
      }
    }
    const nothing = ask(create(kind.name, {}), contextOf(marketOf(0, 0, 0, 0)))
    expect(nothing).toMatchObject({ bidLots: 0, askLots: 0 })
  })
})

describe('avellaneda-stoikov', () => {
  const given = { riskFactor: 0.1, arrivalDecay: 0.5, variance: 2, quantityLots: 10, requoteThresholdTicks: 0 }
  const half = Math.log(1 + 0.1 / 0.5) / 0.1

  test('finite horizon', () => {
    const strategy = create('avellaneda-stoikov', { ...given, horizonS: 60 })
    const quote = ask(strategy, contextOf(marketOf(980, 1_020), 20))
    const reservation = 1_000 - 2 * 0.1 * 2 * 60
    expect(quote.bidTicks).toBe(Math.floor(reservation - (0.1 * 2 * 60) / 2 - half))
    expect(quote.askTicks).toBe(Math.max(981, Math.ceil(reservation + (0.1 * 2 * 60) / 2 + half)))
    // Half of the time later the shift is half as large.
    const later = ask(strategy, contextOf(marketOf(980, 1_020, 10, 10, 31e9), 20))
    expect(later.bidTicks).toBe(Math.floor(1_000 - 2 * 0.1 * 2 * 30 - (0.1 * 2 * 30) / 2 - half))
  })

  test('infinite horizon', () => {
    const strategy = create('avellaneda-stoikov', { ...given, horizonS: 0, positionLimitLots: 50 })
    const quote = ask(strategy, contextOf(marketOf(900, 1_100), 10))
    const room = 36 - 1
    expect(quote.bidTicks).toBe(Math.floor(1_000 + Math.log(1 - 3 / room) / 0.1 - half))
    expect(quote.askTicks).toBe(Math.ceil(1_000 + Math.log(1 - 1 / room) / 0.1 + half))
  })
})

test('the intensity of trades is found again, and so is the variance', () => {
  const intensity = new IntensityEstimate(1e6, 20)
  intensity.advance(0)
  // Of 1000 trades a share of exp(-0.3 d) reaches d.
  for (let n = 1; n <= 1_000; n++) intensity.onTrade(-Math.log(n / 1_000) / 0.3)
  intensity.advance(100e9)
  const fitted = { a: 0, k: 0 }
  expect(intensity.fit(fitted)).toBe(true)
  expect(fitted.k).toBeCloseTo(0.3, 1)
  expect(fitted.a).toBeGreaterThan(8)
  expect(fitted.a).toBeLessThan(12.5)
  const variance = new VarianceEstimate(100e6, 60)
  for (let step = 0; step < 1_000; step++) variance.observe(step % 2, step * 100e6)
  expect(variance.ticks2PerS(0)).toBeCloseTo(10, 6)
})

test('the imbalance moves fair value to the heavier side, as does the microprice', () => {
  for (const fairValue of [0, 1]) {
    const strategy = create('book-imbalance', { fairValue, halfSpreadTicks: 5, imbalanceFactorTicks: 10 })
    for (let step = 0; step < 50; step++) strategy.onBook?.(marketOf(990, 1_010, 10 + (step % 3), 10, step * 1e9))
    const heavy = marketOf(990, 1_010, 100, 10, 60e9)
    strategy.onBook?.(heavy)
    const quote = ask(strategy, contextOf(heavy))
    expect((quote.bidTicks + quote.askTicks) / 2).toBeGreaterThan(1_003)
  }
})

test('the side that filled stays away for the delay, and asks to be asked when it is over', () => {
  const strategy = create('multi-level', { filledOrderDelayS: 2 })
  strategy.onFill?.(Side.BUY, 1_000, 1, 1e9)
  const waiting = ask(strategy, contextOf(marketOf(990, 1_010, 10, 10, 2e9)))
  expect(waiting).toMatchObject({ bidLots: 0, askLots: 10, askAgainNs: 3e9 })
  expect(ask(strategy, contextOf(marketOf(990, 1_010, 10, 10, 3e9))).bidLots).toBe(10)
})

test('ladders: levels in order, their sum within the limit', () => {
  for (const [name, given] of [
    ['grid', { gridNum: 8, gridIntervalTicks: 5 }],
    ['multi-level', { orderLevels: 8, orderLevelAmountLots: 2 }],
  ] as const) {
    const strategy = create(name, given)
    if (!isLadderStrategy(strategy)) throw new Error('a ladder')
    const ladder = new QuoteLadder()
    strategy.proposeLadder(contextOf(marketOf(990, 1_010), 5), ladder)
    const bids = [...ladder.bidTicks.subarray(0, ladder.bidCount)]
    expect(bids.length).toBeGreaterThan(2)
    expect(bids).toEqual(bids.toSorted((a, b) => b - a))
    expect(ladder.bidLots.subarray(0, ladder.bidCount).reduce((sum, lots) => sum + lots, 0)).toBe(45)
    expect(ladder.askLots.subarray(0, ladder.askCount).reduce((sum, lots) => sum + lots, 0)).toBe(55)
    expect(ladder.askTicks[0]).toBeGreaterThan(bids[0]!)
  }
})
