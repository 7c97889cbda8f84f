// Fills and positions by SQL: what the journal holds, once, however often it is read.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FillStore } from '../../../ops/store/fill-store.ts'
import { quotedJournal } from '../../support/quoted-journal.ts'

test('a fill is a row with the position that it made, and the position is the sum of the fills', () => {
  const store = new FillStore(':memory:')
  const journal = quotedJournal()
  store.feed(journal)
  expect(store.recordSeq).toBe(journal.appendPosition)
  expect(store.query('SELECT symbol, side, signed_lots, price, net_lots, version, client_id FROM fills')).toEqual([
    { symbol: 'AAA', side: 'buy', signed_lots: 7, price: '9.95', net_lots: 7, version: 1, client_id: 101 },
  ])
  expect(store.query("SELECT net_lots, average_price, realised FROM positions WHERE symbol = 'AAA'")).toEqual([
    { net_lots: 7, average_price: '9.95', realised: '0' },
  ])
  expect(store.unequalSymbols()).toEqual([])
  store.query('UPDATE positions SET net_lots = 8')
  expect(store.unequalSymbols()).toEqual(['AAA', 'BBB'])
  store.close()
})

test('read again it changes nothing; a query can change nothing; another journal is refused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-store-'))
  const path = join(folder, 'fills.db')
  for (let round = 1; round <= 2; round++) {
    const store = new FillStore(path)
    store.feed(quotedJournal())
    expect(store.query('SELECT count(*) AS n FROM fills')).toEqual([{ n: 1 }])
    store.protect()
    expect(() => store.query('DELETE FROM fills')).toThrow('readonly')
    store.close()
  }
  const store = new FillStore(path)
  store.query("UPDATE source SET cluster = 'other'")
  expect(() => store.feed(quotedJournal())).toThrow('another journal, of cluster other')
  expect(store.query('SELECT count(*) AS n FROM fills')).toEqual([{ n: 1 }])
  store.close()
  rmSync(folder, { recursive: true })
})
