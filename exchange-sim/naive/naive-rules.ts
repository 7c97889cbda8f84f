// What an instrument allows of prices and quantities. Rules: docs/exchange-rules.md.

import { Reason } from '../../protocol/kinds.ts'
import type { Instrument } from '../../protocol/symbol.ts'

export function instrumentRule(instrument: Instrument, priceTicks: number, quantityLots: number): Reason | undefined {
  const { lowestTicks, highestTicks, minimumLots, maximumLots, tickTable = [] } = instrument
  const isPriced = priceTicks >= 1
  if (isPriced && lowestTicks !== undefined && priceTicks < lowestTicks) return Reason.PRICE_OUT_OF_RANGE
  if (isPriced && highestTicks !== undefined && priceTicks > highestTicks) return Reason.PRICE_OUT_OF_RANGE
  const row = tickTable.findLast(({ fromTicks }) => fromTicks <= priceTicks)
  if (isPriced && row !== undefined && priceTicks % row.stepTicks !== 0) return Reason.PRICE_OFF_TICK
  if (quantityLots < 1) return undefined
  if (minimumLots !== undefined && quantityLots < minimumLots) return Reason.QUANTITY_OUT_OF_RANGE
  if (maximumLots !== undefined && quantityLots > maximumLots) return Reason.QUANTITY_OUT_OF_RANGE
  return undefined
}
