// The models of generated orders by name: what trades in each symbol of the market.

import type { Prng } from '../../base/prng.ts'
import { HawkesFlow } from '../../exchange-sim/order-flow/hawkes.ts'
import { InformedFlow } from '../../exchange-sim/order-flow/informed.ts'
import { MomentumFlow } from '../../exchange-sim/order-flow/momentum.ts'
import type { OrderModel } from '../../exchange-sim/order-flow/order-model.ts'
import type { ClientOrderIds, OrderSink } from '../../exchange-sim/order-flow/order-sink.ts'
import {
  ZeroIntelligenceFlow,
  type ZeroIntelligenceParameters,
} from '../../exchange-sim/order-flow/zero-intelligence.ts'

/** A part of a model: trades on its own beside the others. */
type Part = new (sink: OrderSink, ids: ClientOrderIds, prng: Prng, symbolId: number, openingTicks: number) => OrderModel

/** What makes the book, and who only takes from it. */
const MODELS = {
  'zero-intelligence': { base: ZeroIntelligenceFlow, takers: [] },
  hawkes: { base: HawkesFlow, takers: [] },
  momentum: { base: ZeroIntelligenceFlow, takers: [MomentumFlow] },
  informed: { base: ZeroIntelligenceFlow, takers: [InformedFlow] },
  mixed: { base: HawkesFlow, takers: [MomentumFlow, InformedFlow] },
} as const satisfies Readonly<
  Record<string, { base: typeof ZeroIntelligenceFlow | typeof HawkesFlow; takers: readonly Part[] }>
>

export type ModelName = keyof typeof MODELS
export const MODEL_NAMES = Object.keys(MODELS) as [ModelName, ...ModelName[]]

/** The parts of a model for one symbol, each with a generator of its own. */
export function makeModel(
  name: ModelName,
  rates: ZeroIntelligenceParameters,
  sink: OrderSink,
  ids: ClientOrderIds,
  nextPrng: () => Prng,
  symbolId: number,
  openingTicks: number,
): readonly OrderModel[] {
  const { base: Base, takers } = MODELS[name]
  const parts: OrderModel[] = [new Base(sink, ids, nextPrng(), symbolId, openingTicks, rates)]
  for (const Taker of takers) parts.push(new Taker(sink, ids, nextPrng(), symbolId, openingTicks))
  return parts
}
