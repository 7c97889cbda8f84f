// Order entry and control: everything that changes something. Each needs a token, and each answers only when the engine
// has: the answer names the record that decided.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { z } from 'zod'
import { priceText, quantityText } from '../../protocol/io/decimal.ts'
import { EventFlag, EventKind, isReduced, Side } from '../../protocol/kinds.ts'
import { type Instrument, NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { type Guard, onlyWith } from './access.ts'
import { answered, namedSymbol, refusals, refused } from './command-outcome.ts'
import type { Gateway } from './gateway.ts'
import { lotsOf, ticksOf } from './grid.ts'
import { OrderBody, orderRequestOf } from './order-body.ts'
import type { OrderRequest, Outcome, QuoteRequest } from './order-entry.ts'
import { addPhaseRoute } from './phase-route.ts'
import { Problem } from './problem.ts'
import * as schemas from './schemas.ts'
import type { Tokens } from './tokens.ts'

export function addTradeRoutes(server: FastifyInstance, gateway: Gateway, tokens: Tokens): void {
  addOrderRoutes(server, gateway, onlyWith(tokens, 'trade'))
  addQuoteRoute(server, gateway, onlyWith(tokens, 'trade'))
  addControlRoute(server, gateway, onlyWith(tokens, 'operator'))
  addPhaseRoute(server, gateway, onlyWith(tokens, 'operator'))
}

function addOrderRoutes(server: FastifyInstance, gateway: Gateway, { onRequest, security }: Guard): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  routes.post(
    '/orders',
    {
      onRequest,
      schema: {
        tags: ['Orders'],
        summary: 'Enter an order',
        security,
        body: OrderBody,
        response: { 201: schemas.OrderResult, ...refusals },
      },
    },
    async (request, reply) => {
      const { instrument, order } = orderOf(gateway, request.body)
      const outcome = await answered(gateway.orders().newOrder(order), `order ${order.clientOrderId}`)
      if (outcome.reply.kind !== EventKind.ORDER_ACCEPTED) throw refused(outcome)
      return reply.status(201).send(orderAnswer(instrument, order, outcome))
    },
  )
  routes.delete(
    '/orders/:orderId',
    {
      onRequest,
      schema: {
        tags: ['Orders'],
        summary: 'Cancel an order',
        security,
        params: schemas.OrderParams,
        response: { 200: schemas.CancelResult, ...refusals },
      },
    },
    async (request) => {
      const { orderId } = request.params
      const outcome = await answered(gateway.orders().cancelOrder(orderId), `the cancel of order ${orderId}`)
      const { reply } = outcome
      if (reply.kind !== EventKind.ORDER_CANCELLED) throw refused(outcome)
      const instrument = gateway.dashboard().config.instruments[reply.symbolId]!
      return {
        orderId,
        symbol: instrument.symbol,
        status: 'cancelled' as const,
        cancelledQuantity: quantityText(reply.quantityLots, instrument),
        recordSeq: reply.recordSeq,
      }
    },
  )
}

function addQuoteRoute(server: FastifyInstance, gateway: Gateway, { onRequest, security }: Guard): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  routes.put(
    '/quotes/:symbol',
    {
      onRequest,
      schema: {
        tags: ['Orders'],
        summary: 'Quote a symbol by hand; it takes the place of the quote that stands',
        security,
        params: schemas.SymbolParams,
        body: schemas.QuoteBody,
        response: { 200: schemas.QuoteResult, ...refusals },
      },
    },
    async (request) => {
      const { symbol } = request.params
      const { instrument, quote } = quoteOf(gateway, symbol, request.body)
      const outcome = await answered(gateway.orders().quote(quote), `the quote in ${symbol}`)
      const { reply } = outcome
      if (reply.kind !== EventKind.QUOTE_ACCEPTED) throw refused(outcome)
      return {
        symbol,
        status: isReduced(reply.reason) ? ('reduced' as const) : ('accepted' as const),
        quoteId: reply.clientOrderId,
        bidQuantity: quantityText(reply.bidLots, instrument),
        askQuantity: quantityText(reply.askLots, instrument),
        recordSeq: reply.recordSeq,
      }
    },
  )
}

function addControlRoute(server: FastifyInstance, gateway: Gateway, { onRequest, security }: Guard): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  routes.post(
    '/control/quoting',
    {
      onRequest,
      schema: {
        tags: ['Control'],
        summary: 'The kill switch: off withdraws the quotes at once and refuses new ones until on',
        security,
        body: schemas.QuotingBody,
        response: { 200: schemas.QuotingResult, ...refusals },
      },
    },
    async (request) => {
      const { enabled, symbol } = request.body
      const symbolId = symbol === undefined ? NO_SYMBOL_ID : namedSymbol(gateway, symbol).symbolId
      const outcome = await answered(gateway.orders().setQuoting(symbolId, enabled), 'the switch')
      if (outcome.reply.kind !== EventKind.QUOTING_CHANGED) throw refused(outcome)
      return { enabled, symbol: symbol ?? null, recordSeq: outcome.reply.recordSeq }
    },
  )
}

function orderOf(gateway: Gateway, body: OrderBody): { instrument: Instrument; order: OrderRequest } {
  const { instrument, symbolId } = namedSymbol(gateway, body.symbol)
  const clientOrderId = body.clientOrderId ?? gateway.orders().nextClientOrderId()
  return { instrument, order: orderRequestOf(body, symbolId, instrument, gateway.timeBaseUnixMs(), clientOrderId) }
}

function quoteOf(
  gateway: Gateway,
  symbol: string,
  body: z.infer<typeof schemas.QuoteBody>,
): { instrument: Instrument; quote: QuoteRequest } {
  const { instrument, symbolId } = namedSymbol(gateway, symbol, 404)
  const side = (name: 'bid' | 'ask', price: string | undefined, quantity: string | undefined): [number, number] => {
    if (price === undefined && quantity === undefined) return [0, 0]
    if (price === undefined || quantity === undefined) {
      const field = price === undefined ? name : `${name}Quantity`
      throw new Problem(422, {
        error: `${name} and ${name}Quantity go together`,
        field,
        remedy: 'Send both or neither.',
      })
    }
    return [ticksOf(price, name, instrument), lotsOf(quantity, `${name}Quantity`, instrument)]
  }
  const [bidTicks, bidLots] = side('bid', body.bid, body.bidQuantity)
  const [askTicks, askLots] = side('ask', body.ask, body.askQuantity)
  const positionVersion = gateway.dashboard().desk.position(symbolId).version
  const ttlNs = (body.ttlMs ?? 0) * 1_000_000
  return { instrument, quote: { symbolId, bidTicks, bidLots, askTicks, askLots, positionVersion, ttlNs } }
}

function orderAnswer(
  instrument: Instrument,
  order: OrderRequest,
  { reply, reports }: Outcome,
): z.infer<typeof schemas.OrderResult> {
  const trades = reports.filter((report) => report.kind === EventKind.TRADE && report.orderId === reply.orderId)
  const filledLots = trades.reduce((sum, trade) => sum + trade.quantityLots, 0)
  const ended = reports.some(
    (report) =>
      (report.kind === EventKind.ORDER_CANCELLED || report.kind === EventKind.ORDER_EXPIRED) &&
      report.orderId === reply.orderId,
  )
  const leavesLots = ended ? 0 : order.quantityLots - filledLots
  const waits = (reply.flags & EventFlag.RESTING) === 0 && reply.leavesLots > 0 && filledLots === 0
  return {
    orderId: reply.orderId,
    clientOrderId: order.clientOrderId,
    symbol: instrument.symbol,
    side: order.side === Side.BUY ? 'buy' : 'sell',
    status:
      leavesLots > 0 ? (waits ? 'waiting' : 'resting') : filledLots === order.quantityLots ? 'filled' : 'cancelled',
    quantity: quantityText(order.quantityLots, instrument),
    filledQuantity: quantityText(filledLots, instrument),
    leavesQuantity: quantityText(leavesLots, instrument),
    fills: trades.map((trade) => ({
      tradeId: trade.tradeId,
      price: priceText(trade.priceTicks, instrument),
      quantity: quantityText(trade.quantityLots, instrument),
    })),
    recordSeq: reply.recordSeq,
  }
}
