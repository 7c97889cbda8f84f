// Frames: what the engine publishes. One message is one frame: a header and `count` entries of `stride` bytes, all
// fixed-layout FlatBuffers structs (schema/market_data.fbs, schema/execution.fbs), little-endian, fields aligned.
//
//   0       2         3      4       6        8       12         16            24        32       40          48
//   +-------+---------+------+-------+--------+-------+----------+-------------+---------+--------+-----------+--------
//   | magic | version | kind | count | stride | epoch | streamId | previousSeq | lastSeq | timeNs | recordSeq | entries
//   +-------+---------+------+-------+--------+-------+----------+-------------+---------+--------+-----------+--------
//    uint16  uint8     uint8  uint16  uint16   uint32  int32      float64       float64   float64  float64
//
// A stream is a symbol's market data or a client's executions. Its numbers grow by one per event. A frame brings a
// reader from previousSeq to lastSeq; the next frame on the same subject has previousSeq = this lastSeq. A reader that
// stands at `have`:
//   lastSeq <= have                       drop it: already seen
//   previousSeq <= have < lastSeq         apply it (entries carry absolute values or their own number)
//   have < previousSeq                    a gap: ask for a resend or a snapshot
// Market data of one symbol shares one numbering over l1, l2, l3 and trade, so that a snapshot of one channel can be
// joined with increments of another: a frame that is a snapshot, or L1, stands at lastSeq.
//
// A snapshot that is too long for one message comes in parts, all of the same lastSeq; in a snapshot, previousSeq says
// how many entries the parts after this one hold, 0 in the last (and nearly always only) part.

export const FRAME_MAGIC = 0x4454
/** Version of the frame layouts. 1: the first. */
export const FRAME_VERSION = 1

export const FrameHeader = {
  MAGIC: 0,
  VERSION: 2,
  KIND: 3,
  COUNT: 4,
  STRIDE: 6,
  EPOCH: 8,
  /** symbolId or clientId. */
  STREAM_ID: 12,
  PREVIOUS_SEQ: 16,
  LAST_SEQ: 24,
  /** Time of the last record that the frame tells about. */
  TIME_NS: 32,
  /** Sequence number of that record. */
  RECORD_SEQ: 40,
  LENGTH: 48,
} as const

/**
 * L1: best bid and offer, last trade and reference price. 0 lots: that side is empty.
 * A level of more than 2^31-1 lots is told as 2^31-1, here and in L2.
 */
export const L1Field = {
  BID_TICKS: 0,
  BID_LOTS: 4,
  ASK_TICKS: 8,
  ASK_LOTS: 12,
  LAST_TRADE_TICKS: 16,
  LAST_TRADE_LOTS: 20,
  REFERENCE_TICKS: 24,
  PHASE: 28,
  LENGTH: 32,
} as const

/** L2: the quantity now displayed at one price; 0 removes the level. A snapshot lists all levels, bids best first, then asks best first. */
export const L2Field = { SIDE: 0, PRICE_TICKS: 4, QUANTITY_LOTS: 8, ORDER_COUNT: 12, LENGTH: 16 } as const

/** L3: one order's change. A snapshot lists ADDs: bids best level first, then asks, oldest order first in each level. */
export const L3Field = {
  ACTION: 0,
  SIDE: 1,
  /** EventFlag QUOTE: the order is a side of a quote; CONTRA_QUOTE: so was the aggressor. Not told in snapshots. */
  FLAGS: 2,
  PRICE_TICKS: 4,
  ORDER_ID: 8,
  /** ADD: displayed. REDUCE, EXECUTE: how much less. DELETE: what was left. */
  QUANTITY_LOTS: 16,
  /** Displayed after the change. */
  LEAVES_LOTS: 20,
  TRADE_ID: 24,
  /** The stream's number of this entry (0 in snapshots). */
  SEQ: 32,
  LENGTH: 40,
} as const

/**
 * STATE: what a symbol's phase, its auction and its trades of the session come to, in one entry. The session begins when
 * the symbol leaves CLOSED. Turnover (price times quantity, summed) is TURNOVER_HIGH * 2^15 + TURNOVER_LOW tick-lots,
 * exactly; divided by VOLUME_LOTS it is the volume-weighted average price.
 */
export const StateField = {
  PHASE: 0,
  /** Side of the surplus. */
  SURPLUS_SIDE: 1,
  /** Price and quantity at which the auction would trade now; 0: no auction, or nothing would trade. */
  INDICATIVE_TICKS: 4,
  INDICATIVE_LOTS: 8,
  SURPLUS_LOTS: 16,
  /** Prices of the session's trades; 0 before the first. */
  OPEN_TICKS: 24,
  HIGH_TICKS: 28,
  LOW_TICKS: 32,
  LAST_TICKS: 36,
  TRADE_COUNT: 40,
  VOLUME_LOTS: 48,
  TURNOVER_HIGH: 56,
  TURNOVER_LOW: 64,
  LENGTH: 72,
} as const

export const TradeField = {
  TRADE_ID: 0,
  PRICE_TICKS: 8,
  QUANTITY_LOTS: 12,
  AGGRESSOR_SIDE: 16,
  /** 1: the trade was made in an auction uncross; both sides then count as makers. */
  AUCTION: 17,
  SEQ: 24,
  TIME_NS: 32,
  LENGTH: 40,
} as const

/**
 * One execution report. KIND is an EventKind, REASON a Reason, FLAGS of EventFlag (REPLY: it answers CLIENT_SEQ). Quote
 * reports (QUOTE_*): ORDER_ID is the fencing token, TRADE_ID the expiry time in ns, CLIENT_ORDER_ID the quote id. A
 * frame of kind DESK tells the same of one symbol to anybody, and QUOTING_CHANGED with QUANTITY_LOTS 1 on, 0 off. NODE_*:
 * VALUE is the incarnation, TRADE_ID when presence ends, QUANTITY_LOTS how many nodes are present. ASSIGNMENT_CHANGED and
 * AUTHORITY_*: ORDER_ID is the fencing token, TRADE_ID when the lease ends, CLIENT_ORDER_ID the other node concerned; VALUE of
 * a grant is since when nobody held the symbol.
 */
export const ExecutionField = {
  KIND: 0,
  SIDE: 1,
  REASON: 2,
  FLAGS: 3,
  SYMBOL_ID: 4,
  /** Number in the client's stream; 0: a remembered reply, sent again on request. */
  EXEC_SEQ: 8,
  CLIENT_SEQ: 16,
  RECORD_SEQ: 24,
  TIME_NS: 32,
  ORDER_ID: 40,
  TRADE_ID: 48,
  PRICE_TICKS: 56,
  /** Of a quote accepted or refused: the bid quantity that was asked for. */
  QUANTITY_LOTS: 60,
  /** Of a quote accepted or refused: the ask quantity that was asked for. */
  LEAVES_LOTS: 64,
  /** Client order id, or quote id. */
  CLIENT_ORDER_ID: 68,
  /** Quotes: granted bid and ask quantity. */
  BID_LOTS: 72,
  ASK_LOTS: 76,
  /** Quotes and positions: position version. SEQUENCE_GAP: the clientSeq expected. SESSION_OPENED: the incarnation. */
  VALUE: 80,
  /** The session's. In a frame of kind DESK it is the client's id instead. */
  INCARNATION: 88,
  /** Quotes: the ask price; PRICE_TICKS is the bid's. */
  ASK_TICKS: 92,
  LENGTH: 96,
} as const

/** A committed position: published on `pos.<symbol>`; the stream number is the position version. */
export const PositionField = {
  SYMBOL_ID: 0,
  SIDE: 4,
  FILL_TICKS: 8,
  FILL_LOTS: 12,
  NET_LOTS: 16,
  VERSION: 24,
  LAST_TRADE_ID: 32,
  /** Sum over fills of -(signed lots) * price ticks: cash, in ticks times lots. */
  CASH_TICK_LOTS: 40,
  TIME_NS: 48,
  LENGTH: 56,
} as const
