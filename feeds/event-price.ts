// The price of an event as the double nearest to its decimal.

import type { FeedBlock } from './feed-block.ts'
import { FeedFlag, SUB_TICKS_PER_TICK } from './feed-event.ts'
import { type Scale, toNumber } from './price-scale.ts'

/** Of event `i` of the block. What `subTicks` holds of an event that is on the tick is left over from another one. */
export function priceOf({ flags, priceTicks, subTicks }: FeedBlock, i: number, tick: Scale): number {
  const parts = (flags[i]! & FeedFlag.OFF_TICK) !== 0 ? subTicks[i]! : 0
  if (parts === 0) return toNumber(priceTicks[i]!, tick)
  return toNumber(priceTicks[i]! * SUB_TICKS_PER_TICK + parts, tick) / SUB_TICKS_PER_TICK
}
