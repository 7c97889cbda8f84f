// What every generator of orders for one symbol is to those who run it.

import type { Prng } from '../../base/prng.ts'

export type OrderModel = {
  /** Orders sent, by what they were. */
  readonly counts: { limits: number; markets: number; cancels: number }
  /** Own orders that are believed to rest. */
  readonly orderCount: number
  /** When the next event happens, in nanoseconds of the model since its start. */
  readonly nextNs: number
  /** Lets the next event happen. Not each one sends an order; returns whether one was sent. */
  step(): boolean
  /** What everybody is told; 0 for a side without orders. */
  observeTouch(bidTicks: number, askTicks: number, referenceTicks: number): void
  /** Nothing is left of one of its orders. */
  orderGone(clientOrderId: number): void
}

/** A quantity, geometrically distributed from 1 on, and at most forty times the mean. */
export function geometricLots(prng: Prng, mean: number): number {
  if (mean <= 1) return 1
  // The whole part of an exponential variable is geometric; its parameter makes the mean right.
  const lots = 1 + Math.floor(-Math.log(1 - prng.nextFloat()) / Math.log(mean / (mean - 1)))
  return Math.min(lots, Math.ceil(mean * 40))
}

/** Normally distributed with mean 0 and standard deviation 1 (Box and Muller, 1958). */
export function nextNormal(prng: Prng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - prng.nextFloat()))
  return radius * Math.cos(2 * Math.PI * prng.nextFloat())
}
