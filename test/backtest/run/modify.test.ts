// Changing an order in a replay: what keeps its place in the queue, and what does not.

import { expect, test } from 'vitest'
import { RowChunks } from '../../../backtest/feed-rows.ts'
import { FeeBasis } from '../../../backtest/replay/account.ts'
import { constantLatency } from '../../../backtest/replay/latency-model.ts'
import { queueModelOf } from '../../../backtest/replay/queue-model.ts'
import { Replay } from '../../../backtest/replay/replay.ts'
import { FillRule } from '../../../backtest/replay/replay-exchange.ts'
import { OrderStatus, Pending } from '../../../backtest/replay/replay-order.ts'
import { Side, TimeInForce } from '../../../protocol/kinds.ts'

const BOTH = 3 * 2 ** 30
const [BUY, SELL] = [2 ** 29, 2 ** 28]
const [DEPTH, TRADE] = [1, 2]

/** Bids 100: 10 and 99: 10, asks 101: 10; then at each second a seller takes 4 at 100. */
function replay() {
  const chunks = new RowChunks(false, 1)
  const row = (word: number, ns: number, price: number, quantity: number) =>
    chunks.push(BOTH + word, ns, ns, price, quantity, 0)
  row(DEPTH + BUY, 0, 100, 10)
  row(DEPTH + BUY, 0, 99, 10)
  row(DEPTH + SELL, 0, 101, 10)
  for (let second = 1; second <= 8; second++) row(TRADE + SELL, second * 1e9, 100, 4)
  chunks.finish()
  const source = { isByOrder: false, pull: () => chunks.full.shift() ?? null }
  return new Replay(source.pull(), source, {
    ...{ tickSize: 1, lotSize: 1, latency: constantLatency(1e6, 1e6), fillRule: FillRule.PARTIAL },
    queueModel: queueModelOf('RiskAdverse')!,
    fees: { basis: FeeBasis.VALUE, maker: 0, taker: 0, buyerExtra: 0, sellerExtra: 0 },
    contract: { size: 1, isInverse: false },
  })
}

function start() {
  const market = replay()
  market.elapse(0.1e9)
  const id = market.submit({
    ...{ side: Side.BUY, priceTicks: 100, quantity: 6 },
    ...{ timeInForce: TimeInForce.GTC, isPostOnly: true },
  })
  // Two trades: 8 of the 10 ahead are gone.
  market.elapse(2.1e9)
  expect(market.orders.get(id)).toMatchObject({ status: OrderStatus.NEW, leaves: 6 })
  return { market, id }
}

test('smaller at the same price: it keeps its place', () => {
  const { market, id } = start()
  market.modify(id, 100, 3)
  expect(market.orders.get(id)!.pending).toBe(Pending.MODIFY)
  market.elapse(1e9)
  // The third trade goes 2 past the front.
  expect(market.orders.get(id)).toMatchObject({ pending: Pending.NONE, quantity: 3, leaves: 1 })
  expect(market.account.position).toBe(2)
})

test.each([
  ['larger', 100, 8],
  ['at another price', 99, 6],
])('%s: it joins the end of its queue', (_, priceTicks, quantity) => {
  const { market, id } = start()
  market.modify(id, priceTicks, quantity)
  market.elapse(1e9)
  expect(market.orders.get(id)).toMatchObject({ priceTicks, leaves: quantity, quantity, status: OrderStatus.NEW })
  expect(market.account.position).toBe(0)
})

test('an order that is gone cannot be changed, and one that would cross expires', () => {
  const { market, id } = start()
  market.modify(id, 101, 6)
  market.elapse(0.01e9)
  expect(market.orders.get(id)!.status).toBe(OrderStatus.EXPIRED)
  const other = market.submit({
    ...{ side: Side.BUY, priceTicks: 101, quantity: 2 },
    ...{ timeInForce: TimeInForce.GTC, isPostOnly: false },
  })
  market.elapse(0.0005e9)
  market.orders.get(other)!.pending = Pending.NONE
  market.modify(other, 100, 1)
  market.elapse(0.01e9)
  expect(market.orders.get(other)).toMatchObject({ status: OrderStatus.FILLED, pending: Pending.NONE })
})
