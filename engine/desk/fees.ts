// What the desk's fills cost in fees, or bring in as rebates, by symbol and side of liquidity. Exact.
//
// Kept are the lots that traded on each side; the fees follow from them. So the sums cannot lose a unit, and a fee is
// what the configuration says of all fills of the journal.

import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import type { FeeRates, Instrument } from '../../protocol/symbol.ts'

const NO_FEES: FeeRates = { makerMilliTicks: 0, takerMilliTicks: 0 }

export class Fees {
  readonly #rates: readonly FeeRates[]
  readonly #makerLots: Float64Array
  readonly #takerLots: Float64Array

  constructor(instruments: readonly Instrument[]) {
    this.#rates = instruments.map(({ fees }) => fees ?? NO_FEES)
    this.#makerLots = new Float64Array(instruments.length)
    this.#takerLots = new Float64Array(instruments.length)
  }

  /** One fill of ours; `isMaker`: our order rested. */
  fill(symbolId: number, quantityLots: number, isMaker: boolean): void {
    const lots = isMaker ? this.#makerLots : this.#takerLots
    lots[symbolId]! += quantityLots
  }

  makerLots(symbolId: number): number {
    return this.#makerLots[symbolId]!
  }

  takerLots(symbolId: number): number {
    return this.#takerLots[symbolId]!
  }

  /** All fees of the symbol, in thousandths of a tick times lots. Below 0 the rebates are more. */
  paidMilliTickLots(symbolId: number): bigint {
    const { makerMilliTicks, takerMilliTicks } = this.#rates[symbolId]!
    const maker = BigInt(this.#makerLots[symbolId]!) * BigInt(makerMilliTicks)
    return maker + BigInt(this.#takerLots[symbolId]!) * BigInt(takerMilliTicks)
  }

  snapshot(writer: ByteWriter): void {
    for (let symbolId = 0; symbolId < this.#rates.length; symbolId++) {
      writer.safeInteger(this.#makerLots[symbolId]!)
      writer.safeInteger(this.#takerLots[symbolId]!)
    }
  }

  restore(reader: ByteReader): void {
    for (let symbolId = 0; symbolId < this.#rates.length; symbolId++) {
      this.#makerLots[symbolId] = reader.safeInteger()
      this.#takerLots[symbolId] = reader.safeInteger()
    }
  }
}
