// Limits of a node: what it leaves out of a proposal, when it only reduces, when it is off.

import { expect, test } from 'vitest'
import { Reason, RiskState } from '../../protocol/kinds.ts'
import { RISK_LIMITS_DEFAULT, RiskGuard, type RiskLimits } from '../../strategies/risk-guard.ts'
import type { MarketView, QuoteProposal } from '../../strategies/strategy.ts'

class Node {
  readonly trips: [reason: Reason, symbolId: number, state: RiskState][] = []
  readonly guard: RiskGuard
  netLots = 0

  constructor(limits: Partial<RiskLimits>) {
    this.guard = new RiskGuard({ ...RISK_LIMITS_DEFAULT, ...limits }, (trip, symbolId, state) => {
      this.trips.push([trip, symbolId, state])
    })
    this.guard.begin(0, 0.01, 0, 1_000)
  }

  fill(lots: number, priceTicks: number): void {
    this.netLots += lots
    this.guard.onFill(0, this.netLots, priceTicks)
  }

  /** What is left of a quote of 10 x 10. */
  quote(referenceTicks = 1_000, bidTicks = referenceTicks - 5, askTicks = referenceTicks + 5): string {
    const proposal: QuoteProposal = { bidTicks, bidLots: 10, askTicks, askLots: 10, askAgainNs: 0 }
    const market = { referenceTicks } as MarketView
    this.guard.limit(0, this.netLots, market, proposal)
    return `${proposal.bidLots}@${proposal.bidTicks} ${proposal.askLots}@${proposal.askTicks}`
  }
}

test('the side that would exceed the inventory is made smaller, then left out; told once', () => {
  const node = new Node({ inventoryLotsMax: 15 })
  expect(node.quote()).toBe('10@995 10@1005')
  node.fill(8, 1_000)
  expect(node.quote()).toBe('7@995 10@1005')
  node.fill(7, 1_000)
  expect(node.quote()).toBe('0@0 10@1005')
  expect(node.trips).toEqual([[Reason.INVENTORY_LIMIT, 0, RiskState.NORMAL]])
  node.fill(-15, 1_000)
  expect(node.quote()).toBe('10@995 10@1005')
})

test('a loss makes it reduce-only, twice the loss switches it off, and a gain does not switch it on', () => {
  const node = new Node({ lossMax: 5 })
  node.fill(20, 1_000)
  expect(node.quote(980)).toBe('10@975 10@985')
  expect(node.quote(975)).toBe('0@0 10@980')
  expect(node.guard.profit).toBe(-5)
  expect(node.quote(950)).toBe('0@0 0@0')
  expect(node.quote(1_100)).toBe('0@0 0@0')
  expect(node.trips).toEqual([
    [Reason.LOSS_LIMIT, 0, RiskState.REDUCE_ONLY],
    [Reason.LOSS_LIMIT, 0, RiskState.OFF],
  ])
})

test('a realised loss counts as well, and stays when another node takes the symbol over', () => {
  const node = new Node({ lossMax: 5 })
  node.fill(10, 1_000)
  node.fill(-10, 940)
  node.guard.begin(0, 0.01, 0, 940)
  expect(node.guard.profit).toBe(-6)
  expect(node.quote(940)).toBe('0@0 0@0')
  expect(node.guard.state).toBe(RiskState.REDUCE_ONLY)
})

test('a price far from the reference price is left out, and a stale market is told once', () => {
  const node = new Node({ distanceBpMax: 100 })
  expect(node.quote(1_000, 989, 1_010)).toBe('0@0 10@1010')
  node.guard.onStaleMarket(0)
  node.guard.onStaleMarket(0)
  expect(node.trips.map(([trip]) => trip)).toEqual([Reason.FAR_FROM_REFERENCE, Reason.STALE_MARKET])
})
