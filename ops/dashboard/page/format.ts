// Numbers and times as people read them. Prices stay exact: whole ticks become decimals by whole-number arithmetic.

import type { InstrumentView } from '../../gateway/dashboard-protocol.ts'

export const NOTHING = '–'
const MINUS = '−'

const groups = new Intl.NumberFormat('en-US')

/** A step of a decimal grid, such as a tick: `units` in its last of `digits` decimals. 0.25 is 25 in 2 digits. */
type Step = { digits: number; units: number }
const steps = new Map<string, Step>()

function stepOf(size: string): Step {
  let step = steps.get(size)
  if (step === undefined) {
    const digits = (size.split('.')[1] ?? '').length
    step = { digits, units: Number(size.replace('.', '')) }
    steps.set(size, step)
  }
  return step
}

function onGrid(count: number, size: string, grouped: boolean): string {
  const { digits, units } = stepOf(size)
  const text = Math.abs(count * units)
    .toString()
    .padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  const head = (count < 0 ? MINUS : '') + (grouped ? groups.format(Number(whole)) : whole)
  return digits === 0 ? head : `${head}.${text.slice(-digits)}`
}

/** Nothing for an instrument that is not known, such as one of the market that was shown before. */
export function price(ticks: number, instrument: InstrumentView | undefined): string {
  return ticks === 0 || instrument === undefined ? NOTHING : onGrid(ticks, instrument.tickSize, false)
}

export function priceDifference(ticks: number, instrument: InstrumentView): string {
  return onGrid(ticks, instrument.tickSize, false)
}

export function count(value: number): string {
  return value < 0 ? MINUS + groups.format(-value) : groups.format(value)
}

/** +12, −3 or 0. */
export function signed(value: number): string {
  return value > 0 ? `+${count(value)}` : count(value)
}

/** Ticks times lots as money, signed, with two decimals. For reading only: the API has the exact figure. */
export function money(tickLots: number, instrument: InstrumentView): string {
  return signedMoney(moneyValue(tickLots, instrument))
}

export function moneyValue(tickLots: number, instrument: InstrumentView): number {
  return tickLots * Number(instrument.tickSize) * Number(instrument.lotSize)
}

export function signedMoney(value: number): string {
  const cents = Math.round(value * 100)
  if (cents === 0) return '0.00'
  const text = (Math.abs(cents) / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
  return (cents < 0 ? MINUS : '+') + text
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** 14:03:07 */
export function time(timeMs: number): string {
  return clock.format(timeMs)
}

/** 14:03:07.042 */
export function timeExact(timeMs: number): string {
  return `${clock.format(timeMs)}.${Math.floor(timeMs % 1000)
    .toString()
    .padStart(3, '0')}`
}

/** 8 s, 3 min 20 s, 2 h 05 min, 3 d 4 h */
export function duration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${(seconds % 60).toString().padStart(2, '0')} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return `${hours} h ${(minutes % 60).toString().padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

export function megabytes(bytes: number): string {
  return bytes === 0 ? NOTHING : `${Math.round(bytes / 1_048_576)} MB`
}

export function microseconds(us: number): string {
  if (us === 0) return NOTHING
  return us < 1_000 ? `${Math.round(us)} µs` : `${(us / 1_000).toFixed(us < 10_000 ? 1 : 0)} ms`
}
