// Order latency guessed from the latency of the feed: for every stretch of time one row of a latency table, made of the
// last event that reached exchange and us in the usual order.
//
//   f = local - exchange time of it     sent = local     at exchange = sent + a * f + b     answered = at exchange + c * f + d

import { FeedBlock } from '../feeds/feed-block.ts'
import { FeedFlag } from '../feeds/feed-event.ts'
import type { BlockSource } from './feed-rows.ts'
import type { LatencyTable } from './replay/latency-model.ts'

export type FeedLatencySettings = {
  readonly entryFactor: number
  readonly entryOffsetNs: number
  readonly responseFactor: number
  readonly responseOffsetNs: number
  readonly resampleNs: number
}

const BOTH = FeedFlag.EXCHANGE | FeedFlag.LOCAL

/** Null: the feed has no event that both sides see. */
export function feedLatencyTable(blocks: BlockSource, settings: FeedLatencySettings): LatencyTable | null {
  const { entryFactor, entryOffsetNs, responseFactor, responseOffsetNs, resampleNs } = settings
  const sent: number[] = []
  const exchange: number[] = []
  const answered: number[] = []
  const block = new FeedBlock()
  let bucket = Number.NaN
  let localNs = Number.NaN
  let latencyNs = Number.NaN
  const close = () => {
    if (Number.isNaN(bucket)) return
    const exchangeNs = localNs + Math.trunc(entryFactor * latencyNs + entryOffsetNs)
    sent.push(localNs)
    exchange.push(exchangeNs)
    answered.push(exchangeNs + Math.trunc(responseFactor * latencyNs + responseOffsetNs))
  }
  while (blocks.next(block)) {
    for (let i = 0; i < block.count; i++) {
      if ((block.flags[i]! & BOTH) !== BOTH) continue
      const own = Math.floor(block.localNs[i]! / resampleNs)
      if (own !== bucket) close()
      bucket = own
      localNs = block.localNs[i]!
      latencyNs = localNs - block.exchangeNs[i]!
    }
  }
  close()
  if (sent.length === 0) return null
  return {
    sentNs: Float64Array.from(sent),
    exchangeNs: Float64Array.from(exchange),
    answeredNs: Float64Array.from(answered),
  }
}
