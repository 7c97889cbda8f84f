// What is wrong with captures and tables: told with the file, the line and a remedy, or at least told.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { importBinance } from '../../../feeds/io/binance-import.ts'
import { importBitstamp } from '../../../feeds/io/bitstamp-import.ts'
import { importCoinbase } from '../../../feeds/io/coinbase-import.ts'
import { mergeFeeds } from '../../../feeds/io/feed-edit.ts'
import { exportCsv, exportNpz, exportParquet } from '../../../feeds/io/feed-export.ts'
import { FeedFileWriter, openFeed } from '../../../feeds/io/feed-file.ts'
import { importTables } from '../../../feeds/io/table-import.ts'
import { writeMarketFeed } from '../../support/market-feed.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-faults-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const out = join(scratch, 'out.feed')
const common = { out, badRowCountMax: 0 }
const file = (name: string, rows: readonly string[]) => {
  const path = join(scratch, name)
  writeFileSync(path, `${rows.join('\n')}\n`)
  return path
}

const BASE = '1700000000'
const depth = (second: number, first: number, last: number, previous: number, ms = `${BASE}000`) =>
  `${Number(BASE) + second}000000000 {"stream":"aaa@depth","data":{"e":"depthUpdate","E":${ms},"T":${ms},"s":"AAA",` +
  `"U":${first},"u":${last},"pu":${previous},"b":[["10.00","5"]],"a":[["10.01","4"]]}}`
const binance = (rows: readonly string[], badRowCountMax = 0) =>
  importBinance({ out, badRowCountMax, captures: [file('capture.txt', rows)], withTouch: false })

describe('a Binance capture', () => {
  test('whose updates go back ends the import at the line, or the line is left out', async () => {
    const rows = [depth(1, 1, 5, 0), depth(2, 10, 12, 9), depth(3, 6, 9, 5), depth(4, 13, 14, 12)]
    await expect(binance(rows)).rejects.toThrow(
      /capture\.txt:3: this row has the update number 9 after 12; numbers go up\n {2}Correct the row/,
    )
    const { counts, dropped } = await binance(rows, 1)
    expect(dropped).toHaveLength(1)
    expect(counts).toMatchObject({ depthUpdates: 3, gaps: 1 })
  })

  test('with missing updates is imported, and the first hole is named', async () => {
    const { counts, notes } = await binance([depth(1, 1, 5, 0), depth(2, 10, 12, 9), depth(3, 20, 22, 19)])
    expect(counts.gaps).toBe(2)
    expect(notes.join('\n')).toMatch(/Depth updates are missing, the first ones before .*capture\.txt:2;/)
    expect((await binance([depth(1, 1, 5, 0), depth(2, 6, 7, 5)])).notes.join('\n')).not.toMatch(/missing/)
  })

  test('with a time of another year ends the import at the line', async () => {
    const rows = [depth(1, 1, 5, 0), depth(2, 6, 7, 5, '1600000000000'), depth(3, 8, 9, 7)]
    await expect(binance(rows)).rejects.toThrow(/capture\.txt:2: a time is none, or more than 26 days from 2023-11-14/)
  })
})

const coinbase = (sequence: number, id: string) =>
  `2016-03-12 00:08:3${sequence},352 {"type":"open","product_id":"BTC-USD","sequence":${sequence},` +
  `"time":"2016-03-12T00:08:3${sequence}.000000Z","order_id":"${id}","side":"buy","price":"10.00","remaining_size":"1"}`

test('a Coinbase capture whose numbers go back ends the import at the line; missing ones are named', async () => {
  const captures = [file('coinbase.txt', [coinbase(1, 'a'), coinbase(5, 'b'), coinbase(3, 'c')])]
  await expect(importCoinbase({ ...common, captures })).rejects.toThrow(
    /coinbase\.txt:3: this row has the sequence number 3 after 5; numbers go up/,
  )
  const { notes, counts } = await importCoinbase({ ...common, captures, badRowCountMax: 1 })
  expect(counts.missing).toBe(3)
  expect(notes.join('\n')).toMatch(/Messages are missing, the first ones before .*coinbase\.txt:2;/)
})

const TRADES = ['ts,px,size', `${BASE}000,10.5,1`, `${BASE}001,10.6,2`]
const trades = { shape: 'trades' as const, columns: { time: 'ts', price: 'px', quantity: 'size' } }

describe('steps that are none', () => {
  const message = /a step of -1 is not possible.*\n {2}Give one with --tick .* or --lot/
  test.each([
    ['Binance', () => importBinance({ ...common, ...steps('a.txt', [depth(1, 1, 5, 0)]), withTouch: false })],
    ['Coinbase', () => importCoinbase({ ...common, ...steps('b.txt', [coinbase(1, 'a')]) })],
    ['Bitstamp', () => importBitstamp({ ...common, ...steps('c.txt', ['']), symbol: 'A', lotSize: '1' })],
    [
      'a table',
      () =>
        importTables({
          ...{ ...common, source: 'csv', table: { ...trades, timeUnit: 'ms' } },
          ...{ files: [file('d.csv', TRADES)], tickSize: '-1' },
        }),
    ],
  ])('%s', async (_, start) => {
    await expect(start()).rejects.toThrow(message)
  })

  function steps(name: string, rows: readonly string[]) {
    return { captures: [file(name, rows)], tickSize: '-1' }
  }
})

describe('a table', () => {
  test('whose times are in another unit than said is asked about', async () => {
    const files = [file('trades.csv', TRADES)]
    const notes = async (timeUnit: 'ms' | 'us') =>
      (await importTables({ ...common, source: 'csv', table: { ...trades, timeUnit }, files })).notes
    expect(await notes('us')).toEqual(['The first time is of 1970-01-20: is it in us? --time-unit says in what.'])
    expect(await notes('ms')).toEqual([])
  })

  test('without a column that its rows need says which, and what there is', async () => {
    const columns = { time: 'ts', price: 'px' }
    const options = { ...common, source: 'csv' as const, files: [file('trades.csv', TRADES)] }
    await expect(importTables({ ...options, table: { ...trades, columns, timeUnit: 'ms' } })).rejects.toThrow(
      /trades\.csv:1: trades need quantity.*\n {2}Map a column to it with --map: quantity=COLUMN\. There are ts, px, size\./,
    )
  })

  test.each(['1800000000000', '1'])('with the time %s, far from the others, ends at the line', async (time) => {
    const files = [file('far.csv', [...TRADES, `${time},10.7,1`])]
    const table = { ...trades, timeUnit: 'ms' as const }
    await expect(importTables({ ...common, source: 'csv', table, files })).rejects.toThrow(/far\.csv:4: a time is none/)
  })
})

test('a folder is no file', async () => {
  const path = join(scratch, 'folder')
  mkdirSync(path)
  const message = `${path} is a folder, and a file is needed`
  await expect(importBinance({ ...common, captures: [path], withTouch: false })).rejects.toThrow(message)
  expect(() => openFeed(path)).toThrow(`${path} is a folder, and a feed file is needed`)
})

test('a feed that was cut off is neither exported nor merged', () => {
  const [whole, cut, to] = ['whole.feed', 'cut.feed', 'to'].map((name) => join(scratch, name))
  writeMarketFeed(whole!, 'L2', 2_000)
  const bytes = readFileSync(whole!)
  writeFileSync(cut!, bytes.subarray(0, bytes.length - 100))
  const message = /cut\.feed: the feed was cut off.*\n {2}Copy or import it again/
  expect(() => exportCsv(cut!, to!)).toThrow(message)
  expect(() => exportParquet(cut!, to!)).toThrow(message)
  expect(() => exportNpz(cut!, to!, 0)).toThrow(message)
  expect(() => mergeFeeds([whole!, cut!], to!)).toThrow(message)
})

test('feeds of years that lie apart are not merged, and the later one is named', () => {
  const [early, late] = ['early.feed', 'late.feed'].map((name) => join(scratch, name))
  writeMarketFeed(early!, 'L2', 100)
  const instruments = [{ symbol: 'GEN', tickSize: '0.01', lotSize: '1' }]
  const header = { source: 'test', detail: 'L2' as const, timeBaseUnixS: 1_700_000_000, metadata: {}, instruments }
  new FeedFileWriter(late!, header).finish()
  expect(() => mergeFeeds([late!, early!], out)).toThrow(
    /late\.feed starts more than 26 days after the earliest.*\n {2}Run such/,
  )
})
