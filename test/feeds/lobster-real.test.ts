// LOBSTER on real days: the rebuilt book equals the order book file on every row, and the rows for the order-by-order
// backtest equal the reference's to the byte.

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { BacktestRows } from '../../feeds/backtest-rows.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { openFeed } from '../../feeds/io/feed-file.ts'
import { verifyFeed } from '../../feeds/io/feed-verify.ts'
import { importLobster } from '../../feeds/io/lobster-import.ts'
import { openingPrices } from '../../feeds/opening-price.ts'
import { goldensDir, lobsterAapl, lobsterAmzn } from '../support/data.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-lobster-'))
const goldenRows = join(goldensDir, 'l3_rows_lobster_amzn_20120621.csv.gz')
const GOLDEN_SHA256 = 'ad014cb4106cdaa6d4c54411206bf1b18dd296cfe41792b96d523abb528c0b98'
const GOLDEN_LATENCY_NS = 500_000

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

function importDay(files: { messages: string; orderbook: string }, name: string) {
  const options = { tickSize: '0.01', feedLatencyNs: GOLDEN_LATENCY_NS, badRowCountMax: 0 }
  return importLobster({ ...files, ...options, out: join(scratch, name) })
}

describe.skipIf(!existsSync(lobsterAmzn.messages))('AMZN 2012-06-21, five levels', () => {
  test('every one of 155,935 rows equals the rebuilt book, in at most 12 bytes an event', async () => {
    const summary = await importDay(lobsterAmzn, 'AMZN.feed')
    expect(summary.counts).toMatchObject({
      ...{ messages: 155_935, adds: 77_381, reduces: 450, deletes: 66_685, executions: 8_974 },
      ...{ hiddenExecutions: 2_445, unmatched: 0, repaired: 0 },
    })
    expect(summary.header).toMatchObject({ timeBaseUnixS: Date.parse('2012-06-21T00:00:00-04:00') / 1000 })
    expect(summary.size / summary.eventCount).toBeLessThan(12)
    const { check, ending, reference } = await verifyFeed(join(scratch, 'AMZN.feed'), lobsterAmzn.orderbook)
    expect(reference).toEqual({ rowCount: 155_935, equalCount: 155_935, firstDifference: '' })
    expect(ending).toBe('whole')
    expect(check.findings.filter((finding) => finding.count > 0)).toEqual([])
  })

  test.skipIf(!existsSync(goldenRows))(
    'the rows for the order-by-order backtest have the digest of the reference',
    () => {
      const file = openFeed(join(scratch, 'AMZN.feed'))
      const lines: string[] = []
      const rows = new BacktestRows(file.reader.header, (...fields) => lines.push(`${fields.join(',')}\n`))
      const block = new FeedBlock()
      while (file.reader.next(block)) rows.add(block)
      expect(openingPrices(file.reader)).toEqual([22_382])
      file.close()
      const expected = gunzipSync(readFileSync(goldenRows))
        .toString()
        .split(/(?<=\n)/)
        .slice(1)
      expect(lines).toHaveLength(expected.length)
      expect(lines.findIndex((line, at) => line !== expected[at])).toBe(-1)
      expect(createHash('sha256').update(lines.join('')).digest('hex')).toBe(GOLDEN_SHA256)
    },
  )
})

describe.skipIf(!existsSync(lobsterAapl.messages))('AAPL 2012-06-21, one level', () => {
  test('every one of 118,497 rows equals the rebuilt book', async () => {
    const summary = await importDay(lobsterAapl, 'AAPL.feed')
    expect(summary.counts).toMatchObject({
      ...{ messages: 118_497, adds: 54_818, reduces: 252, deletes: 28_437, executions: 23_658 },
      ...{ hiddenExecutions: 11_332, unmatched: 0, repaired: 0 },
    })
    const { check, reference } = await verifyFeed(join(scratch, 'AAPL.feed'), lobsterAapl.orderbook)
    expect(reference).toEqual({ rowCount: 118_497, equalCount: 118_497, firstDifference: '' })
    expect(check.findings.filter((finding) => finding.count > 0)).toEqual([])
  })
})
