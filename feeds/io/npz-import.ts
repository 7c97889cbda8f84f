// Imports event arrays of hftbacktest (.npz). They are in the order of two times already, each row with the sides that see
// it, and are taken as they are.

import { basename } from 'node:path'
import { PRICE_TICKS_MAX } from '../../protocol/limits.ts'
import type { FeedEncoder } from '../feed-encoder.ts'
import { FeedFlag, FeedKind } from '../feed-event.ts'
import { FEED_TIME_NS_MAX } from '../feed-format.ts'
import type { FeedHeader } from '../feed-header.ts'
import { decimalsOf, parseUnits, type Scale, scaleOf, stepOf } from '../price-scale.ts'
import { plain } from '../table-converter.ts'
import { FeedFileWriter } from './feed-file.ts'
import { BadRows, checkSteps, type ImportOptions, type ImportSummary } from './import-job.ts'
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
  const writer = new FeedFileWriter(options.out, header)
  const bad = new BadRows(options)
  const rows = new Rows(file, facts, writer.encoder, bad)
  let inputBytes = 0
  try {
    await readNpz(
      file,
      (view, at) => rows.take(view, at),
      (bytesRead, bytesTotal) => {
        inputBytes = bytesTotal
        options.onProgress?.(bytesRead, bytesTotal)
      },
    )
    writer.finish()
    const { eventCount, size } = writer.encoder
    return { header, counts: rows.counts, eventCount, size, dropped: bad.dropped, inputBytes, notes: [] }
  } catch (error) {
    writer.abandon()
    throw error
  }
}

/** Makes an event of each row. */
class Rows {
  readonly counts: NpzCounts = { rows: 0, skipped: 0 }
  readonly #file: string
  readonly #facts: Facts
  readonly #tick: Scale
  readonly #lot: Scale
  readonly #encoder: FeedEncoder
  readonly #bad: BadRows
  /** What orders have left: a deletion says it. */
  readonly #leaves = new Map<number, number>()

  constructor(file: string, facts: Facts, encoder: FeedEncoder, bad: BadRows) {
    this.#file = file
    this.#facts = facts
    this.#tick = scaleOf(facts.tickSize)
    this.#lot = scaleOf(facts.lotSize)
    this.#encoder = encoder
    this.#bad = bad
  }

  take(view: DataView, at: number): boolean {
    this.counts.rows += 1
    const { baseNs } = this.#facts
    const low = view.getUint32(at, true)
    const kind = KINDS[low & 0xff]
    if (kind === undefined) {
      this.counts.skipped += 1
      return true
    }
    const isClear = kind === FeedKind.CLEAR
    const price = view.getFloat64(at + 24, true)
    const ticks = isClear && price === 0 ? 0 : parseUnits(plain(String(price)), this.#tick)
    const lots = isClear ? 0 : parseUnits(plain(String(view.getFloat64(at + 32, true))), this.#lot)
    const exchangeNs = Number(view.getBigInt64(at + 8, true) - baseNs)
    const localNs = Number(view.getBigInt64(at + 16, true) - baseNs)
    const orderId = Number(view.getBigUint64(at + 40, true))
    const fault = this.#faultOf(price, ticks, lots, exchangeNs, localNs, orderId)
    if (fault !== null) this.#bad.drop(`${this.#file}: record ${this.counts.rows}`, fault)
    else {
      const leavesLots = this.#leavesAfter(kind, orderId, lots)
      this.#encoder.push(kind, flagsOf(low, isClear), 0, exchangeNs, localNs, ticks, leavesLots, orderId)
    }
    return true
  }

  #faultOf(
    price: number,
    ticks: number,
    lots: number,
    exchangeNs: number,
    localNs: number,
    orderId: number,
  ): string | null {
    const { tickSize, lotSize } = this.#facts
    if (ticks < 0) return `has a price off the tick of ${tickSize}: ${price}`
    if (ticks > PRICE_TICKS_MAX) return `has a price of more ticks of ${tickSize} than a feed holds: ${price}`
    if (lots < 0) return `has a quantity off the lot of ${lotSize}`
    const latencyNs = Math.abs(localNs - exchangeNs)
    if (Math.abs(exchangeNs) > FEED_TIME_NS_MAX || latencyNs > FEED_TIME_NS_MAX) {
      return 'has a time that is more than 52 days from the first one, or from its other time'
    }
    return Number.isSafeInteger(orderId) ? null : 'has an order id beyond 2^53'
  }

  /** The quantity that the event tells: of a deletion, what the order had left. */
  #leavesAfter(kind: FeedKind, orderId: number, lots: number): number {
    const leaves = this.#leaves
    if (kind === FeedKind.ADD || kind === FeedKind.MODIFY) leaves.set(orderId, lots)
    if (kind !== FeedKind.DELETE) return lots
    const left = leaves.get(orderId) ?? 0
    leaves.delete(orderId)
    return left
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

type Facts = {
  /** Begin of the day of the first row. */
  readonly baseNs: bigint
  readonly isByOrder: boolean
  readonly tickSize: string
  readonly lotSize: string
}

async function survey(options: NpzImportOptions): Promise<Facts> {
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
  const lotSize = options.lotSize ?? stepOf(quantityDecimals)
  checkSteps(options.file, tickSize, lotSize)
  return { baseNs, isByOrder, tickSize, lotSize }
}
