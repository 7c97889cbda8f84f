// A block of events in columns: what the format stores, what readers hand out and what writers fill.
//
// The block owns its arrays and is filled again and again: a consumer reads events 0 .. count-1 before it asks for more.

import { assert } from '../base/assert.ts'

/** Most events of one block, which bounds what a reader must hold. */
export const BLOCK_EVENT_COUNT_MAX = 32_768

export class FeedBlock {
  readonly capacity: number
  count = 0
  /** Number of the first event in the whole feed, from 0. */
  firstEventIndex = 0
  readonly kind: Uint8Array
  readonly flags: Uint16Array
  /** Index into the header's instruments. */
  readonly instrumentIndex: Uint16Array
  /** Nanoseconds since the header's time base. */
  readonly exchangeNs: Float64Array
  readonly localNs: Float64Array
  readonly priceTicks: Int32Array
  readonly quantityLots: Float64Array
  readonly orderId: Float64Array
  /** Added to the price of OFF_TICK events, in millionths of a tick; of no meaning in others. */
  readonly subTicks: Int32Array
  /** The source's own number of the message; 0 where it has none. */
  readonly sequence: Float64Array

  constructor(capacity = BLOCK_EVENT_COUNT_MAX) {
    assert(capacity >= 1 && capacity <= BLOCK_EVENT_COUNT_MAX, 'a block holds 1 .. BLOCK_EVENT_COUNT_MAX events')
    this.capacity = capacity
    this.kind = new Uint8Array(capacity)
    this.flags = new Uint16Array(capacity)
    this.instrumentIndex = new Uint16Array(capacity)
    this.exchangeNs = new Float64Array(capacity)
    this.localNs = new Float64Array(capacity)
    this.priceTicks = new Int32Array(capacity)
    this.quantityLots = new Float64Array(capacity)
    this.orderId = new Float64Array(capacity)
    this.subTicks = new Int32Array(capacity)
    this.sequence = new Float64Array(capacity)
  }
}
