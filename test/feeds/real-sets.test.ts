// Importers on real sets: what they hold is what the sets are known to hold, and the rebuilt books are those that the
// sources themselves state.

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { isCrossed } from '../../feeds/depth-book.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { FeedCheck } from '../../feeds/feed-check.ts'
import { bookFor } from '../../feeds/feed-statistics.ts'
import { importBinance } from '../../feeds/io/binance-import.ts'
import { importBitstamp } from '../../feeds/io/bitstamp-import.ts'
import { importCoinbase } from '../../feeds/io/coinbase-import.ts'
import { importDbn } from '../../feeds/io/dbn-import.ts'
import { openFeed } from '../../feeds/io/feed-file.ts'
import { verifyFeed } from '../../feeds/io/feed-verify.ts'
import { importItch } from '../../feeds/io/itch-import.ts'
import { L3Book } from '../../feeds/l3-book.ts'
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
/** Of the uncompressed file, as its source states it. */
const ITCH_SHA256 = '5d407a266e807e75aa8f6d2cd7427d0eb92183023c0f92fbbf9a0e09eb86a860'

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

type Stated = { readonly bids: readonly [string, string][]; readonly asks: readonly [string, string][] }

/** How many of the stated books and levels the rebuilt book equals, in a span of the capture. */
class Agreement {
  bookCount = 0
  equalBids = 0
  equalAsks = 0
  levelCount = 0
  equalLevels = 0

  /** By price: levels that only one of them has do not move the others. */
  compare(book: L3Book, stated: Stated): void {
    this.bookCount += 1
    if (book.levelAt(Side.BUY, 0)?.priceTicks === units(stated.bids[0]![0], 100)) this.equalBids += 1
    if (book.levelAt(Side.SELL, 0)?.priceTicks === units(stated.asks[0]![0], 100)) this.equalAsks += 1
    for (const [side, levels] of [[Side.BUY, stated.bids] as const, [Side.SELL, stated.asks] as const]) {
      for (const [price, amount] of levels) {
        this.levelCount += 1
        if (book.level(side, units(price, 100))?.quantityLots === units(amount, 1e8)) this.equalLevels += 1
      }
    }
  }
}

function units(decimal: string, perUnit: number): number {
  return Math.round(Number(decimal) * perUnit)
}

const MINUTE_MS = 60_000

describe.skipIf(!existsSync(bitstamp))('Bitstamp 2015, order stream', () => {
  test('the book rebuilt is the one that the exchange states, ever more as orders from before are gone', async () => {
    const out = join(scratch, 'bitstamp.feed')
    const { counts } = await importBitstamp({
      ...{ captures: [bitstamp], out, badRowCountMax: 0 },
      ...{ symbol: 'BTCUSD', tickSize: '0.01', lotSize: '0.00000001' },
    })
    expect(counts).toMatchObject({ created: 24_894, changed: 602, deleted: 24_918, trades: 575, books: 5_011, late: 5 })
    const { warming, second, last } = compareWithStated(out)
    // The first quarter of an hour the book warms up; then orders from before the capture are still missing in its depth.
    expect(warming.bookCount).toBe(797)
    expect(warming.equalBids / warming.bookCount).toBeGreaterThan(0.993)
    expect(warming.equalAsks / warming.bookCount).toBeGreaterThan(0.998)
    for (const hours of [second, last]) {
      expect(hours.bookCount).toBeGreaterThan(1_700)
      expect(hours.equalBids / hours.bookCount).toBeGreaterThan(0.999)
      expect(hours.equalAsks / hours.bookCount).toBeGreaterThan(0.999)
    }
    expect(second.equalLevels / second.levelCount).toBeGreaterThan(0.886)
    expect(last.equalLevels / last.levelCount).toBeGreaterThan(0.993)
  })
})

/** Minutes 15 to 60, hours 1 to 3, and after. */
function compareWithStated(path: string): { warming: Agreement; second: Agreement; last: Agreement } {
  const lines = gunzipSync(readFileSync(bitstamp)).toString('utf8').split('\n')
  const startMs = Number(lines[0]!.slice(0, 13))
  const stated = lines
    .filter((line) => line.includes(' order_book '))
    .map((line) => ({ ms: Number(line.slice(0, 13)), book: JSON.parse(line.slice(line.indexOf('{'))) as Stated }))
  const spans = { warming: new Agreement(), second: new Agreement(), last: new Agreement() }
  const feed = openFeed(path)
  const book = new L3Book()
  const baseMs = feed.reader.header.timeBaseUnixS! * 1_000
  const block = new FeedBlock()
  let at = 0
  while (feed.reader.next(block)) {
    for (let i = 0; i < block.count; i++) {
      const untilMs = baseMs + block.localNs[i]! / 1e6
      for (; at < stated.length && stated[at]!.ms < untilMs; at++) {
        const minutes = (stated[at]!.ms - startMs) / MINUTE_MS
        if (minutes < 15) continue
        const span = minutes < 60 ? spans.warming : minutes < 180 ? spans.second : spans.last
        span.compare(book, stated[at]!.book)
      }
      book.apply(block.kind[i]!, block.flags[i]!, block.orderId[i]!, block.priceTicks[i]!, block.quantityLots[i]!)
    }
  }
  feed.close()
  return spans
}

describe.skipIf(!existsSync(itch))('ITCH 5.0, AAPL of 2020-01-30', () => {
  test('the messages are counted; no unknown order, nothing out of order, never crossed or locked', async () => {
    const out = join(scratch, 'itch.feed')
    const bytes = gunzipSync(readFileSync(itch))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(ITCH_SHA256)
    const { counts } = await importItch({ file: itch, out, tickSize: '0.01', feedLatencyNs: 0, badRowCountMax: 0 })
    expect(counts).toMatchObject({
      ...{ messages: 10_000, adds: 4_758 + 2, deletes: 4_083, executions: 849, replaces: 7, cancels: 6 },
      // 52 positions of participants, a directory entry and a restriction change no book.
      ...{ hiddenTrades: 240, statuses: 1, skipped: 52 + 2, unmatched: 0 },
    })
    expect(await findings(out)).toEqual({})
  })
})

describe.skipIf(!existsSync(esh4))('CME, E-mini S&P by order', () => {
  test('every change names an order that is there; crossed in the auction before 23:00 alone', async () => {
    const out = join(scratch, 'esh4.feed')
    const { counts } = await importDbn({ file: esh4, out, badRowCountMax: 0 })
    expect(counts).toMatchObject({
      ...{ records: 8_725 + 60_067, snapshotRecords: 8_725, adds: 8_725 + 20_491, cancels: 17_999 },
      ...{ modifies: 12_233, trades: 2_973, fills: 6_371, modifiesAsAdds: 0 },
    })
    expect(await findings(out)).toEqual({ 'crossed books': 891 })
    const { header, messageCount, crossedS, narrowCount } = statesOf(out)
    const unixS = (time: string) => Date.parse(`2023-12-25T${time}Z`) / 1_000 - header.timeBaseUnixS!
    expect(crossedS[0]).toBeGreaterThan(unixS('22:39:00'))
    expect(crossedS.at(-1)).toBeLessThan(unixS('23:00:00'))
    // One tick of spread.
    expect(narrowCount / messageCount).toBeGreaterThan(0.875)
    expect(narrowCount / messageCount).toBeLessThan(0.885)
  })
})

/** Times of the crossed states of a feed's book, and how many have a spread of one tick. */
function statesOf(path: string) {
  const feed = openFeed(path)
  const { header } = feed.reader
  const check = new FeedCheck(header)
  const book = check.books[0]!
  const block = new FeedBlock()
  const crossedS: number[] = []
  let narrowCount = 0
  while (feed.reader.next(block)) {
    for (let i = 0; i < block.count; i++) {
      if (!check.apply(block, i)) continue
      if (isCrossed(book)) crossedS.push(block.exchangeNs[i]! / 1e9)
      const [bid, ask] = [book.levelAt(Side.BUY, 0), book.levelAt(Side.SELL, 0)]
      if (bid !== undefined && ask !== undefined && ask.priceTicks - bid.priceTicks === 1) narrowCount += 1
    }
  }
  feed.close()
  return { header, messageCount: check.messageCount, crossedS, narrowCount }
}

describe.skipIf(!existsSync(spot))('Binance spot, two days that continue', () => {
  test('no gap across the files', async () => {
    const out = join(scratch, 'spot.feed')
    const captures = [spot, spot.replace('20240808', '20240809')]
    await importBinance({ captures, out, badRowCountMax: 0, withTouch: false })
    expect(Object.keys(await findings(out)).filter((name) => /gaps|order/.test(name))).toEqual([])
  })
})
