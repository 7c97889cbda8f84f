// Momentum and informed traders: when they trade, in which direction, and at what price at worst.

import { describe, expect, test } from 'vitest'
import { Prng } from '../../../base/prng.ts'
import { InformedFlow } from '../../../exchange-sim/order-flow/informed.ts'
import { MomentumFlow } from '../../../exchange-sim/order-flow/momentum.ts'
import { ClientOrderIds } from '../../../exchange-sim/order-flow/order-sink.ts'
import { WrittenOrders } from '../../support/order-sink.ts'

function momentum(seed = 1) {
  const sink = new WrittenOrders()
  const parameters = { lookRate: 1, averageS: 10, thresholdTicks: 3, lotsMean: 12 }
  return { sink, flow: new MomentumFlow(sink, new ClientOrderIds(), new Prng(seed), 0, 100, parameters) }
}

describe('momentum traders', () => {
  test('do nothing while the price stands still', () => {
    const { sink, flow } = momentum()
    flow.observeTouch(99, 101, 100)
    for (let i = 0; i < 200; i++) expect(flow.step()).toBe(false)
    expect(sink.lines).toEqual([])
  })

  test('buy what rises and sell what falls, until the average has caught up', () => {
    const { sink, flow } = momentum()
    flow.observeTouch(109, 111, 110)
    for (let i = 0; i < 100; i++) flow.step()
    const bought = sink.lines.length
    expect(bought).toBeGreaterThan(3)
    expect(sink.lines.every((line) => line.includes('BUY MARKET IOC'))).toBe(true)
    for (let i = 0; i < 100; i++) flow.step()
    expect(sink.lines.length).toBe(bought)
    flow.observeTouch(89, 91, 90)
    for (let i = 0; i < 100; i++) flow.step()
    expect(sink.lines.slice(bought).every((line) => line.includes('SELL MARKET IOC'))).toBe(true)
    expect(flow.counts).toEqual({ limits: 0, markets: sink.lines.length, cancels: 0 })
  })

  test('send nothing where there is nothing to take', () => {
    const { flow } = momentum()
    flow.observeTouch(109, 0, 110)
    for (let i = 0; i < 100; i++) expect(flow.step()).toBe(false)
  })

  test('follow from the seed', () => {
    const lines = (seed: number) => {
      const { sink, flow } = momentum(seed)
      for (let i = 0; i < 300; i++) {
        flow.observeTouch(99 + i, 101 + i, 100 + i)
        flow.step()
      }
      return sink.lines
    }
    expect(lines(3)).toEqual(lines(3))
    expect(lines(3)).not.toEqual(lines(4))
  })
})

describe('informed traders', () => {
  function informed(seed: number, volatilityTicks = 0.5) {
    const sink = new WrittenOrders()
    const parameters = { lookRate: 1, volatilityTicks, marginTicks: 2, lotsMean: 12 }
    return { sink, flow: new InformedFlow(sink, new ClientOrderIds(), new Prng(seed), 0, 1_000, parameters) }
  }

  test('take what is too cheap or too dear by the margin, and never beyond it', () => {
    const { sink, flow } = informed(5)
    let boughtCount = 0
    for (let i = 0; i < 2_000; i++) {
      flow.observeTouch(999, 1_001)
      // The other half of the time the value is on the other side.
      if (i === 1_000) flow.valueTicks = 1_100
      const isSent = flow.step()
      const isCheap = flow.valueTicks >= 1_001 + 2
      const isDear = flow.valueTicks <= 999 - 2
      expect(isSent).toBe(isCheap || isDear)
      if (!isSent) continue
      const [, side, price] = /(BUY|SELL) LIMIT IOC \d+ @ (\d+)/.exec(sink.lines.at(-1)!)!
      expect(side).toBe(isCheap ? 'BUY' : 'SELL')
      if (isCheap) expect(Number(price)).toBeLessThanOrEqual(flow.valueTicks - 2)
      else expect(Number(price)).toBeGreaterThanOrEqual(flow.valueTicks + 2)
      boughtCount += isCheap ? 1 : 0
    }
    expect(sink.lines.length).toBeGreaterThan(100)
    expect(boughtCount).toBeGreaterThan(0)
  })

  test('the value moves as far as its volatility says', () => {
    let squares = 0
    const runs = 300
    for (let seed = 0; seed < runs; seed++) {
      const { flow } = informed(seed)
      while (flow.nextNs < 100e9) flow.step()
      squares += (flow.valueTicks - 1_000) ** 2
    }
    // 0.5 ticks after one second: 5 ticks after a hundred.
    expect(Math.sqrt(squares / runs)).toBeGreaterThan(4.3)
    expect(Math.sqrt(squares / runs)).toBeLessThan(5.7)
  })

  test('know nothing of use where nothing is offered', () => {
    const { flow } = informed(5)
    for (let i = 0; i < 200; i++) expect(flow.step()).toBe(false)
  })
})
