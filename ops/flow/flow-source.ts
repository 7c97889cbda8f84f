// What an order flow publisher publishes: steps in the order of their due times, each of a few commands at most.

import { FeedFlow } from '../../backtest/feed-flow.ts'
import { Prng } from '../../base/prng.ts'
import type { OrderModel } from '../../exchange-sim/order-flow/order-model.ts'
import { ClientOrderIds, type OrderSink } from '../../exchange-sim/order-flow/order-sink.ts'
import {
  ZERO_INTELLIGENCE_DEFAULTS,
  type ZeroIntelligenceParameters,
} from '../../exchange-sim/order-flow/zero-intelligence.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import type { FeedReader } from '../../feeds/feed-reader.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import { type ModelName, makeModel } from './order-models.ts'

/** Commands that one step may write. */
export const STEP_COMMAND_COUNT_MAX = 4

export type FlowSource = {
  /** When the next step is due, in nanoseconds of the flow's own time since its start; Infinity when it has ended. */
  dueNs(): number
  /** Writes the commands of the next step. */
  step(): void
  /** The touch and reference price that everybody is told; 0 for a side without orders. */
  observeTouch(symbolId: number, bidTicks: number, askTicks: number, referenceTicks: number): void
  /** Nothing is left of an order of this flow. */
  orderGone(symbolId: number, clientOrderId: number): void
  /** Figures for the status. */
  details(): Readonly<Record<string, unknown>>
}

/** Recorded orders, at the times at which the exchange saw them. */
export class FeedSource implements FlowSource {
  readonly #reader: FeedReader
  readonly #flow: FeedFlow
  readonly #block = new FeedBlock()
  readonly #eventCountTotal: number
  #at = 0
  #firstNs = 0
  #eventCount = 0
  #isEnded = false

  /** `symbolIds`: by instrument of the feed, -1 for one that is not traded here. */
  constructor(reader: FeedReader, sink: OrderSink, symbolIds: readonly number[]) {
    this.#reader = reader
    this.#flow = new FeedFlow(sink, symbolIds)
    this.#eventCountTotal = reader.index()?.reduce((sum, { eventCount }) => sum + eventCount, 0) ?? 0
    this.#nextBlock()
    if (!this.#isEnded) this.#firstNs = this.#block.exchangeNs[0]!
  }

  dueNs(): number {
    return this.#isEnded ? Number.POSITIVE_INFINITY : this.#block.exchangeNs[this.#at]! - this.#firstNs
  }

  step(): void {
    this.#flow.apply(this.#block, this.#at)
    this.#at += 1
    this.#eventCount += 1
    if (this.#at === this.#block.count) this.#nextBlock()
  }

  observeTouch(): void {}

  orderGone(): void {}

  details(): Readonly<Record<string, unknown>> {
    const sums: Record<string, number> = {}
    for (const flow of this.#flow.flows) {
      for (const [name, value] of Object.entries(flow?.counts ?? {})) sums[name] = (sums[name] ?? 0) + value
    }
    return {
      eventCount: this.#eventCount,
      eventCountTotal: this.#eventCountTotal,
      skippedCount: this.#flow.skippedCount,
      ...Object.fromEntries(Object.entries(sums).map(([name, value]) => [`${name}Count`, value])),
    }
  }

  #nextBlock(): void {
    this.#at = 0
    if (!this.#reader.next(this.#block)) this.#isEnded = true
  }
}

export type GeneratorOptions = {
  readonly seed: number
  /** Commands a second over all symbols; undefined: each symbol at the rates of its model. */
  readonly ratePerS: number | undefined
  /** The zero-intelligence model when left out. */
  readonly model?: ModelName
  /** Measured rates of the book's orders; those of the paper when left out. */
  readonly rates?: ZeroIntelligenceParameters | undefined
}

/** Generated orders: a model for each symbol, of one or more parts that trade beside each other. */
export class GeneratorSource implements FlowSource {
  /** By symbol. */
  readonly #models: readonly (readonly OrderModel[])[]
  readonly #parts: readonly OrderModel[]
  readonly #commandNs: number | undefined
  #stepCount = 0

  constructor(instruments: readonly Instrument[], sink: OrderSink, options: GeneratorOptions) {
    const ids = new ClientOrderIds()
    const seeds = new Prng(options.seed)
    const { model = 'zero-intelligence', rates = ZERO_INTELLIGENCE_DEFAULTS } = options
    const nextPrng = () => new Prng(seeds.nextUint32())
    this.#models = instruments.map(({ openingPriceTicks }, symbolId) =>
      makeModel(model, rates, sink, ids, nextPrng, symbolId, openingPriceTicks),
    )
    this.#parts = this.#models.flat()
    this.#commandNs = options.ratePerS === undefined ? undefined : 1e9 / options.ratePerS
  }

  dueNs(): number {
    return this.#commandNs === undefined ? earliestOf(this.#parts).nextNs : this.#stepCount * this.#commandNs
  }

  step(): void {
    if (this.#commandNs === undefined) {
      earliestOf(this.#parts).step()
      return
    }
    // At a fixed rate the symbols take turns, and each step is a command: what a model leaves out takes no time.
    const model = this.#models[this.#stepCount % this.#models.length]!
    this.#stepCount += 1
    for (let tries = 0; tries < STEP_TRY_COUNT_MAX && !earliestOf(model).step(); tries++);
  }

  observeTouch(symbolId: number, bidTicks: number, askTicks: number, referenceTicks: number): void {
    for (const part of this.#models[symbolId] ?? []) part.observeTouch(bidTicks, askTicks, referenceTicks)
  }

  orderGone(symbolId: number, clientOrderId: number): void {
    for (const part of this.#models[symbolId] ?? []) part.orderGone(clientOrderId)
  }

  details(): Readonly<Record<string, unknown>> {
    const sum = (pick: (flow: OrderModel) => number) => this.#parts.reduce((total, flow) => total + pick(flow), 0)
    return {
      limitCount: sum((flow) => flow.counts.limits),
      marketCount: sum((flow) => flow.counts.markets),
      cancelCount: sum((flow) => flow.counts.cancels),
      restingOrderCount: sum((flow) => flow.orderCount),
    }
  }
}

function earliestOf(models: readonly OrderModel[]): OrderModel {
  let earliest = models[0]!
  for (const model of models) if (model.nextNs < earliest.nextNs) earliest = model
  return earliest
}

/** A model that leaves out this many events one after another is given up for this turn. */
const STEP_TRY_COUNT_MAX = 64
