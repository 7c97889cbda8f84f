// The decimal edge of the HTTP API: decimal strings in and out, whole ticks and lots inside. Nothing is rounded: what is
// off the grid is refused with the nearest values that are on it.

import { Decimal } from 'decimal.js'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../../protocol/limits.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import { Problem } from './problem.ts'

/** The decimal string of a whole number of grid steps, with the digits of the step. */
function onGrid(steps: number, stepSize: string): string {
  const step = new Decimal(stepSize)
  return step.mul(steps).toFixed(step.decimalPlaces())
}

export function priceText(ticks: number, instrument: Instrument): string {
  return onGrid(ticks, instrument.tickSize)
}

/** The price, or null where the number of ticks means that there is none. */
export function priceOrNull(ticks: number, lots: number, instrument: Instrument): string | null {
  return lots === 0 || ticks === 0 ? null : priceText(ticks, instrument)
}

export function quantityText(lots: number, instrument: Instrument): string {
  return onGrid(lots, instrument.lotSize)
}

/** Ticks times lots as money, exact. */
export function moneyText(tickLots: number, instrument: Instrument): string {
  return new Decimal(instrument.tickSize).mul(instrument.lotSize).mul(tickLots).toFixed()
}

/** Throws a Problem unless the text is a price on the tick grid and in range. */
export function ticksOf(text: string, field: string, instrument: Instrument): number {
  return stepsOf(text, field, instrument.tickSize, PRICE_TICKS_MAX, `the tick grid of ${instrument.symbol}`)
}

/** Throws a Problem unless the text is a quantity above zero, on the lot grid and in range. */
export function lotsOf(text: string, field: string, instrument: Instrument): number {
  return stepsOf(text, field, instrument.lotSize, QUANTITY_LOTS_MAX, `the lot grid of ${instrument.symbol}`)
}

function stepsOf(text: string, field: string, stepSize: string, stepsMax: number, grid: string): number {
  const steps = new Decimal(text).div(stepSize)
  if (steps.lte(0)) {
    throw new Problem(422, {
      error: `${field} must be above zero`,
      field,
      value: text,
      remedy: `Send at least "${stepSize}".`,
    })
  }
  if (steps.gt(stepsMax)) {
    const most = onGrid(stepsMax, stepSize)
    throw new Problem(422, { error: `${field} is too large`, field, value: text, remedy: `Send at most "${most}".` })
  }
  if (!steps.isInteger()) {
    const below = steps.floor().toNumber()
    const above = `"${onGrid(below + 1, stepSize)}"`
    const nearest = below === 0 ? above : `"${onGrid(below, stepSize)}" or ${above}`
    throw new Problem(422, {
      error: `${field} is off ${grid}`,
      field,
      value: text,
      remedy: `Send a multiple of ${stepSize}, such as ${nearest}.`,
    })
  }
  return steps.toNumber()
}
