// Files of recorded order latencies: what they may say, and what is wrong with those that say something else.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readLatencyTable } from '../../../backtest/io/latency-table.ts'
import { interpolatedLatency } from '../../../backtest/replay/latency-model.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-latency-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const BASE_S = 1_700_000_000
const at = (ns: number) => `${BASE_S}${String(ns).padStart(9, '0')}`

function write(name: string, rows: readonly string[]): string {
  const path = join(scratch, name)
  writeFileSync(path, `${['req_ts,exch_ts,resp_ts', ...rows].join('\n')}\n`)
  return path
}

test('between rows it is interpolated toward zero; outside the first and the last row hold', async () => {
  const rows = [
    `${at(1_000)},${at(1_100)},${at(1_300)}`,
    `${at(2_000)},${at(2_205)},${at(2_300)}`,
    `${at(3_000)},${at(3_010)},${at(3_020)}`,
  ]
  const latency = interpolatedLatency(await readLatencyTable(write('a.csv', rows), BASE_S))
  const entryNs = (ns: number) => latency.entryNs(ns)
  const responseNs = (ns: number) => latency.responseNs(ns)
  expect([0, 999, 1_000, 1_333, 1_999].map(entryNs)).toEqual([100, 100, 100, 134, 204])
  expect([2_000, 2_500, 2_999, 3_000, 9_000].map(entryNs)).toEqual([205, 108, 11, 10, 10])
  // Falling latency is cut off toward zero, too: 205 - trunc(97.5).
  expect(entryNs(2_500)).toBe(205 + Math.trunc((-195 / 1_000) * 500))
  expect([0, 1_100, 2_205, 5_000].map(responseNs)).toEqual([200, 200, 95, 10])
  // Back in time, as another run asks.
  expect(entryNs(1_333)).toBe(134)
})

test('a row without exchange time, or with one before the sending, refuses', async () => {
  const rows = [
    `${at(1_000)},${at(1_100)},${at(1_300)}`,
    `${at(2_000)},0,${at(2_400)}`,
    `${at(3_000)},${at(3_100)},${at(3_300)}`,
    `${at(4_000)},${at(3_950)},${at(4_100)}`,
  ]
  const latency = interpolatedLatency(await readLatencyTable(write('b.csv', rows), BASE_S))
  const entryNs = (ns: number) => latency.entryNs(ns)
  expect(entryNs(500)).toBe(100)
  expect(entryNs(1_500)).toBe(-350)
  expect(entryNs(2_500)).toBe(-350)
  expect(entryNs(3_000)).toBe(100)
  expect(entryNs(3_900)).toBeLessThan(0)
  expect(entryNs(4_000)).toBe(-50)
  expect(latency.responseNs(2_000)).toBe(200)
})

describe('is refused, with its line', () => {
  test.each([
    ['two columns', [`${at(1)},${at(2)}`], /:2: a row is three times/],
    ['words', [`${at(1)},${at(2)},${at(3)}`, 'a,b,c'], /:3: a row is three times/],
    ['a negative time', [`${at(1)},-1,${at(3)}`], /:2: a row is three times/],
    ['no time of sending', [`0,${at(2)},${at(3)}`], /:2: a row without the time of sending/],
    [
      'rows that go back',
      [`${at(9)},${at(10)},${at(11)}`, `${at(8)},${at(10)},${at(11)}`],
      /:3: .*\n {2}Sort the rows/,
    ],
    ['an answer before the exchange', [`${at(1)},${at(9)},${at(8)}`], /:2: this row was answered before it was there/],
    ['an answer before the sending', [`${at(5)},0,${at(4)}`], /:2: this row was answered before it was there/],
    ['no row', [], /has no rows/],
  ])('%s', async (name, rows, message) => {
    await expect(readLatencyTable(write(`${name}.csv`, rows), BASE_S)).rejects.toThrow(message)
  })

  test('a table that is not there', async () => {
    await expect(readLatencyTable(join(scratch, 'none.csv'), BASE_S)).rejects.toThrow(/none.csv does not exist\n/)
  })
})
