// Which slot a client's session has: found several times for each record, and changed when a session begins or is forgotten.
//
// A hash table with open addressing, at most a quarter full, so that what is looked for is where it belongs or next to it.
// Nothing is taken out of it: who forgets a client builds it anew from those that are left.

import { assert } from '../../base/assert.ts'
import { SESSION_COUNT_MAX } from '../../protocol/limits.ts'

export const NO_SLOT = -1

const PLACE_BITS = 12
const PLACE_MASK = (1 << PLACE_BITS) - 1

export class ClientSlots {
  /** Client ids; 0: the place is free. */
  readonly #clientIds = new Int32Array(PLACE_MASK + 1)
  readonly #slots = new Int32Array(PLACE_MASK + 1).fill(NO_SLOT)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** NO_SLOT: the client has none. */
  find(clientId: number): number {
    let place = placeOf(clientId)
    // A free place has no slot.
    while (this.#clientIds[place] !== clientId && this.#clientIds[place] !== 0) place = (place + 1) & PLACE_MASK
    return this.#slots[place]!
  }

  add(clientId: number, slot: number): void {
    assert(clientId > 0 && this.find(clientId) === NO_SLOT, 'a client has one slot')
    assert(this.#count < SESSION_COUNT_MAX, 'there is room for as many as there may be')
    let place = placeOf(clientId)
    while (this.#clientIds[place] !== 0) place = (place + 1) & PLACE_MASK
    this.#clientIds[place] = clientId
    this.#slots[place] = slot
    this.#count += 1
  }

  clear(): void {
    this.#clientIds.fill(0)
    this.#slots.fill(NO_SLOT)
    this.#count = 0
  }
}

function placeOf(clientId: number): number {
  return Math.imul(clientId, 0x9e3779b1) >>> (32 - PLACE_BITS)
}
