// The read endpoints. Every answer carries the sequence number of the record that it is true at.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { averageText, moneyText, priceText, quantityText, sumText } from '../../protocol/io/decimal.ts'
import { type PositionView, type PriceView, type QuoteView, realisedOf } from './dashboard-protocol.ts'
import type { FillsRequest, Gateway } from './gateway.ts'
import { priceOrNull } from './grid.ts'
import type { MarketView } from './market-view.ts'
import { addNodeRoutes } from './node-routes.ts'
import { Problem as ProblemError } from './problem.ts'
import * as schemas from './schemas.ts'

const refusals = { 401: schemas.Refusal, 503: schemas.Refusal }
/** Of what is asked with a symbol, or with other words that may be wrong. */
const inputRefusals = { 400: schemas.Refusal, 404: schemas.Refusal, ...refusals }

export function addReadRoutes(server: FastifyInstance, gateway: Gateway): void {
  addMarketRoutes(server, gateway)
  addQuoteRoutes(server, gateway)
  addPositionRoutes(server, gateway)
  addExposureRoutes(server, gateway)
  addNodeRoutes(server, gateway)
  addClusterRoutes(server, gateway)
}

function addMarketRoutes(server: FastifyInstance, gateway: Gateway): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  const market = 'Market'
  routes.get(
    '/symbols',
    { schema: { tags: [market], summary: 'What is traded', response: { 200: schemas.Symbols, ...refusals } } },
    () => {
      const { config, progress } = gateway.dashboard()
      return {
        clusterId: config.clusterId,
        exposureLots: config.exposureLots,
        quoteTtlMs: config.quoteTtlNs / 1_000_000,
        symbols: config.instruments.map((instrument) => ({
          symbol: instrument.symbol,
          tickSize: instrument.tickSize,
          lotSize: instrument.lotSize,
          openingPrice: priceText(instrument.openingPriceTicks, instrument),
        })),
        recordSeq: progress.recordSeq,
      }
    },
  )
  routes.get(
    '/prices',
    {
      schema: { tags: [market], summary: 'Best prices of all symbols', response: { 200: schemas.Prices, ...refusals } },
    },
    () => {
      const prices = gateway.dashboard().markets.map(priceAnswer)
      return { prices, recordSeq: Math.max(0, ...prices.map((price) => price.recordSeq)) }
    },
  )
  routes.get(
    '/book/:symbol',
    {
      schema: {
        tags: [market],
        summary: 'The order book by price level',
        params: schemas.SymbolParams,
        querystring: schemas.BookQuery,
        response: { 200: schemas.Book, ...inputRefusals },
      },
    },
    (request) => {
      const shown = marketOf(gateway, request.params.symbol)
      const { instrument } = shown
      const book = shown.book(request.query.depth)
      const level = ([ticks, lots, orders]: [number, number, number]) => ({
        price: priceText(ticks, instrument),
        quantity: quantityText(lots, instrument),
        orders,
      })
      return { ...book, bids: book.bids.map(level), asks: book.asks.map(level) }
    },
  )
}

function addQuoteRoutes(server: FastifyInstance, gateway: Gateway): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  const desk = 'Desk'
  routes.get(
    '/quotes/:symbol',
    {
      schema: {
        tags: [desk],
        summary: 'The standing quote of a symbol',
        params: schemas.SymbolParams,
        response: { 200: schemas.QuoteAnswer, ...inputRefusals },
      },
    },
    (request) => {
      const { instrument } = marketOf(gateway, request.params.symbol)
      const { symbol } = instrument
      const quote = gateway.dashboard().desk.quote(symbolIdOf(gateway, symbol))
      return { symbol, quote: quoteAnswer(quote, instrument), recordSeq: quote.recordSeq }
    },
  )
}

function addPositionRoutes(server: FastifyInstance, gateway: Gateway): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  const desk = 'Desk'
  routes.get(
    '/positions',
    { schema: { tags: [desk], summary: 'All positions', response: { 200: schemas.Positions, ...refusals } } },
    () => {
      const shown = gateway.dashboard()
      const positions = shown.markets.map((one, symbolId) => positionAnswer(one, shown.desk.position(symbolId)))
      const sum = (field: 'cash' | 'profit' | 'realised' | 'unrealised') => sumText(positions.map((one) => one[field]))
      const total = {
        cash: sum('cash'),
        profit: sum('profit'),
        realised: sum('realised'),
        unrealised: sum('unrealised'),
      }
      return { positions, total, recordSeq: Math.max(0, ...positions.map((position) => position.recordSeq)) }
    },
  )
  routes.get(
    '/positions/:symbol',
    {
      schema: {
        tags: [desk],
        summary: 'The position in a symbol',
        params: schemas.SymbolParams,
        response: { 200: schemas.Position, ...inputRefusals },
      },
    },
    (request) => {
      const one = marketOf(gateway, request.params.symbol)
      return positionAnswer(one, gateway.dashboard().desk.position(symbolIdOf(gateway, request.params.symbol)))
    },
  )
}

function addExposureRoutes(server: FastifyInstance, gateway: Gateway): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  const desk = 'Desk'
  routes.get(
    '/exposure',
    {
      schema: {
        tags: [desk],
        summary: 'How much of the limit the quotes use',
        response: { 200: schemas.Exposure, ...refusals },
      },
    },
    () => {
      const { desk, config } = gateway.dashboard()
      const quotes = config.instruments.map((_, symbolId) => desk.quote(symbolId))
      return { ...desk.exposure(), reservations: quotes.flatMap(reservationOf) }
    },
  )
  routes.get(
    '/fills',
    {
      schema: {
        tags: [desk],
        summary: 'Our fills, oldest first, page by page',
        querystring: schemas.FillsQuery,
        response: { 200: schemas.Fills, ...inputRefusals },
      },
    },
    (request) => {
      const { symbol, afterTradeId, limit } = request.query
      if (symbol !== undefined) symbolIdOf(gateway, symbol)
      const wanted: FillsRequest = { afterTradeId, limit, ...(symbol === undefined ? {} : { symbol }) }
      return fillsAnswer(gateway, wanted)
    },
  )
}

function addClusterRoutes(server: FastifyInstance, gateway: Gateway): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  const cluster = 'Cluster'
  routes.get(
    '/health',
    {
      schema: {
        tags: [cluster],
        summary: 'Whether this gateway is of use',
        response: { 200: schemas.Health, 401: schemas.Refusal, 503: schemas.Health },
      },
    },
    (_request, reply) => {
      const health = gateway.health()
      void reply.status(health.status === 'starting' ? 503 : 200)
      return health
    },
  )
  routes.get(
    '/cluster',
    {
      schema: {
        tags: [cluster],
        summary: 'The processes, their states, and what happened to them',
        response: { 200: schemas.Cluster, ...refusals },
      },
    },
    () => {
      const { processes, events, epoch, recordSeq } = gateway.clusterState()
      return {
        clusterId: gateway.clusterId,
        epoch,
        processes: processes.map(({ startedAtMs, lastSeenMs, details, ...process }) => ({
          ...process,
          startedAt: iso(startedAtMs),
          lastSeenAt: iso(lastSeenMs),
          details: Object.fromEntries(details),
        })),
        events: events.map(({ timeMs, topic, level, text }) => ({ time: iso(timeMs), topic, level, text })),
        recordSeq,
      }
    },
  )
}

function symbolIdOf(gateway: Gateway, symbol: string): number {
  const symbolId = gateway.dashboard().symbolId(symbol)
  if (symbolId === undefined) throw unknownSymbol(404, symbol)
  return symbolId
}

export function unknownSymbol(status: number, symbol: string): ProblemError {
  return new ProblemError(status, {
    error: 'there is no such symbol',
    field: 'symbol',
    value: symbol,
    remedy: 'GET /symbols lists what is traded.',
  })
}

function marketOf(gateway: Gateway, symbol: string): MarketView {
  return gateway.dashboard().markets[symbolIdOf(gateway, symbol)]!
}

function priceAnswer({ instrument, price }: MarketView): z.infer<typeof schemas.Price> {
  const shown: PriceView = price
  return {
    symbol: instrument.symbol,
    bid: priceOrNull(shown.bidTicks, shown.bidLots, instrument),
    bidQuantity: quantityText(shown.bidLots, instrument),
    ask: priceOrNull(shown.askTicks, shown.askLots, instrument),
    askQuantity: quantityText(shown.askLots, instrument),
    last: priceOrNull(shown.lastTicks, shown.lastLots, instrument),
    lastQuantity: quantityText(shown.lastLots, instrument),
    reference: priceText(shown.referenceTicks, instrument),
    phase: shown.phase,
    recordSeq: shown.recordSeq,
  }
}

function quoteAnswer(
  quote: QuoteView,
  instrument: MarketView['instrument'],
): z.infer<typeof schemas.QuoteAnswer>['quote'] {
  if (quote.bidLots === 0 && quote.askLots === 0) return null
  return {
    quoteId: quote.quoteId,
    clientId: quote.clientId,
    bid: priceOrNull(quote.bidTicks, quote.bidLots, instrument),
    bidQuantity: quantityText(quote.bidLots, instrument),
    ask: priceOrNull(quote.askTicks, quote.askLots, instrument),
    askQuantity: quantityText(quote.askLots, instrument),
    positionVersion: quote.positionVersion,
    fencingToken: quote.fencingToken,
    expiresAt: iso(quote.expiresAtMs),
  }
}

function positionAnswer({ instrument, price }: MarketView, position: PositionView): z.infer<typeof schemas.Position> {
  const realisedTickLots = realisedOf(position)
  const unrealisedTickLots = position.profitTickLots - realisedTickLots
  const { netLots, costTickLots } = position
  return {
    symbol: instrument.symbol,
    net: quantityText(position.netLots, instrument),
    netLots,
    version: position.version,
    lastTradeId: position.lastTradeId,
    averageCost: netLots === 0 ? null : averageText(costTickLots, Math.abs(netLots), instrument),
    cash: moneyText(position.cashTickLots, instrument),
    profit: moneyText(position.profitTickLots, instrument),
    realised: moneyText(realisedTickLots, instrument),
    unrealised: moneyText(unrealisedTickLots, instrument),
    costTickLots,
    realisedTickLots,
    unrealisedTickLots,
    reference: priceText(price.referenceTicks, instrument),
    time: position.timeMs === 0 ? null : iso(position.timeMs),
    recordSeq: position.recordSeq,
  }
}

/** Derived from the standing quote: so there is none without one. */
function reservationOf(quote: QuoteView): z.infer<typeof schemas.Exposure>['reservations'] {
  const { symbol, quoteId, clientId, fencingToken, bidLots, askLots, expiresAtMs, recordSeq } = quote
  if (bidLots === 0 && askLots === 0) return []
  const id = `${symbol}-${fencingToken}-${quoteId}`
  const expiresAt = iso(expiresAtMs)
  return [{ id, symbol, quoteId, clientId, bidLots, askLots, expiresAt, state: 'active', recordSeq }]
}

async function fillsAnswer(gateway: Gateway, wanted: FillsRequest): Promise<z.infer<typeof schemas.Fills>> {
  const { fills, recordSeq } = await gateway.fills(wanted)
  const { config } = gateway.dashboard()
  return {
    fills: fills.map((fill) => {
      const instrument = config.instruments[fill.symbolId]!
      return {
        tradeId: fill.tradeId,
        symbol: instrument.symbol,
        side: fill.side,
        price: priceText(fill.priceTicks, instrument),
        quantity: quantityText(fill.quantityLots, instrument),
        position: quantityText(fill.netLots, instrument),
        positionVersion: fill.version,
        time: iso(fill.timeMs),
      }
    }),
    nextAfterTradeId: fills.length < wanted.limit ? null : fills.at(-1)!.tradeId,
    recordSeq,
  }
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
