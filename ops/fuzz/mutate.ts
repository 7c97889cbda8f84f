// Damage to bytes and texts, drawn from a seeded generator: flips, cuts, repeats, foreign pieces and odd numbers.

import type { Prng } from '../../base/prng.ts'

/** Numbers at which programs go wrong. */
const ODD_UINT32 = [
  0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff,
]
const ODD_FLOAT64 = [Number.NaN, Number.POSITIVE_INFINITY, -1, -0, 0.5, 1e300, 5e-324, 2 ** 53, 2 ** 53 - 1, 2 ** 32]
const CHANGE_COUNT_MAX = 4

export function randomBytes(random: Prng, lengthMax: number): Uint8Array {
  const bytes = new Uint8Array(random.nextBelow(lengthMax + 1))
  for (let at = 0; at < bytes.length; at++) bytes[at] = random.nextBelow(256)
  return bytes
}

/** A damaged copy; the original stays. */
export function mutate(random: Prng, original: Uint8Array): Uint8Array {
  // Not of a Buffer, whose methods are stricter than those of plain bytes.
  let bytes: Uint8Array = Uint8Array.from(original)
  const changeCount = random.nextBetween(1, CHANGE_COUNT_MAX)
  for (let change = 0; change < changeCount; change++) bytes = mutateOnce(random, bytes)
  return bytes
}

function mutateOnce(random: Prng, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return randomBytes(random, 64)
  const at = random.nextBelow(bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  switch (random.nextBelow(8)) {
    case 0:
      bytes[at] = bytes[at]! ^ (1 << random.nextBelow(8))
      return bytes
    case 1:
      bytes[at] = random.nextBelow(256)
      return bytes
    case 2:
      if (at + 4 <= bytes.length) view.setUint32(at, pick(random, ODD_UINT32), random.nextChance(0.8))
      return bytes
    case 3:
      if (at + 8 <= bytes.length) view.setFloat64(at, pick(random, ODD_FLOAT64), true)
      return bytes
    case 4:
      return bytes.slice(0, at)
    case 5:
      bytes.fill(random.nextChance(0.5) ? 0 : 0xff, at, at + random.nextBetween(1, 64))
      return bytes
    case 6:
      bytes.copyWithin(at, random.nextBelow(bytes.length), random.nextBelow(bytes.length))
      return bytes
    default:
      return joined(bytes.subarray(0, at), randomBytes(random, 32), bytes.subarray(at))
  }
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

/** The bytes as a connection might deliver them. */
export function* chunksOf(random: Prng, bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = random.nextChance(0.7) ? bytes.length - at : random.nextBetween(1, bytes.length - at)
    yield bytes.subarray(at, at + size)
    at += size
  }
}

/** A damaged text: bytes of it changed, or words of `words` put in. */
export function mutateText(random: Prng, original: string, words: readonly string[]): string {
  if (random.nextChance(0.3)) return Buffer.from(mutate(random, Buffer.from(original))).toString('utf8')
  let text = original
  const changeCount = random.nextBetween(1, CHANGE_COUNT_MAX)
  for (let change = 0; change < changeCount; change++) {
    const at = random.nextBelow(text.length + 1)
    const to = Math.min(text.length, at + random.nextBelow(12))
    text = text.slice(0, at) + (random.nextChance(0.7) ? pick(random, words) : '') + text.slice(to)
  }
  return text
}

export function pick<Item>(random: Prng, items: readonly Item[]): Item {
  return items[random.nextBelow(items.length)]!
}
