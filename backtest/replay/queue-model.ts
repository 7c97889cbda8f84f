// How far an order has come in the queue of its price level, estimated from what the recorded market shows.
//
//   front    displayed quantity ahead of the order: what rested at its price when it was accepted
//   traded   traded at its price since the last change of the level: that part of a change was no cancel
//
// When the level shrinks by more than was traded, orders were cancelled: ahead of us, or behind us with probability p, of
// which the models differ. f is the front, b the quantity behind the order. Upstream: hftbacktest, queue models; the
// probabilities follow Rigtorp ("Estimating order queue position", 2013) and its generalisations.

import { assert } from '../../base/assert.ts'
import { roundAway } from './rounding.ts'

/** Probability that a cancel happened behind us. */
export type CancelBehind = (front: number, back: number) => number

export type QueueModel = {
  readonly name: string
  /** Null: nobody ahead of us ever cancels, as far as the displayed quantity allows. */
  readonly cancelBehind: CancelBehind | null
}

/** An order's place in its level. */
export type QueuePlace = { front: number; traded: number }

const DEFAULT_POWER = 3

type PowerForm = (power: number) => CancelBehind

const POWER_FORMS: Readonly<Record<string, PowerForm>> = {
  PowerProb: (power) => (front, back) => {
    const behind = back ** power
    return behind / (behind + front ** power)
  },
  PowerProb2: (power) => (front, back) => back ** power / (back + front) ** power,
  PowerProb3: (power) => (front, back) => 1 - (front / (front + back)) ** power,
}

const LOG_FORMS: Readonly<Record<string, CancelBehind>> = {
  LogProb: (front, back) => {
    const behind = Math.log(1 + back)
    return behind / (behind + Math.log(1 + front))
  },
  LogProb2: (front, back) => Math.log(1 + back) / Math.log(1 + (back + front)),
}

/** The models that a comparison of models runs under. */
export const QUEUE_MODEL_NAMES = [
  'RiskAdverse',
  'PowerProb3.0',
  'PowerProb2_3.0',
  'PowerProb3_3.0',
  'LogProb',
  'LogProb2',
] as const

/**
 * The model of a name, or null: RiskAdverse, LogProb, LogProb2, and PowerProb, PowerProb2, PowerProb3 with their power
 * after them: PowerProb3.0 is PowerProb with power 3, PowerProb2_3.0 is PowerProb2 with power 3.
 */
export function queueModelOf(name: string): QueueModel | null {
  if (name === 'RiskAdverse') return { name, cancelBehind: null }
  const log = LOG_FORMS[name]
  if (log !== undefined) return { name, cancelBehind: log }
  const match = /^PowerProb(?:([23])(?:_(\d+(?:\.\d+)?))?$|(\d+\.\d+)?$)/.exec(name)
  if (match === null) return null
  const [, form = '', formPower, plainPower] = match
  const power = Number(formPower ?? plainPower ?? DEFAULT_POWER)
  const make = POWER_FORMS[`PowerProb${form}`]
  assert(make !== undefined, 'the pattern names only forms that exist')
  return power > 0 ? { name, cancelBehind: make(power) } : null
}

export function onTradeAtPrice(place: QueuePlace, quantity: number): void {
  place.front -= quantity
  place.traded += quantity
}

/** The level went from `before` to `after`. */
export function onLevelChange(model: QueueModel, place: QueuePlace, before: number, after: number): void {
  const { cancelBehind } = model
  if (cancelBehind === null) {
    place.front = lesser(place.front, after)
    return
  }
  const cancelled = before - after - place.traded
  place.traded = 0
  if (cancelled < 0) {
    place.front = lesser(place.front, after)
    return
  }
  const { front } = place
  const back = before - front
  let behind = cancelBehind(front, back)
  if (behind === Number.POSITIVE_INFINITY || behind === Number.NEGATIVE_INFINITY) behind = 1
  const estimate = front - (1 - behind) * cancelled + lesser(back - behind * cancelled, 0)
  place.front = lesser(estimate, after)
}

/** Lots that have traded past the front: more than 0 fills the order. */
export function lotsPastFront(place: QueuePlace, lotSize: number): number {
  return roundAway(-place.front / lotSize)
}

/** The smaller one; the other one when one is not a number. */
function lesser(one: number, other: number): number {
  if (one < other || other !== other) return one
  return other
}
