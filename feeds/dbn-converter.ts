// From DBN records to feed events.
//
//   MBO    A add, M modify (add when the order is unknown), C cancel: REDUCE or DELETE, R clear, T trade (TRADE),
//          F fill of a resting order (FILL: the C or M after it changes the book)
//   MBP    the ten (or one) best levels after each event: LEVELs for what changed; a trade is a TRADE before them
//   trades TRADE
//
// Records of a snapshot carry old times; they happen when the first live record does, to the second. A record that
// names an order that is not in the book is kept as UNMATCHED.

import {
  DBN_EVENT_TIME,
  DBN_HEADER_SIZE,
  DbnFlag,
  DbnRecordType,
  MBO_SIZE,
  MBP_LEVEL_SIZE,
  MboField,
  MbpField,
  readDbnId,
  readDbnPrice,
  readDbnTimeNs,
} from './dbn.ts'
import { FeedFlag, FeedKind, SIDE_FLAGS } from './feed-event.ts'
import type { FeedSink, RowFault } from './feed-sink.ts'

export type DbnInstrument = {
  readonly index: number
  /** Price of a tick in units of 1e-9. */
  readonly tickPrice: number
}

export type DbnOptions = {
  readonly timeBaseUnixS: number
  /** By instrument id; records of others are left out. */
  readonly instruments: ReadonlyMap<number, DbnInstrument>
  /** The time that records of a snapshot get before the first live one. */
  readonly snapshotNs: number
}

export type DbnCounts = {
  records: number
  snapshotRecords: number
  adds: number
  modifies: number
  cancels: number
  fills: number
  trades: number
  clears: number
  levels: number
  unmatched: number
  /** Modifies of unknown orders, kept as adds. */
  modifiesAsAdds: number
  /** Records of other instruments and kinds. */
  skipped: number
}

/** Longest book a market-by-price record shows. */
const LEVEL_COUNT_MAX = 10

class PriceLevels {
  readonly lots = [new Map<number, number>(), new Map<number, number>()] as const
}

export class DbnConverter {
  readonly counts: DbnCounts = {
    records: 0,
    snapshotRecords: 0,
    adds: 0,
    modifies: 0,
    cancels: 0,
    fills: 0,
    trades: 0,
    clears: 0,
    levels: 0,
    unmatched: 0,
    modifiesAsAdds: 0,
    skipped: 0,
  }
  readonly #sink: FeedSink
  readonly #options: DbnOptions
  /** What each order has left, by instrument index. */
  readonly #leaves: Map<number, number>[] = []
  readonly #levels: PriceLevels[] = []
  #instrument: DbnInstrument = { index: 0, tickPrice: 1 }
  #exchangeNs: number
  #localNs: number
  #flags = 0
  #isInSnapshot = false

  constructor(sink: FeedSink, options: DbnOptions) {
    this.#sink = sink
    this.#options = options
    this.#exchangeNs = options.snapshotNs
    this.#localNs = options.snapshotNs
    for (let index = 0; index < options.instruments.size; index++) {
      this.#leaves.push(new Map())
      this.#levels.push(new PriceLevels())
    }
  }

  /** The record of `length` bytes at `at`. A fault changes nothing. */
  add(view: DataView, at: number, length: number): RowFault {
    const type = view.getUint8(at + 1)
    const instrument = this.#options.instruments.get(view.getUint32(at + 4, true))
    this.counts.records += 1
    if (instrument !== undefined) this.#instrument = instrument
    if (instrument !== undefined && type === DbnRecordType.MBO) return this.#addMbo(view, at, length)
    const isPriced = type === DbnRecordType.MBP_10 || type === DbnRecordType.MBP_1 || type === DbnRecordType.TRADE
    if (instrument !== undefined && isPriced) return this.#addMbp(view, at, length)
    this.counts.skipped += 1
    return null
  }

  /** After the last record: a snapshot that ended the file is whole. */
  finish(): void {
    if (this.#isInSnapshot) this.#sink.markLast()
    this.#isInSnapshot = false
  }

  #addMbo(view: DataView, at: number, length: number): RowFault {
    if (length < MBO_SIZE) return `has ${length} bytes, and an order record has ${MBO_SIZE}`
    const flags = view.getUint8(at + MboField.FLAGS)
    const action = String.fromCharCode(view.getUint8(at + MboField.ACTION))
    const side = sideFlag(view.getUint8(at + MboField.SIDE))
    const lots = view.getUint32(at + MboField.SIZE, true)
    const orderId = readDbnId(view, at + MboField.ORDER_ID)
    const ticks = action === 'R' ? 0 : readDbnPrice(view, at + MboField.PRICE) / this.#instrument.tickPrice
    if (!'AMCRTFN'.includes(action)) return `has the action ${JSON.stringify(action)}`
    if (!isPrice(ticks) && action !== 'N') return `has a price that is no number of ticks`
    if (Number.isNaN(orderId)) return 'has an order id above 2^53'
    if (side === 0 && 'AM'.includes(action)) return 'has an order without a side'
    const fault = this.#takeTimes(view, at, flags, MboField.RECEIVE_TIME)
    if (fault !== null) return fault
    this.#pushMbo(action, side, ticks, lots, orderId)
    if ((flags & DbnFlag.LAST) !== 0 && action !== 'N') this.#sink.markLast()
    return null
  }

  #pushMbo(action: string, side: number, ticks: number, lots: number, orderId: number): void {
    const leaves = this.#leaves[this.#instrument.index]!
    const left = leaves.get(orderId)
    switch (action) {
      case 'A':
        this.counts.adds += 1
        leaves.set(orderId, lots)
        this.#push(FeedKind.ADD, side | (left === undefined ? 0 : this.#unmatched()), ticks, lots, orderId)
        return
      case 'M':
        this.counts.modifies += 1
        if (left === undefined) this.counts.modifiesAsAdds += 1
        leaves.set(orderId, lots)
        this.#push(left === undefined ? FeedKind.ADD : FeedKind.MODIFY, side, ticks, lots, orderId)
        return
      case 'C': {
        this.counts.cancels += 1
        const rest = (left ?? 0) - lots
        if (rest > 0) leaves.set(orderId, rest)
        else leaves.delete(orderId)
        const missing = left === undefined ? this.#unmatched() : 0
        this.#push(rest > 0 ? FeedKind.REDUCE : FeedKind.DELETE, side | missing, ticks, lots, orderId)
        return
      }
      case 'F':
        this.counts.fills += 1
        this.#push(FeedKind.FILL, side | (left === undefined ? this.#unmatched() : 0), ticks, lots, orderId)
        return
      case 'T':
        this.counts.trades += 1
        this.#push(FeedKind.TRADE, side, ticks, lots, 0)
        return
      case 'R':
        this.counts.clears += 1
        leaves.clear()
        this.#push(FeedKind.CLEAR, SIDE_FLAGS, 0, 0, 0)
        return
      default:
        this.counts.skipped += 1
    }
  }

  #addMbp(view: DataView, at: number, length: number): RowFault {
    if (length < MbpField.LEVELS) return `has ${length} bytes, and a trade record has ${MbpField.LEVELS}`
    const levelCount = Math.min(LEVEL_COUNT_MAX, Math.floor((length - MbpField.LEVELS) / MBP_LEVEL_SIZE))
    const fault = this.#levelsFault(view, at, levelCount)
    if (fault !== null) return fault
    const flags = view.getUint8(at + MbpField.FLAGS)
    const action = view.getUint8(at + MbpField.ACTION)
    const ticks = readDbnPrice(view, at + MbpField.PRICE) / this.#instrument.tickPrice
    const isTrade = action === 0x54
    if (isTrade && !isPrice(ticks)) return 'has a price that is no number of ticks'
    const timeFault = this.#takeTimes(view, at, flags, MbpField.RECEIVE_TIME)
    if (timeFault !== null) return timeFault
    let pushed = 0
    if (isTrade) {
      this.counts.trades += 1
      const side = sideFlag(view.getUint8(at + MbpField.SIDE))
      this.#push(FeedKind.TRADE, side, ticks, view.getUint32(at + MbpField.SIZE, true), 0)
      pushed += 1
    }
    if (levelCount > 0) {
      pushed += this.#pushLevels(view, at, levelCount, 0)
      pushed += this.#pushLevels(view, at, levelCount, 1)
    }
    if (pushed > 0 && (flags & DbnFlag.LAST) !== 0) this.#sink.markLast()
    return null
  }

  #levelsFault(view: DataView, at: number, levelCount: number): RowFault {
    for (let level = 0; level < levelCount; level++) {
      for (const side of [0, 1] as const) {
        const { ticks, lots } = this.#levelAt(view, at, level, side)
        if (lots > 0 && !isPrice(ticks)) return `has a level whose price is no number of ticks`
      }
    }
    return null
  }

  #levelAt(view: DataView, at: number, level: number, side: 0 | 1): { ticks: number; lots: number } {
    const levelAt = at + MbpField.LEVELS + MBP_LEVEL_SIZE * level
    const ticks = readDbnPrice(view, levelAt + 8 * side) / this.#instrument.tickPrice
    const lots = view.getUint32(levelAt + 16 + 4 * side, true)
    return { ticks, lots: Number.isNaN(ticks) ? 0 : lots }
  }

  /** What changed against the levels shown before: levels that went, then those that are new or differ. */
  #pushLevels(view: DataView, at: number, levelCount: number, side: 0 | 1): number {
    const before = this.#levels[this.#instrument.index]!.lots[side]
    const flag = side === 0 ? FeedFlag.BUY : FeedFlag.SELL
    const shown = new Map<number, number>()
    for (let level = 0; level < levelCount; level++) {
      const { ticks, lots } = this.#levelAt(view, at, level, side)
      if (lots > 0) shown.set(ticks, lots)
    }
    let pushed = 0
    const set = (ticks: number, lots: number) => {
      this.counts.levels += 1
      pushed += 1
      this.#push(FeedKind.LEVEL, flag, ticks, lots, 0)
    }
    for (const ticks of before.keys()) if (!shown.has(ticks)) set(ticks, 0)
    for (const [ticks, lots] of shown) if (before.get(ticks) !== lots) set(ticks, lots)
    before.clear()
    for (const [ticks, lots] of shown) before.set(ticks, lots)
    return pushed
  }

  #takeTimes(view: DataView, at: number, flags: number, receiveField: number): RowFault {
    const isSnapshot = (flags & DbnFlag.SNAPSHOT) !== 0
    if (this.#isInSnapshot && !isSnapshot) this.#sink.markLast()
    this.#isInSnapshot = isSnapshot
    this.#flags = isSnapshot ? FeedFlag.SNAPSHOT : 0
    if (isSnapshot) {
      this.counts.snapshotRecords += 1
      return null
    }
    const exchangeNs = readDbnTimeNs(view, at + DBN_EVENT_TIME, this.#options.timeBaseUnixS)
    const localNs = readDbnTimeNs(view, at + receiveField, this.#options.timeBaseUnixS)
    if (Number.isNaN(exchangeNs) && Number.isNaN(localNs)) return 'has no time'
    this.#exchangeNs = Number.isNaN(exchangeNs) ? localNs : exchangeNs
    this.#localNs = Number.isNaN(localNs) ? exchangeNs : localNs
    if ((flags & DbnFlag.BAD_RECEIVE_TIME) !== 0) this.#flags |= FeedFlag.BAD_TIME
    return null
  }

  #unmatched(): number {
    this.counts.unmatched += 1
    return FeedFlag.UNMATCHED
  }

  #push(kind: FeedKind, flags: number, ticks: number, lots: number, orderId: number): void {
    const seen = flags | this.#flags | FeedFlag.EXCHANGE | FeedFlag.LOCAL
    this.#sink.push(kind, seen, this.#instrument.index, this.#exchangeNs, this.#localNs, ticks, lots, orderId)
  }
}

/** The instrument of a record. */
export function dbnInstrumentId(view: DataView, at: number): number {
  return view.getUint32(at + 4, true)
}

/** True when the record tells of an order or a price. */
export function isDbnMarketRecord(view: DataView, at: number, length: number): boolean {
  const type = view.getUint8(at + 1)
  if (length < DBN_HEADER_SIZE) return false
  if (type === DbnRecordType.MBO) return length >= MBO_SIZE
  return type === DbnRecordType.MBP_10 || type === DbnRecordType.MBP_1 || type === DbnRecordType.TRADE
}

function isPrice(ticks: number): boolean {
  return Number.isInteger(ticks) && Math.abs(ticks) <= 0x7fff_ffff
}

function sideFlag(code: number): number {
  if (code === 0x42) return FeedFlag.BUY
  return code === 0x41 ? FeedFlag.SELL : 0
}
