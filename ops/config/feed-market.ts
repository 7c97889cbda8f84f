// The market that a recorded feed needs: its instruments, each opening at the first price that was recorded for it.

import { describeFeedError, openFeed } from '../../feeds/io/feed-file.ts'
import { openingPrices } from '../../feeds/opening-price.ts'
import { scaleOf } from '../../feeds/price-scale.ts'
import type { TandemConfigInput } from './schema.ts'

type InstrumentInput = NonNullable<TandemConfigInput['instruments']>[number]

export function instrumentsOfFeed(path: string): InstrumentInput[] {
  const feed = openFeed(path)
  try {
    const { instruments } = feed.reader.header
    const openingTicks = openingPrices(feed.reader)
    return instruments.flatMap(({ symbol, tickSize, lotSize }, index) => {
      const ticks = openingTicks[index] ?? 0
      if (ticks === 0) return []
      return [{ symbol, tickSize, lotSize, openingPrice: priceText(ticks, tickSize) }]
    })
  } catch (error) {
    throw describeFeedError(path, error)
  } finally {
    feed.close()
  }
}

/** Whole ticks as a decimal text, exactly. */
function priceText(ticks: number, tickSize: string): string {
  const { mantissa, decimals } = scaleOf(tickSize)
  const digits = (BigInt(ticks) * BigInt(mantissa)).toString().padStart(decimals + 1, '0')
  const point = digits.length - decimals
  return decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`
}
