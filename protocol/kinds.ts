// The words that cross a boundary: numeric constants with a type of the same name.
//
// A number is never reused for another meaning; new ones are added at the end. Zero means "none" and is never sent.

export const Side = { BUY: 0, SELL: 1 } as const
export type Side = (typeof Side)[keyof typeof Side]

export const OrderType = {
  LIMIT: 1,
  MARKET: 2,
  STOP: 3,
  STOP_LIMIT: 4,
  TRAILING_STOP: 5,
  MARKET_TO_LIMIT: 6,
} as const
export type OrderType = (typeof OrderType)[keyof typeof OrderType]

export const TimeInForce = {
  GTC: 1,
  DAY: 2,
  IOC: 3,
  FOK: 4,
  GTD: 5,
  AT_THE_OPEN: 6,
  AT_THE_CLOSE: 7,
} as const
export type TimeInForce = (typeof TimeInForce)[keyof typeof TimeInForce]

/** Bits of a new order's flags. */
export const OrderFlag = { POST_ONLY: 1, POST_ONLY_SLIDE: 2, HIDDEN: 4, ALL_OR_NONE: 8 } as const

/** Bits of a replace's flags. TOTAL_QUANTITY: the quantity includes what has filled already (FIX semantics). */
export const ReplaceFlag = { TOTAL_QUANTITY: 1 } as const

/** What the venue does when both sides of a would-be trade share an owner group. */
export const SelfTradePrevention = {
  NONE: 0,
  CANCEL_NEWEST: 1,
  CANCEL_OLDEST: 2,
  CANCEL_BOTH: 3,
  DECREMENT_AND_CANCEL: 4,
} as const
export type SelfTradePrevention = (typeof SelfTradePrevention)[keyof typeof SelfTradePrevention]

export const TradingPhase = {
  PRE_OPEN: 1,
  OPENING_AUCTION: 2,
  CONTINUOUS: 3,
  HALT: 4,
  CLOSING_AUCTION: 5,
  CLOSED: 6,
} as const
export type TradingPhase = (typeof TradingPhase)[keyof typeof TradingPhase]

/** Requests to change state. Imperative. */
export const CommandKind = {
  /** First record of every journal: the cluster's configuration as canonical JSON. Written by the engine. */
  GENESIS: 1,
  /** Lets time pass when nothing else does. Written by the engine. */
  TICK: 2,
  OPEN_SESSION: 3,
  CLOSE_SESSION: 4,
  NEW_ORDER: 5,
  CANCEL_ORDER: 6,
  REPLACE_ORDER: 7,
  MASS_CANCEL: 8,
  QUOTE: 9,
  CANCEL_QUOTE: 10,
  SET_QUOTING: 11,
  SET_PHASE: 12,
  REGISTER_NODE: 13,
  RENEW_NODE: 14,
  LEAVE_NODE: 15,
  MASS_QUOTE: 16,
  RELEASE_AUTHORITY: 17,
  /** A node's own risk limit was reached: changes nothing, and stands in the journal with its reason. */
  REPORT_LIMIT: 18,
} as const
export type CommandKind = (typeof CommandKind)[keyof typeof CommandKind]

/** Facts produced by applying a record. Past tense. */
export const EventKind = {
  ORDER_ACCEPTED: 1,
  /** What is left of an order after its trades entered the book (an order that never traded rests by its acceptance). */
  ORDER_RESTED: 2,
  ORDER_REJECTED: 3,
  TRADE: 4,
  ORDER_CANCELLED: 5,
  ORDER_EXPIRED: 6,
  ORDER_REPLACED: 7,
  ORDER_TRIGGERED: 8,
  /** An iceberg showed its next slice, at the back of its level. */
  ORDER_REFRESHED: 9,
  CANCEL_REJECTED: 10,
  REPLACE_REJECTED: 11,
  MASS_CANCELLED: 12,
  /** Self-trade prevention took a part of an order on its way in. */
  ORDER_REDUCED: 13,
  QUOTE_ACCEPTED: 20,
  QUOTE_REFUSED: 21,
  QUOTE_CANCELLED: 22,
  QUOTE_EXPIRED: 23,
  /** All entries of a mass quote may stand; each is told by an event of its own. */
  MASS_QUOTED: 24,
  POSITION_UPDATED: 30,
  QUOTING_CHANGED: 40,
  REFERENCE_PRICE_CHANGED: 50,
  PHASE_CHANGED: 60,
  /** In an auction phase: price and quantity at which the auction would trade now are others than before. */
  INDICATIVE_CHANGED: 61,
  /** An auction found its price and quantity; its trades follow. */
  AUCTION_UNCROSSED: 62,
  /** What an auction takes of one order; the trades that say with whom follow. */
  ORDER_UNCROSSED: 63,
  SESSION_OPENED: 70,
  SESSION_CLOSED: 71,
  COMMAND_REFUSED: 72,
  /** A strategy node is present, for the first time or again. */
  NODE_REGISTERED: 80,
  /** Its presence and its leases run on. */
  NODE_RENEWED: 81,
  /** It said good-bye: its quotes are withdrawn, its authority is released. */
  NODE_LEFT: 82,
  /** It was not heard of in time. */
  NODE_EXPIRED: 83,
  /** A command about membership or authority that changed nothing. */
  NODE_REFUSED: 84,
  /** A node reached a limit of its own, beside the desk's: which one and in which state it is since. */
  NODE_LIMIT_REACHED: 85,
  /** Another node, or none, is to quote the symbol. */
  ASSIGNMENT_CHANGED: 90,
  AUTHORITY_GRANTED: 91,
  /** The holder is to release: the symbol is assigned to another node, and its lease is not renewed any more. */
  AUTHORITY_RECALLED: 92,
  AUTHORITY_RELEASED: 93,
  AUTHORITY_EXPIRED: 94,
} as const
export type EventKind = (typeof EventKind)[keyof typeof EventKind]

/** Bits of an event's flags. */
export const EventFlag = {
  /** The order rests in the book with the event's leaves quantity. */
  RESTING: 1,
  /** The order is a side of a quote. */
  QUOTE: 2,
  /** In a TRADE: the aggressor is a side of a quote. */
  CONTRA_QUOTE: 4,
  /** The event answers a command. */
  REPLY: 8,
  /** A replace that kept its place in the queue. */
  KEPT_PRIORITY: 16,
  /** In an execution report of a TRADE: the receiver's order was the aggressor. */
  AGGRESSOR: 32,
  /** The order is not displayed. */
  HIDDEN: 64,
  /** In a TRADE: made by an auction; both orders rested, the order is the buy and the contra order the sell. */
  AUCTION: 128,
} as const

/** Why a command was refused, or why an order ended. Ranges: 1-19 frame and session, 20-59 order, 60-89 quote, 70-73 size of a quote, 80-83 limits of a node, 90-119 end of an order, a quote or an authority. */
export const Reason = {
  MALFORMED: 1,
  UNKNOWN_KIND: 2,
  UNSUPPORTED_VERSION: 3,
  UNKNOWN_CLIENT: 4,
  STALE_SESSION: 5,
  SEQUENCE_GAP: 6,
  FORGOTTEN: 7,
  TOO_MANY_SESSIONS: 8,
  OVERLOADED: 9,
  THROTTLED: 10,
  NOT_PERMITTED: 11,
  /** The client is no present strategy node: it has to register. */
  NOT_REGISTERED: 12,
  TOO_MANY_NODES: 13,
  /** The journal has no room for it. It may be sent again: there may be room then. */
  JOURNAL_FULL: 14,

  UNKNOWN_SYMBOL: 20,
  BAD_SIDE: 21,
  BAD_ORDER_TYPE: 22,
  BAD_TIME_IN_FORCE: 23,
  BAD_FLAGS: 24,
  PRICE_OUT_OF_RANGE: 25,
  QUANTITY_OUT_OF_RANGE: 26,
  UNKNOWN_ORDER: 27,
  DUPLICATE_CLIENT_ORDER_ID: 28,
  NOT_OWNER: 29,
  BOOK_FULL: 30,
  WOULD_TAKE: 31,
  NO_LIQUIDITY: 32,
  CANNOT_FILL: 33,
  BAD_TRIGGER: 34,
  BAD_EXPIRY: 35,
  PHASE_FORBIDS: 36,
  PRICE_BAND: 37,
  BAD_DISPLAY: 38,
  BAD_MINIMUM: 39,
  PRICE_OFF_TICK: 40,
  /** Orders can be linked on one side of one symbol, two at a time. */
  BAD_LINK: 41,
  /** The order waits for its trigger: it can be cancelled, not replaced. */
  NOT_RESTING: 42,
  BAD_PHASE: 50,

  STALE_POSITION: 60,
  STALE_AUTHORITY: 61,
  EXPOSURE: 62,
  QUOTING_DISABLED: 63,
  UNKNOWN_QUOTE: 64,
  CROSSED_QUOTE: 65,
  EMPTY_QUOTE: 66,
  /** The quote stands, smaller than asked for, because of the exposure limit. */
  REDUCED: 67,
  /** Its fills could take the desk's cash in the symbol beyond what a whole number holds exactly. */
  NOTIONAL_OUT_OF_RANGE: 68,
  /** A mass quote names a symbol more than once. */
  QUOTED_TWICE: 69,
  /** Nothing may be quoted without taking the symbol's position beyond its limit. */
  POSITION_LIMIT: 70,
  /** The quote stands, smaller than asked for, because of the limit on the symbol's position. */
  REDUCED_BY_POSITION: 71,
  /** What is left of the exposure limit belongs to symbols that have waited longer. */
  FAIR_SHARE: 72,
  /** The quote stands, cut to its share of the exposure limit, because other symbols wait for theirs. */
  REDUCED_BY_SHARE: 73,

  /** A node's own limits: the lots of one symbol, the loss, the distance from the reference price, the market's age. */
  INVENTORY_LIMIT: 80,
  LOSS_LIMIT: 81,
  FAR_FROM_REFERENCE: 82,
  STALE_MARKET: 83,

  BY_OWNER: 90,
  UNFILLED_REMAINDER: 91,
  SUPERSEDED: 92,
  TIME_PASSED: 93,
  SELF_TRADE: 94,
  KILL_SWITCH: 95,
  SESSION_ENDED: 96,
  PROTECTION: 97,
  LINKED_ORDER: 98,
  AUTHORITY_ENDED: 99,
  /** Of an assignment, or of an authority that ended: a node came, a node went, its client began anew. */
  NODE_JOINED: 100,
  NODE_GONE: 101,
  NEW_INCARNATION: 102,
  PHASE_ENDED: 110,
  SCHEDULED: 111,
} as const
export type Reason = (typeof Reason)[keyof typeof Reason]

/** What a strategy node may still do, after what it has lost. */
export const RiskState = { NORMAL: 1, REDUCE_ONLY: 2, OFF: 3 } as const
export type RiskState = (typeof RiskState)[keyof typeof RiskState]

/** Does an accepted quote with this reason stand smaller than it was asked for? */
export function isReduced(reason: number): boolean {
  return reason === Reason.REDUCED || reason === Reason.REDUCED_BY_POSITION || reason === Reason.REDUCED_BY_SHARE
}

/** What one message on the wire carries. */
export const FrameKind = {
  L1: 1,
  L2: 2,
  L3: 3,
  TRADES: 4,
  L2_SNAPSHOT: 5,
  L3_SNAPSHOT: 6,
  EXECUTIONS: 7,
  POSITION: 8,
  DESK: 9,
  /** A symbol's phase, its auction and its statistics. */
  STATE: 10,
} as const
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

/** What happened to one order of an L3 feed. */
export const L3Action = {
  ADD: 1,
  /** Quantity fell without a trade; the place in the queue is kept. */
  REDUCE: 2,
  DELETE: 3,
  /** A trade took `quantityLots` of it. */
  EXECUTE: 4,
  /** A trade that involved no displayed order. */
  HIDDEN_TRADE: 5,
} as const
export type L3Action = (typeof L3Action)[keyof typeof L3Action]

const nameTables = new Map<object, Map<number, string>>()

/** The name of a constant, for logs and JSON: `nameOf(Reason, 27)` is "UNKNOWN_ORDER". */
export function nameOf(table: Readonly<Record<string, number>>, value: number): string {
  let names = nameTables.get(table)
  if (names === undefined) {
    names = new Map(Object.entries(table).map(([name, code]) => [code, name]))
    nameTables.set(table, names)
  }
  return names.get(value) ?? `UNKNOWN_${value}`
}
