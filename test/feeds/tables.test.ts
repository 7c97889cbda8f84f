// Tables: Tardis.dev and any other by a mapping; arrays of hftbacktest; slices and merges. Also what is wrong with them.

import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { FeedFlag, FeedKind } from '../../feeds/feed-event.ts'
import { mergeFeeds, sliceFeed } from '../../feeds/io/feed-edit.ts'
import { exportCsv, exportNpz } from '../../feeds/io/feed-export.ts'
import { verifyFeed } from '../../feeds/io/feed-verify.ts'
import { importNpz } from '../../feeds/io/npz-import.ts'
import { importTables } from '../../feeds/io/table-import.ts'
import { readFeed } from '../support/feed.ts'
import { writeMarketFeed } from '../support/market-feed.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-tables-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const file = (name: string, content: string | Buffer) => {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}
const eventsOf = (path: string) => readFeed(new Uint8Array(readFileSync(path))).events
const BASE = '1700000000'

const BOOK = [
  'exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount',
  `x,BTC,${BASE}000000,${BASE}000100,true,bid,100.5,2`,
  `x,BTC,${BASE}000000,${BASE}000100,true,ask,101.0,0.5`,
  `x,BTC,${BASE}000300,${BASE}000400,false,bid,100.5,0`,
  `x,ETH,${BASE}000300,${BASE}000400,false,bid,1.5,0`,
].join('\n')
const TRADES = [
  'exchange,symbol,timestamp,local_timestamp,id,side,price,amount',
  `x,BTC,${BASE}000200,${BASE}000300,7,sell,100.5,1.5`,
].join('\n')

describe('Tardis.dev', () => {
  test('book and trades become one feed in the order of their times', async () => {
    const files = [file('book.csv.gz', gzipSync(BOOK)), file('trades.csv', TRADES)]
    const out = join(scratch, 'tardis.feed')
    const { counts, header } = await importTables({ files, out, source: 'tardis', badRowCountMax: 0 })
    expect(counts).toMatchObject({ levels: 3, trades: 1, snapshots: 1, otherSymbols: 1 })
    expect(header).toMatchObject({ detail: 'L2', instruments: [{ symbol: 'BTC', tickSize: '0.1', lotSize: '0.1' }] })
    const events = eventsOf(out).map(({ kind, priceTicks, quantityLots, localNs }) => [
      ...[kind, priceTicks, quantityLots, localNs % 1e9],
    ])
    expect(events).toEqual([
      [FeedKind.CLEAR, 0, 0, 100_000],
      [FeedKind.LEVEL, 1_005, 20, 100_000],
      [FeedKind.LEVEL, 1_010, 5, 100_000],
      [FeedKind.TRADE, 1_005, 15, 300_000],
      [FeedKind.LEVEL, 1_005, 0, 400_000],
    ])
  })

  test.each([
    ['three columns', `${BOOK}\nx,BTC,1`, /bad.csv:6: this row has 3 columns, and the first line names 8/],
    ['a negative price', BOOK.replace('101.0', '-101.0'), /bad.csv:3: this row has a price that is none.*-101.0/],
    ['a time in words', BOOK.replace(`${BASE}000300,`, 'noon,'), /bad.csv:4: this row has a time that is none: noon/],
    ['another table', 'a,b\n1,2', /bad.csv:1: these are not the columns/],
    ['nothing', '', /bad.csv is empty/],
  ])('%s', async (_, text, message) => {
    const files = [file('bad.csv', text)]
    const out = join(scratch, 'bad.feed')
    const steps = { tickSize: '0.5', lotSize: '0.5', symbol: 'BTC' }
    await expect(importTables({ files, out, source: 'tardis', badRowCountMax: 0, ...steps })).rejects.toThrow(message)
  })

  test('a gzip file that is cut off is said to be', async () => {
    const path = file('cut.csv.gz', gzipSync(BOOK.repeat(500)))
    truncateSync(path, 300)
    const options = { files: [path], out: join(scratch, 'cut.feed'), source: 'tardis' as const, badRowCountMax: 0 }
    await expect(importTables(options)).rejects.toThrow(/cut.csv.gz: the compressed file ends too early/)
  })
})

test('any table of orders by a mapping', async () => {
  const text = ['t,what,id,bs,p,n', '1.5,add,1,B,10,3', '2,execute,1,B,10,1', '3,cancel,1,B,10,2'].join('\n')
  const out = join(scratch, 'orders.feed')
  await importTables({
    ...{ files: [file('orders.csv', text)], out, source: 'csv', badRowCountMax: 0, symbol: 'XYZ' },
    table: {
      ...{ shape: 'orders', timeUnit: 's' },
      columns: { time: 't', action: 'what', order: 'id', side: 'bs', price: 'p', quantity: 'n' },
    },
  })
  expect(eventsOf(out).map(({ kind, exchangeNs, quantityLots }) => [kind, exchangeNs, quantityLots])).toEqual([
    [FeedKind.ADD, 1.5e9, 3],
    [FeedKind.EXECUTE, 2e9, 1],
    [FeedKind.DELETE, 3e9, 2],
  ])
})

describe.each(['L2', 'L3'] as const)('a generated %s feed', (detail) => {
  const feed = join(scratch, `${detail}.feed`)
  writeMarketFeed(feed, detail, 5_000)

  test('goes to an array of hftbacktest and back', async () => {
    const [npz, again, twice] = ['a.npz', 'again.feed', 'b.npz'].map((name) => join(scratch, `${detail}-${name}`))
    const rows = exportNpz(feed, npz!, 0)
    const steps = { tickSize: '0.01', lotSize: '1', symbol: 'GEN' }
    const { counts } = await importNpz({ file: npz!, out: again!, badRowCountMax: 0, ...steps })
    expect(counts).toEqual({ rows, skipped: 0 })
    exportNpz(again!, twice!, 0)
    expect(readFileSync(twice!).equals(readFileSync(npz!))).toBe(true)
    truncateSync(npz!, 5_000)
    await expect(importNpz({ file: npz!, out: again!, badRowCountMax: 0, ...steps })).rejects.toThrow(/cut off/)
  })

  test('is exported as CSV, every event', () => {
    const out = join(scratch, `${detail}.csv`)
    expect(exportCsv(feed, out)).toBe(5_000)
    const lines = readFileSync(out, 'utf8').split('\n')
    expect(lines[0]).toBe('kind,flags,symbol,exchange_ns,local_ns,price,quantity,order_id,sequence')
    expect(lines[1]).toMatch(/^(ADD|LEVEL),\d+,GEN,\d+,\d+,\d+\.?\d*,\d+,\d+,0$/)
  })

  test('a slice starts with the book as it was, and ends with the book as it would be', async () => {
    const out = join(scratch, `${detail}-slice.feed`)
    const events = eventsOf(feed)
    const fromNs = events[2_000]!.exchangeNs
    const toNs = events[4_000]!.exchangeNs
    sliceFeed({ path: feed, out, fromNs, toNs })
    const slice = eventsOf(out)
    const snapshot = slice.filter(({ flags }) => (flags & FeedFlag.SNAPSHOT) !== 0)
    expect(snapshot.length).toBeGreaterThan(10)
    const rest = slice.slice(snapshot.length)
    expect(rest.length).toBeGreaterThan(1_900)
    expect(rest.every(({ exchangeNs }) => exchangeNs >= fromNs && exchangeNs < toNs)).toBe(true)
    const { check } = await verifyFeed(out, undefined)
    expect(check.findings.filter(({ name, count }) => count > 0 && !/crossed|locked/.test(name))).toEqual([])
  })

  test('feeds are merged by time', async () => {
    const [other, out] = [join(scratch, `${detail}-other.feed`), join(scratch, `${detail}-merged.feed`)]
    writeMarketFeed(other, detail, 3_000, 2)
    const half = join(scratch, `${detail}-half.feed`)
    sliceFeed({ path: other, out: half, fromNs: 0, toNs: Number.POSITIVE_INFINITY })
    expect(mergeFeeds([feed, half], out)).toBeGreaterThanOrEqual(8_000)
    const { check } = await verifyFeed(out, undefined)
    expect(check.findings.find(({ name }) => name === 'events out of time order')!.count).toBe(0)
  })
})
