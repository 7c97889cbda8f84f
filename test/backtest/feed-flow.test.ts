// A recorded feed run through the exchange: alone it rebuilds the recorded book; with our orders in it, it comes back.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { FeedFlow } from '../../backtest/feed-flow.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { type FeedFile, openFeed } from '../../feeds/io/feed-file.ts'
import { importLobster } from '../../feeds/io/lobster-import.ts'
import { L3Book } from '../../feeds/l3-book.ts'
import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { lobsterAmzn } from '../support/data.ts'
import { ExchangeOrders } from '../support/exchange-orders.ts'
import { openBytes, type PlainEvent, plainEvent, writeFeed } from '../support/feed.ts'
import { WrittenOrders } from '../support/order-sink.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-flow-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const buy = FeedFlag.BUY
const sell = FeedFlag.SELL
const smallFeed: PlainEvent[] = [
  plainEvent(FeedKind.TRADE, { flags: buy | FeedFlag.UNMATCHED, priceTicks: 100, quantityLots: 1 }),
  plainEvent(FeedKind.ADD, { flags: buy, priceTicks: 99, quantityLots: 10, orderId: 9_000_000_000 }),
  plainEvent(FeedKind.ADD, { flags: sell, priceTicks: 101, quantityLots: 10, orderId: 7 }),
  plainEvent(FeedKind.EXECUTE, { flags: buy, priceTicks: 99, quantityLots: 10, orderId: 9_000_000_000 }),
  plainEvent(FeedKind.MODIFY, { flags: sell, priceTicks: 101, quantityLots: 4, orderId: 7 }),
  plainEvent(FeedKind.STATUS, { quantityLots: 1 }),
  plainEvent(FeedKind.ADD, { flags: buy, instrumentIndex: 1, priceTicks: 5, quantityLots: 1, orderId: 8 }),
]

function flowThrough(
  events: readonly PlainEvent[],
  flow: FeedFlow,
  blockEventCount = 100,
  afterEvent = (_i: number) => {},
) {
  const reader = openBytes(writeFeed(events, { blockEventCount }))
  const block = new FeedBlock()
  while (reader.next(block)) {
    for (let i = 0; i < block.count; i++) {
      flow.apply(block, i)
      afterEvent(block.firstEventIndex + i)
    }
  }
}

describe('small feed', () => {
  test('events become orders of the symbols that are traded here; the others are skipped', () => {
    const sink = new WrittenOrders()
    const flow = new FeedFlow(sink, [2, -1])
    flowThrough(smallFeed, flow)
    expect(sink.lines).toEqual([
      '2: BUY LIMIT GTC 10 @ 99 #1',
      '2: SELL LIMIT GTC 10 @ 101 #2',
      '2: SELL LIMIT IOC 10 @ 99 #3',
      '2: cancel #1',
      '2: replace #2 total 4 @ 101',
    ])
    expect(flow.skippedCount).toBe(3)
  })

  test('when our order takes the recorded trade, the recorded order does not stay behind', () => {
    const orders = new ExchangeOrders()
    const flow = new FeedFlow(orders, [0, -1])
    flowThrough(smallFeed, flow, 100, (i) => {
      // Ours is better and comes before the recorded trade.
      if (i === 2) orders.newOrder(0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, 100, 6, 1, 9)
    })
    const { exchange } = orders
    expect(exchange.bestTicks(0, Side.BUY)).toBe(0)
    expect(exchange.bestTicks(0, Side.SELL)).toBe(101)
    expect(exchange.levelLots(0, Side.SELL, 101)).toBe(4)
    expect(exchange.lastTradeTicks(0)).toBe(99)
    expect([...orders.answers]).toEqual([
      ['ORDER_ACCEPTED', 4],
      ['ORDER_CANCELLED', 1],
      ['ORDER_REPLACED', 1],
    ])
  })
})

describe('quotes of the recorded market maker', () => {
  const quote = FeedFlag.QUOTE
  const quotedFeed: PlainEvent[] = [
    plainEvent(FeedKind.ADD, { exchangeNs: 1, flags: buy | quote, priceTicks: 99, quantityLots: 10, orderId: 1 }),
    plainEvent(FeedKind.ADD, { exchangeNs: 2, flags: buy, priceTicks: 98, quantityLots: 5, orderId: 2 }),
    plainEvent(FeedKind.EXECUTE, { exchangeNs: 3, flags: buy | quote, priceTicks: 99, quantityLots: 4, orderId: 1 }),
    plainEvent(FeedKind.REDUCE, { exchangeNs: 4, flags: buy | quote, priceTicks: 99, quantityLots: 2, orderId: 1 }),
    plainEvent(FeedKind.DELETE, { exchangeNs: 5, flags: buy | quote, priceTicks: 99, quantityLots: 4, orderId: 1 }),
    plainEvent(FeedKind.EXECUTE, {
      ...{ exchangeNs: 6, flags: buy | FeedFlag.BY_QUOTE, priceTicks: 98, quantityLots: 5, orderId: 2 },
    }),
    plainEvent(FeedKind.ADD, { exchangeNs: 6, flags: buy, priceTicks: 97, quantityLots: 1, orderId: 3 }),
    plainEvent(FeedKind.ADD, { exchangeNs: 7, flags: buy, priceTicks: 96, quantityLots: 1, orderId: 4 }),
  ]

  test('are left out when ours take their place; who traded with them comes all the same', () => {
    const sink = new WrittenOrders()
    const flow = new FeedFlow(sink, [0, -1], true)
    flowThrough(quotedFeed, flow)
    expect(sink.lines).toEqual([
      '0: BUY LIMIT GTC 5 @ 98 #1',
      '0: SELL LIMIT IOC 4 @ 99 #2',
      // What they took themselves is there for our quote until time goes on.
      '0: BUY LIMIT GTC 1 @ 97 #3',
      '0: cancel #1',
      '0: BUY LIMIT GTC 1 @ 96 #4',
    ])
    expect(flow.flows[0]!.counts).toMatchObject({ leftOutQuotes: 5, aggressors: 1, added: 3, unknownOrders: 0 })
  })

  test('are orders like all others where the whole market is played', () => {
    const sink = new WrittenOrders()
    flowThrough(quotedFeed, new FeedFlow(sink, [0, -1]))
    expect(sink.lines).toContain('0: BUY LIMIT GTC 10 @ 99 #1')
    expect(sink.lines).toHaveLength(9)
  })
})

describe.skipIf(!existsSync(lobsterAmzn.messages))('AMZN 2012-06-21', () => {
  const path = join(scratch, 'AMZN.feed')
  const withFeed = async <T>(use: (file: FeedFile) => T): Promise<T> => {
    if (!existsSync(path)) {
      await importLobster({ ...lobsterAmzn, out: path, tickSize: '0.01', feedLatencyNs: 0, badRowCountMax: 0 })
    }
    const file = openFeed(path)
    try {
      return use(file)
    } finally {
      file.close()
    }
  }

  test('run alone, the live book is the recorded one but where a trade passed over an older order, and comes back', () =>
    withFeed(({ reader }) => {
      const orders = new ExchangeOrders()
      const flow = new FeedFlow(orders, [0])
      const book = new L3Book()
      const block = new FeedBlock()
      let rowCount = 0
      let differentCount = 0
      while (reader.next(block)) {
        for (let i = 0; i < block.count; i++) {
          const flags = block.flags[i]!
          book.apply(block.kind[i]!, flags, block.orderId[i]!, block.priceTicks[i]!, block.quantityLots[i]!)
          flow.apply(block, i)
          if ((flags & FeedFlag.LAST) === 0) continue
          rowCount += 1
          if (!isSameBook(book, orders)) differentCount += 1
        }
      }
      expect(rowCount).toBe(155_935)
      expect(differentCount / rowCount).toBeLessThan(0.001)
      expect(isSameBook(book, orders)).toBe(true)
      expect(orders.exchange.orderCount()).toBe(book.orderCount)
      expect([...orders.answers.keys()].filter((name) => name.startsWith('ORDER_REJECTED'))).toEqual([])
      expect(flow.flows[0]!.counts).toMatchObject({ added: 111_231, aggressors: 8_974, hiddenTrades: 2_444 })
    }))

  test('the same feed gives the same orders', () =>
    withFeed(({ reader }) => {
      const runs = [1, 2].map(() => {
        const sink = new WrittenOrders()
        const flow = new FeedFlow(sink, [0])
        const block = new FeedBlock()
        reader.rewind()
        reader.next(block)
        for (let i = 0; i < block.count; i++) flow.apply(block, i)
        return sink.lines
      })
      expect(runs[0]).toEqual(runs[1])
    }))
})

function isSameBook(book: L3Book, { exchange }: ExchangeOrders): boolean {
  for (const side of [Side.BUY, Side.SELL] as const) {
    if (exchange.bestTicks(0, side) !== (book.levelAt(side, 0)?.priceTicks ?? 0)) return false
    for (let depth = 0; depth < book.levelCount(side); depth++) {
      const level = book.levelAt(side, depth)!
      if (exchange.levelLots(0, side, level.priceTicks) !== level.quantityLots) return false
    }
  }
  return true
}
