// Views of the first bytes of one buffer, made when a length first occurs and handed out again ever after: who sends
// messages of some hundred lengths allocates nothing for it once each has occurred.

import type { AlignedBuffer } from './aligned-buffer.ts'

/** Longer ones are rare, and worth a new view each time. */
const KEPT_LENGTH_MAX = 16_384

export class PrefixViews {
  readonly #bytes: Uint8Array
  /** View of length n is at n / 8. */
  readonly #views: (Uint8Array | undefined)[]

  constructor({ bytes, size }: AlignedBuffer) {
    this.#bytes = bytes
    const views: undefined[] = []
    // Some seven times as fast as Array.from, where an engine has some dozens of these.
    for (let length = 0; length <= Math.min(size, KEPT_LENGTH_MAX); length += 8) views.push(undefined)
    this.#views = views
  }

  /** The first `length` bytes, a multiple of 8. */
  ofLength(length: number): Uint8Array {
    if (length > KEPT_LENGTH_MAX) return this.#bytes.subarray(0, length)
    const known = this.#views[length >> 3]
    if (known !== undefined) return known
    const view = this.#bytes.subarray(0, length)
    this.#views[length >> 3] = view
    return view
  }
}
