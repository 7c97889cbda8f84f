// What the gateway and the page say to each other over the WebSocket `/ws`: JSON text messages, described for people in
// docs/dashboard-protocol.md. Types, limits and plain arithmetic only: both sides
// import this file.
//
// Prices are whole ticks and quantities whole lots; the hello message says what a tick and a lot are. Times are
// milliseconds since 1970. Every state carries `recordSeq`, the sequence number of the record that it is true at: the
// HTTP API shows the same number for the same state.

/** Version of the messages. 1: the first. */
export const DASHBOARD_PROTOCOL_VERSION = 1

/** The gateway sends at most one message per client in this time. */
export const SEND_INTERVAL_MS = 50
/** A message is sent at least this often, so that silence means a dead connection. */
export const HEARTBEAT_INTERVAL_MS = 1_000
/** The page gives a connection up after this much silence. */
export const SILENCE_LIMIT_MS = 3_500
/** Symbols whose book, tape and chart one client may follow at a time. */
export const SUBSCRIPTION_COUNT_MAX = 4
/** Levels per side of a book. */
export const BOOK_DEPTH = 40
/** Trades, fills and events in one message; a client that was slower is told how many it missed. */
export const BATCH_COUNT_MAX = 200
/** Bytes of one message from a client. */
export const CLIENT_MESSAGE_SIZE_MAX = 4_096

/** A markout compares a fill with the price so much later. */
export const MARKOUT_MS = 1_000

/** Close codes of the application range. */
export const CloseCode = { TOO_SLOW: 4008, BAD_MESSAGE: 4000, TOO_MANY_CLIENTS: 4013 } as const

/** The only thing that a client says. Each one replaces the one before. */
export type Subscribe = { type: 'subscribe'; symbols: string[] }

export type InstrumentView = { symbol: string; tickSize: string; lotSize: string; openingTicks: number }

export type Hello = {
  type: 'hello'
  protocol: number
  /** New at each start of the gateway. */
  gatewayId: string
  clusterId: string
  instruments: InstrumentView[]
  exposureLots: number
  quoteTtlMs: number
}

/** Best prices of one symbol. 0 lots: that side is empty; lastTicks 0: no trade yet. */
export type PriceView = {
  symbol: string
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
  lastTicks: number
  lastLots: number
  referenceTicks: number
  phase: string
  /** Of a running auction: where it would trade now, and how much. 0: no auction, or nothing would. */
  indicativeTicks: number
  indicativeLots: number
  tradeCount: number
  recordSeq: number
}

/** [priceTicks, quantityLots, orderCount], best first. */
export type LevelView = [number, number, number]

export type BookView = {
  symbol: string
  /** False while a gap is being repaired: what follows is the last good state. */
  live: boolean
  /** Number in the symbol's market data stream. */
  seq: number
  recordSeq: number
  bids: LevelView[]
  asks: LevelView[]
}

export type TradeView = {
  tradeId: number
  timeMs: number
  priceTicks: number
  quantityLots: number
  /** Who took: 'buy' lifted an offer. */
  aggressor: 'buy' | 'sell'
}

export type FillView = {
  symbol: string
  tradeId: number
  timeMs: number
  side: 'buy' | 'sell'
  priceTicks: number
  quantityLots: number
  netLots: number
  positionVersion: number
  recordSeq: number
}

/** How far the mid was from a fill's price MARKOUT_MS later, in ticks and in our favour. Halves are possible. */
export type MarkoutView = { tradeId: number; markoutTicks: number }

/** What became of a quote. Prices and lots as far as they are known: those granted, or those that stood. */
export type QuoteEventView = {
  timeMs: number
  recordSeq: number
  symbol: string
  clientId: number
  outcome: 'accepted' | 'reduced' | 'refused' | 'cancelled' | 'expired'
  /** In words; empty: none. */
  reason: string
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
}

/** No lots on both sides: no quote stands. */
export type QuoteView = {
  symbol: string
  quoteId: number
  clientId: number
  bidTicks: number
  bidLots: number
  /** Queue position: lots at the price that trade before ours. Of a moment ago; undefined: not known yet. */
  bidAheadLots?: number | undefined
  askTicks: number
  askLots: number
  askAheadLots?: number | undefined
  positionVersion: number
  /** Of the authority that it was entered under; 0: by hand. */
  fencingToken: number
  expiresAtMs: number
  recordSeq: number
}

export type PositionView = {
  symbol: string
  netLots: number
  version: number
  /** Sum over fills of -(signed lots) * price ticks. */
  cashTickLots: number
  /** What the open position was bought or sold for: average price times lots. */
  costTickLots: number
  /** Of the last fill; 0: none. */
  lastTradeId: number
  /** cashTickLots plus the position at the reference price: profit and loss in ticks times lots. */
  profitTickLots: number
  timeMs: number
  recordSeq: number
}

/** Of the profit: what closed positions brought, in ticks times lots. */
export function realisedOf(position: PositionView): number {
  return position.cashTickLots + Math.sign(position.netLots) * position.costTickLots
}

export type ExposureView = {
  limitLots: number
  bidLots: number
  askLots: number
  quotingEnabled: boolean
  /** Symbols whose own switch is off. */
  symbolsOff: string[]
  recordSeq: number
}

/** A strategy node as a member. */
export type NodeView = {
  clientId: number
  /** Its presence ends then unless renewed. */
  presenceEndsMs: number
  assignedSymbols: string[]
  heldSymbols: string[]
}

/** Who may quote a symbol. Client 0: nobody. */
export type LeaseView = { symbol: string; clientId: number; fencingToken: number; leaseEndsMs: number }

export type AuthorityView = { nodes: NodeView[]; leases: LeaseView[]; recordSeq: number }

export type ProcessView = {
  role: string
  instance: string
  pid: number
  /** As the process says, or 'silent' when it has said nothing for a while. */
  state: string
  startedAtMs: number
  lastSeenMs: number
  rssBytes: number
  eventLoopDelayP99Us: number
  /** Figures of the role, in words and numbers, ready to show. */
  details: [string, string][]
  /** The same as numbers, by the names that the process uses: appendedSeq, ackP99Us. */
  figures: Record<string, number>
}

export type EventView = {
  number: number
  timeMs: number
  /** Who or what it is about: a symbol, a process. */
  topic: string
  level: 'info' | 'good' | 'warning' | 'bad'
  text: string
  /** The state of the process from then on, when it is about one. */
  state?: string
}

/** Prices over the last minutes, oldest first, columns of equal length; 0 where there was nothing. */
export type HistoryView = {
  symbol: string
  timeMs: number[]
  bidTicks: number[]
  askTicks: number[]
  ourBidTicks: number[]
  ourAskTicks: number[]
  lastTicks: number[]
  /** Profit and loss in money: of the symbol, and of all symbols together. */
  profit: number[]
  totalProfit: number[]
}

export type Batch<Item> = { items: Item[]; missed: number }

/**
 * A snapshot holds everything, an update what has changed since the client's last message: whole items, to be put in
 * the place of what the page holds for the same symbol. Lists of fills, events and trades are added to.
 */
export type State = {
  type: 'snapshot' | 'update'
  sentAtMs: number
  /** Newest record that the gateway has heard of, and the epoch it was written in. */
  recordSeq: number
  epoch: number
  /** Records and trades in the last second. */
  recordsPerSecond: number
  tradesPerSecond: number
  /** False when the gateway has lost its connection to NATS, or hears nothing from an engine. */
  upstream: boolean
  prices?: PriceView[]
  books?: BookView[]
  history?: HistoryView[]
  /** `fresh`: the first of a subscription; what the page holds is replaced, not added to. */
  trades?: (Batch<TradeView> & { symbol: string; fresh: boolean })[]
  fills?: Batch<FillView>
  markouts?: Batch<MarkoutView>
  quoteEvents?: Batch<QuoteEventView>
  quotes?: QuoteView[]
  positions?: PositionView[]
  exposure?: ExposureView
  authority?: AuthorityView
  processes?: ProcessView[]
  events?: Batch<EventView>
}

export type ServerMessage = Hello | State | { type: 'problem'; error: string; remedy: string }
