// What the liquidity map is drawn from: each column has what was taken since the one before, trade by trade, once.

import { expect, test } from 'vitest'
import { BookHistory } from '../../../../ops/dashboard/page/book-history.ts'
import type { BookView, TradeView } from '../../../../ops/gateway/dashboard-protocol.ts'

const book: BookView = {
  ...{ symbol: 'ALDR', live: true, seq: 1, recordSeq: 1 },
  bids: [[2_478, 10, 1]],
  asks: [[2_482, 7, 1]],
}

function trade(tradeId: number, aggressor: 'buy' | 'sell', priceTicks: number, quantityLots: number): TradeView {
  return { tradeId, timeMs: tradeId, aggressor, priceTicks, quantityLots }
}

test('trades before the first column are none of its; later ones count once, by side, at their mean price', () => {
  const history = new BookHistory()
  const old = [trade(1, 'buy', 2_480, 50)]
  history.addTrades(old)
  history.add(0, book, undefined)
  const next = [...old, trade(2, 'buy', 2_482, 3), trade(3, 'buy', 2_484, 1), trade(4, 'sell', 2_478, 2)]
  history.addTrades(next)
  history.addTrades(next)
  history.add(250, book, undefined)
  history.add(500, book, undefined)
  const taken = history.columns.map(({ bought, sold }) => [bought.lots, bought.tickLots, sold.lots, sold.tickLots])
  expect(taken).toEqual([
    [0, 0, 0, 0],
    [4, 3 * 2_482 + 2_484, 2, 2 * 2_478],
    [0, 0, 0, 0],
  ])
})

test('cleared, it begins anew', () => {
  const history = new BookHistory()
  history.add(0, book, undefined)
  history.addTrades([trade(9, 'buy', 2_482, 3)])
  history.clear()
  history.addTrades([trade(2, 'sell', 120_000, 1)])
  history.add(250, book, undefined)
  expect(history.columns.map(({ bought, sold }) => [bought.lots, sold.lots])).toEqual([[0, 0]])
})
