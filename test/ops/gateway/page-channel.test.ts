// One page's view: what it is sent when, how a slow page is treated, what bad messages do.

import { expect, test } from 'vitest'
import { ClusterView } from '../../../ops/gateway/cluster-view.ts'
import { Dashboard } from '../../../ops/gateway/dashboard.ts'
import type { LevelView, State } from '../../../ops/gateway/dashboard-protocol.ts'
import { DeskView } from '../../../ops/gateway/desk-view.ts'
import { MarketView } from '../../../ops/gateway/market-view.ts'
import { PageChannel } from '../../../ops/gateway/page-channel.ts'

const config = {
  clusterId: 'test',
  instruments: ['AAPL', 'MSFT'].map((symbol) => ({ symbol, tickSize: '0.01', lotSize: '1', openingPriceTicks: 100 })),
  exposureLots: 100,
  quoteTtlNs: 30e9,
}

class Fixture {
  readonly sent: string[] = []
  readonly closed: number[] = []
  bufferedBytes = 0
  bids: LevelView[] = [[99, 5, 1]]
  readonly dashboard: Dashboard
  readonly channel: PageChannel

  constructor() {
    const source = { book: () => ({ live: true, seq: 7, recordSeq: 9, bids: this.bids, asks: [] }) }
    const markets = config.instruments.map((instrument) => new MarketView(instrument, source))
    this.dashboard = new Dashboard('g1', config, markets, new DeskView(config), new ClusterView())
    this.channel = new PageChannel(this.dashboard, {
      send: (text) => this.sent.push(text),
      bufferedBytes: () => this.bufferedBytes,
      close: (code) => this.closed.push(code),
    })
  }

  get last(): State {
    return JSON.parse(this.sent.at(-1)!) as State
  }

  trade(tradeId: number): void {
    this.dashboard.markets[0]!.onTrade({ tradeId, timeMs: 1, priceTicks: 100, quantityLots: 1, aggressor: 'buy' })
  }

  subscribe(...symbols: string[]): void {
    this.channel.onMessage(JSON.stringify({ type: 'subscribe', symbols }))
  }
}

test('begins with hello and a whole snapshot, then sends what changed and nothing else', () => {
  const page = new Fixture()
  expect(JSON.parse(page.sent[0]!)).toMatchObject({ type: 'hello', clusterId: 'test', gatewayId: 'g1' })
  page.channel.flush(1_000)
  expect(page.last.type).toBe('snapshot')
  expect(page.last.prices).toHaveLength(2)
  expect(page.last.positions).toHaveLength(2)
  expect(page.last.fills).toEqual({ items: [], missed: 0 })
  expect(page.last.books).toBeUndefined()

  page.channel.flush(1_033)
  expect(page.sent).toHaveLength(2)
  page.dashboard.desk.setQuoting(false, 12)
  page.channel.flush(1_066)
  expect(Object.keys(page.last).sort()).toEqual(
    ['epoch', 'exposure', 'recordSeq', 'recordsPerSecond', 'sentAtMs', 'tradesPerSecond', 'type', 'upstream'].sort(),
  )
  expect(page.last).toMatchObject({ type: 'update', exposure: { quotingEnabled: false, recordSeq: 12 } })
})

test('says something at least once a second', () => {
  const page = new Fixture()
  page.channel.flush(1_000)
  page.channel.flush(1_999)
  expect(page.sent).toHaveLength(2)
  page.channel.flush(2_000)
  expect(page.sent).toHaveLength(3)
})

test('a subscription brings book, tape and history once, and then the latest book only', () => {
  const page = new Fixture()
  page.trade(1)
  page.dashboard.markets[0]!.sample(500, page.dashboard.desk.quote(0), 0, 0)
  page.channel.flush(1_000)
  page.subscribe('AAPL')
  page.channel.flush(1_033)
  expect(page.last.books).toEqual([{ symbol: 'AAPL', live: true, seq: 7, recordSeq: 9, bids: [[99, 5, 1]], asks: [] }])
  expect(page.last.trades?.[0]).toMatchObject({ symbol: 'AAPL', fresh: true, missed: 0, items: [{ tradeId: 1 }] })
  expect(page.last.history?.[0]?.timeMs).toEqual([500])

  for (const lots of [6, 7, 8]) {
    page.bids = [[99, lots, 1]]
    page.dashboard.markets[0]!.bookSlice.touch()
  }
  page.trade(2)
  page.channel.flush(1_066)
  expect(page.last.books?.[0]?.bids).toEqual([[99, 8, 1]])
  expect(page.last.trades?.[0]).toMatchObject({ fresh: false, missed: 0, items: [{ tradeId: 2 }] })
  expect(page.last.history).toBeUndefined()
})

test('another subscription takes the place of the one before', () => {
  const page = new Fixture()
  page.subscribe('AAPL')
  page.channel.flush(1_000)
  page.subscribe('MSFT')
  page.dashboard.markets[0]!.bookSlice.touch()
  page.channel.flush(1_033)
  expect(page.last.books?.map((book) => book.symbol)).toEqual(['MSFT'])
})

test('a slow page is sent nothing, then the latest state and how much it missed', () => {
  const page = new Fixture()
  page.subscribe('AAPL')
  page.channel.flush(1_000)
  const sent = page.sent.length
  page.bufferedBytes = 300_000
  for (let tradeId = 1; tradeId <= 450; tradeId++) page.trade(tradeId)
  for (let nowMs = 1_033; nowMs < 9_000; nowMs += 33) expect(page.channel.flush(nowMs)).toBe(true)
  expect(page.sent).toHaveLength(sent)

  page.bufferedBytes = 0
  page.channel.flush(9_000)
  expect(page.sent).toHaveLength(sent + 1)
  expect(page.last.trades?.[0]?.items).toHaveLength(200)
  expect(page.last.trades?.[0]?.missed).toBe(250)
  expect(page.last.trades?.[0]?.items.at(-1)?.tradeId).toBe(450)
})

test('a page that stays slow is dropped', () => {
  const page = new Fixture()
  page.bufferedBytes = 300_000
  expect(page.channel.flush(1_000)).toBe(true)
  expect(page.channel.flush(11_000)).toBe(true)
  expect(page.channel.flush(11_001)).toBe(false)
  expect(page.closed).toEqual([4008])
})

test.each([
  ['{', 'no JSON'],
  ['[]', 'no subscription'],
  ['{"type":"order","symbol":"AAPL"}', 'no subscription'],
  ['{"type":"subscribe","symbols":["AAPL"],"more":1}', 'no subscription'],
  ['{"type":"subscribe","symbols":["A","B","C","D","E"]}', 'no subscription'],
  ['{"type":"subscribe","symbols":["NONE"]}', 'there is no symbol NONE'],
])('the message %s is answered with a problem and changes nothing', (text, error) => {
  const page = new Fixture()
  page.subscribe('MSFT')
  page.channel.flush(1_000)
  page.channel.onMessage(text)
  const answer = JSON.parse(page.sent.at(-1)!) as { type: string; error: string; remedy: string }
  expect(answer.type).toBe('problem')
  expect(answer.error).toContain(error)
  expect(answer.remedy).not.toBe('')
  page.dashboard.markets[1]!.bookSlice.touch()
  page.channel.flush(1_033)
  expect(page.last.books?.map((book) => book.symbol)).toEqual(['MSFT'])
})
