// From the lines of a raw Binance capture to feed events: `<local time> <JSON>`, as the public recorders write them.
//
//   depth update    one LEVEL per level, bids first; GAP before it when updates are missing (U, u, pu)
//   trade           TRADE; in futures only those of type MARKET (insurance fund and liquidation fills are no trades)
//   book snapshot   (a bare REST answer) per side: CLEAR down to its worst level, then one LEVEL per level
//   book ticker     two TOUCHes, when asked for
//
// The exchange time is T, the time of the transaction, where there is one; else E, that of the message; else the last
// one known. Nothing is dropped by update numbers: depth updates from before the snapshot are kept. But a snapshot is often
// older than updates that came before it (by lastUpdateId and u): their levels are said again after it, as SYNTHETIC
// events, or the book would stay wrong where they had changed it.

import { BinanceScanner, LevelList, ScannedKind } from './binance-scan.ts'
import { FeedFlag, FeedKind, SEEN_FLAGS } from './feed-event.ts'
import type { LevelSink, RowFault } from './feed-sink.ts'
import { parseUnits, type Scale } from './price-scale.ts'

const NS_PER_MS = 1_000_000
/** Depth updates kept to say again after a snapshot: some seconds of them. */
const RECENT_COUNT_MAX = 256
const CLOSING_BRACE = 0x7d
/** What the last digit of a local time of so many digits is worth. */
const STEP_NS: Readonly<Record<number, number>> = { 10: 1e9, 13: 1e6, 16: 1e3, 19: 1 }

export type BinanceOptions = {
  readonly tick: Scale
  readonly lot: Scale
  /** Whole seconds from 1970 to time 0 of the feed. */
  readonly timeBaseUnixS: number
  /** Other symbols in the capture are left out; undefined: the first one that comes is the only one. */
  readonly symbol: string | undefined
  readonly withTouch: boolean
}

export type BinanceCounts = {
  depthUpdates: number
  levels: number
  trades: number
  snapshots: number
  touches: number
  /** Trades of another type than MARKET. */
  skippedTrades: number
  /** Lines of streams that are not imported. */
  skippedLines: number
  /** Lines of other symbols. */
  otherSymbols: number
  /** Depth updates that came before a snapshot that is older than they are. */
  repeatedUpdates: number
  /** Holes in the numbers of the depth updates. */
  gaps: number
}

type Json = Readonly<Record<string, unknown>>

export class BinanceConverter {
  readonly counts: BinanceCounts = {
    depthUpdates: 0,
    levels: 0,
    trades: 0,
    snapshots: 0,
    touches: 0,
    skippedTrades: 0,
    skippedLines: 0,
    otherSymbols: 0,
    repeatedUpdates: 0,
    gaps: 0,
  }
  /** The symbol of the capture, once a line has named it. */
  symbol: string | undefined
  #touchStart: Uint8Array | null = null
  readonly #sink: LevelSink
  readonly #options: BinanceOptions
  #localNs = 0
  #exchangeNs = Number.NaN
  #depthNs = Number.NaN
  #lastUpdateId = Number.NaN
  /** Those of the line at hand: checked before any of them is used. */
  #levels = new LevelList()
  readonly #scanner: BinanceScanner
  /** The latest depth updates, in a ring. */
  readonly #recent = Array.from({ length: RECENT_COUNT_MAX }, () => ({ lastId: Number.NaN, levels: new LevelList() }))
  #recentAt = 0

  constructor(sink: LevelSink, options: BinanceOptions) {
    this.#sink = sink
    this.#options = options
    this.#scanner = new BinanceScanner(options.tick, options.lot, this.#levels)
    if (options.symbol !== undefined) this.#learnSymbol(options.symbol)
  }

  /**
   * Reads the message in bytes[from .. to) when it is of a usual form; false: nothing happened, and it must be read as JSON.
   * A book ticker that is not wanted is passed over: half of a capture is made of them.
   */
  addBytes(localNs: number, bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#isUnwantedTouch(bytes, from, to)) {
      this.counts.skippedLines += 1
      return true
    }
    const scanner = this.#scanner
    scanner.levels = this.#levels
    const kind = scanner.scan(bytes, from, to)
    if (kind === ScannedKind.UNUSUAL) return false
    // Its fault is told by the other way.
    if (kind === ScannedKind.DEPTH && scanner.lastId < this.#lastUpdateId) return false
    this.#localNs = localNs
    const timeNs = (scanner.unixMs - this.#options.timeBaseUnixS * 1_000) * NS_PER_MS
    if (kind === ScannedKind.DEPTH) this.#takeDepth(timeNs, scanner.firstId, scanner.lastId, scanner.previousId)
    else if (!scanner.isMarketTrade) this.counts.skippedTrades += 1
    else this.#takeTrade(timeNs, scanner.isBuyerMaker, scanner.ticks, scanner.lots, scanner.tradeId)
    return true
  }

  #isUnwantedTouch(bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#touchStart
    if (start === null || this.#options.withTouch || bytes[to - 1] !== CLOSING_BRACE) return false
    // The letters that tell the streams of one symbol apart are the last ones.
    for (let at = start.length - 1; at >= 0; at--) if (bytes[from + at] !== start[at]) return false
    return true
  }

  #learnSymbol(symbol: string): void {
    this.symbol = symbol
    this.#scanner.symbol = symbol
    this.#touchStart = new TextEncoder().encode(`{"stream":"${symbol.toLowerCase()}@bookTicker"`)
  }

  /** One line: its local time in nanoseconds since the time base, and its JSON. A fault changes nothing. */
  add(localNs: number, line: unknown): RowFault {
    this.#localNs = localNs
    if (!isObject(line)) return 'has no JSON object'
    if (Array.isArray(line['bids']) && Array.isArray(line['asks'])) return this.#addSnapshot(line)
    const data = isObject(line['data']) ? line['data'] : line
    const symbol = data['s']
    if (typeof symbol === 'string') {
      if (this.symbol === undefined) this.#learnSymbol(symbol)
      if (symbol !== this.symbol) {
        if (this.#options.symbol === undefined) return `is of ${symbol}, the ones before of ${this.symbol}`
        this.counts.otherSymbols += 1
        return null
      }
    }
    if (data['e'] === 'depthUpdate') return this.#addDepth(data)
    if (data['e'] === 'trade') return this.#addTrade(data)
    if (this.#options.withTouch && 'B' in data && 'A' in data) return this.#addTouch(data)
    this.counts.skippedLines += 1
    return null
  }

  #addDepth(data: Json): RowFault {
    const [bids, asks] = [data['b'], data['a']]
    const timeNs = this.#timeNs(data['T'] ?? data['E'])
    if (timeNs === null) return 'has no time in T or E'
    if (!Array.isArray(bids) || !Array.isArray(asks)) return 'has no levels in b and a'
    const fault = this.#readLevels(bids, asks)
    if (fault !== null) return fault
    const [first, last, previous] = [data['U'], data['u'], data['pu']].map((id) =>
      typeof id === 'number' ? id : Number.NaN,
    )
    if (last! < this.#lastUpdateId) return `has the update number ${last} after ${this.#lastUpdateId}; numbers go up`
    this.#takeDepth(timeNs, first!, last!, previous!)
    return null
  }

  /** The levels of a depth update were read; numbers that it does not name are NaN. */
  #takeDepth(timeNs: number, firstId: number, lastId: number, previousId: number): void {
    this.#exchangeNs = timeNs
    this.#depthNs = timeNs
    this.counts.depthUpdates += 1
    this.#checkGap(firstId, lastId, previousId)
    const levels = this.#levels
    this.#pushLevels(levels, 0)
    if (levels.count > 0) this.#sink.markLast()
    const place = this.#recent[this.#recentAt]!
    this.#recentAt = (this.#recentAt + 1) % RECENT_COUNT_MAX
    this.#levels = place.levels
    place.levels = levels
    place.lastId = this.#lastUpdateId
  }

  /** Futures name the update before (pu), spot the first number of the update (U). */
  #checkGap(firstId: number, lastId: number, previousId: number): void {
    const expected = this.#lastUpdateId
    if (Number.isNaN(firstId) || Number.isNaN(lastId)) return
    const namesPrevious = !Number.isNaN(previousId)
    const isJoined = namesPrevious ? previousId === expected : firstId === expected + 1
    this.#lastUpdateId = lastId
    if (Number.isNaN(expected) || isJoined) return
    this.counts.gaps += 1
    const missing = namesPrevious ? 0 : Math.max(0, firstId - expected - 1)
    this.#push(FeedKind.GAP, 0, 0, missing, 0)
  }

  #addTrade(data: Json): RowFault {
    if (data['X'] !== undefined && data['X'] !== 'MARKET') {
      this.counts.skippedTrades += 1
      return null
    }
    const timeNs = this.#timeNs(data['T'] ?? data['E'])
    if (timeNs === null) return 'has no time in T or E'
    const priceTicks = this.#ticks(data['p'])
    const quantityLots = this.#lots(data['q'])
    if (priceTicks < 0) return `has the price ${String(data['p'])}, ${this.#offGrid('tick')}`
    if (quantityLots < 0) return `has the quantity ${String(data['q'])}, ${this.#offGrid('lot')}`
    const { t: tradeId, m: isBuyerMaker } = data
    if (typeof isBuyerMaker !== 'boolean') return 'does not say in m whose order the trade met'
    const id = typeof tradeId === 'number' && Number.isSafeInteger(tradeId) && tradeId > 0 ? tradeId : 0
    this.#takeTrade(timeNs, isBuyerMaker, priceTicks, quantityLots, id)
    return null
  }

  #takeTrade(timeNs: number, isBuyerMaker: boolean, ticks: number, lots: number, tradeId: number): void {
    this.#exchangeNs = timeNs
    this.counts.trades += 1
    this.#push(FeedKind.TRADE, isBuyerMaker ? FeedFlag.SELL : FeedFlag.BUY, ticks, lots, tradeId)
    this.#sink.markLast()
  }

  #addSnapshot(line: Json): RowFault {
    const [bids, asks] = [line['bids'] as unknown[], line['asks'] as unknown[]]
    const fault = this.#readLevels(bids, asks)
    if (fault !== null) return fault
    const timeNs = this.#timeNs(line['T'])
    // Spot gives no time: then it is that of the depth update before, so that the ones after it still come after it.
    this.#exchangeNs = timeNs ?? (Number.isNaN(this.#depthNs) ? this.#localNs : this.#depthNs)
    this.counts.snapshots += 1
    const levels = this.#levels
    const { count, bidCount } = levels
    if (bidCount > 0) this.#clearTo(FeedFlag.BUY, levels.ticks[bidCount - 1]!)
    this.#pushSide(levels, 0, bidCount, FeedFlag.BUY | FeedFlag.SNAPSHOT)
    if (count > bidCount) this.#clearTo(FeedFlag.SELL, levels.ticks[count - 1]!)
    this.#pushSide(levels, bidCount, count, FeedFlag.SELL | FeedFlag.SNAPSHOT)
    this.#repeatAfter(line['lastUpdateId'])
    if (count > 0) this.#sink.markLast()
    return null
  }

  #clearTo(side: number, worstTicks: number): void {
    this.#push(FeedKind.CLEAR, side | FeedFlag.SNAPSHOT, worstTicks, 0, 0)
  }

  #repeatAfter(snapshotId: unknown): void {
    if (typeof snapshotId !== 'number') return
    for (let age = 0; age < RECENT_COUNT_MAX; age++) {
      const { lastId, levels } = this.#recent[(this.#recentAt + age) % RECENT_COUNT_MAX]!
      if (!(lastId > snapshotId)) continue
      this.counts.repeatedUpdates += 1
      this.#pushLevels(levels, FeedFlag.SYNTHETIC)
    }
  }

  #addTouch(data: Json): RowFault {
    const [bidTicks, askTicks] = [this.#ticks(data['b']), this.#ticks(data['a'])]
    const [bidLots, askLots] = [this.#lots(data['B']), this.#lots(data['A'])]
    if (bidTicks < 0 || askTicks < 0) return `has a touch ${this.#offGrid('tick')}`
    if (bidLots < 0 || askLots < 0) return `has a quantity ${this.#offGrid('lot')}`
    const timeNs = this.#timeNs(data['T'] ?? data['E'])
    if (timeNs !== null) this.#exchangeNs = timeNs
    else if (Number.isNaN(this.#exchangeNs)) this.#exchangeNs = this.#localNs
    this.counts.touches += 1
    this.#push(FeedKind.TOUCH, FeedFlag.BUY, bidTicks, bidLots, 0)
    this.#push(FeedKind.TOUCH, FeedFlag.SELL, askTicks, askLots, 0)
    this.#sink.markLast()
    return null
  }

  /** Reads both sides; what is wrong with the first bad level, or null. */
  #readLevels(bids: readonly unknown[], asks: readonly unknown[]): RowFault {
    const levels = this.#levels
    levels.clear()
    const fault = this.#readSide(bids)
    levels.bidCount = levels.count
    return fault ?? this.#readSide(asks)
  }

  #readSide(side: readonly unknown[]): RowFault {
    for (const level of side) {
      if (!Array.isArray(level) || level.length < 2) return 'has a level that is no pair of price and quantity'
      const [price, quantity] = level as unknown[]
      const ticks = this.#ticks(price)
      const lots = this.#lots(quantity)
      if (ticks < 0) return `has the price ${String(price)}, ${this.#offGrid('tick')}`
      if (lots < 0) return `has the quantity ${String(quantity)}, ${this.#offGrid('lot')}`
      this.#levels.push(ticks, lots)
    }
    return null
  }

  #pushLevels(levels: LevelList, flags: number): void {
    this.#pushSide(levels, 0, levels.bidCount, FeedFlag.BUY | flags)
    this.#pushSide(levels, levels.bidCount, levels.count, FeedFlag.SELL | flags)
  }

  #pushSide(levels: LevelList, from: number, to: number, flags: number): void {
    this.#sink.pushLevels(flags | SEEN_FLAGS, this.#exchangeNs, this.#localNs, levels, from, to)
    this.counts.levels += to - from
  }

  #push(kind: FeedKind, flags: number, priceTicks: number, quantityLots: number, orderId: number): void {
    this.#sink.push(kind, flags | SEEN_FLAGS, 0, this.#exchangeNs, this.#localNs, priceTicks, quantityLots, orderId)
  }

  /** Milliseconds since 1970 as nanoseconds since the time base, or null. */
  #timeNs(unixMs: unknown): number | null {
    if (typeof unixMs !== 'number' || !Number.isSafeInteger(unixMs)) return null
    return (unixMs - this.#options.timeBaseUnixS * 1_000) * NS_PER_MS
  }

  #ticks(price: unknown): number {
    const ticks = typeof price === 'string' ? parseUnits(price, this.#options.tick) : -1
    return ticks > 0 && ticks <= 0x7fff_ffff ? ticks : -1
  }

  #lots(quantity: unknown): number {
    return typeof quantity === 'string' ? parseUnits(quantity, this.#options.lot) : -1
  }

  #offGrid(what: 'tick' | 'lot'): string {
    const { mantissa, divisor } = this.#options[what]
    return `which is no positive number of ${what}s of ${mantissa / divisor}`
  }
}

/** Local time of a line in digits (seconds to nanoseconds since 1970), as nanoseconds since the base; NaN if it is none. */
export function localTimeNs(digits: string, timeBaseUnixS: number): number {
  if (!/^\d+$/.test(digits) || ![10, 13, 16, 19].includes(digits.length)) return Number.NaN
  const seconds = Number(digits.slice(0, 10))
  return (seconds - timeBaseUnixS) * 1e9 + Number(digits.slice(10).padEnd(9, '0'))
}

/** The same of the digits in bytes[from .. to). */
export function localTimeOfBytes(bytes: Uint8Array, from: number, to: number, timeBaseUnixS: number): number {
  const stepNs = STEP_NS[to - from]
  if (stepNs === undefined) return Number.NaN
  const pointAt = from + 10
  let seconds = 0
  let fraction = 0
  for (let at = from; at < pointAt; at++) {
    const digit = bytes[at]! - 0x30
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    seconds = seconds * 10 + digit
  }
  for (let at = pointAt; at < to; at++) {
    const digit = bytes[at]! - 0x30
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    fraction = fraction * 10 + digit
  }
  return (seconds - timeBaseUnixS) * 1e9 + fraction * stepNs
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
