// Importers on real sets: what they hold is what the sets are known to hold, and the rebuilt books are those that the
// sources themselves state.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { bookFor } from '../../feeds/feed-statistics.ts'
import { importBinance } from '../../feeds/io/binance-import.ts'
import { importBitstamp } from '../../feeds/io/bitstamp-import.ts'
import { importCoinbase } from '../../feeds/io/coinbase-import.ts'
import { importDbn } from '../../feeds/io/dbn-import.ts'
import { openFeed } from '../../feeds/io/feed-file.ts'
import { verifyFeed } from '../../feeds/io/feed-verify.ts'
import { importItch } from '../../feeds/io/itch-import.ts'
import { Side } from '../../protocol/kinds.ts'
import { dataDir } from '../support/data.ts'

const scratch = mkdtempSync(join(tmpdir(), 'tandem-real-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const coinbase = join(dataDir, 'coinbase_2016/replay_coinbase_2.in.gz')
const bitstamp = join(dataDir, 'bitstamp_2015/2015-05-01.log.gz')
const itch = join(dataDir, 'nasdaq_itch50/AAPL_20200130_locate13_first10k.itch50.bin.gz')
const esh4 = join(dataDir, 'cme_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst')
const spot = join(dataDir, 'binance/spot_btcusdt_20240808.gz')
const LEVEL_COUNT = 50

async function findings(path: string): Promise<Record<string, number>> {
  const { check, ending } = await verifyFeed(path, undefined)
  expect(ending).toBe('whole')
  return Object.fromEntries(check.findings.filter(({ count }) => count > 0).map(({ name, count }) => [name, count]))
}

describe.skipIf(!existsSync(coinbase))('Coinbase 2016, full channel', () => {
  const out = join(scratch, 'coinbase.feed')

  test('the messages are counted, none is missing, and the book never crosses', async () => {
    const { counts } = await importCoinbase({ captures: [coinbase], out, badRowCountMax: 0 })
    expect(counts).toMatchObject({ matched: 12, done: 1_900, received: 1_912, missing: 0, skipped: 0 })
    expect(counts.snapshotOrders + counts.opened + counts.outOfRange).toBe(9_019 + 2)
    expect(await findings(out)).toEqual({})
  })

  test.each([0, 1, 2])('the fifty levels of each side at checkpoint %i', (checkpoint) => {
    const stated = JSON.parse(
      readFileSync(join(dataDir, `coinbase_2016/replay_coinbase_${checkpoint}.out`), 'utf8'),
    ) as {
      sequence: number
      bids: [number, number][]
      asks: [number, number][]
    }
    const feed = openFeed(out)
    const { header } = feed.reader
    const book = bookFor(header)
    const block = new FeedBlock()
    while (feed.reader.next(block)) {
      for (let i = 0; i < block.count; i++) {
        if (block.sequence[i]! > stated.sequence) continue
        book.apply(block.kind[i]!, block.flags[i]!, block.orderId[i]!, block.priceTicks[i]!, block.quantityLots[i]!)
      }
    }
    feed.close()
    const [tick, lot] = [Number(header.instruments[0]!.tickSize), Number(header.instruments[0]!.lotSize)]
    const levels = (side: Side) =>
      Array.from({ length: LEVEL_COUNT }, (_, at) => book.levelAt(side, at)!).map(({ priceTicks, quantityLots }) => [
        Number((priceTicks * tick).toFixed(8)),
        Number((quantityLots * lot).toFixed(8)),
      ])
    const rounded = (list: [number, number][]) => list.map((pair) => pair.map((value) => Number(value.toFixed(8))))
    expect(levels(Side.BUY)).toEqual(rounded(stated.bids))
    expect(levels(Side.SELL)).toEqual(rounded(stated.asks))
  })
})

describe.skipIf(!existsSync(bitstamp))('Bitstamp 2015, order stream', () => {
  test('the book rebuilt has the touch that the exchange states, once orders from before are gone', async () => {
    const out = join(scratch, 'bitstamp.feed')
    const { counts } = await importBitstamp({
      ...{ captures: [bitstamp], out, badRowCountMax: 0 },
      ...{ symbol: 'BTCUSD', tickSize: '0.01', lotSize: '0.00000001' },
    })
    expect(counts).toMatchObject({ created: 24_894, changed: 602, deleted: 24_918, trades: 575, books: 5_011, late: 5 })
    const lines = gunzipSync(readFileSync(bitstamp)).toString('utf8').split('\n')
    const stated = lines
      .filter((line) => line.includes(' order_book '))
      .map((line) => ({ ms: Number(line.slice(0, 13)), json: JSON.parse(line.slice(line.indexOf('{'))) as Touch }))
    const feed = openFeed(out)
    const { header } = feed.reader
    const book = bookFor(header)
    const baseMs = header.timeBaseUnixS! * 1_000
    const startMs = stated[0]!.ms
    const block = new FeedBlock()
    let at = 0
    let equal = 0
    let compared = 0
    const compare = (untilMs: number) => {
      for (; at < stated.length && stated[at]!.ms < untilMs; at++) {
        const { ms, json } = stated[at]!
        if (ms - startMs < 3_600_000) continue
        compared += 1
        const ticksOf = (price: string) => Math.round(Number(price) * 100)
        const isBid = book.levelAt(Side.BUY, 0)?.priceTicks === ticksOf(json.bids[0]![0])
        if (isBid && book.levelAt(Side.SELL, 0)?.priceTicks === ticksOf(json.asks[0]![0])) equal += 1
      }
    }
    while (feed.reader.next(block)) {
      for (let i = 0; i < block.count; i++) {
        compare(baseMs + block.localNs[i]! / 1e6)
        book.apply(block.kind[i]!, block.flags[i]!, block.orderId[i]!, block.priceTicks[i]!, block.quantityLots[i]!)
      }
    }
    feed.close()
    expect(compared).toBeGreaterThan(3_500)
    expect(equal / compared).toBeGreaterThan(0.99)
  })
})

type Touch = { readonly bids: readonly [string, string][]; readonly asks: readonly [string, string][] }

describe.skipIf(!existsSync(itch))('ITCH 5.0, AAPL of 2020-01-30', () => {
  test('no unknown order, nothing out of order, never crossed', async () => {
    const out = join(scratch, 'itch.feed')
    const { eventCount } = await importItch({ file: itch, out, tickSize: '0.01', feedLatencyNs: 0, badRowCountMax: 0 })
    expect(eventCount).toBeGreaterThan(9_900)
    expect(await findings(out)).toEqual({})
  })
})

describe.skipIf(!existsSync(esh4))('CME, E-mini S&P by order', () => {
  test('every change names an order that is there; crossed in the auction alone', async () => {
    const out = join(scratch, 'esh4.feed')
    await importDbn({ file: esh4, out, badRowCountMax: 0 })
    const found = await findings(out)
    expect(Object.keys(found).filter((name) => !/crossed|locked/.test(name))).toEqual([])
  })
})

describe.skipIf(!existsSync(spot))('Binance spot, two days that continue', () => {
  test('no gap across the files', async () => {
    const out = join(scratch, 'spot.feed')
    const captures = [spot, spot.replace('20240808', '20240809')]
    await importBinance({ captures, out, badRowCountMax: 0, withTouch: false })
    expect(Object.keys(await findings(out)).filter((name) => /gaps|order/.test(name))).toEqual([])
  })
})
