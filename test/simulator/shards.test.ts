// Several engine pairs on one exposure limit: budgets never add up to more than it, whatever happens to messages, and what
// docs/scale.md says of them is so.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BudgetDesk } from '../../simulator/shards/budget-desk.ts'
import { BudgetShard } from '../../simulator/shards/budget-shard.ts'
import { evenLevel } from '../../simulator/shards/even-level.ts'
import { placeByLoad, placeInTurn, zipfRates } from '../../simulator/shards/placement.ts'
import { runShardMarket, type ShardMarketOptions, type Sharing } from '../../simulator/shards/shard-market.ts'

const MARKET = { seed: 1, shards: 8, symbolsPerShard: 8, exposureLots: 400, seconds: 30, hotShards: 1, delayMs: 1 }
const marketOf = (sharing: Sharing, more: Partial<ShardMarketOptions> = {}) =>
  runShardMarket({ ...MARKET, sharing, hasFaults: false, ...more })

test('budgets that move grant nearly what one pair would, fixed parts do not', () => {
  const [one, fixed, budgets] = [marketOf('one pair'), marketOf('fixed parts'), marketOf('budgets')]
  expect(one.grantedShare).toBeGreaterThan(0.99)
  expect(fixed.grantedShare).toBeLessThan(0.8)
  expect(budgets.grantedShare).toBeGreaterThan(0.95)
  expect(budgets.hotGrantedShare).toBeGreaterThan(2 * fixed.hotGrantedShare)
})

test('the limit holds in any market, with faults and without', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 300 }), (seed, hotShards, lots) => {
      const figures = marketOf('budgets', { seed, hotShards, exposureLots: lots, hasFaults: true, seconds: 10 })
      expect(figures.heldLotsMax).toBeLessThanOrEqual(lots)
    }),
    { numRuns: 30 },
  )
})

test('messages in any order, lost or repeated, never hand out more than there is', () => {
  const step = fc.record({
    kind: fc.constantFrom('quote', 'fill', 'report', 'grant', 'arrive'),
    shard: fc.nat({ max: 2 }),
    symbol: fc.nat({ max: 2 }),
    lots: fc.nat({ max: 40 }),
    which: fc.nat(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const desk = new BudgetDesk(3, 50)
      const shards = [0, 1, 2].map(() => new BudgetShard(3, 0))
      // What was ever sent may arrive at any time, and again.
      const sent: (() => void)[] = []
      for (const { kind, shard, symbol, lots, which } of steps) {
        const at = shards[shard]!
        if (kind === 'quote') expect(at.quote(symbol, lots)).toBeLessThanOrEqual(lots)
        if (kind === 'fill') at.fill(symbol, lots)
        if (kind === 'report') {
          const { returnedLots, demandLots } = at
          sent.push(() => desk.hear(shard, returnedLots, demandLots))
        }
        if (kind === 'grant') {
          desk.apportion()
          const [round, granted, target] = [desk.round, desk.grantedLots(shard), desk.targetLots(shard)]
          sent.push(() => at.hear(round, granted, target))
        }
        if (kind === 'arrive' && sent.length > 0) sent[which % sent.length]!()
        const budgets = shards.reduce((sum, { budgetLots }) => sum + budgetLots, 0)
        const held = shards.reduce((sum, { heldLots }) => sum + heldLots, 0)
        expect(held).toBeLessThanOrEqual(budgets)
        expect(budgets).toBeLessThanOrEqual(desk.outLots)
        expect(desk.outLots).toBeLessThanOrEqual(50)
      }
    }),
  )
})

test('the even level is the greatest that fits', () => {
  expect(evenLevel(Float64Array.of(10, 2, 30), 20)).toBe(9)
  expect(evenLevel(Float64Array.of(1, 2), 20)).toBe(20)
  expect(evenLevel(Float64Array.of(5, 5, 5), 2)).toBe(0)
})

test('a placement by load is no worse than one in turn, and one busy symbol bounds both', () => {
  const rates = zipfRates(64)
  expect(rates.reduce((sum, rate) => sum + rate, 0)).toBeCloseTo(1)
  expect(placeByLoad(rates, 8).busiestShare).toBeLessThan(placeInTurn(rates, 8).busiestShare)
  expect(placeByLoad(rates, 8).busiestShare).toBeCloseTo(rates[0]!)
  expect(
    placeByLoad(
      Array.from({ length: 64 }, () => 1 / 64),
      8,
    ).capacity,
  ).toBeCloseTo(8)
})

test('the figures in docs/scale.md are those of the model', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/scale.md'), 'utf8')
  const percent = (share: number) => `${Math.round(share * 1_000) / 10} %`
  const rowOf = (name: string, sharing: Sharing, hasFaults: boolean) => {
    const figures = marketOf(sharing, { hasFaults, seconds: 120 })
    return `| ${name} | ${percent(figures.grantedShare)} | ${percent(figures.hotGrantedShare)} | ${figures.heldLotsMax} |`
  }
  for (const sharing of ['one pair', 'fixed parts', 'budgets'] as const) {
    expect(text).toContain(rowOf(sharing, sharing, false))
  }
  expect(text).toContain(rowOf('budgets, with faults', 'budgets', true))
  for (const place of [placeInTurn, placeByLoad]) {
    const { busiestShare, capacity } = place(zipfRates(64), 8)
    expect(text).toContain(`| ${percent(busiestShare)} | ${capacity.toFixed(2)} pairs |`)
  }
})
