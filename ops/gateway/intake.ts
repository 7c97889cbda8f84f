// Turns the engine's frames into what the gateway shows: prices, trades, fills and quotes. Books are mirrored elsewhere.
//
// A frame that is not right is counted and changes nothing. Frames that were seen before change nothing either.

import { ExecutionField, L1Field, PositionField, StateField, TradeField } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import { EventKind, FrameKind, isReduced, nameOf, Reason, Side, TradingPhase } from '../../protocol/kinds.ts'
import { nodeName } from './authority-view.ts'
import type { Dashboard } from './dashboard.ts'
import type { EventView, QuoteEventView } from './dashboard-protocol.ts'

const NS_PER_MS = 1_000_000
const QUOTE_REASON_INTERVAL_MS = 60_000
const QUOTE_REASON_COUNT_MAX = 10_000

const QUOTE_OUTCOMES: Readonly<Record<number, QuoteEventView['outcome']>> = {
  [EventKind.QUOTE_ACCEPTED]: 'accepted',
  [EventKind.QUOTE_REFUSED]: 'refused',
  [EventKind.QUOTE_CANCELLED]: 'cancelled',
  [EventKind.QUOTE_EXPIRED]: 'expired',
}

/** What a symbol does once its phase has become another one. */
const PHASE_MEANS: Readonly<Record<string, { level: EventView['level']; means: string }>> = {
  PRE_OPEN: { level: 'info', means: 'takes orders before it opens: they rest, and nothing trades' },
  OPENING_AUCTION: {
    level: 'info',
    means: 'is in its opening auction: orders gather, and trade at one price when it ends',
  },
  CONTINUOUS: { level: 'good', means: 'is in continuous trading' },
  HALT: { level: 'warning', means: 'is halted: nothing trades, orders can only be cancelled, its quote is withdrawn' },
  CLOSING_AUCTION: {
    level: 'info',
    means: 'is in its closing auction: orders gather, and trade at one price when it ends',
  },
  CLOSED: { level: 'info', means: 'is closed' },
}

export type IntakeCounts = { frames: number; faults: number; gaps: number; trades: number; fills: number }

export class Intake {
  readonly counts: IntakeCounts = { frames: 0, faults: 0, gaps: 0, trades: 0, fills: 0 }
  /** When the last right frame came, by the caller's clock. */
  lastFrameMs = 0
  readonly #dashboard: Dashboard
  readonly #timeBaseUnixMs: number
  readonly #onDeskChanged: (gap: boolean) => void
  readonly #reader = new FrameReader()
  readonly #tradeSeqs: Float64Array
  readonly #deskSeqs: Float64Array
  /** When what was last told, by kind, reason, symbol and client. */
  readonly #quoteReasonsToldMs = new Map<string, number>()

  /** `onDeskChanged` is told that positions or quotes changed, and whether frames were missed before that. */
  constructor(dashboard: Dashboard, timeBaseUnixMs: number, onDeskChanged: (gap: boolean) => void) {
    this.#dashboard = dashboard
    this.#timeBaseUnixMs = timeBaseUnixMs
    this.#onDeskChanged = onDeskChanged
    this.#tradeSeqs = new Float64Array(dashboard.markets.length)
    this.#deskSeqs = new Float64Array(dashboard.markets.length).fill(-1)
  }

  timeMs(timeNs: number): number {
    return this.#timeBaseUnixMs + timeNs / NS_PER_MS
  }

  onFrame(frame: Uint8Array, nowMs: number): void {
    this.counts.frames++
    if (this.#reader.read(frame) !== FrameFault.NONE || this.#reader.streamId >= this.#dashboard.markets.length) {
      this.counts.faults++
      return
    }
    this.lastFrameMs = nowMs
    this.#noteProgress(nowMs)
    switch (this.#reader.kind) {
      case FrameKind.L1:
        this.#onPrice(nowMs)
        break
      case FrameKind.TRADES:
        this.#onTrades()
        break
      case FrameKind.STATE:
        this.#onState()
        break
      case FrameKind.POSITION:
        this.#onFills()
        break
      case FrameKind.DESK:
        this.#onDesk(nowMs)
        break
      default:
        // L2 and L3 are the book mirror's.
        break
    }
  }

  #noteProgress(nowMs: number): void {
    const { progress, cluster } = this.#dashboard
    const { epoch, recordSeq } = this.#reader
    progress.recordSeq = Math.max(progress.recordSeq, recordSeq)
    if (epoch <= progress.epoch) return
    if (progress.epoch > 0) {
      cluster.tell(
        nowMs,
        'epoch',
        'warning',
        `Epoch ${epoch} began at record ${recordSeq}: the engines' roles changed.`,
      )
      this.#onDeskChanged(true)
    }
    progress.epoch = epoch
  }

  #onPrice(nowMs: number): void {
    const reader = this.#reader
    const symbolId = reader.streamId
    if (symbolId < 0 || reader.count === 0) return
    const at = reader.count - 1
    const referenceTicks = reader.int32(at, L1Field.REFERENCE_TICKS)
    const market = this.#dashboard.markets[symbolId]!
    const { phase: phaseBefore, recordSeq: heardSeq } = market.price
    market.onPrice({
      bidTicks: reader.int32(at, L1Field.BID_TICKS),
      bidLots: reader.int32(at, L1Field.BID_LOTS),
      askTicks: reader.int32(at, L1Field.ASK_TICKS),
      askLots: reader.int32(at, L1Field.ASK_LOTS),
      lastTicks: reader.int32(at, L1Field.LAST_TRADE_TICKS),
      lastLots: reader.int32(at, L1Field.LAST_TRADE_LOTS),
      referenceTicks,
      phase: nameOf(TradingPhase, reader.uint8(at, L1Field.PHASE)),
      recordSeq: reader.recordSeq,
    })
    this.#dashboard.desk.mark(symbolId, referenceTicks)
    const { phase } = market.price
    const told = PHASE_MEANS[phase]
    if (heardSeq === 0 || phase === phaseBefore || told === undefined) return
    const { symbol } = market.instrument
    this.#dashboard.cluster.tell(nowMs, symbol, told.level, `${symbol} ${told.means}.`)
  }

  #onState(): void {
    const reader = this.#reader
    const market = this.#dashboard.markets[reader.streamId]
    if (market === undefined || reader.count === 0) return
    const at = reader.count - 1
    market.onIndication(reader.int32(at, StateField.INDICATIVE_TICKS), reader.float64(at, StateField.INDICATIVE_LOTS))
  }

  #onTrades(): void {
    const reader = this.#reader
    const symbolId = reader.streamId
    const market = this.#dashboard.markets[symbolId]
    if (market === undefined) return
    for (let at = 0; at < reader.count; at++) {
      const seq = reader.float64(at, TradeField.SEQ)
      if (seq <= this.#tradeSeqs[symbolId]!) continue
      this.#tradeSeqs[symbolId] = seq
      this.counts.trades++
      market.onTrade({
        tradeId: reader.float64(at, TradeField.TRADE_ID),
        timeMs: this.timeMs(reader.float64(at, TradeField.TIME_NS)),
        priceTicks: reader.int32(at, TradeField.PRICE_TICKS),
        quantityLots: reader.int32(at, TradeField.QUANTITY_LOTS),
        aggressor: sideName(reader.uint8(at, TradeField.AGGRESSOR_SIDE)),
      })
    }
  }

  #onFills(): void {
    const reader = this.#reader
    const { desk, markets } = this.#dashboard
    let missed = false
    for (let at = 0; at < reader.count; at++) {
      const symbolId = reader.int32(at, PositionField.SYMBOL_ID)
      if (symbolId >= markets.length) continue
      const version = reader.float64(at, PositionField.VERSION)
      const lots = reader.int32(at, PositionField.FILL_LOTS)
      const side = sideName(reader.uint8(at, PositionField.SIDE))
      missed ||= version > desk.position(symbolId).version + 1
      const isNew = desk.onFill({
        symbolId,
        tradeId: reader.float64(at, PositionField.LAST_TRADE_ID),
        timeMs: this.timeMs(reader.float64(at, PositionField.TIME_NS)),
        side,
        priceTicks: reader.int32(at, PositionField.FILL_TICKS),
        quantityLots: lots,
        netLots: reader.float64(at, PositionField.NET_LOTS),
        version,
        cashTickLots: reader.float64(at, PositionField.CASH_TICK_LOTS),
        recordSeq: reader.recordSeq,
      })
      if (!isNew) continue
      this.counts.fills++
      desk.reduceQuote(symbolId, side, lots, reader.recordSeq)
      desk.mark(symbolId, markets[symbolId]!.price.referenceTicks)
    }
    this.#onDeskChanged(missed)
  }

  #onDesk(nowMs: number): void {
    const reader = this.#reader
    const symbolId = reader.streamId
    if (symbolId >= 0) {
      const have = this.#deskSeqs[symbolId]!
      if (have >= 0 && reader.previousSeq > have) this.counts.gaps++
      this.#deskSeqs[symbolId] = Math.max(have, reader.lastSeq)
    }
    for (let at = 0; at < reader.count; at++) this.#onDeskEntry(at, nowMs)
    this.#onDeskChanged(false)
  }

  #onDeskEntry(at: number, nowMs: number): void {
    const reader = this.#reader
    const { desk, cluster, markets, config } = this.#dashboard
    const kind = reader.uint8(at, ExecutionField.KIND)
    const symbolId = reader.int32(at, ExecutionField.SYMBOL_ID)
    const recordSeq = reader.float64(at, ExecutionField.RECORD_SEQ)
    if (kind === EventKind.QUOTING_CHANGED) {
      this.#onQuotingChanged(reader.int32(at, ExecutionField.QUANTITY_LOTS) === 1, symbolId, recordSeq, nowMs)
      return
    }
    if (symbolId < 0 || symbolId >= markets.length) return
    const reason = reader.uint8(at, ExecutionField.REASON)
    this.#logQuoteEvent(at, kind, reason, symbolId, recordSeq, nowMs)
    if (reason !== 0) this.#onQuoteReason(kind, reason, symbolId, reader.uint32(at, ExecutionField.INCARNATION), nowMs)
    if (kind === EventKind.QUOTE_ACCEPTED) {
      desk.onQuote({
        symbolId,
        quoteId: reader.uint32(at, ExecutionField.CLIENT_ORDER_ID),
        clientId: reader.uint32(at, ExecutionField.INCARNATION),
        bidTicks: reader.int32(at, ExecutionField.PRICE_TICKS),
        bidLots: reader.int32(at, ExecutionField.BID_LOTS),
        askTicks: reader.int32(at, ExecutionField.ASK_TICKS),
        askLots: reader.int32(at, ExecutionField.ASK_LOTS),
        positionVersion: reader.float64(at, ExecutionField.VALUE),
        fencingToken: reader.float64(at, ExecutionField.ORDER_ID),
        expiresAtMs: this.timeMs(reader.float64(at, ExecutionField.TRADE_ID)),
        recordSeq,
      })
    } else if (kind === EventKind.QUOTE_CANCELLED || kind === EventKind.QUOTE_EXPIRED) {
      // The old quote of a pair ends in the record that brings the new one: that is no end of quoting.
      if (reason !== Reason.SUPERSEDED) desk.endQuote(symbolId, recordSeq)
      if (kind === EventKind.QUOTE_EXPIRED) {
        const { symbol } = config.instruments[symbolId]!
        cluster.tell(nowMs, symbol, 'warning', `The quote in ${symbol} expired: nobody had replaced it in its time.`)
      }
    }
  }

  #logQuoteEvent(at: number, kind: number, reason: number, symbolId: number, recordSeq: number, nowMs: number): void {
    const outcome = QUOTE_OUTCOMES[kind]
    // A superseded quote is told by the one in its place.
    if (outcome === undefined || (outcome === 'cancelled' && reason === Reason.SUPERSEDED)) return
    const reader = this.#reader
    this.#dashboard.desk.quoteEvents.push({
      timeMs: nowMs,
      recordSeq,
      symbol: this.#dashboard.config.instruments[symbolId]!.symbol,
      clientId: reader.uint32(at, ExecutionField.INCARNATION),
      outcome: isReduced(reason) ? 'reduced' : outcome,
      reason: reason === 0 ? '' : nameOf(Reason, reason).toLowerCase().replaceAll('_', ' '),
      bidTicks: reader.int32(at, ExecutionField.PRICE_TICKS),
      bidLots: reader.int32(at, ExecutionField.BID_LOTS),
      askTicks: reader.int32(at, ExecutionField.ASK_TICKS),
      askLots: reader.int32(at, ExecutionField.ASK_LOTS),
    })
  }

  /** A quote reduced or refused, a limit of a node reached. A node that goes on trying would fill the page: each is told once in a while. */
  #onQuoteReason(kind: number, reason: number, symbolId: number, clientId: number, nowMs: number): void {
    // A fill overtook the quote: the node sends another one at once. That is no news.
    if (reason === Reason.STALE_POSITION) return
    const { symbol } = this.#dashboard.config.instruments[symbolId]!
    const key = `${kind} ${reason} ${symbol} ${clientId}`
    if (nowMs - (this.#quoteReasonsToldMs.get(key) ?? 0) < QUOTE_REASON_INTERVAL_MS) return
    const why = nameOf(Reason, reason).toLowerCase().replaceAll('_', ' ')
    if (kind === EventKind.QUOTE_REFUSED) {
      const text = `A quote of client ${clientId} in ${symbol} was refused: ${why}.`
      this.#dashboard.cluster.tell(nowMs, symbol, 'warning', text)
    } else if (kind === EventKind.QUOTE_ACCEPTED && isReduced(reason)) {
      const text = `A quote of client ${clientId} in ${symbol} stands smaller than asked for: ${why}.`
      this.#dashboard.cluster.tell(nowMs, symbol, 'info', text)
    } else if (kind === EventKind.NODE_LIMIT_REACHED) {
      const text = `${nodeName(clientId)} keeps to a limit of its own in ${symbol}: ${why}.`
      this.#dashboard.cluster.tell(nowMs, symbol, 'warning', text)
    } else return
    if (this.#quoteReasonsToldMs.size > QUOTE_REASON_COUNT_MAX) this.#quoteReasonsToldMs.clear()
    this.#quoteReasonsToldMs.set(key, nowMs)
  }

  #onQuotingChanged(enabled: boolean, symbolId: number, recordSeq: number, nowMs: number): void {
    const { desk, cluster, config } = this.#dashboard
    if (symbolId >= config.instruments.length) return
    const isNew =
      symbolId < 0 ? desk.setQuoting(enabled, recordSeq) : desk.setSymbolQuoting(symbolId, enabled, recordSeq)
    if (!isNew) return
    const where = symbolId < 0 ? 'all symbols' : config.instruments[symbolId]!.symbol
    const text = enabled
      ? `Quoting was switched on for ${where}.`
      : `Quoting was switched off for ${where}: its quotes are withdrawn and new ones refused.`
    cluster.tell(nowMs, 'desk', enabled ? 'good' : 'bad', text)
  }
}

function sideName(side: number): 'buy' | 'sell' {
  return side === Side.BUY ? 'buy' : 'sell'
}
