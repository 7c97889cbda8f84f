// The rows of a converted capture, held against their expected digests.

import { createHash } from 'node:crypto'
import { BacktestRows } from '../../feeds/backtest-rows.ts'
import { FeedBlock } from '../../feeds/feed-block.ts'
import { openFeed } from '../../feeds/io/feed-file.ts'
import { firstDifference, readLinesOf } from './golden-files.ts'
import { timeText } from './golden-run.ts'

const CHUNK_ROWS = 20_000
const RECORD_SIZE = 64
const EXCHANGE = 2 ** 31
const LOCAL = 2 ** 30

/** What differs first, or null. `base` is the path of the expected files without their ends. */
export async function verifyConversion(feedPath: string, base: string): Promise<string | null> {
  const digest = await readLinesOf(`${base}.digest.txt`)
  const chunks = await readLinesOf(`${base}.chunks.csv`)
  const got = digestRows(feedPath)
  const wanted = new Map((digest ?? []).map((line) => line.split(/\s+/) as [string, string]))
  if (chunks !== null) {
    const expected = chunks.slice(1).map((line) => line.split(',').slice(0, 3).join(','))
    const difference = firstDifference(`${base}.chunks.csv`, expected, got.chunks)
    if (difference !== null) return difference
  }
  for (const [name, value] of got.digests) {
    const expected = wanted.get(name)
    if (expected !== undefined && expected !== value) return `${name}: expected ${expected}, got ${value}`
  }
  return digest === null ? `${base}.digest.txt does not exist` : null
}

function digestRows(feedPath: string): { digests: Map<string, string>; chunks: string[] } {
  const [all, exchange, local] = [createHash('sha256'), createHash('sha256'), createHash('sha256')]
  const records = createHash('sha256')
  const chunks: string[] = []
  let chunk = createHash('sha256')
  let rowCount = 0
  const record = new DataView(new ArrayBuffer(RECORD_SIZE))
  const file = openFeed(feedPath)
  const baseS = file.reader.header.timeBaseUnixS ?? 0
  const closeChunk = () => {
    const first = Math.floor((rowCount - 1) / CHUNK_ROWS) * CHUNK_ROWS
    chunks.push(`${first},${rowCount - first},${chunk.digest('hex')}`)
    chunk = createHash('sha256')
  }
  const rows = new BacktestRows(file.reader.header, (word, exchangeNs, localNs, price, quantity) => {
    const times = [timeText(baseS, exchangeNs), timeText(baseS, localNs)] as const
    const line = `${word},${times[0]},${times[1]},${price},${quantity}\n`
    all.update(line)
    chunk.update(line)
    if (word >= EXCHANGE) exchange.update(line)
    if (word % EXCHANGE >= LOCAL) local.update(line)
    record.setBigUint64(0, BigInt(word), true)
    record.setBigInt64(8, BigInt(times[0]), true)
    record.setBigInt64(16, BigInt(times[1]), true)
    record.setFloat64(24, price, true)
    record.setFloat64(32, quantity, true)
    records.update(new Uint8Array(record.buffer))
    rowCount += 1
    if (rowCount % CHUNK_ROWS === 0) closeChunk()
  })
  const block = new FeedBlock()
  while (file.reader.next(block)) rows.add(block)
  file.close()
  if (rowCount % CHUNK_ROWS !== 0) closeChunk()
  const digests = new Map([
    ['rows', `${rowCount}`],
    ['sha256', all.digest('hex')],
    ['exch_sequence_sha256', exchange.digest('hex')],
    ['local_sequence_sha256', local.digest('hex')],
    ['bytes64_sha256', records.digest('hex')],
    ['clock_offset_ns', file.reader.header.metadata['clockOffsetNs'] ?? '0'],
  ])
  return { digests, chunks }
}
