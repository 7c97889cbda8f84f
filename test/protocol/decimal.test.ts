// The decimal edge: exact both ways for every grid, and clear about whatever it refuses.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  DecimalError,
  isStepSize,
  lotsOf,
  moneyText,
  priceText,
  quantityText,
  ticksOf,
} from '../../protocol/io/decimal.ts'
import { PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../../protocol/limits.ts'

const stock = { symbol: 'AAPL', tickSize: '0.01', lotSize: '1', openingPriceTicks: 18_732 }
const future = { symbol: 'ES', tickSize: '0.25', lotSize: '1', openingPriceTicks: 19_023 }
const coin = { symbol: 'BTC-USD', tickSize: '0.000000000000003', lotSize: '0.00001', openingPriceTicks: 1 }

function errorOf(convert: () => number): DecimalError {
  try {
    convert()
  } catch (error) {
    expect(error).toBeInstanceOf(DecimalError)
    return error as DecimalError
  }
  throw new Error('it was accepted')
}

describe('what is on the grid', () => {
  test.each([
    ['187.32', stock, 18_732],
    ['187.320000', stock, 18_732],
    ['0187.32', stock, 18_732],
    ['0.01', stock, 1],
    ['21474836.47', stock, PRICE_TICKS_MAX],
    ['4755.75', future, 19_023],
    ['0.000000000000009', coin, 3],
  ])('%s is a whole number of ticks', (price, instrument, ticks) => {
    expect(ticksOf(price, instrument)).toBe(ticks)
  })

  test('any number of ticks and lots comes back as it was', () => {
    const grid = fc.constantFrom(stock, future, coin)
    fc.assert(
      fc.property(grid, fc.integer({ min: 1, max: PRICE_TICKS_MAX }), (instrument, ticks) => {
        expect(ticksOf(priceText(ticks, instrument), instrument)).toBe(ticks)
        const lots = Math.min(ticks, QUANTITY_LOTS_MAX)
        expect(lotsOf(quantityText(lots, instrument), instrument)).toBe(lots)
      }),
    )
  })

  test('texts have the digits of their grid; money is exact', () => {
    expect(priceText(18_730, stock)).toBe('187.30')
    expect(quantityText(3, coin)).toBe('0.00003')
    expect(moneyText(-9_007_199_254_740_991, coin)).toBe('-0.00027021597764222973')
    expect(moneyText(1_000_000, stock)).toBe('10000')
  })
})

describe('what is refused', () => {
  test.each([
    '',
    ' ',
    '--1',
    '+1',
    '1e5',
    '1E5',
    '.5',
    '5.',
    '1,5',
    '1_000',
    '0x10',
    'NaN',
    'Infinity',
    '１２',
    '1 ',
    '1.2.3',
  ])('%j is no plain decimal', (text) => {
    const error = errorOf(() => ticksOf(text, stock))
    expect(error.message).toContain(JSON.stringify(text))
    expect(error.nearest).toEqual([])
  })

  test.each([
    ['187.321', '"187.321" is off the tick grid of AAPL (step 0.01; nearest valid: 187.32 and 187.33)'],
    ['0.001', '"0.001" is off the tick grid of AAPL (step 0.01; nearest valid: 0.01)'],
    ['0', '"0" must be above zero (step 0.01; nearest valid: 0.01)'],
    ['0.000', 'must be above zero'],
    ['21474836.48', 'is too large (step 0.01; nearest valid: 21474836.47)'],
    ['999999999999999', 'is too large'],
    ['1000000000000000', 'has too many digits'],
    ['1.0000000000000000', 'has too many digits'],
    [`1${'0'.repeat(100_000)}`, 'has too many digits'],
    ['-187.32', 'must be above zero (step 0.01; nearest valid: 0.01)'],
  ])('%.40s: says why and what would be right', (text, message) => {
    const error = errorOf(() => ticksOf(text, stock))
    expect(error.message).toContain(message)
    expect(error.message.length).toBeLessThan(200)
  })

  test('a value that differs from the grid in its last possible digit', () => {
    const error = errorOf(() => ticksOf('0.000000999999999', { ...stock, tickSize: '0.000000999999998' }))
    expect(error.nearest).toEqual(['0.000000999999998', '0.000001999999996'])
  })

  test('half a lot', () => {
    expect(errorOf(() => lotsOf('1.5', stock)).message).toContain('off the lot grid of AAPL')
  })

  test('any text gives whole ticks or a DecimalError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.eE+-]{0,40}$/)), (text) => {
        try {
          const ticks = ticksOf(text, stock)
          expect(Number.isSafeInteger(ticks) && ticks >= 1 && ticks <= PRICE_TICKS_MAX).toBe(true)
          expect(Number(text)).toBeCloseTo(Number(priceText(ticks, stock)), 6)
        } catch (error) {
          expect(error).toBeInstanceOf(DecimalError)
        }
      }),
    )
  })
})

test('step sizes are plain decimals above zero', () => {
  expect(['0.01', '1', '25'].every(isStepSize)).toBe(true)
  expect(['0', '0.00', '-1', '1e-2', '', 'x'].some(isStepSize)).toBe(false)
})
