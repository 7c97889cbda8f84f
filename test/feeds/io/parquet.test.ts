// Parquet files, read again by the library that others read them with: feeds event by event, results as their CSV says.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, parquetMetadata, parquetReadObjects } from 'hyparquet'
import { afterAll, describe, expect, test } from 'vitest'
import { runBacktest } from '../../../backtest/io/run-backtest.ts'
import { writeResults } from '../../../backtest/io/run-results.ts'
import { defaultSettings } from '../../../backtest/io/run-settings.ts'
import { BLOCK_EVENT_COUNT_DEFAULT } from '../../../feeds/feed-encoder.ts'
import { FeedFlag, FeedKind } from '../../../feeds/feed-event.ts'
import { exportCsv, exportParquet } from '../../../feeds/io/feed-export.ts'
import { FeedFileWriter } from '../../../feeds/io/feed-file.ts'
import { PARQUET_GROUP_ROWS, ParquetFile } from '../../../feeds/io/parquet-file.ts'
import { plainHeader } from '../../support/feed.ts'
import { writeMarketFeed } from '../../support/market-feed.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-parquet-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const EVENT_COUNT = 5_000

async function readParquet(path: string): Promise<Record<string, unknown>[]> {
  const file = await asyncBufferFromFile(path)
  const compressors = { ZSTD: (input: Uint8Array) => new Uint8Array(zstdDecompressSync(input)) }
  return parquetReadObjects({ file, compressors })
}

function readCsv(path: string): Record<string, string>[] {
  const [names, ...rows] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(names!.map((name, at) => [name, row[at]!])))
}

function metadataOf(path: string) {
  const bytes = readFileSync(path)
  return parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

test('a feed as Parquet has the rows of its CSV, and times as UTC time stamps in nanoseconds', async () => {
  const feed = join(scratch, 'orders.feed')
  writeMarketFeed(feed, 'L3', EVENT_COUNT)
  expect(exportParquet(feed, join(scratch, 'orders.parquet'))).toBe(EVENT_COUNT)
  exportCsv(feed, join(scratch, 'orders.csv'))
  const rows = await readParquet(join(scratch, 'orders.parquet'))
  const expected = readCsv(join(scratch, 'orders.csv'))
  expect(rows).toHaveLength(EVENT_COUNT)
  const { schema, key_value_metadata } = metadataOf(join(scratch, 'orders.parquet'))
  expect(schema.find(({ name }) => name === 'exchange_time')).toMatchObject({
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
  })
  expect(key_value_metadata).toContainEqual({ key: 'detail', value: 'L3' })
  for (const [at, row] of rows.entries()) {
    const wanted = expected[at]!
    const texts = ['kind', 'flags', 'symbol', 'price', 'quantity', 'order_id', 'sequence']
    expect(texts.map((name) => String(row[name]))).toEqual(texts.map((name) => wanted[name]))
    const baseMs = 1_340_236_800_000
    const readMs = (row['exchange_time'] as Date).getTime()
    expect(readMs).toBe(baseMs + Math.floor(Number(wanted['exchange_ns']) / 1e6))
  }
})

test('a price between two ticks is exported as it is, and no other one after it', async () => {
  const feed = join(scratch, 'off-tick.feed')
  const [places, rowCount] = [join(scratch, 'off-tick'), 3 * BLOCK_EVENT_COUNT_DEFAULT]
  const writer = new FeedFileWriter(feed, plainHeader)
  for (let at = 0; at < rowCount; at++) {
    const [flags, subTicks] = at < 4 ? [FeedFlag.OFF_TICK, 500_000] : [0, 0]
    const seen = flags | FeedFlag.EXCHANGE | FeedFlag.LOCAL
    writer.encoder.push(FeedKind.TRADE, seen, 0, at, at, 22_361, 100, 0, subTicks)
  }
  writer.finish()
  exportParquet(feed, `${places}.parquet`)
  exportCsv(feed, `${places}.csv`)
  const expected = Array.from({ length: rowCount }, (_, at) => (at < 4 ? 223.615 : 223.61))
  expect(readCsv(`${places}.csv`).map(({ price }) => Number(price))).toEqual(expected)
  expect((await readParquet(`${places}.parquet`)).map(({ price }) => price)).toEqual(expected)
})

test('row groups are bounded, and many of them are one table', async () => {
  const path = join(scratch, 'groups.parquet')
  const file = new ParquetFile(path, [
    { name: 'n', kind: 'int64' },
    { name: 'x', kind: 'double' },
    { name: 't', kind: 'text' },
  ])
  for (let group = 0; group < 3; group++) {
    const numbers = Float64Array.from({ length: 1_000 }, (_, at) => group * 1_000 + at)
    const doubles = numbers.map((value) => (value % 7 === 0 ? Number.NaN : value / 3))
    file.writeGroup([numbers, doubles, [...numbers].map((value) => `t${value % 5}`)])
  }
  file.writeGroup([new Float64Array(0), new Float64Array(0), []])
  file.finish()
  expect(metadataOf(path).row_groups.map(({ num_rows }) => num_rows)).toEqual([1_000n, 1_000n, 1_000n])
  expect(PARQUET_GROUP_ROWS).toBeLessThan(200_000)
  const rows = await readParquet(path)
  expect(rows).toHaveLength(3_000)
  for (const [at, { n, x, t }] of rows.entries()) {
    expect([n, x, t]).toEqual([BigInt(at), at % 7 === 0 ? null : at / 3, `t${at % 5}`])
  }
})

describe('results of a backtest', () => {
  test('fills.parquet and samples.parquet say what their CSV says', async () => {
    const feed = join(scratch, 'levels.feed')
    writeMarketFeed(feed, 'L2', EVENT_COUNT)
    const settings = { ...defaultSettings(), strategy: 'inventory-quoter', latency: { entryMs: 1, responseMs: 2 } }
    const runs = await runBacktest({ feeds: [feed], settings })
    writeResults(scratch, { runs, settings })
    for (const name of ['fills', 'samples']) {
      const rows = await readParquet(join(scratch, `${name}.parquet`))
      const expected = readCsv(join(scratch, `${name}.csv`))
      expect(rows.length).toBeGreaterThan(3)
      const texts = rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([key, value]) => [
            key,
            value === null ? '' : `${value as number | bigint | string}`,
          ]),
        ),
      )
      expect(texts).toEqual(expected)
    }
    expect(metadataOf(join(scratch, 'fills.parquet')).key_value_metadata).toEqual([
      { key: 'GEN time base (Unix s)', value: '1340236800' },
    ])
  })
})
