// XXH32 gives the published values, wherever the bytes lie, and notices damage.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum, checksumOfWords } from '../../base/checksum.ts'

function hashOf(text: string, seed = 0): number {
  const bytes = new TextEncoder().encode(text)
  return checksum(bytes, 0, bytes.length, seed)
}

/** XXH32 once more, as the specification words it, in whole numbers of any size. */
function xxh32(bytes: Uint8Array, seed: bigint): number {
  const [prime1, prime2, prime3, prime4, prime5] = [2654435761n, 2246822519n, 3266489917n, 668265263n, 374761393n]
  const low = (value: bigint) => BigInt.asUintN(32, value)
  const rotate = (value: bigint, bits: bigint) => low((low(value) << bits) | (low(value) >> (32n - bits)))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  let hash = low(seed + prime5)
  if (bytes.length >= 16) {
    const lanes = [seed + prime1 + prime2, seed + prime2, seed, seed - prime1].map(low)
    for (; at + 16 <= bytes.length; at += 16) {
      for (let lane = 0; lane < 4; lane++) {
        const word = BigInt(view.getUint32(at + 4 * lane, true))
        lanes[lane] = low(rotate(lanes[lane]! + word * prime2, 13n) * prime1)
      }
    }
    hash = low(rotate(lanes[0]!, 1n) + rotate(lanes[1]!, 7n) + rotate(lanes[2]!, 12n) + rotate(lanes[3]!, 18n))
  }
  hash = low(hash + BigInt(bytes.length))
  for (; at + 4 <= bytes.length; at += 4) {
    hash = low(rotate(hash + BigInt(view.getUint32(at, true)) * prime3, 17n) * prime4)
  }
  for (; at < bytes.length; at++) hash = low(rotate(hash + BigInt(bytes[at]!) * prime5, 11n) * prime1)
  hash = low((hash ^ (hash >> 15n)) * prime2)
  hash = low((hash ^ (hash >> 13n)) * prime3)
  return Number(hash ^ (hash >> 16n))
}

describe('checksum', () => {
  it('is the same of whole words, however many, as a signed number', () => {
    const bytes = Uint8Array.from({ length: 400 }, (_, index) => Math.imul(index + 1, 0x9e3779b1) >>> 24)
    const words = new Int32Array(bytes.buffer)
    for (let from = 0; from < 8; from++) {
      for (let to = from; to <= 100; to++) {
        expect(checksumOfWords(words, from, to)).toBe(checksum(bytes, 4 * from, 4 * to) | 0)
      }
    }
  })

  it('gives the published values of XXH32', () => {
    expect(hashOf('')).toBe(0x02cc5d05)
    expect(hashOf('', 0x9e3779b1)).toBe(0x36b78ae7)
    expect(hashOf('a')).toBe(0x550d7456)
    expect(hashOf('abc')).toBe(0x32d153ff)
    expect(hashOf('Nobody inspects the spammish repetition')).toBe(0xe2293b2f)
  })

  it('is the specification, at any offset and length, short or long enough for whole words', () => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ minLength: 1_000, maxLength: 1_300 }))
    fc.assert(
      fc.property(bytes, fc.nat(9), fc.nat(0xffff_ffff), (content, offset, seed) => {
        const within = new Uint8Array(offset + content.length + 5).fill(0xaa)
        within.set(content, offset)
        expect(checksum(within, offset, offset + content.length, seed)).toBe(xxh32(content, BigInt(seed)))
      }),
      { numRuns: 200 },
    )
  })

  it('changes with every single bit', () => {
    const bytes = Uint8Array.from({ length: 96 }, (_, index) => index * 7)
    const whole = checksum(bytes, 0, bytes.length)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7))
      expect(checksum(bytes, 0, bytes.length), `bit ${bit}`).not.toBe(whole)
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7))
    }
  })
})
