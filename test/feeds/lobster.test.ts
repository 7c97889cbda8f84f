// LOBSTER: rows that cannot be are refused with a reason, and the importer makes explicit what the messages do not tell.

import { describe, expect, test } from 'vitest'
import { FeedFlag, FeedKind, StatusCode, SUB_TICKS_PER_TICK } from '../../feeds/feed-event.ts'
import type { FeedSink } from '../../feeds/feed-sink.ts'
import { LobsterImporter } from '../../feeds/lobster-importer.ts'
import { LobsterBookRow, LobsterMessage, readLobsterBookRow, readLobsterMessage } from '../../feeds/lobster-rows.ts'
import { nameOf } from '../../protocol/kinds.ts'

const encoder = new TextEncoder()

function parseMessage(text: string): LobsterMessage | string {
  const bytes = encoder.encode(text)
  const message = new LobsterMessage()
  return readLobsterMessage(bytes, 0, bytes.length, message) ?? message
}

function parseRow(text: string, levelCount: number): LobsterBookRow | string {
  const bytes = encoder.encode(text)
  const row = new LobsterBookRow(levelCount)
  return readLobsterBookRow(bytes, 0, bytes.length, row) ?? row
}

describe('message rows', () => {
  test('a row gives its numbers, the time in nanoseconds', () => {
    expect(parseMessage('34200.18960767,1,11885113,21,2238100,1')).toEqual(
      Object.assign(new LobsterMessage(), {
        timeNs: 34_200_189_607_670,
        type: 1,
        orderId: 11_885_113,
        sizeLots: 21,
        price: 2_238_100,
        direction: 1,
      }),
    )
    expect(parseMessage('34200.0174596179,5,0,1,2238200,-1')).toMatchObject({ timeNs: 34_200_017_459_617 })
    expect(parseMessage('34200,5,0,1,2238200,-1')).toMatchObject({ timeNs: 34_200_000_000_000 })
  })

  test.each([
    ['34200.1,1,5,10,100', 'has 5 columns instead of 6'],
    ['34200.1,1,5,10,100,1,9', 'has 7 columns instead of 6'],
    ['x,1,5,10,100,1', 'has no time of the form 34200.017459617 in column 1'],
    ['34200.1e3,1,5,10,100,1', 'has no time of the form 34200.017459617 in column 1'],
    ['34200.1,1.5,5,10,100,1', 'has no whole number in column 2 (type)'],
    ['34200.1,8,5,10,100,1', 'has type 8; 1 to 7 are possible'],
    ['34200.1,1,-5,10,100,1', 'has no order id in column 3'],
    ['34200.1,2,0,10,100,1', 'names no order (type 2 needs an order id)'],
    ['34200.1,1,5,ten,100,1', 'has no whole number in column 4 (size)'],
    ['34200.1,1,5,0,100,1', 'has the size 0; sizes are above 0'],
    ['34200.1,1,5,10,-100,1', 'has the price -100; prices are above 0'],
    ['34200.1,1,5,10,12345678901234567,1', 'has no whole number in column 5 (price)'],
    ['34200.1,1,5,10,100,2', 'has a direction other than 1 and -1 in column 6'],
    ['34200.1,7,0,0,4,-1', 'is a halt message with price 4; -1, 0 and 1 are possible'],
  ])('%s', (text, fault) => {
    expect(parseMessage(text)).toBe(fault)
  })
})

describe('order book rows', () => {
  test('empty levels have no lots, whatever their price', () => {
    const row = parseRow('101,5,100,7,9999999999,0,-9999999999,0', 2)
    expect(row).toMatchObject({ askLots: new Float64Array([5, 0]), bidLots: new Float64Array([7, 0]) })
  })

  test.each([
    ['101,5,100', 'has 3 columns instead of 8'],
    ['101,5,100,7,102,x,99,3', 'has no whole number at ask level 2'],
    ['101,5,100,7,102,-1,99,3', 'has the size -1 at ask level 2'],
    ['101,5,100,7,102,1,-99,3', 'has the price -99 at bid level 2'],
    ['101,5,100,7,102,1,100,3', 'has bid level 2 out of order'],
    ['101,0,100,7,102,1,99,3', 'has an empty ask level above level 2'],
  ])('%s', (text, fault) => {
    expect(parseRow(text, 2)).toBe(fault)
  })
})

const FLAG_LETTERS: readonly (readonly [number, string])[] = [
  [FeedFlag.BUY, 'buy'],
  [FeedFlag.SELL, 'sell'],
  [FeedFlag.SYNTHETIC, 'synthetic'],
  [FeedFlag.UNMATCHED, 'unmatched'],
  [FeedFlag.HIDDEN, 'hidden'],
  [FeedFlag.AUCTION, 'auction'],
  [FeedFlag.LAST, 'last'],
]

/** Imports rows, each a message and maybe its book row, and gives the events as text. */
function importRows(rows: readonly (readonly [string, string?])[]) {
  const events: string[] = []
  const sink: FeedSink = {
    push: (kind, flags, _instrument, _exchangeNs, _localNs, priceTicks, lots, orderId, subTicks = 0) => {
      const words = FLAG_LETTERS.filter(([bit]) => (flags & bit) !== 0).map(([, word]) => word)
      const price = priceTicks + subTicks / SUB_TICKS_PER_TICK
      events.push([nameOf(FeedKind, kind), lots, '@', price, '#', orderId, ...words].join(' '))
    },
    markLast: () => events.push(`${events.pop()} last`),
  }
  const importer = new LobsterImporter(sink, { tickSize: '0.01', feedLatencyNs: 0 })
  const faults = rows.map(([messageText, rowText]) => {
    const message = parseMessage(messageText)
    const row = rowText === undefined ? null : parseRow(rowText, rowText.split(',').length / 4)
    if (typeof message === 'string' || typeof row === 'string') throw new Error('the rows of a test are valid')
    return importer.add(message, row)
  })
  return { events, faults: faults.filter((fault) => fault !== null), counts: importer.counts }
}

describe('importer', () => {
  test('with the book: adopts what is first seen, hits the oldest synthetic order, forgets what goes out of view', () => {
    const { events, faults, counts } = importRows([
      ['34200.0,5,0,1,10050,-1', '10300,5,10000,7'],
      ['34200.1,1,41,3,10000,1', '10300,5,10000,10'],
      ['34200.2,4,99,5,10000,1', '10300,5,10000,5'],
      ['34200.3,1,42,2,10100,1', '10300,5,10100,2'],
      ['34200.4,3,42,2,10100,1', '10300,5,10000,5'],
      ['34200.5,3,41,3,10000,1', '10300,5,10000,2'],
    ])
    expect(faults).toEqual([])
    expect(events).toEqual([
      'TRADE 1 @ 100.5 # 0 buy unmatched hidden',
      'ADD 7 @ 100 # 9000000000 buy synthetic',
      'ADD 5 @ 103 # 9000000001 sell synthetic last',
      'ADD 3 @ 100 # 41 buy last',
      'EXECUTE 5 @ 100 # 9000000000 buy last',
      'ADD 2 @ 101 # 42 buy',
      'DELETE 2 @ 100 # 9000000000 buy synthetic',
      'DELETE 3 @ 100 # 41 buy synthetic last',
      'DELETE 2 @ 101 # 42 buy',
      'ADD 5 @ 100 # 9000000002 buy synthetic last',
      'REDUCE 3 @ 100 # 9000000002 buy last',
    ])
    expect(counts).toMatchObject({ messages: 6, adopted: 3, forgotten: 2, redirected: 2, unmatched: 0, repaired: 0 })
  })

  test('with the book: what still differs is repaired, the youngest orders first, and counted', () => {
    const { events, counts } = importRows([
      ['34200.0,1,40,7,10000,1', '10300,5,10000,7'],
      ['34200.1,1,41,3,10000,1', '10300,5,10000,6'],
      ['34200.2,1,42,1,10000,1', '10300,9,10000,7'],
    ])
    expect(events.slice(3)).toEqual([
      'ADD 3 @ 100 # 41 buy',
      'DELETE 3 @ 100 # 41 buy synthetic',
      'REDUCE 1 @ 100 # 9000000000 buy synthetic last',
      'ADD 1 @ 100 # 42 buy',
      'ADD 4 @ 103 # 9000000002 sell synthetic last',
    ])
    expect(counts).toMatchObject({ repaired: 2, unmatched: 0 })
  })

  test('without the book: messages are events, and what names an unknown order is unmatched', () => {
    const { events, counts } = importRows([
      ['34200.0,1,40,7,10000,1'],
      ['34200.1,2,40,3,10000,1'],
      ['34200.2,2,40,9,10000,1'],
      ['34200.3,4,77,1,10000,-1'],
      ['34200.4,6,0,50,10000,-1'],
      ['34200.5,7,0,0,-1,-1'],
      ['34200.6,7,0,0,1,-1'],
    ])
    expect(events).toEqual([
      'ADD 7 @ 100 # 40 buy last',
      'REDUCE 3 @ 100 # 40 buy last',
      'DELETE 9 @ 100 # 40 buy last',
      'EXECUTE 1 @ 100 # 77 sell unmatched last',
      'TRADE 50 @ 100 # 0 auction last',
      `STATUS ${StatusCode.HALTED} @ 0 # 0 last`,
      `STATUS ${StatusCode.TRADING} @ 0 # 0 last`,
    ])
    expect(counts).toMatchObject({ unmatched: 1, halts: 2, crosses: 1 })
  })

  test('a row that goes back in time or lies off the tick changes nothing', () => {
    const { events, faults } = importRows([
      ['34200.5,1,40,7,10000,1'],
      ['34200.4,1,41,7,10000,1'],
      ['34200.6,1,42,7,10050,1'],
    ])
    expect(events).toHaveLength(1)
    expect(faults).toEqual([
      'goes back in time, by 100000000 ns; rows must be in the order in which they happened',
      'has the price 10050, which is off the tick of 0.01',
    ])
  })
})
