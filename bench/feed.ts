// How fast a feed is read from its file into columns, and how many bytes an event takes.
//
// Goals: the cost of the format itself: reading the file (warm in the page cache), checksums, decompression, decoding.
// Left out: what a consumer does with the events, and importing. Each round reads the whole file again through a new
// reader; the figure is the median round after warm-up. The hash is over all columns, so that two runs can be told to
// have read the same. The feed is AMZN of 2012-06-21 where the data is there, else a generated day.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checksum } from '../base/checksum.ts'
import { Prng } from '../base/prng.ts'
import { FeedBlock } from '../feeds/feed-block.ts'
import { FeedFlag, FeedKind } from '../feeds/feed-event.ts'
import { FeedFileWriter, openFeed } from '../feeds/io/feed-file.ts'
import { importLobster } from '../feeds/io/lobster-import.ts'
import type { Report } from '../ops/cli/output.ts'

const dataDir = process.env['TANDEM_DATA'] ?? join(import.meta.dirname, '../../shared/data')
const amzn = (kind: string) => join(dataDir, 'nasdaq_lobster', `AMZN_2012-06-21_34200000_57600000_${kind}_5.csv.gz`)

const BYTES_PER_EVENT_MAX = 12
const EVENTS_PER_S_TARGET = 20_000_000
const GENERATED_EVENT_COUNT = 200_000

export async function benchFeed({ isSmoke }: { readonly isSmoke: boolean }): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-bench-feed-'))
  try {
    const path = join(folder, 'bench.feed')
    const name = await writeFeedFile(path)
    const { size, eventCount, hash } = readOnce(path)
    const rounds = isSmoke ? 5 : 60
    const seconds: number[] = []
    for (let round = 0; round < rounds; round++) {
      const startMs = performance.now()
      readThrough(path)
      seconds.push((performance.now() - startMs) / 1_000)
    }
    const sorted = seconds.slice(Math.floor(rounds / 5)).sort((a, b) => a - b)
    const rate = (second: number) => Math.round(eventCount / second)
    const median = rate(sorted[sorted.length >> 1]!)
    const bytesPerEvent = Number((size / eventCount).toFixed(3))
    return {
      checks: [
        {
          name: 'feed: bytes per event',
          ok: bytesPerEvent <= BYTES_PER_EVENT_MAX,
          value: bytesPerEvent,
          limit: BYTES_PER_EVENT_MAX,
        },
      ],
      results: [
        {
          name: `feed ${name}`,
          metric: 'read',
          value: median,
          unit: 'events/s',
          max: rate(sorted[0]!),
          spread: Number(((rate(sorted[0]!) - rate(sorted.at(-1)!)) / median).toFixed(3)),
          against: 'target of 20 million events/s',
          ratio: Number((median / EVENTS_PER_S_TARGET).toFixed(2)),
        },
        { name: `feed ${name}`, metric: 'bytesPerEvent', value: bytesPerEvent, unit: 'bytes' },
        { name: `feed ${name}`, metric: 'events', value: eventCount, unit: 'events' },
        { name: `feed ${name}`, metric: 'hash', value: hash.toString(16).padStart(8, '0'), unit: '' },
      ],
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function writeFeedFile(out: string): Promise<string> {
  const [messages, orderbook] = [amzn('message'), amzn('orderbook')]
  if (!existsSync(messages)) {
    writeGenerated(out)
    return 'generated'
  }
  await importLobster({ messages, orderbook, out, tickSize: '0.01', feedLatencyNs: 0, badRowCountMax: 0 })
  return 'AMZN'
}

/** Orders that come and go around a price that wanders. */
function writeGenerated(path: string): void {
  const instruments = [{ symbol: 'GEN', tickSize: '0.01', lotSize: '1' }]
  const writer = new FeedFileWriter(path, {
    ...{ source: 'generated', detail: 'L3', timeBaseUnixS: null, instruments, metadata: {} },
  })
  const prng = new Prng(1)
  const live: { orderId: number; flags: number; priceTicks: number; quantityLots: number }[] = []
  let midTicks = 20_000
  let timeNs = 0
  for (let orderId = 1; writer.encoder.eventCount < GENERATED_EVENT_COUNT; ) {
    timeNs += Math.ceil(prng.nextExponential(100_000_000))
    midTicks += prng.nextBetween(-1, 1)
    const isAdd = live.length < 100 || (live.length < 2_000 && prng.nextChance(0.5))
    const flags = FeedFlag.EXCHANGE | FeedFlag.LOCAL | FeedFlag.LAST
    if (isAdd) {
      const isBuy = prng.nextChance(0.5)
      const priceTicks = midTicks + (isBuy ? -1 : 1) * Math.ceil(prng.nextExponential(10))
      const order = {
        orderId,
        flags: flags | (isBuy ? FeedFlag.BUY : FeedFlag.SELL),
        priceTicks,
        quantityLots: 100 * prng.nextBetween(1, 5),
      }
      live.push(order)
      writer.encoder.push(FeedKind.ADD, order.flags, 0, timeNs, timeNs, priceTicks, order.quantityLots, orderId)
      orderId += prng.nextBetween(1, 500)
    } else {
      const order = live.splice(prng.nextBelow(live.length), 1)[0]!
      const kind = prng.nextChance(0.1) ? FeedKind.EXECUTE : FeedKind.DELETE
      const { priceTicks, quantityLots } = order
      writer.encoder.push(kind, order.flags, 0, timeNs, timeNs, priceTicks, quantityLots, order.orderId)
    }
  }
  writer.finish()
}

const block = new FeedBlock()

function readThrough(path: string): void {
  const file = openFeed(path)
  while (file.reader.next(block));
  file.close()
}

function readOnce(path: string): { size: number; eventCount: number; hash: number } {
  const file = openFeed(path)
  let eventCount = 0
  let hash = 0
  while (file.reader.next(block)) {
    eventCount += block.count
    const columns = [block.kind, block.flags, block.exchangeNs, block.localNs]
    for (const column of [...columns, block.priceTicks, block.quantityLots, block.orderId]) {
      const bytes = new Uint8Array(column.buffer, 0, block.count * column.BYTES_PER_ELEMENT)
      hash = checksum(bytes, 0, bytes.length, hash)
    }
  }
  file.close()
  return { size: file.size, eventCount, hash }
}
