// What is copied is the same, bit for bit.

import { describe, expect, it } from 'vitest'
import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { copyDoubles } from '../../base/copy-doubles.ts'

const WORD_COUNT = 4_096
/** High words of quiet and signalling NaNs, of the ones that the engine of the language has a use for, and of others. */
const HIGH_WORDS = [0x7ff00000, 0x7ff7ffff, 0x7ff80000, 0xfff6ffff, 0xfff7ffff, 0xfff80000, 0xffffffff, 0x7fffffff, 1]

describe('copyDoubles', () => {
  it('keeps every bit, also of what reads as no number, however often it has run', () => {
    const source = new AlignedBuffer(WORD_COUNT * 8)
    const target = new AlignedBuffer(WORD_COUNT * 8)
    for (let word = 0; word < WORD_COUNT; word++) {
      source.uint32[2 * word] = Math.imul(word, 0x9e3779b1)
      source.uint32[2 * word + 1] = HIGH_WORDS[word % HIGH_WORDS.length]!
    }
    for (let round = 0; round < 300; round++) {
      target.bytes.fill(round)
      copyDoubles(source.float64, 0, target.float64, 0, WORD_COUNT)
      expect(Buffer.compare(source.bytes, target.bytes)).toBe(0)
    }
  })
})
