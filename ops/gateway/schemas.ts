// The bodies of the HTTP API, as zod schemas: they check what comes in, and the OpenAPI description is made from them.
//
// Prices and quantities are decimal strings. A JSON number is refused: 0.1 + 0.2 shows why.

import { z } from 'zod'
import { TradingPhase } from '../../protocol/kinds.ts'

const DECIMAL_LENGTH_MAX = 40

export const decimal = z
  .string({ error: 'must be a decimal number in a string, such as "187.25"' })
  .max(DECIMAL_LENGTH_MAX, { error: `must have at most ${DECIMAL_LENGTH_MAX} characters` })
  .regex(/^-?\d+(\.\d+)?$/, { error: 'must be a decimal number such as "187.25"' })
  .describe('Decimal string')

/** A whole number in a path or a query, where everything is text. */
const numberInText = () =>
  z.coerce.number({ error: ({ code }) => (code === 'invalid_type' ? 'must be a whole number' : undefined) }).int()

export const recordSeq = z.int().nonnegative().describe('Sequence number of the record that the answer is true at')

export const symbol = z.string().min(1).max(16).describe('Symbol, as /symbols lists them')

export const SymbolParams = z.object({ symbol })

export const side = z.enum(['buy', 'sell'], { error: 'must be "buy" or "sell"' })

export const Problem = z
  .object({
    error: z.string(),
    field: z.string().optional(),
    value: z.string().optional(),
    remedy: z.string().optional(),
    reason: z.string().optional(),
    recordSeq: z.int().optional(),
  })
  .describe('What is wrong, where, and what to do about it')

/** How a route describes an answer that refuses. */
export const Refusal = {
  description: 'A refusal',
  content: { 'application/problem+json': { schema: Problem } },
}

export const Health = z.object({
  status: z
    .enum(['ok', 'degraded', 'starting'])
    .describe('degraded: no engine heard, or a book is being repaired; starting: no engine has answered yet (503)'),
  clusterId: z.string(),
  connected: z.boolean().describe('The gateway has its connection to NATS'),
  engineHeard: z.boolean().describe('An engine has spoken lately'),
  booksLive: z.int().describe('Symbols whose book is current'),
  symbolCount: z.int(),
  orderSession: z.string().describe('State of the session that orders go through'),
  uptimeS: z.number(),
  recordSeq,
})

export const Symbols = z.object({
  clusterId: z.string(),
  exposureLots: z.int(),
  quoteTtlMs: z.number(),
  symbols: z.array(z.object({ symbol, tickSize: z.string(), lotSize: z.string(), openingPrice: z.string() })),
  recordSeq,
})

const price = z.string().nullable().describe('Decimal string, or null where there is none')

export const Price = z.object({
  symbol,
  bid: price,
  bidQuantity: z.string(),
  ask: price,
  askQuantity: z.string(),
  last: price,
  lastQuantity: z.string(),
  reference: z.string(),
  phase: z.string(),
  recordSeq,
})

export const Prices = z.object({ prices: z.array(Price), recordSeq })

const Level = z.object({ price: z.string(), quantity: z.string(), orders: z.int() })

export const Book = z.object({
  symbol,
  live: z.boolean().describe('False while a gap in the market data is being repaired'),
  seq: z.int().describe("Number in the symbol's market data stream"),
  bids: z.array(Level).describe('Best first'),
  asks: z.array(Level).describe('Best first'),
  recordSeq,
})

export const BookQuery = z.object({
  depth: numberInText().min(1).max(1_000).default(10).describe('Levels per side'),
})

const Quote = z.object({
  quoteId: z.int(),
  clientId: z.int(),
  bid: price,
  bidQuantity: z.string(),
  ask: price,
  askQuantity: z.string(),
  positionVersion: z.int(),
  fencingToken: z.int().describe('Of the authority that it was entered under; 0: by hand'),
  expiresAt: z.string().describe('ISO 8601'),
})

export const QuoteAnswer = z.object({ symbol, quote: Quote.nullable(), recordSeq })

export const QuoteBody = z
  .strictObject({
    bid: decimal.optional(),
    bidQuantity: decimal.optional(),
    ask: decimal.optional(),
    askQuantity: decimal.optional(),
    ttlMs: z.int().min(1).max(3_600_000).optional().describe("How long it lives; the cluster's default when left out"),
  })
  .describe('A two-sided quote; leave bid and bidQuantity, or ask and askQuantity, out for a one-sided one')

export const QuoteResult = z.object({
  symbol,
  status: z.enum(['accepted', 'reduced']),
  quoteId: z.int(),
  bidQuantity: z.string().describe('Granted'),
  askQuantity: z.string().describe('Granted'),
  recordSeq,
})

export const OrderResult = z.object({
  orderId: z.int(),
  clientOrderId: z.int(),
  symbol,
  side,
  status: z
    .enum(['resting', 'waiting', 'filled', 'cancelled'])
    .describe('After the record that entered it; waiting: a stop, an all-or-none order, one at the close'),
  quantity: z.string(),
  filledQuantity: z.string(),
  leavesQuantity: z.string(),
  fills: z.array(z.object({ tradeId: z.int(), price: z.string(), quantity: z.string() })),
  recordSeq,
})

export const OrderParams = z.object({ orderId: numberInText().min(1).max(Number.MAX_SAFE_INTEGER) })

export const CancelResult = z.object({
  orderId: z.int(),
  symbol,
  status: z.literal('cancelled'),
  cancelledQuantity: z.string(),
  recordSeq,
})

export const FillsQuery = z.object({
  symbol: symbol.optional(),
  afterTradeId: numberInText()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe('Fills after this one: the last tradeId of the page before'),
  limit: numberInText().min(1).max(1_000).default(100),
})

export const Fill = z.object({
  tradeId: z.int(),
  symbol,
  side,
  price: z.string(),
  quantity: z.string(),
  position: z.string().describe('Net position after it'),
  positionVersion: z.int(),
  time: z.string().describe('ISO 8601'),
})

export const Fills = z.object({
  fills: z.array(Fill).describe('Oldest first'),
  nextAfterTradeId: z.int().nullable().describe('Pass as afterTradeId for the next page; null at the end'),
  recordSeq,
})

export const Position = z.object({
  symbol,
  net: z.string(),
  netLots: z.int(),
  version: z.int(),
  lastTradeId: z.int().describe('Of the last fill; 0: none'),
  averageCost: price.describe('Price per unit of the open position, rounded to 10 digits; null while there is none'),
  cash: z.string().describe('Money that fills brought in (positive) or cost'),
  profit: z.string().describe('Cash plus the position at the reference price'),
  realised: z.string().describe('Of that: what closed positions brought'),
  unrealised: z.string().describe('Of that: what closing the open position at the reference price would add'),
  costTickLots: z.int().describe('What the open position was bought or sold for, exactly, in ticks times lots'),
  realisedTickLots: z.int().describe('realised, exactly, in ticks times lots'),
  unrealisedTickLots: z.int().describe('unrealised, exactly, in ticks times lots'),
  reference: z.string(),
  time: z.string().nullable().describe('Of the last fill, ISO 8601'),
  recordSeq,
})

export const Positions = z.object({
  positions: z.array(Position),
  total: z
    .object({ cash: z.string(), profit: z.string(), realised: z.string(), unrealised: z.string() })
    .describe('Sums over all symbols, exactly'),
  recordSeq,
})

const Reservation = z
  .object({
    id: z.string().describe('Symbol, token and quote id'),
    symbol,
    quoteId: z.int(),
    clientId: z.int(),
    bidLots: z.int().describe('Reserved: what the bid has open'),
    askLots: z.int(),
    expiresAt: z.string().describe('ISO 8601'),
    state: z.literal('active').describe('There is a reservation only while its quote stands'),
    recordSeq,
  })
  .describe('What one standing quote holds of the limit')

export const Exposure = z.object({
  limitLots: z.int(),
  bidLots: z.int().describe('Sum of the bid quantities of the standing quotes'),
  askLots: z.int(),
  quotingEnabled: z.boolean(),
  symbolsOff: z.array(z.string()).describe('Symbols whose own switch is off'),
  reservations: z.array(Reservation),
  recordSeq,
})

const clientId = z.int().describe('Strategy node n is client 100 + n; 0: nobody')

export const Nodes = z.object({
  nodes: z.array(
    z.object({
      clientId,
      name: z.string(),
      incarnation: z.int().describe('Grows each time that the node starts'),
      joinedAt: z.string().describe('ISO 8601'),
      presenceEndsAt: z.string().describe('Unless renewed; ISO 8601'),
      assignedSymbols: z.array(z.string()),
      heldSymbols: z.array(z.string()).describe('Symbols that it has the authority to quote'),
    }),
  ),
  recordSeq,
})

export const Assignments = z.object({
  assignments: z.array(
    z.object({ symbol, clientId, name: z.string().nullable(), holderClientId: clientId.describe('Who holds it now') }),
  ),
  recordSeq,
})

export const Authority = z.object({
  authority: z.array(
    z.object({
      symbol,
      clientId,
      name: z.string().nullable(),
      fencingToken: z.int().describe('Of the last grant; a later one is greater, over all symbols'),
      leaseEndsAt: z.string().nullable().describe('Unless renewed; ISO 8601; null: nobody holds it'),
      recalled: z.boolean().describe('The holder is to let go'),
      lastClientId: clientId.describe('Who held it before, or last'),
      quotingGapMs: z.number().describe('How long it was without a quote when it went over last'),
      quotingGapMsLongest: z.number(),
    }),
  ),
  recordSeq,
})

export const Cluster = z.object({
  clusterId: z.string(),
  epoch: z.int(),
  processes: z.array(
    z.object({
      role: z.string(),
      instance: z.string(),
      pid: z.int(),
      state: z.string(),
      startedAt: z.string(),
      lastSeenAt: z.string(),
      rssBytes: z.number(),
      eventLoopDelayP99Us: z.number(),
      details: z.record(z.string(), z.string()),
    }),
  ),
  events: z.array(z.object({ time: z.string(), topic: z.string(), level: z.string(), text: z.string() })),
  recordSeq,
})

export const QuotingBody = z.strictObject({
  enabled: z.boolean({ error: 'must be true or false' }),
  symbol: symbol.optional().describe('All symbols when left out'),
})

export const PhaseBody = z.strictObject({
  phase: z.enum(Object.keys(TradingPhase) as (keyof typeof TradingPhase)[]),
  symbol: symbol.optional().describe('All symbols that may go there when left out'),
})

export const PhaseResult = z.object({ phase: z.string(), symbol: symbol.nullable(), recordSeq })

export const QuotingResult = z.object({ enabled: z.boolean(), symbol: symbol.nullable(), recordSeq })
