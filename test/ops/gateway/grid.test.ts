// The decimal edge of the HTTP API: to the grid and back, exactly, or refused with the way back.

import { expect, test } from 'vitest'
import { lotsOf, moneyText, priceOrNull, priceText, quantityText, ticksOf } from '../../../ops/gateway/grid.ts'
import { Problem } from '../../../ops/gateway/problem.ts'

const stock = { symbol: 'AAPL', tickSize: '0.01', lotSize: '1', openingPriceTicks: 18_000 }
const future = { symbol: 'ES', tickSize: '0.25', lotSize: '1', openingPriceTicks: 19_000 }
const coin = { symbol: 'BTC-USD', tickSize: '0.01', lotSize: '0.00001', openingPriceTicks: 6_000_000 }

test('whole ticks and lots become decimal strings with the digits of their grid', () => {
  expect(priceText(18_732, stock)).toBe('187.32')
  expect(priceText(19_023, future)).toBe('4755.75')
  expect(quantityText(3, coin)).toBe('0.00003')
  expect(quantityText(-40, stock)).toBe('-40')
  expect(priceOrNull(18_732, 0, stock)).toBeNull()
  expect(moneyText(-3 * 6_712_345, coin)).toBe('-2.0137035')
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
  [() => ticksOf('0', 'price', stock), 'must be above zero', 'at least "0.01"'],
  [() => lotsOf('-5', 'quantity', stock), 'must be above zero', 'at least "1"'],
  [() => lotsOf('1000000001', 'quantity', stock), 'quantity is too large', 'at most "1000000000"'],
  [() => lotsOf('9'.repeat(40), 'quantity', stock), 'too large', 'at most'],
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
