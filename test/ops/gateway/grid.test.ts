// The decimal edge of the HTTP API: to the grid and back, exactly, or refused with the way back.

import { expect, test } from 'vitest'
import { lotsOf, priceOrNull, ticksOf } from '../../../ops/gateway/grid.ts'
import { Problem } from '../../../ops/gateway/problem.ts'

const stock = { symbol: 'AAPL', tickSize: '0.01', lotSize: '1', openingPriceTicks: 18_000 }
const future = { symbol: 'ES', tickSize: '0.25', lotSize: '1', openingPriceTicks: 19_000 }
const coin = { symbol: 'BTC-USD', tickSize: '0.01', lotSize: '0.00001', openingPriceTicks: 6_000_000 }

test('a price of nothing is null', () => {
  expect(priceOrNull(18_732, 5, stock)).toBe('187.32')
  expect(priceOrNull(18_732, 0, stock)).toBeNull()
})

test('decimal strings become whole ticks and lots, exactly', () => {
  expect(ticksOf('187.32', 'price', stock)).toBe(18_732)
  expect(ticksOf('187.320', 'price', stock)).toBe(18_732)
  expect(ticksOf('4755.75', 'price', future)).toBe(19_023)
  expect(lotsOf('0.00003', 'quantity', coin)).toBe(3)
})

test.each([
  [() => ticksOf('187.321', 'price', stock), 'price is off the tick grid of AAPL', '"187.32" or "187.33"'],
  [() => ticksOf('4755.80', 'price', future), 'off the tick grid of ES', '"4755.75" or "4756.00"'],
  [() => ticksOf('0', 'price', stock), 'must be above zero', 'such as "0.01"'],
  [() => lotsOf('-5', 'quantity', stock), 'must be above zero', 'such as "1"'],
  [() => lotsOf('1000000001', 'quantity', stock), 'quantity is too large', 'such as "1000000000"'],
  [() => lotsOf('9'.repeat(40), 'quantity', stock), 'too many digits', 'a multiple of 1'],
  [() => lotsOf('0.5', 'quantity', stock), 'off the lot grid', 'such as "1".'],
])('what is off the grid is refused with the way back to it (%#)', (convert, error, remedy) => {
  expect(convert).toThrow(Problem)
  expect(convert).toThrow(
    expect.objectContaining({
      status: 422,
      body: expect.objectContaining({
        error: expect.stringContaining(error) as unknown,
        remedy: expect.stringContaining(remedy) as unknown,
      }) as unknown,
    }),
  )
})
