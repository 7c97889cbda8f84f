// Columns of numbers as byte planes: all low bytes first, then all second bytes, and so on. Neighbouring bytes then
// look alike, which is what a general compressor needs, and unpacking has no branch that data decides.
//
// A signed number is folded to an unsigned one before it is packed (0, -1, 1, -2 -> 0, 1, 2, 3). The unsigned number
// has up to 54 bits, so it is held as a low word of 32 bits and a high word.

import { assert } from '../base/assert.ts'

const TWO_31 = 2_147_483_648
const TWO_32 = 4_294_967_296

/** Bytes of a packed number at most: a folded safe integer has 54 bits. */
export const PLANE_COUNT_MAX = 7

/** Unsigned numbers of up to 54 bits, waiting to be packed. */
export class WordColumn {
  readonly low: Uint32Array
  readonly high: Uint32Array
  count = 0
  #lowBits = 0
  #highBits = 0

  constructor(capacity: number) {
    this.low = new Uint32Array(capacity)
    this.high = new Uint32Array(capacity)
  }

  clear(): void {
    this.count = 0
    this.#lowBits = 0
    this.#highBits = 0
  }

  pushUnsigned(value: number): void {
    this.#push((value % TWO_32) >>> 0, Math.floor(value / TWO_32))
  }

  /** Any safe integer, or a difference of two. */
  pushSigned(value: number): void {
    const half = value < 0 ? -value - 1 : value
    this.#push((((half % TWO_31) << 1) | (value < 0 ? 1 : 0)) >>> 0, Math.floor(half / TWO_31))
  }

  /** Bytes that the widest number needs; 0 when all are zero. */
  width(): number {
    if (this.#highBits !== 0) return 4 + byteCount(this.#highBits)
    return byteCount(this.#lowBits)
  }

  #push(low: number, high: number): void {
    this.low[this.count] = low
    this.high[this.count] = high
    this.#lowBits |= low
    this.#highBits |= high
    this.count += 1
  }
}

function byteCount(bits: number): number {
  return (32 - Math.clz32(bits) + 7) >>> 3
}

/** Writes `width` planes of the column at `at`; returns where they end. */
export function packPlanes(column: WordColumn, width: number, target: Uint8Array, at: number): number {
  assert(width <= PLANE_COUNT_MAX, 'a packed number has at most seven bytes')
  const { count, low, high } = column
  for (let plane = 0; plane < width; plane++) {
    const words = plane < 4 ? low : high
    const shift = (plane & 3) * 8
    for (let i = 0; i < count; i++) target[at + i] = words[i]! >>> shift
    at += count
  }
  return at
}

/** Reads the low four planes of `count` numbers at `at` into `low`, and the others into `high` when there are any. */
export function unpackPlanes(
  source: Uint8Array,
  at: number,
  count: number,
  width: number,
  low: Uint32Array,
  high: Uint32Array,
): void {
  assert(width <= PLANE_COUNT_MAX && at + width * count <= source.length, 'the planes lie inside the source')
  unpackWord(source, at, count, Math.min(width, 4), low)
  if (width > 4) unpackWord(source, at + 4 * count, count, width - 4, high)
}

function unpackWord(source: Uint8Array, at: number, count: number, width: number, words: Uint32Array): void {
  const at1 = at + count
  const at2 = at1 + count
  const at3 = at2 + count
  switch (width) {
    case 0:
      words.fill(0, 0, count)
      return
    case 1:
      for (let i = 0; i < count; i++) words[i] = source[at + i]!
      return
    case 2:
      for (let i = 0; i < count; i++) words[i] = source[at + i]! | (source[at1 + i]! << 8)
      return
    case 3:
      for (let i = 0; i < count; i++) words[i] = source[at + i]! | (source[at1 + i]! << 8) | (source[at2 + i]! << 16)
      return
    default:
      for (let i = 0; i < count; i++) {
        words[i] = source[at + i]! | (source[at1 + i]! << 8) | (source[at2 + i]! << 16) | (source[at3 + i]! << 24)
      }
  }
}

/** The number that was folded into a low and a high word. */
export function unfold(low: number, high: number): number {
  const half = high * TWO_31 + (low >>> 1)
  return (low & 1) === 1 ? -half - 1 : half
}
