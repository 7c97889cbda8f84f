// Exports feeds for other programs: as CSV and as Parquet, event by event, and as hftbacktest's arrays (.npz).

import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { BacktestRows } from '../backtest-rows.ts'
import { priceOf } from '../event-price.ts'
import { FeedBlock } from '../feed-block.ts'
import { FeedKind } from '../feed-event.ts'
import type { FeedHeader } from '../feed-header.ts'
import { type Scale, scaleOf, toNumber } from '../price-scale.ts'
import { checkWhole, describeFeedError, openFeed } from './feed-file.ts'
import { NpzWriter } from './npy-file.ts'
import { PARQUET_GROUP_ROWS, type ParquetColumn, ParquetFile, unixTimes } from './parquet-file.ts'

const KIND_NAMES = new Map(Object.entries(FeedKind).map(([name, kind]) => [kind as number, name]))
const FLUSH_SIZE = 1 << 20

/** Gives the number of rows. */
export function exportCsv(path: string, out: string): number {
  const feed = openFeed(path)
  const file = openSync(`${out}.part`, 'w')
  let count = 0
  try {
    const { instruments } = feed.reader.header
    const scales = instruments.map(({ tickSize, lotSize }) => ({ tick: scaleOf(tickSize), lot: scaleOf(lotSize) }))
    let text = 'kind,flags,symbol,exchange_ns,local_ns,price,quantity,order_id,sequence\n'
    const block = new FeedBlock()
    while (feed.reader.next(block)) {
      for (let i = 0; i < block.count; i++) {
        const index = block.instrumentIndex[i]!
        const { tick, lot } = scales[index]!
        const facts = [KIND_NAMES.get(block.kind[i]!), block.flags[i], instruments[index]!.symbol]
        const numbers = [
          block.exchangeNs[i],
          block.localNs[i],
          priceOf(block, i, tick),
          toNumber(block.quantityLots[i]!, lot),
        ]
        text += `${[...facts, ...numbers, block.orderId[i], block.sequence[i]].join(',')}\n`
        count += 1
      }
      if (text.length < FLUSH_SIZE) continue
      writeSync(file, text)
      text = ''
    }
    writeSync(file, text)
    checkWhole(feed)
  } catch (error) {
    closeSync(file)
    rmSync(`${out}.part`, { force: true })
    throw describeFeedError(path, error)
  } finally {
    feed.close()
  }
  closeSync(file)
  renameSync(`${out}.part`, out)
  return count
}

/** Of one instrument. Gives the number of rows. */
export function exportNpz(path: string, out: string, instrumentIndex: number): number {
  const feed = openFeed(path)
  const writer = new NpzWriter(out)
  try {
    const { header } = feed.reader
    const baseNs = BigInt(header.timeBaseUnixS ?? 0) * 1_000_000_000n
    const push = (word: number, exchangeNs: number, localNs: number, price: number, quantity: number, id: number) =>
      writer.push(word, baseNs + BigInt(exchangeNs), baseNs + BigInt(localNs), price, quantity, id)
    const rows = new BacktestRows(header, push, instrumentIndex)
    const block = new FeedBlock()
    while (feed.reader.next(block)) rows.add(block)
    checkWhole(feed)
  } catch (error) {
    writer.abandon()
    throw describeFeedError(path, error)
  } finally {
    feed.close()
  }
  writer.finish()
  return writer.count
}

const EVENT_COLUMNS: readonly ParquetColumn[] = [
  { name: 'kind', kind: 'text' },
  { name: 'flags', kind: 'int32' },
  { name: 'symbol', kind: 'text' },
  { name: 'exchange_time', kind: 'time' },
  { name: 'local_time', kind: 'time' },
  { name: 'price', kind: 'double' },
  { name: 'quantity', kind: 'double' },
  { name: 'order_id', kind: 'int64' },
  { name: 'sequence', kind: 'int64' },
]

/** Every event as a row, the times as UTC time stamps. Gives the number of rows. */
export function exportParquet(path: string, out: string): number {
  const feed = openFeed(path)
  const { header } = feed.reader
  const file = new ParquetFile(out, EVENT_COLUMNS, { source: header.source, detail: header.detail })
  const group = new EventGroup(header)
  try {
    const block = new FeedBlock()
    while (feed.reader.next(block)) {
      for (let i = 0; i < block.count; i++) {
        if (group.count === PARQUET_GROUP_ROWS) group.flush(file)
        group.push(block, i)
      }
    }
    group.flush(file)
    checkWhole(feed)
  } catch (error) {
    file.abandon()
    throw describeFeedError(path, error)
  } finally {
    feed.close()
  }
  file.finish()
  return file.rowCount
}

/** Rows of the group that is being filled, in columns. */
class EventGroup {
  count = 0
  readonly #baseUnixS: number
  readonly #symbols: readonly string[]
  readonly #scales: readonly { readonly tick: Scale; readonly lot: Scale }[]
  readonly #kind: string[] = []
  readonly #symbol: string[] = []
  readonly #flags = new Int32Array(PARQUET_GROUP_ROWS)
  readonly #exchangeNs = new Float64Array(PARQUET_GROUP_ROWS)
  readonly #localNs = new Float64Array(PARQUET_GROUP_ROWS)
  readonly #price = new Float64Array(PARQUET_GROUP_ROWS)
  readonly #quantity = new Float64Array(PARQUET_GROUP_ROWS)
  readonly #orderId = new Float64Array(PARQUET_GROUP_ROWS)
  readonly #sequence = new Float64Array(PARQUET_GROUP_ROWS)

  constructor({ timeBaseUnixS, instruments }: FeedHeader) {
    this.#baseUnixS = timeBaseUnixS ?? 0
    this.#symbols = instruments.map(({ symbol }) => symbol)
    this.#scales = instruments.map(({ tickSize, lotSize }) => ({ tick: scaleOf(tickSize), lot: scaleOf(lotSize) }))
  }

  push(block: FeedBlock, i: number): void {
    const at = this.count
    const index = block.instrumentIndex[i]!
    const { tick, lot } = this.#scales[index]!
    this.#kind[at] = KIND_NAMES.get(block.kind[i]!) ?? ''
    this.#symbol[at] = this.#symbols[index]!
    this.#flags[at] = block.flags[i]!
    this.#exchangeNs[at] = block.exchangeNs[i]!
    this.#localNs[at] = block.localNs[i]!
    this.#price[at] = priceOf(block, i, tick)
    this.#quantity[at] = toNumber(block.quantityLots[i]!, lot)
    this.#orderId[at] = block.orderId[i]!
    this.#sequence[at] = block.sequence[i]!
    this.count = at + 1
  }

  flush(file: ParquetFile): void {
    const rows = <T extends Float64Array | Int32Array>(column: T) => column.subarray(0, this.count) as T
    file.writeGroup([
      this.#kind.slice(0, this.count),
      rows(this.#flags),
      this.#symbol.slice(0, this.count),
      unixTimes(rows(this.#exchangeNs), this.#baseUnixS),
      unixTimes(rows(this.#localNs), this.#baseUnixS),
      ...[rows(this.#price), rows(this.#quantity), rows(this.#orderId), rows(this.#sequence)],
    ])
    this.count = 0
  }
}
