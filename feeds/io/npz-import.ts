// Imports event arrays of hftbacktest (.npz). They are in the order of two times already, each row with the sides that see
// it, and are taken as they are.

import { basename } from 'node:path'
import { FeedFlag, FeedKind } from '../feed-event.ts'
import type { FeedHeader } from '../feed-header.ts'
import { decimalsOf, parseUnits, scaleOf, stepOf } from '../price-scale.ts'
import { plain } from '../table-converter.ts'
import { FeedFileWriter } from './feed-file.ts'
import { BadRows, type ImportOptions, type ImportSummary } from './import-job.ts'
import { InputFileError } from './input-file.ts'
import { readNpz } from './npy-file.ts'

export type NpzImportOptions = ImportOptions & {
  readonly file: string
  readonly symbol: string
  readonly tickSize?: string
  readonly lotSize?: string
}

export type NpzCounts = { rows: number; skipped: number }

const KINDS: Readonly<Record<number, FeedKind>> = {
  1: FeedKind.LEVEL,
  2: FeedKind.TRADE,
  3: FeedKind.CLEAR,
  4: FeedKind.LEVEL,
  10: FeedKind.ADD,
  11: FeedKind.DELETE,
  12: FeedKind.MODIFY,
  13: FeedKind.FILL,
}
const SNAPSHOT_KIND = 4
const FIRST_ORDER_KIND = 10
const DAY_NS = 86_400_000_000_000n
const SURVEY_ROW_COUNT = 500_000

export async function importNpz(options: NpzImportOptions): Promise<ImportSummary<NpzCounts>> {
  const { file, symbol } = options
  const facts = await survey(options)
  const header: FeedHeader = {
    ...{ source: 'hftbacktest', detail: facts.isByOrder ? 'L3' : 'L2' },
    timeBaseUnixS: Number(facts.baseNs / 1_000_000_000n),
    instruments: [{ symbol, tickSize: facts.tickSize, lotSize: facts.lotSize }],
    metadata: { file: basename(file) },
  }
  const [tick, lot] = [scaleOf(facts.tickSize), scaleOf(facts.lotSize)]
  const writer = new FeedFileWriter(options.out, header)
  const bad = new BadRows(options)
  const counts = { rows: 0, skipped: 0 }
  /** What orders have left: a deletion says it. */
  const leaves = new Map<number, number>()
  let inputBytes = 0
  try {
    await readNpz(
      file,
      (view, at) => {
        counts.rows += 1
        const low = view.getUint32(at, true)
        const kind = KINDS[low & 0xff]
        if (kind === undefined) {
          counts.skipped += 1
          return true
        }
        const isClear = kind === FeedKind.CLEAR
        const price = view.getFloat64(at + 24, true)
        const ticks = isClear && price === 0 ? 0 : parseUnits(plain(String(price)), tick)
        const quantity = isClear ? 0 : parseUnits(plain(String(view.getFloat64(at + 32, true))), lot)
        const place = `${file}: record ${counts.rows}`
        if (ticks < 0) bad.drop(place, `has a price off the tick of ${facts.tickSize}: ${price}`)
        else if (quantity < 0) bad.drop(place, `has a quantity off the lot of ${facts.lotSize}`)
        else {
          const orderId = Number(view.getBigUint64(at + 40, true))
          let lots = quantity
          if (kind === FeedKind.ADD || kind === FeedKind.MODIFY) leaves.set(orderId, lots)
          if (kind === FeedKind.DELETE) {
            lots = leaves.get(orderId) ?? 0
            leaves.delete(orderId)
          }
          const exchangeNs = Number(view.getBigInt64(at + 8, true) - facts.baseNs)
          const localNs = Number(view.getBigInt64(at + 16, true) - facts.baseNs)
          writer.encoder.push(kind, flagsOf(low, isClear), 0, exchangeNs, localNs, ticks, lots, orderId)
        }
        return true
      },
      (bytesRead, bytesTotal) => {
        inputBytes = bytesTotal
        options.onProgress?.(bytesRead, bytesTotal)
      },
    )
    writer.finish()
    const { eventCount, size } = writer.encoder
    return { header, counts, eventCount, size, dropped: bad.dropped, inputBytes, notes: [] }
  } catch (error) {
    writer.abandon()
    throw error
  }
}

function flagsOf(word: number, isClear: boolean): number {
  let flags: number = FeedFlag.LAST
  if ((word & 0x8000_0000) !== 0) flags |= FeedFlag.EXCHANGE
  if ((word & 0x4000_0000) !== 0) flags |= FeedFlag.LOCAL
  if ((word & 0x2000_0000) !== 0) flags |= FeedFlag.BUY
  if ((word & 0x1000_0000) !== 0) flags |= FeedFlag.SELL
  if ((word & 0xff) === SNAPSHOT_KIND) flags |= FeedFlag.SNAPSHOT
  // Of no side there: all goes.
  if (isClear && (flags & (FeedFlag.BUY | FeedFlag.SELL)) === 0) flags |= FeedFlag.BUY | FeedFlag.SELL
  return flags
}

async function survey(options: NpzImportOptions) {
  let baseNs = -1n
  let isByOrder = false
  let priceDecimals = 0
  let quantityDecimals = 0
  let rows = 0
  await readNpz(options.file, (view, at) => {
    rows += 1
    const kind = view.getUint32(at, true) & 0xff
    if (kind >= FIRST_ORDER_KIND) isByOrder = true
    if (baseNs === -1n) {
      const ns = view.getBigInt64(at + 8, true)
      baseNs = ns - (ns % DAY_NS)
    }
    priceDecimals = Math.max(priceDecimals, decimalsOf(plain(String(view.getFloat64(at + 24, true)))))
    quantityDecimals = Math.max(quantityDecimals, decimalsOf(plain(String(view.getFloat64(at + 32, true)))))
    return rows < SURVEY_ROW_COUNT
  })
  if (rows === 0) throw new InputFileError(`${options.file}: the array has no records`)
  const tickSize = options.tickSize ?? stepOf(priceDecimals)
  return { baseNs, isByOrder, tickSize, lotSize: options.lotSize ?? stepOf(quantityDecimals) }
}
