// Rows of a replay in columns: what the exchange and we learn of the recorded market, each at its own time.
//
// Rows come in chunks that are chained. Two readers walk the chain at their own pace; a chunk that both have left is
// garbage, so that memory is bounded by the latency between them, whatever the length of the feed. To replay rows again
// and again, hold on to the first chunk.

import { assert } from '../../base/assert.ts'

/** Low four bits of a row's word. */
export const RowKind = { DEPTH: 1, TRADE: 2, CLEAR: 3, SNAPSHOT: 4, ADD: 10, CANCEL: 11, MODIFY: 12, FILL: 13 } as const
export const ROW_KIND_MASK = 15

/** High four bits of a row's word. Both sides missing: the row is of no side. */
export const RowFlag = { SELL: 16, BUY: 32, LOCAL: 64, EXCHANGE: 128 } as const

export const ROW_CHUNK_SIZE = 32_768

export class RowChunk {
  count = 0
  /** Chunk after this one; null: none; undefined: not asked for yet. */
  next: RowChunk | null | undefined
  readonly word = new Uint8Array(ROW_CHUNK_SIZE)
  readonly exchangeNs = new Float64Array(ROW_CHUNK_SIZE)
  readonly localNs = new Float64Array(ROW_CHUNK_SIZE)
  readonly priceTicks = new Int32Array(ROW_CHUNK_SIZE)
  /** A double, as models of the queue compute with it. */
  readonly quantity = new Float64Array(ROW_CHUNK_SIZE)
  readonly orderId: Float64Array

  constructor(hasOrders: boolean) {
    this.orderId = new Float64Array(hasOrders ? ROW_CHUNK_SIZE : 0)
  }
}

export type RowSource = {
  readonly isByOrder: boolean
  /** By order: trades with displayed orders come as fills of these alone, not as trades too. */
  readonly areFillsTrades?: boolean
  /** The next chunk, with at least one row; null at the end. */
  pull(): RowChunk | null
}

/** The chunk after `chunk`, asked for when it is not there yet. */
export function nextChunk(chunk: RowChunk, source: RowSource): RowChunk | null {
  if (chunk.next === undefined) chunk.next = source.pull()
  assert(chunk.next === null || chunk.next.count > 0, 'a chunk holds rows')
  return chunk.next
}

/** All rows in memory, to be replayed many times. */
export function loadRows(source: RowSource): RowChunk | null {
  const first = source.pull()
  let last = first
  while (last !== null) last = nextChunk(last, source)
  return first
}

/** Rows that are in memory already. */
export const LOADED: Pick<RowSource, 'pull'> = { pull: () => null }
