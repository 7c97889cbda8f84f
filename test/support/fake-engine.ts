// An engine for the gateway's tests: it says on the bus what the test tells it to, and answers queries from that. It
// matches nothing and journals nothing; the real engine is tried in tests of its own.

import { costAfter } from '../../engine/desk/positions.ts'
import { ExecutionField, L1Field, L2Field, PositionField, TradeField } from '../../protocol/frame.ts'
import { FrameWriter } from '../../protocol/frame-writer.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { EventKind, FrameKind, Side, TradingPhase } from '../../protocol/kinds.ts'
import type { ProcessStatus } from '../../protocol/process-status.ts'
import { Subjects } from '../../protocol/subjects.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'

type Level = readonly [priceTicks: number, quantityLots: number]
type FakeQuote = { bidTicks: number; bidLots: number; askTicks: number; askLots: number }

export const fakeConfig: ClusterConfig = {
  clusterId: 'test',
  instruments: [
    { symbol: 'ALDR', tickSize: '0.01', lotSize: '1', openingPriceTicks: 2_480 },
    { symbol: 'BTC-USD', tickSize: '0.5', lotSize: '0.001', openingPriceTicks: 120_000 },
  ],
  exposureLots: 100,
  quoteTtlNs: 30_000_000_000,
}

/** One symbol as the engine has it. */
class FakeSymbol {
  readonly sides = [new Map<number, number>(), new Map<number, number>()] as const
  seq = 0
  lastTicks = 0
  lastLots = 0
  phase: TradingPhase = TradingPhase.CONTINUOUS
  quote: FakeQuote = { bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0 }
  netLots = 0
  version = 0
  cashTickLots = 0
  costTickLots = 0
  lastTradeId = 0
}

export class FakeEngine {
  readonly subjects: Subjects
  readonly symbols: FakeSymbol[]
  readonly fills: object[] = []
  recordSeq = 1
  epoch = 1
  quotingEnabled = true
  timeBaseUnixMs = Date.now()
  /** False: it does not answer for snapshots, as if it were away. */
  answersSnapshots = true
  readonly #config: ClusterConfig
  readonly #transport: Transport
  readonly #writer = new FrameWriter()
  #timeNs = 0
  #tradeId = 0

  constructor(transport: Transport, config: ClusterConfig = fakeConfig) {
    this.#config = config
    this.#transport = transport
    this.subjects = new Subjects(config.clusterId)
    this.symbols = config.instruments.map(() => new FakeSymbol())
    this.#answer('instruments', () => ({ ...config, timeBaseUnixMs: this.timeBaseUnixMs }))
    this.#answer('positions', () => ({ positions: this.#positions() }))
    this.#answer('quotes', () => ({ quotes: this.#quotes() }))
    this.#answer('exposure', () => ({
      quotingEnabled: this.quotingEnabled,
      symbols: config.instruments.map(({ symbol }) => ({ symbol, quotingEnabled: this.quotingEnabled })),
    }))
    this.#answer('nodes', () => ({ nodes: this.#nodes() }))
    this.#answer('assignments', () => ({
      assignments: config.instruments.map(({ symbol }) => ({ symbol, clientId: 101, holderClientId: 101 })),
    }))
    this.#answer('authority', () => ({ authority: this.#authority() }))
    this.#answer('fills', (question) => {
      const { symbol, afterTradeId, limit } = question as { symbol?: string; afterTradeId: number; limit: number }
      const wanted = (this.fills as { symbol: string; tradeId: number }[]).filter(
        (fill) => fill.tradeId > afterTradeId && (symbol === undefined || fill.symbol === symbol),
      )
      return { fills: wanted.slice(0, limit) }
    })
    transport.subscribe(this.subjects.query('snapshot'), (message) => {
      const { symbol } = JSON.parse(new TextDecoder().decode(message.data)) as { symbol: string }
      if (this.answersSnapshots) message.respond(this.#snapshot(this.#symbolId(symbol)))
    })
  }

  /** Sets the quantity at one price and says so on l2 and l1. `lose`: the frame is numbered but never sent. */
  setLevel(symbolId: number, side: Side, [priceTicks, quantityLots]: Level, { lose = false } = {}): void {
    const symbol = this.symbols[symbolId]!
    if (quantityLots === 0) symbol.sides[side].delete(priceTicks)
    else symbol.sides[side].set(priceTicks, quantityLots)
    this.#step()
    symbol.seq++
    this.#writer.begin(FrameKind.L2, L2Field.LENGTH, this.epoch, symbolId)
    this.#putLevel(side, priceTicks, quantityLots)
    const frame = this.#writer.finish(symbol.seq - 1, symbol.seq, this.#timeNs, this.recordSeq)
    if (!lose) this.#transport.publish(this.subjects.marketData(this.#name(symbolId), 'l2'), frame)
    this.#sayL1(symbolId)
  }

  trade(symbolId: number, aggressor: Side, priceTicks: number, quantityLots: number): number {
    const symbol = this.symbols[symbolId]!
    this.#step()
    this.#tradeId++
    symbol.lastTicks = priceTicks
    symbol.lastLots = quantityLots
    symbol.seq++
    this.#writer.begin(FrameKind.TRADES, TradeField.LENGTH, this.epoch, symbolId)
    const at = this.#writer.next()
    const { bytes, int32, float64 } = this.#writer.buffer
    float64[(at + TradeField.TRADE_ID) >> 3] = this.#tradeId
    int32[(at + TradeField.PRICE_TICKS) >> 2] = priceTicks
    int32[(at + TradeField.QUANTITY_LOTS) >> 2] = quantityLots
    bytes[at + TradeField.AGGRESSOR_SIDE] = aggressor
    float64[(at + TradeField.SEQ) >> 3] = symbol.seq
    float64[(at + TradeField.TIME_NS) >> 3] = this.#timeNs
    const frame = this.#writer.finish(symbol.seq - 1, symbol.seq, this.#timeNs, this.recordSeq)
    this.#transport.publish(this.subjects.marketData(this.#name(symbolId), 'trade'), frame)
    // The number of the trade is one of the book's stream too: an L2 frame without entries carries it.
    this.#writer.begin(FrameKind.L2, L2Field.LENGTH, this.epoch, symbolId)
    const empty = this.#writer.finish(symbol.seq - 1, symbol.seq, this.#timeNs, this.recordSeq)
    this.#transport.publish(this.subjects.marketData(this.#name(symbolId), 'l2'), empty)
    this.#sayL1(symbolId)
    return this.#tradeId
  }

  setPhase(symbolId: number, phase: TradingPhase): void {
    const symbol = this.symbols[symbolId]!
    this.#step()
    symbol.phase = phase
    symbol.seq++
    this.#sayL1(symbolId)
  }

  quote(symbolId: number, quote: FakeQuote): void {
    this.#step()
    this.symbols[symbolId]!.quote = { ...quote }
    this.#sayDesk(symbolId, EventKind.QUOTE_ACCEPTED)
  }

  /** A trade in which our quote's side was hit or lifted. */
  fill(symbolId: number, side: Side, priceTicks: number, quantityLots: number): void {
    const tradeId = this.trade(symbolId, side === Side.BUY ? Side.SELL : Side.BUY, priceTicks, quantityLots)
    const symbol = this.symbols[symbolId]!
    const signedLots = side === Side.BUY ? quantityLots : -quantityLots
    symbol.costTickLots = costAfter(symbol.netLots, symbol.costTickLots, signedLots, priceTicks)
    symbol.netLots += signedLots
    symbol.version++
    symbol.lastTradeId = tradeId
    symbol.cashTickLots -= signedLots * priceTicks
    if (side === Side.BUY) symbol.quote.bidLots -= quantityLots
    else symbol.quote.askLots -= quantityLots
    this.fills.push({
      symbol: this.#name(symbolId),
      tradeId,
      timeNs: this.#timeNs,
      side: side === Side.BUY ? 'buy' : 'sell',
      priceTicks,
      quantityLots,
      netLots: symbol.netLots,
      version: symbol.version,
      cashTickLots: symbol.cashTickLots,
      recordSeq: this.recordSeq,
    })
    this.#sayPosition(symbolId, side, priceTicks, quantityLots, tradeId)
  }

  setQuoting(enabled: boolean): void {
    this.#step()
    this.quotingEnabled = enabled
    this.#writer.begin(FrameKind.DESK, ExecutionField.LENGTH, this.epoch, -1)
    const at = this.#writer.next()
    const { bytes, int32, float64 } = this.#writer.buffer
    bytes[at + ExecutionField.KIND] = EventKind.QUOTING_CHANGED
    int32[(at + ExecutionField.SYMBOL_ID) >> 2] = -1
    int32[(at + ExecutionField.QUANTITY_LOTS) >> 2] = enabled ? 1 : 0
    float64[(at + ExecutionField.RECORD_SEQ) >> 3] = this.recordSeq
    const frame = this.#writer.finish(this.recordSeq - 1, this.recordSeq, this.#timeNs, this.recordSeq)
    this.#transport.publish(this.subjects.desk('all'), frame)
  }

  status(role: string, instance: string, fields: Partial<ProcessStatus> = {}): void {
    const status: ProcessStatus = {
      role,
      instance,
      pid: 4_242,
      state: 'ready',
      startedAt: new Date().toISOString(),
      uptimeS: 0,
      rssBytes: 90_000_000,
      eventLoopDelayP99Us: 900,
      details: {},
      ...fields,
    }
    const subject = this.subjects.processStatus(role, instance)
    this.#transport.publish(subject, new TextEncoder().encode(JSON.stringify(status)))
  }

  publish(subject: string, payload: Uint8Array): void {
    this.#transport.publish(subject, payload)
  }

  #step(): void {
    this.recordSeq++
    this.#timeNs = (Date.now() - this.timeBaseUnixMs) * 1_000_000
  }

  #answer(name: string, content: (question: unknown) => object): void {
    this.#transport.subscribe(this.subjects.query(name), (message) => {
      const question: unknown = JSON.parse(new TextDecoder().decode(message.data))
      const answer = { ...content(question), recordSeq: this.recordSeq }
      message.respond(new TextEncoder().encode(JSON.stringify(answer)))
    })
  }

  #positions(): object[] {
    return this.symbols.map(({ netLots, version, cashTickLots, costTickLots, lastTradeId }, symbolId) => ({
      symbol: this.#name(symbolId),
      netLots,
      version,
      cashTickLots,
      costTickLots,
      lastTradeId,
    }))
  }

  /** One node, which holds every symbol. */
  #nodes(): object[] {
    const symbols = this.#config.instruments.map(({ symbol }) => symbol)
    const times = { joinedNs: 1_000_000, presenceEndsNs: 5_000_000, isSilent: false }
    return [{ clientId: 101, incarnation: 3, ...times, assignedSymbols: symbols, heldSymbols: symbols }]
  }

  #authority(): object[] {
    return this.#config.instruments.map(({ symbol }, symbolId) => ({
      symbol,
      clientId: 101,
      fencingToken: 7 + symbolId,
      leaseEndsNs: 4_000_000,
      isRecalled: false,
      lastEndedNs: 0,
      lastClientId: 0,
      quotingGapNs: 2_000_000,
      quotingGapNsLongest: 3_000_000,
    }))
  }

  #quotes(): object[] {
    return this.symbols.flatMap(({ quote, version }, symbolId) => {
      if (quote.bidLots + quote.askLots === 0) return []
      const expiryNs = this.#config.quoteTtlNs
      const ids = { quoteId: 1, clientId: 101, positionVersion: version, fencingToken: 7 }
      return [{ symbol: this.#name(symbolId), ...ids, ...quote, expiryNs }]
    })
  }

  #sayL1(symbolId: number): void {
    const { sides, seq, lastTicks, lastLots, phase } = this.symbols[symbolId]!
    const bid = Math.max(0, ...sides[Side.BUY].keys())
    const ask = Math.min(...sides[Side.SELL].keys())
    this.#writer.begin(FrameKind.L1, L1Field.LENGTH, this.epoch, symbolId)
    const at = this.#writer.next()
    const { bytes, int32 } = this.#writer.buffer
    int32[(at + L1Field.BID_TICKS) >> 2] = bid
    int32[(at + L1Field.BID_LOTS) >> 2] = sides[Side.BUY].get(bid) ?? 0
    int32[(at + L1Field.ASK_TICKS) >> 2] = Number.isFinite(ask) ? ask : 0
    int32[(at + L1Field.ASK_LOTS) >> 2] = sides[Side.SELL].get(ask) ?? 0
    int32[(at + L1Field.LAST_TRADE_TICKS) >> 2] = lastTicks
    int32[(at + L1Field.LAST_TRADE_LOTS) >> 2] = lastLots
    int32[(at + L1Field.REFERENCE_TICKS) >> 2] = lastTicks || this.#config.instruments[symbolId]!.openingPriceTicks
    bytes[at + L1Field.PHASE] = phase
    const frame = this.#writer.finish(seq - 1, seq, this.#timeNs, this.recordSeq)
    this.#transport.publish(this.subjects.marketData(this.#name(symbolId), 'l1'), frame)
  }

  #sayDesk(symbolId: number, kind: number): void {
    const { quote, version } = this.symbols[symbolId]!
    this.#writer.begin(FrameKind.DESK, ExecutionField.LENGTH, this.epoch, symbolId)
    const at = this.#writer.next()
    const { bytes, int32, uint32, float64 } = this.#writer.buffer
    bytes[at + ExecutionField.KIND] = kind
    int32[(at + ExecutionField.SYMBOL_ID) >> 2] = symbolId
    float64[(at + ExecutionField.RECORD_SEQ) >> 3] = this.recordSeq
    uint32[(at + ExecutionField.CLIENT_ORDER_ID) >> 2] = 1
    uint32[(at + ExecutionField.INCARNATION) >> 2] = 101
    int32[(at + ExecutionField.PRICE_TICKS) >> 2] = quote.bidTicks
    int32[(at + ExecutionField.BID_LOTS) >> 2] = quote.bidLots
    int32[(at + ExecutionField.ASK_TICKS) >> 2] = quote.askTicks
    int32[(at + ExecutionField.ASK_LOTS) >> 2] = quote.askLots
    float64[(at + ExecutionField.VALUE) >> 3] = version
    float64[(at + ExecutionField.ORDER_ID) >> 3] = 7
    float64[(at + ExecutionField.TRADE_ID) >> 3] = this.#config.quoteTtlNs
    const frame = this.#writer.finish(this.recordSeq - 1, this.recordSeq, this.#timeNs, this.recordSeq)
    this.#transport.publish(this.subjects.desk(this.#name(symbolId)), frame)
  }

  #sayPosition(symbolId: number, side: Side, priceTicks: number, quantityLots: number, tradeId: number): void {
    const { netLots, version, cashTickLots } = this.symbols[symbolId]!
    this.#writer.begin(FrameKind.POSITION, PositionField.LENGTH, this.epoch, symbolId)
    const at = this.#writer.next()
    const { bytes, int32, float64 } = this.#writer.buffer
    int32[(at + PositionField.SYMBOL_ID) >> 2] = symbolId
    bytes[at + PositionField.SIDE] = side
    int32[(at + PositionField.FILL_TICKS) >> 2] = priceTicks
    int32[(at + PositionField.FILL_LOTS) >> 2] = quantityLots
    float64[(at + PositionField.NET_LOTS) >> 3] = netLots
    float64[(at + PositionField.VERSION) >> 3] = version
    float64[(at + PositionField.LAST_TRADE_ID) >> 3] = tradeId
    float64[(at + PositionField.CASH_TICK_LOTS) >> 3] = cashTickLots
    float64[(at + PositionField.TIME_NS) >> 3] = this.#timeNs
    const frame = this.#writer.finish(version - 1, version, this.#timeNs, this.recordSeq)
    this.#transport.publish(this.subjects.positions(this.#name(symbolId)), frame)
  }

  #snapshot(symbolId: number): Uint8Array {
    const { sides, seq } = this.symbols[symbolId]!
    this.#writer.begin(FrameKind.L2_SNAPSHOT, L2Field.LENGTH, this.epoch, symbolId)
    for (const side of [Side.BUY, Side.SELL]) {
      for (const [priceTicks, quantityLots] of sides[side]) this.#putLevel(side, priceTicks, quantityLots)
    }
    return this.#writer.finish(0, seq, this.#timeNs, this.recordSeq)
  }

  #putLevel(side: Side, priceTicks: number, quantityLots: number): void {
    const at = this.#writer.next()
    const { bytes, int32 } = this.#writer.buffer
    bytes[at + L2Field.SIDE] = side
    int32[(at + L2Field.PRICE_TICKS) >> 2] = priceTicks
    int32[(at + L2Field.QUANTITY_LOTS) >> 2] = quantityLots
    int32[(at + L2Field.ORDER_COUNT) >> 2] = quantityLots === 0 ? 0 : 1
  }

  #name(symbolId: number): string {
    return this.#config.instruments[symbolId]!.symbol
  }

  #symbolId(symbol: string): number {
    return this.#config.instruments.findIndex((instrument) => instrument.symbol === symbol)
  }
}
