// The rule by which recorded events become orders for a live exchange.

import { describe, expect, test } from 'vitest'
import { ClientOrderIds } from '../../../exchange-sim/order-flow/order-sink.ts'
import { RecordedFlow } from '../../../exchange-sim/order-flow/recorded-flow.ts'
import { Side } from '../../../protocol/kinds.ts'
import { WrittenOrders } from '../../support/order-sink.ts'

function start() {
  const sink = new WrittenOrders()
  const flow = new RecordedFlow(sink, new ClientOrderIds(), 3)
  return { flow, lines: sink.lines }
}

describe('recorded flow', () => {
  test('an order lives: added, reduced by total, traded by an aggressor, ended by a cancel after its last trade', () => {
    const { flow, lines } = start()
    flow.add(9_000_000_000, Side.BUY, 100, 10)
    flow.reduce(9_000_000_000, 4)
    flow.execute(9_000_000_000, 100, 2)
    flow.reduce(9_000_000_000, 1)
    flow.execute(9_000_000_000, 100, 3)
    expect(lines).toEqual([
      '3: BUY LIMIT GTC 10 @ 100 #1',
      '3: replace #1 total 6 @ 100',
      '3: SELL LIMIT IOC 2 @ 100 #2',
      '3: replace #1 total 5 @ 100',
      '3: SELL LIMIT IOC 3 @ 100 #3',
      '3: cancel #1',
    ])
    expect(flow.counts).toMatchObject({ added: 1, replaced: 2, aggressors: 2, endedByTrade: 1, cancelled: 0 })
  })

  test('a change keeps what traded in the total; a reduction to nothing is a cancel', () => {
    const { flow, lines } = start()
    flow.add(5, Side.SELL, 200, 10)
    flow.execute(5, 200, 4)
    flow.modify(5, Side.SELL, 201, 8)
    flow.modify(5, Side.SELL, 201, 8)
    flow.reduce(5, 8)
    flow.add(6, Side.SELL, 200, 1)
    flow.modify(6, Side.BUY, 190, 2)
    flow.delete(6)
    expect(lines).toEqual([
      '3: SELL LIMIT GTC 10 @ 200 #1',
      '3: BUY LIMIT IOC 4 @ 200 #2',
      '3: replace #1 total 12 @ 201',
      '3: cancel #1',
      '3: SELL LIMIT GTC 1 @ 200 #3',
      '3: cancel #3',
      '3: BUY LIMIT GTC 2 @ 190 #4',
      '3: cancel #4',
    ])
  })

  test('a fill whose effect the record tells on its own is not taken off twice', () => {
    const { flow, lines } = start()
    flow.add(5, Side.SELL, 200, 10)
    flow.fill(5, 200, 4)
    flow.reduce(5, 4)
    flow.reduce(5, 1)
    flow.fill(5, 200, 5)
    flow.reduce(5, 5)
    expect(lines).toEqual([
      '3: SELL LIMIT GTC 10 @ 200 #1',
      '3: BUY LIMIT IOC 4 @ 200 #2',
      '3: replace #1 total 9 @ 200',
      '3: BUY LIMIT IOC 5 @ 200 #3',
      '3: cancel #1',
    ])
  })

  test('what cannot be sent is counted: hidden trades, orders that were never added or added twice', () => {
    const { flow, lines } = start()
    flow.hiddenTrade()
    flow.delete(1)
    flow.reduce(1, 1)
    flow.execute(1, 100, 1)
    flow.add(2, Side.BUY, 100, 1)
    flow.add(2, Side.BUY, 101, 1)
    flow.clear()
    flow.delete(2)
    expect(lines).toEqual(['3: BUY LIMIT GTC 1 @ 100 #1', '3: cancel all'])
    expect(flow.counts).toMatchObject({ hiddenTrades: 1, unknownOrders: 4, duplicateOrders: 1 })
  })
})
