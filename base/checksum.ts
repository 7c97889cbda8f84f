// xxHash32 over bytes: the checksum of journal records, snapshots, feed blocks and state hashes.
//
// Source: the xxHash fast digest algorithm specification, XXH32, by Yann Collet. It finds accidental damage; it is no
// defence against an author of bytes, which is the business of the links and files that carry them.

const PRIME_1 = 0x9e3779b1
const PRIME_2 = 0x85ebca77
const PRIME_3 = 0xc2b2ae3d
const PRIME_4 = 0x27d4eb2f
const PRIME_5 = 0x165667b1

/** From here on the view that aligned reading needs pays for itself. */
const ALIGNED_SIZE_MIN = 1024

/** Hash of `bytes[from .. to)` as an unsigned 32-bit number. */
export function checksum(bytes: Uint8Array, from: number, to: number, seed = 0): number {
  let position = from
  let hash: number
  if (to - from >= 16) {
    let lane1 = (seed + PRIME_1 + PRIME_2) | 0
    let lane2 = (seed + PRIME_2) | 0
    let lane3 = seed | 0
    let lane4 = (seed - PRIME_1) | 0
    const lanesEnd = to - 16
    if (to - from >= ALIGNED_SIZE_MIN && ((bytes.byteOffset + from) & 3) === 0) {
      // Long and aligned: whole words, a quarter of the loads.
      const words = new Int32Array(bytes.buffer, bytes.byteOffset + from, (to - from) >>> 2)
      const end = words.length & ~3
      for (let at = 0; at < end; at += 4) {
        lane1 = round(lane1, words[at]!)
        lane2 = round(lane2, words[at + 1]!)
        lane3 = round(lane3, words[at + 2]!)
        lane4 = round(lane4, words[at + 3]!)
      }
      position += 4 * end
    }
    while (position <= lanesEnd) {
      lane1 = round(lane1, wordAt(bytes, position))
      lane2 = round(lane2, wordAt(bytes, position + 4))
      lane3 = round(lane3, wordAt(bytes, position + 8))
      lane4 = round(lane4, wordAt(bytes, position + 12))
      position += 16
    }
    hash = (rotateLeft(lane1, 1) + rotateLeft(lane2, 7) + rotateLeft(lane3, 12) + rotateLeft(lane4, 18)) | 0
  } else {
    hash = (seed + PRIME_5) | 0
  }
  hash = (hash + (to - from)) | 0
  for (; position + 4 <= to; position += 4) {
    hash = Math.imul(rotateLeft((hash + Math.imul(wordAt(bytes, position), PRIME_3)) | 0, 17), PRIME_4)
  }
  for (; position < to; position++) {
    hash = Math.imul(rotateLeft((hash + Math.imul(bytes[position]!, PRIME_5)) | 0, 11), PRIME_1)
  }
  return avalanche(hash)
}

/**
 * What `checksum` gives of the bytes 4 * from .. 4 * to of the buffer that the words are of, as a signed number: a quarter of
 * the loads, and a result that is never put in a box.
 */
export function checksumOfWords(words: Int32Array, from: number, to: number): number {
  let at = from
  let hash = PRIME_5
  if (to - from >= 4) {
    let lane1 = (PRIME_1 + PRIME_2) | 0
    let lane2 = PRIME_2 | 0
    let lane3 = 0
    let lane4 = -PRIME_1 | 0
    for (const lanesEnd = to - 4; at <= lanesEnd; at += 4) {
      lane1 = round(lane1, words[at]!)
      lane2 = round(lane2, words[at + 1]!)
      lane3 = round(lane3, words[at + 2]!)
      lane4 = round(lane4, words[at + 3]!)
    }
    hash = (rotateLeft(lane1, 1) + rotateLeft(lane2, 7) + rotateLeft(lane3, 12) + rotateLeft(lane4, 18)) | 0
  }
  hash = (hash + 4 * (to - from)) | 0
  for (; at < to; at++) {
    hash = Math.imul(rotateLeft((hash + Math.imul(words[at]!, PRIME_3)) | 0, 17), PRIME_4)
  }
  return avalanche(hash) | 0
}

/** Every bit of the sum bears on every bit of the result. */
function avalanche(sum: number): number {
  let hash = Math.imul(sum ^ (sum >>> 15), PRIME_2)
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3)
  return (hash ^ (hash >>> 16)) >>> 0
}

function round(lane: number, word: number): number {
  return Math.imul(rotateLeft((lane + Math.imul(word, PRIME_2)) | 0, 13), PRIME_1)
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits))
}

function wordAt(bytes: Uint8Array, position: number): number {
  return bytes[position]! | (bytes[position + 1]! << 8) | (bytes[position + 2]! << 16) | (bytes[position + 3]! << 24)
}
