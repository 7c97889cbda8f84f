// The decimal edge: decimal strings outside, whole ticks and lots inside, exactly. Nothing is ever rounded: what lies off
// the grid is refused with the nearest values that lie on it.

import { Decimal } from 'decimal.js'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../limits.ts'
import type { Instrument } from '../symbol.ts'

type Grid = Pick<Instrument, 'symbol' | 'tickSize' | 'lotSize'>

/** Digits before and after the point that a decimal may have. */
const DIGITS_MAX = 15
const PLAIN_DECIMAL = /^-?(\d+)(?:\.(\d+))?$/
const LENGTH_MAX = 2 * DIGITS_MAX + 2
/** Longer input is shortened in messages. */
const SHOWN_LENGTH_MAX = 40

// The quotient of two decimals of 30 digits each is a whole number or differs from one within 60 digits: 100 are exact.
const ExactDecimal = Decimal.clone({ precision: 100, toExpPos: 100, toExpNeg: -100 })

/** A decimal that is none, or that the grid does not have. The message names the input, the grid and a way back to it. */
export class DecimalError extends Error {
  override name = 'DecimalError'
  readonly input: string
  /** What is wrong, as the rest of a sentence that begins with the input: "is off the tick grid of AAPL". */
  readonly problem: string
  /** The step of the grid. */
  readonly stepSize: string
  /** Valid values closest to the input, ascending; empty when the input is no number at all. */
  readonly nearest: readonly string[]

  constructor(input: string, problem: string, stepSize: string, nearest: readonly string[]) {
    const shown = input.length > SHOWN_LENGTH_MAX ? `${input.slice(0, SHOWN_LENGTH_MAX)}…` : input
    const remedy = nearest.length === 0 ? '' : `; nearest valid: ${nearest.join(' and ')}`
    super(`${JSON.stringify(shown)} ${problem} (step ${stepSize}${remedy})`)
    this.input = input
    this.problem = problem
    this.stepSize = stepSize
    this.nearest = nearest
  }
}

/** The price as ticks, 1 .. PRICE_TICKS_MAX. Throws DecimalError. */
export function ticksOf(price: string, instrument: Grid): number {
  return stepsOf(price, instrument.tickSize, PRICE_TICKS_MAX, `tick grid of ${instrument.symbol}`)
}

/** The quantity as lots, 1 .. QUANTITY_LOTS_MAX. Throws DecimalError. */
export function lotsOf(quantity: string, instrument: Grid): number {
  return stepsOf(quantity, instrument.lotSize, QUANTITY_LOTS_MAX, `lot grid of ${instrument.symbol}`)
}

/** With as many digits after the point as the tick size has. */
export function priceText(ticks: number, instrument: Grid): string {
  return onGrid(ticks, instrument.tickSize)
}

/** With as many digits after the point as the lot size has. */
export function quantityText(lots: number, instrument: Grid): string {
  return onGrid(lots, instrument.lotSize)
}

/** Ticks times lots (a whole number, also negative) as money. */
export function moneyText(tickLots: number, instrument: Grid): string {
  return new ExactDecimal(instrument.tickSize).mul(instrument.lotSize).mul(tickLots).toFixed()
}

/** The price at which `costTickLots` are `lots`: rounded to ten digits after the point, because it may have no end. */
export function averageText(costTickLots: number, lots: number, instrument: Grid): string {
  return new ExactDecimal(costTickLots).div(lots).mul(instrument.tickSize).toDecimalPlaces(10).toFixed()
}

/** The sum of decimals, exactly. */
export function sumText(values: readonly string[]): string {
  return values.reduce((sum, value) => sum.add(value), new ExactDecimal(0)).toFixed()
}

/** Is the text a decimal that may be a tick or lot size: plain digits, above zero? */
export function isStepSize(text: string): boolean {
  return problemWith(text) === null && new ExactDecimal(text).gt(0)
}

function onGrid(steps: number, stepSize: string): string {
  const step = new ExactDecimal(stepSize)
  return step.mul(steps).toFixed(step.decimalPlaces())
}

function stepsOf(text: string, stepSize: string, stepsMax: number, grid: string): number {
  const problem = problemWith(text)
  if (problem !== null) throw new DecimalError(text, problem, stepSize, [])
  const steps = new ExactDecimal(text).div(stepSize)
  if (steps.lte(0)) throw new DecimalError(text, 'must be above zero', stepSize, [onGrid(1, stepSize)])
  if (steps.gt(stepsMax)) throw new DecimalError(text, 'is too large', stepSize, [onGrid(stepsMax, stepSize)])
  if (!steps.isInteger()) {
    const below = steps.floor().toNumber()
    const nearest = [below, below + 1].filter((count) => count >= 1 && count <= stepsMax)
    const values = nearest.map((count) => onGrid(count, stepSize))
    throw new DecimalError(text, `is off the ${grid}`, stepSize, values)
  }
  return steps.toNumber()
}

/** Only plain digits count: no exponent, blank, separator, or name of a number. A minus is read, to be refused as such. */
function problemWith(text: string): string | null {
  if (text.length === 0) return 'is empty: a plain decimal such as 12.34 is needed'
  const isTooLong = text.length > LENGTH_MAX
  const match = PLAIN_DECIMAL.exec(isTooLong ? text.slice(0, LENGTH_MAX) : text)
  if (match === null) return 'is no plain decimal such as 12.34'
  if (!isTooLong && match[1]!.length <= DIGITS_MAX && (match[2]?.length ?? 0) <= DIGITS_MAX) return null
  return `has too many digits: at most ${DIGITS_MAX} before and ${DIGITS_MAX} after the point`
}
