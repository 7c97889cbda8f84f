// Commands: byte layouts, and reading and writing them in place.
//
// A command is a fixed-layout FlatBuffers struct (schema/command.fbs), little-endian, its size a multiple of 8, so
// that commands lie back to back in one message and in one journal record, and every field is aligned.
//
//   0        2      3         4          8             12          16          24
//   +--------+------+---------+----------+-------------+-----------+-----------+------------------
//   | size   | kind | version | clientId | incarnation | symbolId  | clientSeq | body of the kind
//   +--------+------+---------+----------+-------------+-----------+-----------+------------------
//    uint16   uint8  uint8     uint32     uint32        int32       float64
//
// symbolId is the instrument's index in the configuration, or NO_SYMBOL. clientSeq starts at 1 in each incarnation of
// a session and grows by one; it is a whole number held in a double (below 2^53). GENESIS alone is longer than a
// uint16 can say: its size field is 0, and its record's size tells.

/** Version of the command layouts. 1: the first. */
export const COMMAND_VERSION = 1

export const CommandHeader = {
  SIZE: 0,
  KIND: 2,
  VERSION: 3,
  CLIENT_ID: 4,
  INCARNATION: 8,
  SYMBOL_ID: 12,
  CLIENT_SEQ: 16,
  LENGTH: 24,
} as const

export const NewOrderField = {
  SIDE: 24,
  ORDER_TYPE: 25,
  TIME_IN_FORCE: 26,
  FLAGS: 27,
  PRICE_TICKS: 28,
  QUANTITY_LOTS: 32,
  /** Displayed quantity of an iceberg; 0 shows all. */
  DISPLAY_LOTS: 36,
  MINIMUM_LOTS: 40,
  /** Stop price, or the distance of a trailing stop. */
  TRIGGER_TICKS: 44,
  CLIENT_ORDER_ID: 48,
  /** The client order id that this one cancels when it trades, and the reverse; 0 none. */
  LINKED_CLIENT_ORDER_ID: 52,
  /** GTD: the record time at which it ends; 0 none. */
  EXPIRE_TIME_NS: 56,
  /** Orders of one group do not trade with each other; 0 none. */
  OWNER_GROUP: 64,
  SELF_TRADE_PREVENTION: 68,
  LENGTH: 72,
} as const

export const CancelOrderField = {
  /** Venue order id; 0: CLIENT_ORDER_ID names the order. */
  ORDER_ID: 24,
  CLIENT_ORDER_ID: 32,
  LENGTH: 40,
} as const

export const ReplaceOrderField = {
  ORDER_ID: 24,
  CLIENT_ORDER_ID: 32,
  PRICE_TICKS: 36,
  /** The new open quantity (or the new total, with ReplaceFlag.TOTAL_QUANTITY). */
  QUANTITY_LOTS: 40,
  FLAGS: 44,
  LENGTH: 48,
} as const

export const MassCancelField = {
  /** 0: both sides, 1: buys, 2: sells. The header's symbol narrows it; NO_SYMBOL means all. */
  SIDES: 24,
  LENGTH: 32,
} as const

export const QuoteField = {
  QUOTE_ID: 24,
  BID_TICKS: 28,
  BID_LOTS: 32,
  ASK_TICKS: 36,
  ASK_LOTS: 40,
  /** 44: unused, 0. Position version that the quote was computed from. */
  POSITION_VERSION: 48,
  FENCING_TOKEN: 56,
  /** 0: the configured default. */
  TTL_NS: 64,
  LENGTH: 72,
} as const

/** Followed by COUNT entries of MassQuoteEntryField. The header's symbol is not looked at. */
export const MassQuoteField = {
  /** 0: the configured default. */
  TTL_NS: 24,
  /** Of all entries. */
  QUOTE_ID: 32,
  COUNT: 36,
  LENGTH: 40,
} as const

/** One symbol's quote, with the position version that it was computed from and the token of the symbol's authority. */
export const MassQuoteEntryField = {
  POSITION_VERSION: 0,
  FENCING_TOKEN: 8,
  SYMBOL_ID: 16,
  BID_TICKS: 20,
  BID_LOTS: 24,
  ASK_TICKS: 28,
  ASK_LOTS: 32,
  LENGTH: 40,
} as const

export const CancelQuoteField = {
  FENCING_TOKEN: 24,
  /** 0: whatever quote stands. */ QUOTE_ID: 32,
  LENGTH: 40,
} as const

export const OpenSessionField = {
  /** Chosen by the client at random, at each start: a repeated request with the same nonce opens nothing new. */
  NONCE: 24,
  /** 1: the session's orders are cancelled when it is closed. */
  CANCEL_ON_DISCONNECT: 28,
  LENGTH: 32,
} as const

export const SetQuotingField = { ENABLED: 24, LENGTH: 32 } as const

export const SetPhaseField = { PHASE: 24, LENGTH: 32 } as const

/** The header's symbol is released, if the token is that of its authority. */
export const ReleaseAuthorityField = { FENCING_TOKEN: 24, LENGTH: 32 } as const

/** The header's symbol is the one whose quote was to be made when the limit was reached. */
export const ReportLimitField = {
  /** Loss of the node since it began, in hundredths of the currency; 0: none. */
  LOSS_HUNDREDTHS: 24,
  /** Which limit: one of the reasons for it. */
  REASON: 32,
  /** RiskState since then. */
  STATE: 33,
  LENGTH: 40,
} as const

/** REGISTER_NODE, RENEW_NODE, LEAVE_NODE: the session says who it is. */
export const NODE_COMMAND_LENGTH = 24
export const TICK_LENGTH = 24
export const CLOSE_SESSION_LENGTH = 24
