// Quantities by price against a plain map, over prices near and far, below zero and at the ends.

import { expect, test } from 'vitest'
import { PriceLevels } from '../../../backtest/replay/price-levels.ts'
import { Prng } from '../../../base/prng.ts'

test('is the same as a map, wherever the prices lie', () => {
  const prng = new Prng(5)
  const levels = new PriceLevels()
  const plain = new Map<number, number>()
  const centres = [0, 1, 1_000, 618_000, 2_000_000, -3_000, 100_000_000]
  for (let step = 0; step < 20_000; step++) {
    const ticks = centres[prng.nextBelow(centres.length)]! + prng.nextBetween(-40, 40)
    const quantity = prng.nextChance(0.4) ? 0 : prng.nextBetween(1, 99) / 8
    levels.set(ticks, quantity)
    plain.set(ticks, quantity)
    expect(levels.at(ticks)).toBe(quantity)
    if (step % 50 !== 0) continue
    const low = centres[prng.nextBelow(4)]! + prng.nextBetween(-60, 60)
    const high = low + prng.nextBelow(2_000_000)
    const within = [...plain].filter(([at, held]) => held > 0 && at >= low && at <= high).map(([at]) => at)
    expect(levels.highestIn(low, high, -1e9)).toBe(within.length === 0 ? -1e9 : Math.max(...within))
    expect(levels.lowestIn(low, high, 1e9)).toBe(within.length === 0 ? 1e9 : Math.min(...within))
  }
  for (const [ticks, quantity] of plain) expect(levels.at(ticks)).toBe(quantity)
  expect(levels.at(0x7fff_ffff)).toBe(0)
  expect(levels.at(-0x8000_0000)).toBe(0)
  levels.clear(-5_000, 101_000_000)
  for (const [ticks] of plain) expect(levels.at(ticks)).toBe(0)
})
