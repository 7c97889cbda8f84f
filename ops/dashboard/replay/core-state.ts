// The state of the core in the gateway's words, so that the page shows a replayed record with the panels of the live one.

import type { Core } from '../../../engine/core/core.ts'
import { FillField } from '../../../engine/core/fill-log.ts'
import { nameOf, Side, TradingPhase } from '../../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../../protocol/symbol.ts'
import {
  type AuthorityView,
  BOOK_DEPTH,
  type BookView,
  DASHBOARD_PROTOCOL_VERSION,
  type ExposureView,
  type FillView,
  type Hello,
  type LevelView,
  type PositionView,
  type PriceView,
  type QuoteView,
} from '../../gateway/dashboard-protocol.ts'

const FILL_COUNT = 120

export function helloOf({ config }: Core): Hello {
  return {
    type: 'hello',
    protocol: DASHBOARD_PROTOCOL_VERSION,
    gatewayId: 'replay',
    clusterId: config.clusterId,
    instruments: config.instruments.map(({ symbol, tickSize, lotSize, openingPriceTicks }) => ({
      symbol,
      tickSize,
      lotSize,
      openingTicks: openingPriceTicks,
    })),
    exposureLots: config.exposureLots,
    quoteTtlMs: config.quoteTtlNs / 1e6,
  }
}

export function priceOf({ config, exchange, marketData, seq }: Core, symbolId: number): PriceView {
  return {
    symbol: config.instruments[symbolId]!.symbol,
    bidTicks: exchange.bestTicks(symbolId, Side.BUY),
    bidLots: exchange.bestLots(symbolId, Side.BUY),
    askTicks: exchange.bestTicks(symbolId, Side.SELL),
    askLots: exchange.bestLots(symbolId, Side.SELL),
    lastTicks: exchange.lastTradeTicks(symbolId),
    lastLots: exchange.lastTradeLots(symbolId),
    referenceTicks: exchange.referenceTicks(symbolId),
    phase: nameOf(TradingPhase, exchange.phase(symbolId)),
    indicativeTicks: exchange.indicativeTicks(symbolId),
    indicativeLots: exchange.indicativeLots(symbolId),
    tradeCount: marketData.statistics.tradeCount[symbolId]!,
    recordSeq: seq,
  }
}

export function bookOf(core: Core, symbolId: number): BookView {
  return {
    symbol: core.config.instruments[symbolId]!.symbol,
    live: true,
    seq: core.marketData.lastSeq(symbolId),
    recordSeq: core.seq,
    bids: levelsOf(core, symbolId, Side.BUY),
    asks: levelsOf(core, symbolId, Side.SELL),
  }
}

function levelsOf({ exchange }: Core, symbolId: number, side: Side): LevelView[] {
  const levels: LevelView[] = []
  exchange.forEachLevel(symbolId, side, (priceTicks, lots, orderCount) => {
    if (levels.length < BOOK_DEPTH) levels.push([priceTicks, lots, orderCount])
  })
  return levels
}

export function quoteOf({ config, exchange, seq }: Core, symbolId: number, timeBaseUnixMs: number): QuoteView {
  return {
    symbol: config.instruments[symbolId]!.symbol,
    quoteId: exchange.quoteId(symbolId),
    clientId: exchange.quoteClientId(symbolId),
    bidTicks: exchange.quoteTicks(symbolId, Side.BUY),
    bidLots: exchange.quoteLots(symbolId, Side.BUY),
    bidAheadLots: exchange.quoteAheadLots(symbolId, Side.BUY),
    askTicks: exchange.quoteTicks(symbolId, Side.SELL),
    askLots: exchange.quoteLots(symbolId, Side.SELL),
    askAheadLots: exchange.quoteAheadLots(symbolId, Side.SELL),
    fencingToken: exchange.quoteFencingToken(symbolId),
    positionVersion: exchange.quotePositionVersion(symbolId),
    expiresAtMs: timeBaseUnixMs + exchange.quoteExpiryNs(symbolId) / 1e6,
    recordSeq: seq,
  }
}

export function positionOf(core: Core, symbolId: number, timeMs: number): PositionView {
  const { positions } = core.desk
  const netLots = positions.netLots(symbolId)
  const cashTickLots = positions.cashTickLots(symbolId)
  return {
    symbol: core.config.instruments[symbolId]!.symbol,
    netLots,
    version: positions.version(symbolId),
    cashTickLots,
    costTickLots: positions.costTickLots(symbolId),
    lastTradeId: core.desk.positions.lastTradeId(symbolId),
    profitTickLots: cashTickLots + netLots * core.exchange.referenceTicks(symbolId),
    timeMs,
    recordSeq: core.seq,
  }
}

export function exposureOf({ config, desk, seq }: Core): ExposureView {
  const { exposure, controls } = desk
  const quotingEnabled = controls.isSwitchedOn(NO_SYMBOL_ID)
  return {
    limitLots: exposure.limitLots,
    bidLots: exposure.bidLotsTotal,
    askLots: exposure.askLotsTotal,
    quotingEnabled,
    symbolsOff: config.instruments.flatMap(({ symbol }, symbolId) =>
      quotingEnabled && !controls.isQuotingEnabled(symbolId) ? [symbol] : [],
    ),
    recordSeq: seq,
  }
}

export function authorityOf({ config, desk, seq }: Core, timeBaseUnixMs: number): AuthorityView {
  const { nodes } = desk
  const timeMs = (timeNs: number) => timeBaseUnixMs + timeNs / 1e6
  const symbolsWhere = (holds: (symbolId: number) => boolean) =>
    config.instruments.flatMap(({ symbol }, symbolId) => (holds(symbolId) ? [symbol] : []))
  return {
    nodes: nodes.membership.clientIds.map((clientId) => ({
      clientId,
      presenceEndsMs: timeMs(nodes.membership.member(clientId).presenceNs),
      assignedSymbols: symbolsWhere((symbolId) => nodes.assigned(symbolId) === clientId),
      heldSymbols: symbolsWhere((symbolId) => nodes.authority.holder(symbolId) === clientId),
    })),
    leases: config.instruments.map(({ symbol }, symbolId) => ({
      symbol,
      clientId: nodes.authority.holder(symbolId),
      fencingToken: nodes.authority.token(symbolId),
      leaseEndsMs: timeMs(nodes.authority.leaseNs(symbolId)),
    })),
    recordSeq: seq,
  }
}

/** The newest fills, oldest first. */
export function fillsOf({ config, deskOutputs }: Core, timeBaseUnixMs: number): FillView[] {
  const { fills } = deskOutputs
  const views: FillView[] = []
  for (let number = Math.max(fills.keptFrom, fills.count - FILL_COUNT); number < fills.count; number++) {
    const at = fills.entryOf(number) * FillField.LENGTH
    const { int32, float64, bytes } = fills.buffer
    views.push({
      symbol: config.instruments[int32[(at + FillField.SYMBOL_ID) >> 2]!]!.symbol,
      tradeId: float64[(at + FillField.LAST_TRADE_ID) >> 3]!,
      timeMs: timeBaseUnixMs + float64[(at + FillField.TIME_NS) >> 3]! / 1e6,
      side: bytes[at + FillField.SIDE] === Side.BUY ? 'buy' : 'sell',
      priceTicks: int32[(at + FillField.FILL_TICKS) >> 2]!,
      quantityLots: int32[(at + FillField.FILL_LOTS) >> 2]!,
      netLots: float64[(at + FillField.NET_LOTS) >> 3]!,
      positionVersion: float64[(at + FillField.VERSION) >> 3]!,
      recordSeq: float64[(at + FillField.RECORD_SEQ) >> 3]!,
    })
  }
  return views
}
