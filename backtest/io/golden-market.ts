// The markets that expected results were made of: a capture to be converted, or rows by order that lie beside them.

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FeedHeader } from '../../feeds/feed-header.ts'
import { importBinance } from '../../feeds/io/binance-import.ts'
import { openFeed } from '../../feeds/io/feed-file.ts'
import { InputFileError } from '../../feeds/io/input-file.ts'
import { FeedRows, RowChunks } from '../feed-rows.ts'
import { LOADED, loadRows, RowKind } from '../replay/replay-rows.ts'
import { readLinesOf } from './golden-files.ts'
import type { GoldenMarket } from './golden-run.ts'
import { secondsOf, timeOf } from './latency-table.ts'

/** Calls `use` with the imported feed, and removes it. */
export async function withConvertedFeed<T>(capture: string, use: (feedPath: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-golden-'))
  try {
    const out = join(folder, 'golden.feed')
    await importBinance({ captures: [capture], out, badRowCountMax: 0, withTouch: false })
    return await use(out)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The capture of a feed's name, in the folder or one below it. */
export function findCapture(dataDir: string, feedName: string): string {
  const folders = existsSync(dataDir) ? readdirSync(dataDir, { withFileTypes: true }) : []
  const places = [dataDir, ...folders.filter((entry) => entry.isDirectory()).map(({ name }) => join(dataDir, name))]
  const found = places.map((place) => join(place, `${feedName}.gz`)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new InputFileError(`${feedName}.gz is not in ${dataDir}\n  Name the folder of the captures with --data DIR.`)
}

export function marketOfFeed(feedPath: string): GoldenMarket {
  const file = openFeed(feedPath)
  try {
    const { header } = file.reader
    const rows = new FeedRows(file.reader)
    const first = loadRows(rows)
    const { tickSize, lotSize } = header.instruments[0] as FeedHeader['instruments'][number]
    const timeBaseS = header.timeBaseUnixS ?? 0
    return { rows, first, timeBaseS, tickSize: Number(tickSize), lotSize: Number(lotSize) }
  } finally {
    file.close()
  }
}

/** Rows by order: ev,exch_ts,local_ts,px,qty,order_id. */
export async function marketOfRows(path: string): Promise<GoldenMarket> {
  const lines = await readLinesOf(path)
  if (lines === null || lines.length < 2) throw new InputFileError(`${path}.gz has no rows\n  Copy the file again.`)
  const baseS = secondsOf(lines[1]!.split(',')[1]!)
  const timeBaseS = baseS < 1e9 ? 0 : baseS
  const parsed = lines.slice(1).map((line, at) => {
    const [word, exchange, local, price, quantity, orderId] = line.split(',')
    if (orderId === undefined) throw new InputFileError(`${path}.gz:${at + 2}: this row has less than six columns`)
    const times = [timeOf(exchange!, timeBaseS), timeOf(local!, timeBaseS)] as const
    return [Number(word), ...times, Number(price), Number(quantity), Number(orderId)] as const
  })
  let step = 0
  // Trades may lie between ticks, orders do not.
  for (const [word, , , price] of parsed) {
    if (word % 16 === RowKind.ADD || word % 16 === RowKind.MODIFY) step = greatestDivisor(Math.round(price * 1e9), step)
  }
  const tickSize = step / 1e9
  const chunks = new RowChunks(true, tickSize)
  for (const row of parsed) chunks.push(...row)
  chunks.finish()
  const source = { isByOrder: true, pull: () => chunks.full.shift() ?? null }
  const first = loadRows(source)
  return { rows: { ...LOADED, isByOrder: true }, first, timeBaseS, tickSize, lotSize: 1 }
}

function greatestDivisor(one: number, other: number): number {
  let [a, b] = [one, other]
  while (b !== 0) [a, b] = [b, a % b]
  return a
}
