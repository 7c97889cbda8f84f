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

import { FeedFlag, FeedKind } from './feed-event.ts'
import type { FeedSink, RowFault } from './feed-sink.ts'
import { parseUnits, type Scale } from './price-scale.ts'

const NS_PER_MS = 1_000_000
/** Depth updates kept to say again after a snapshot: some seconds of them. */
const RECENT_COUNT_MAX = 256

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
  #touchStart = ''
  readonly #sink: FeedSink
  readonly #options: BinanceOptions
  #localNs = 0
  #exchangeNs = Number.NaN
  #depthNs = Number.NaN
  #lastUpdateId = Number.NaN
  /** Those of the line at hand. */
  readonly #levels = new LineLevels()
  /** The latest depth updates. */
  readonly #recent: { lastId: number; bids: readonly unknown[]; asks: readonly unknown[] }[] = []

  constructor(sink: FeedSink, options: BinanceOptions) {
    this.#sink = sink
    this.#options = options
    this.symbol = options.symbol
  }

  /** A line of the symbol's book ticker, which is not wanted: it need not be read. Half of a capture is made of them. */
  skipTouch(text: string, jsonAt: number): boolean {
    if (this.#options.withTouch || this.symbol === undefined) return false
    if (this.#touchStart === '') this.#touchStart = `{"stream":"${this.symbol.toLowerCase()}@bookTicker"`
    if (!text.startsWith(this.#touchStart, jsonAt)) return false
    this.counts.skippedLines += 1
    return true
  }

  /** One line: its local time in nanoseconds since the time base, and its JSON. A fault changes nothing. */
  add(localNs: number, line: unknown): RowFault {
    this.#localNs = localNs
    if (!isObject(line)) return 'has no JSON object'
    if (Array.isArray(line['bids']) && Array.isArray(line['asks'])) return this.#addSnapshot(line)
    const data = isObject(line['data']) ? line['data'] : line
    const symbol = data['s']
    if (typeof symbol === 'string') {
      this.symbol ??= symbol
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
    this.#levels.clear()
    const fault = this.#takeLevels(bids, FeedFlag.BUY) ?? this.#takeLevels(asks, FeedFlag.SELL)
    if (fault !== null) return fault
    this.#exchangeNs = timeNs
    this.#depthNs = timeNs
    this.counts.depthUpdates += 1
    this.#checkGap(data)
    const levels = this.#levels
    for (let at = 0; at < levels.count; at++) {
      this.#push(FeedKind.LEVEL, levels.side[at]!, levels.ticks[at]!, levels.lots[at]!, 0)
    }
    this.counts.levels += levels.count
    if (levels.count > 0) this.#sink.markLast()
    this.#recent.push({ lastId: this.#lastUpdateId, bids, asks })
    if (this.#recent.length > RECENT_COUNT_MAX) this.#recent.shift()
    return null
  }

  /** Futures name the update before (pu), spot the first number of the update (U). */
  #checkGap(data: Json): void {
    const [first, last, previous] = [data['U'], data['u'], data['pu']]
    const expected = this.#lastUpdateId
    if (typeof last !== 'number' || typeof first !== 'number') return
    const isJoined = typeof previous === 'number' ? previous === expected : first === expected + 1
    this.#lastUpdateId = last
    if (Number.isNaN(expected) || isJoined) return
    this.counts.gaps += 1
    const missing = typeof previous === 'number' ? 0 : Math.max(0, first - expected - 1)
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
    this.#exchangeNs = timeNs
    this.counts.trades += 1
    const id = typeof tradeId === 'number' && Number.isSafeInteger(tradeId) && tradeId > 0 ? tradeId : 0
    this.#push(FeedKind.TRADE, isBuyerMaker ? FeedFlag.SELL : FeedFlag.BUY, priceTicks, quantityLots, id)
    this.#sink.markLast()
    return null
  }

  #addSnapshot(line: Json): RowFault {
    const [bids, asks] = [line['bids'] as unknown[], line['asks'] as unknown[]]
    this.#levels.clear()
    const fault = this.#takeLevels(bids, FeedFlag.BUY) ?? this.#takeLevels(asks, FeedFlag.SELL)
    if (fault !== null) return fault
    const timeNs = this.#timeNs(line['T'])
    // Spot gives no time: then it is that of the depth update before, so that the ones after it still come after it.
    this.#exchangeNs = timeNs ?? (Number.isNaN(this.#depthNs) ? this.#localNs : this.#depthNs)
    this.counts.snapshots += 1
    for (const [levels, side] of [
      [bids, FeedFlag.BUY],
      [asks, FeedFlag.SELL],
    ] as const) {
      if (levels.length === 0) continue
      const worst = levels[levels.length - 1] as readonly unknown[]
      this.#push(FeedKind.CLEAR, side | FeedFlag.SNAPSHOT, this.#ticks(worst[0]), 0, 0)
      this.#pushLevels(levels, side, FeedFlag.SNAPSHOT)
    }
    this.#repeatAfter(line['lastUpdateId'])
    if (bids.length + asks.length > 0) this.#sink.markLast()
    return null
  }

  #repeatAfter(snapshotId: unknown): void {
    if (typeof snapshotId !== 'number') return
    for (const { lastId, bids, asks } of this.#recent) {
      if (!(lastId > snapshotId)) continue
      this.counts.repeatedUpdates += 1
      this.#pushLevels(bids, FeedFlag.BUY, FeedFlag.SYNTHETIC)
      this.#pushLevels(asks, FeedFlag.SELL, FeedFlag.SYNTHETIC)
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

  /** Reads levels; what is wrong with the first bad one, or null. */
  #takeLevels(levels: readonly unknown[], side: number): RowFault {
    for (const level of levels) {
      if (!Array.isArray(level) || level.length < 2) return 'has a level that is no pair of price and quantity'
      const [price, quantity] = level as unknown[]
      const ticks = this.#ticks(price)
      const lots = this.#lots(quantity)
      if (ticks < 0) return `has the price ${String(price)}, ${this.#offGrid('tick')}`
      if (lots < 0) return `has the quantity ${String(quantity)}, ${this.#offGrid('lot')}`
      this.#levels.push(side, ticks, lots)
    }
    return null
  }

  #pushLevels(levels: readonly unknown[], side: number, flags: number): void {
    for (const level of levels as readonly (readonly unknown[])[]) {
      this.counts.levels += 1
      this.#push(FeedKind.LEVEL, side | flags, this.#ticks(level[0]), this.#lots(level[1]), 0)
    }
  }

  #push(kind: FeedKind, flags: number, priceTicks: number, quantityLots: number, orderId: number): void {
    const seen = flags | FeedFlag.EXCHANGE | FeedFlag.LOCAL
    this.#sink.push(kind, seen, 0, this.#exchangeNs, this.#localNs, priceTicks, quantityLots, orderId)
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

/** Levels of one line, read once: checked before any of them is used. */
class LineLevels {
  count = 0
  readonly side: number[] = []
  readonly ticks: number[] = []
  readonly lots: number[] = []

  clear(): void {
    this.count = 0
  }

  push(side: number, ticks: number, lots: number): void {
    this.side[this.count] = side
    this.ticks[this.count] = ticks
    this.lots[this.count] = lots
    this.count += 1
  }
}

/** Local time of a line in digits (seconds to nanoseconds since 1970), as nanoseconds since the base; NaN if it is none. */
export function localTimeNs(digits: string, timeBaseUnixS: number): number {
  if (!/^\d+$/.test(digits) || ![10, 13, 16, 19].includes(digits.length)) return Number.NaN
  const seconds = Number(digits.slice(0, 10))
  return (seconds - timeBaseUnixS) * 1e9 + Number(digits.slice(10).padEnd(9, '0'))
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
