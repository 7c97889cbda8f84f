// What the desk holds of each symbol: the sum of its fills, exactly.
//
// Invariant: each fill is applied once, in the order of trade ids, and raises the symbol's version by one. Every number
// is a whole number of lots or tick-lots, so that any path to the same fills (replay, snapshot and tail, a query over
// the fills) gives the same position to the last unit.
//
// The cost of the open position is kept as a sum, not as an average. A fill that makes the position smaller takes out
// whole ticks per lot, the average rounded down; what the rounding leaves stays with the lots that remain, and leaves
// with the last of them. So cash + cost (signed like the position) is the realised profit at every moment.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { Side } from '../../protocol/kinds.ts'

/** Beyond this, sums of tick-lots could lose exactness. Half of what a double holds, so that one more fill still fits. */
const TICK_LOTS_MAX = 2 ** 52

export class Positions {
  readonly symbolCount: number
  readonly #version: Float64Array
  readonly #netLots: Float64Array
  readonly #cashTickLots: Float64Array
  /** Of the open position, never negative. */
  readonly #costTickLots: Float64Array
  readonly #lastTradeId: Float64Array

  constructor(symbolCount: number) {
    this.symbolCount = symbolCount
    this.#version = new Float64Array(symbolCount)
    this.#netLots = new Float64Array(symbolCount)
    this.#cashTickLots = new Float64Array(symbolCount)
    this.#costTickLots = new Float64Array(symbolCount)
    this.#lastTradeId = new Float64Array(symbolCount)
  }

  /** Number of fills so far. */
  version(symbolId: number): number {
    return this.#version[symbolId]!
  }

  /** Positive: long. */
  netLots(symbolId: number): number {
    return this.#netLots[symbolId]!
  }

  /** Sum over fills of -(signed lots) * price. */
  cashTickLots(symbolId: number): number {
    return this.#cashTickLots[symbolId]!
  }

  lastTradeId(symbolId: number): number {
    return this.#lastTradeId[symbolId]!
  }

  /** What the open position was bought for (long) or sold for (short): average price times lots. */
  costTickLots(symbolId: number): number {
    return this.#costTickLots[symbolId]!
  }

  realisedTickLots(symbolId: number): number {
    return this.#cashTickLots[symbolId]! + this.#signedCost(symbolId)
  }

  /** What closing the position at `markTicks` would add. */
  unrealisedTickLots(symbolId: number, markTicks: number): number {
    return this.#netLots[symbolId]! * markTicks - this.#signedCost(symbolId)
  }

  /** Whether sums stay exact even if all these lots fill at these prices. Asked before a quote becomes active. */
  canHold(symbolId: number, bidLots: number, bidTicks: number, askLots: number, askTicks: number): boolean {
    const reach = bidLots * bidTicks + askLots * askTicks
    const held = Math.max(Math.abs(this.#cashTickLots[symbolId]!), this.#costTickLots[symbolId]!)
    return held + reach <= TICK_LOTS_MAX
  }

  /** One fill of ours: BUY when we bought. */
  fill(symbolId: number, side: Side, priceTicks: number, quantityLots: number, tradeId: number): void {
    assert(tradeId > this.#lastTradeId[symbolId]!, 'fills are applied once, in the order of their trades')
    assert(quantityLots > 0 && priceTicks > 0, 'a fill has a quantity and a price')
    const signedLots = side === Side.BUY ? quantityLots : -quantityLots
    const before = this.#netLots[symbolId]!
    this.#costTickLots[symbolId] = costAfter(before, this.#costTickLots[symbolId]!, signedLots, priceTicks)
    this.#netLots[symbolId] = before + signedLots
    this.#cashTickLots[symbolId] = this.#cashTickLots[symbolId]! - signedLots * priceTicks
    this.#lastTradeId[symbolId] = tradeId
    this.#version[symbolId] = this.#version[symbolId]! + 1
    assert(Number.isSafeInteger(this.#cashTickLots[symbolId]), 'the screen kept cash exact')
    assert(Number.isSafeInteger(this.#costTickLots[symbolId]), 'the screen kept cost exact')
  }

  snapshot(writer: ByteWriter): void {
    writer.uint32(this.symbolCount)
    for (let symbolId = 0; symbolId < this.symbolCount; symbolId++) {
      writer.safeInteger(this.#version[symbolId]!)
      writer.safeInteger(this.#netLots[symbolId]!)
      writer.safeInteger(this.#cashTickLots[symbolId]!)
      writer.safeInteger(this.#costTickLots[symbolId]!)
      writer.safeInteger(this.#lastTradeId[symbolId]!)
    }
  }

  restore(reader: ByteReader): void {
    assert(reader.uint32() === this.symbolCount, 'the snapshot is of the same instruments')
    for (let symbolId = 0; symbolId < this.symbolCount; symbolId++) {
      this.#version[symbolId] = reader.safeInteger()
      this.#netLots[symbolId] = reader.safeInteger()
      this.#cashTickLots[symbolId] = reader.safeInteger()
      this.#costTickLots[symbolId] = reader.safeInteger()
      this.#lastTradeId[symbolId] = reader.safeInteger()
    }
  }

  #signedCost(symbolId: number): number {
    const cost = this.#costTickLots[symbolId]!
    return this.#netLots[symbolId]! < 0 ? 0 - cost : cost
  }
}

/** Cost of the open position after a fill of `signedLots` at `priceTicks`. */
export function costAfter(netLots: number, costTickLots: number, signedLots: number, priceTicks: number): number {
  const isAdding = netLots === 0 || netLots > 0 === signedLots > 0
  if (isAdding) return costTickLots + Math.abs(signedLots) * priceTicks
  const openLots = Math.abs(netLots)
  const fillLots = Math.abs(signedLots)
  if (fillLots >= openLots) return (fillLots - openLots) * priceTicks
  return costTickLots - Math.floor(costTickLots / openLots) * fillLots
}
