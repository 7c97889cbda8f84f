// What the trades of a session add up to, per symbol: open, high, low, last, volume and volume-weighted average price.
//
// All sums are exact. Price times quantity may pass 2^53, so it is summed in two parts: turnover = high * 2^15 + low.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'

const LOW_RANGE = 32_768

export class TradeStatistics {
  // Per symbol; 0 before its first trade.
  readonly openTicks: Int32Array
  readonly highTicks: Int32Array
  readonly lowTicks: Int32Array
  readonly lastTicks: Int32Array
  readonly tradeCount: Float64Array
  readonly volumeLots: Float64Array
  /** Sum of price times quantity: high * 2^15 + low. */
  readonly turnoverHigh: Float64Array
  readonly turnoverLow: Float64Array

  constructor(symbolCount: number) {
    this.openTicks = new Int32Array(symbolCount)
    this.highTicks = new Int32Array(symbolCount)
    this.lowTicks = new Int32Array(symbolCount)
    this.lastTicks = new Int32Array(symbolCount)
    this.tradeCount = new Float64Array(symbolCount)
    this.volumeLots = new Float64Array(symbolCount)
    this.turnoverHigh = new Float64Array(symbolCount)
    this.turnoverLow = new Float64Array(symbolCount)
  }

  addTrade(symbolId: number, priceTicks: number, quantityLots: number): void {
    assert(priceTicks > 0 && quantityLots > 0, 'a trade has a price and a quantity')
    if (this.tradeCount[symbolId] === 0) {
      this.openTicks[symbolId] = priceTicks
      this.highTicks[symbolId] = priceTicks
      this.lowTicks[symbolId] = priceTicks
    }
    if (priceTicks > this.highTicks[symbolId]!) this.highTicks[symbolId] = priceTicks
    if (priceTicks < this.lowTicks[symbolId]!) this.lowTicks[symbolId] = priceTicks
    this.lastTicks[symbolId] = priceTicks
    this.tradeCount[symbolId]! += 1
    this.volumeLots[symbolId]! += quantityLots
    // quantity = quotient * 2^15 + remainder: both products stay far below 2^53.
    const quotient = Math.floor(quantityLots / LOW_RANGE)
    const low = this.turnoverLow[symbolId]! + priceTicks * (quantityLots - quotient * LOW_RANGE)
    const carry = Math.floor(low / LOW_RANGE)
    this.turnoverLow[symbolId] = low - carry * LOW_RANGE
    this.turnoverHigh[symbolId]! += priceTicks * quotient + carry
  }

  /** Volume-weighted average price in ticks, a fraction; 0 before the first trade. */
  averageTicks(symbolId: number): number {
    const volume = this.volumeLots[symbolId]!
    if (volume === 0) return 0
    return (this.turnoverHigh[symbolId]! / volume) * LOW_RANGE + this.turnoverLow[symbolId]! / volume
  }

  /** Sum over trades of price times quantity, exactly. */
  turnoverTickLots(symbolId: number): bigint {
    return BigInt(this.turnoverHigh[symbolId]!) * BigInt(LOW_RANGE) + BigInt(this.turnoverLow[symbolId]!)
  }

  /** A new session of the symbol begins. */
  reset(symbolId: number): void {
    for (const column of [this.openTicks, this.highTicks, this.lowTicks, this.lastTicks]) column[symbolId] = 0
    for (const column of [this.tradeCount, this.volumeLots, this.turnoverHigh, this.turnoverLow]) column[symbolId] = 0
  }

  snapshot(writer: ByteWriter): void {
    writer.uint32(this.openTicks.length)
    for (let symbolId = 0; symbolId < this.openTicks.length; symbolId++) {
      writer.int32(this.openTicks[symbolId]!)
      writer.int32(this.highTicks[symbolId]!)
      writer.int32(this.lowTicks[symbolId]!)
      writer.int32(this.lastTicks[symbolId]!)
      writer.safeInteger(this.tradeCount[symbolId]!)
      writer.safeInteger(this.volumeLots[symbolId]!)
      writer.safeInteger(this.turnoverHigh[symbolId]!)
      writer.safeInteger(this.turnoverLow[symbolId]!)
    }
  }

  restore(reader: ByteReader): void {
    const symbolCount = reader.uint32()
    assert(symbolCount === this.openTicks.length, 'a snapshot of the same instruments')
    for (let symbolId = 0; symbolId < symbolCount; symbolId++) {
      this.openTicks[symbolId] = reader.int32()
      this.highTicks[symbolId] = reader.int32()
      this.lowTicks[symbolId] = reader.int32()
      this.lastTicks[symbolId] = reader.int32()
      this.tradeCount[symbolId] = reader.safeInteger()
      this.volumeLots[symbolId] = reader.safeInteger()
      this.turnoverHigh[symbolId] = reader.safeInteger()
      this.turnoverLow[symbolId] = reader.safeInteger()
    }
  }
}
