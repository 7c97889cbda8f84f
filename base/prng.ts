// A seeded generator of pseudo-random numbers: the only source of randomness outside io/.
//
// xoshiro128** 1.1 by Blackman and Vigna ("Scrambled linear pseudorandom number generators", 2019), seeded by
// splitmix32 so that neighbouring seeds give unrelated streams. The whole sequence follows from the seed.

import { assert } from './assert.ts'

export class Prng {
  readonly #state = new Uint32Array(4)

  /** `seed`: any integer; its low 32 bits are used. */
  constructor(seed: number) {
    let mix = seed >>> 0
    for (let word = 0; word < 4; word++) {
      mix = (mix + 0x9e3779b9) >>> 0
      let z = mix
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
      this.#state[word] = (z ^ (z >>> 16)) >>> 0
    }
  }

  /** A whole number, uniform over 0 .. 2^32-1. */
  nextUint32(): number {
    return nextWord(this.#state)
  }

  /** Uniform over [0, 1), with 32 bits of resolution. */
  nextFloat(): number {
    return this.nextUint32() / 4294967296
  }

  /** A whole number, uniform over 0 .. bound-1. `bound` is 1 .. 2^32. */
  nextBelow(bound: number): number {
    assert(bound >= 1 && bound <= 4294967296, 'bound is 1 .. 2^32')
    return Math.floor(this.nextFloat() * bound)
  }

  /** A whole number, uniform over low .. high, both included. */
  nextBetween(low: number, high: number): number {
    return low + this.nextBelow(high - low + 1)
  }

  /** True with the given probability, 0 .. 1. */
  nextChance(probability: number): boolean {
    return this.nextFloat() < probability
  }

  /** Exponentially distributed with the given mean: the time to the next event of a Poisson process. */
  nextExponential(mean: number): number {
    return -Math.log(1 - this.nextFloat()) * mean
  }
}

/** One step of the generator: changes its four words of state, not all of them 0, and returns the next number. */
export function nextWord(state: Uint32Array): number {
  const s0 = state[0]!
  const s1 = state[1]!
  const s2 = state[2]!
  const s3 = state[3]!
  const scrambled = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0
  const t2 = s2 ^ s0
  const t3 = s3 ^ s1
  state[1] = s1 ^ t2
  state[0] = s0 ^ t3
  state[2] = t2 ^ (s1 << 9)
  state[3] = rotateLeft(t3, 11)
  return scrambled
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}
