// The generator gives the numbers that its authors' reference gives, and its derived draws stay in their ranges.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextWord, Prng } from '../../base/prng.ts'

describe('nextWord', () => {
  it('follows the reference from the state 1, 2, 3, 4', () => {
    const state = Uint32Array.of(1, 2, 3, 4)
    const words = Array.from({ length: 10 }, () => nextWord(state))
    expect(words).toEqual([
      11_520, 0, 5_927_040, 70_819_200, 2_031_721_883, 1_637_235_492, 1_287_239_034, 3_734_860_849, 3_729_100_597,
      4_258_142_804,
    ])
  })
})

describe('Prng', () => {
  it('gives the same sequence for the same seed, and another for another', () => {
    const draw = (seed: number) => {
      const prng = new Prng(seed)
      return Array.from({ length: 20 }, () => prng.nextUint32())
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    expect(draw(0).some((word) => word !== 0)).toBe(true)
    // The low 32 bits count.
    expect(draw(-1)).toEqual(draw(0xffff_ffff))
  })

  it('draws within its ranges', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), fc.integer(), (seed, bound, low) => {
        const prng = new Prng(seed)
        const below = prng.nextBelow(bound)
        expect(Number.isSafeInteger(below) && below >= 0 && below < bound).toBe(true)
        const between = prng.nextBetween(low, low + 9)
        expect(between >= low && between <= low + 9).toBe(true)
        const share = prng.nextFloat()
        expect(share >= 0 && share < 1).toBe(true)
        expect(prng.nextExponential(3)).toBeGreaterThanOrEqual(0)
        expect([prng.nextChance(0), prng.nextChance(1)]).toEqual([false, true])
      }),
    )
  })

  it('draws each number of a range about equally often, and waits as long as the mean says', () => {
    const prng = new Prng(1)
    const counts = Array.from({ length: 10 }, () => 0)
    let sum = 0
    for (let draw = 0; draw < 100_000; draw++) {
      const face = prng.nextBelow(10)
      counts[face] = counts[face]! + 1
      sum += prng.nextExponential(5)
    }
    // Five standard deviations.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(475)
    expect(Math.abs(sum / 100_000 - 5)).toBeLessThan(0.08)
  })

  it('refuses a bound that is no range', () => {
    expect(() => new Prng(1).nextBelow(0)).toThrow('bound')
    expect(() => new Prng(1).nextBelow(2 ** 32 + 1)).toThrow('bound')
  })
})
