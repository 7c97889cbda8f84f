// Fees of the desk's fills: exact whatever the sums, and the same after a snapshot.

import { expect, test } from 'vitest'
import { ByteReader } from '../../../base/byte-reader.ts'
import { ByteWriter } from '../../../base/byte-writer.ts'
import { Fees } from '../../../engine/desk/fees.ts'
import { QUANTITY_LOTS_MAX } from '../../../protocol/limits.ts'
import type { Instrument } from '../../../protocol/symbol.ts'

const plain: Instrument = { symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 100 }
const instruments = [
  { ...plain, fees: { makerMilliTicks: -20, takerMilliTicks: 35 } },
  { ...plain, symbol: 'BBB' },
]

test('a maker is given a rebate and a taker pays', () => {
  const fees = new Fees(instruments)
  fees.fill(0, 10, true)
  fees.fill(0, 4, false)
  expect(fees.paidMilliTickLots(0)).toBe(BigInt(-20 * 10 + 35 * 4))
  expect([fees.makerLots(0), fees.takerLots(0)]).toEqual([10, 4])
})

test('without rates fills cost nothing, and are counted all the same', () => {
  const fees = new Fees(instruments)
  fees.fill(1, 7, false)
  expect(fees.paidMilliTickLots(1)).toBe(0n)
  expect(fees.takerLots(1)).toBe(7)
})

test('sums beyond what a double holds are exact', () => {
  const fees = new Fees(instruments)
  for (let count = 0; count < 1_000; count++) fees.fill(0, QUANTITY_LOTS_MAX - 1, false)
  expect(fees.paidMilliTickLots(0)).toBe(35n * 1_000n * BigInt(QUANTITY_LOTS_MAX - 1))
})

test('a snapshot brings them back', () => {
  const fees = new Fees(instruments)
  fees.fill(0, 10, true)
  fees.fill(1, 3, false)
  const writer = new ByteWriter()
  fees.snapshot(writer)
  const restored = new Fees(instruments)
  restored.restore(new ByteReader(writer.finish()))
  expect(restored.paidMilliTickLots(0)).toBe(-200n)
  expect(restored.takerLots(1)).toBe(3)
})
