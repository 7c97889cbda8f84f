// Whole numbers that outgrow a word, kept as two: the low 30 bits, and how many 2^30 there are above.
//
// Adding to a double in an array would cost compiled code two conversions, to find out that the sum is still whole;
// this costs one test that is never true.

export const COUNT_UNIT = 1_073_741_824

/** The number at two words of the array. */
export function countAt(words: Int32Array, at: number): number {
  const high = words[at + 1]!
  return high === 0 ? words[at]! : high * COUNT_UNIT + words[at]!
}

export function setCount(words: Int32Array, at: number, value: number): void {
  words[at + 1] = Math.floor(value / COUNT_UNIT)
  words[at] = value % COUNT_UNIT
}

/** `amount`: 0 .. 2^30. */
export function addCount(words: Int32Array, at: number, amount: number): void {
  const low = (words[at]! + amount) >>> 0
  if (low < COUNT_UNIT) words[at] = low
  else setCount(words, at, countAt(words, at) + amount)
}

/** `amount`: 0 .. 2^30. The number stays at 0 or above. */
export function subtractCount(words: Int32Array, at: number, amount: number): void {
  const low = (words[at]! - amount) | 0
  if (low >= 0) words[at] = low
  else setCount(words, at, countAt(words, at) - amount)
}
