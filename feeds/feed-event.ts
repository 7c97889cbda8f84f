// The one event model of recorded feeds: what every source, by order or by level, is turned into.
//
// An event has a kind, flags, an instrument, two times, a price in ticks, a quantity in lots and an order id. Which of
// them mean something depends on the kind:
//
//   kind     side flag                 price, quantity                            order id
//   ADD      the order's               its price, its quantity                    the order
//   REDUCE   the order's               its price, how much less (no trade)        the order, which stays
//   DELETE   the order's               its price, what was left of it             the order, which goes
//   MODIFY   the order's (new) side    new price, new open quantity               the order
//   EXECUTE  the resting order's       execution price, traded quantity           the resting order; goes at zero
//   FILL     the resting order's       as EXECUTE, but the book does not change: the source tells the change on its own
//   TRADE    the aggressor's or none   price, quantity; the book does not change  a trade id of the source, or 0
//   LEVEL    the level's               the quantity now shown at a price; 0: none number of orders, or 0
//   CLEAR    both flags: all; one      one side: levels from the best one to this price go, both included
//   TOUCH    the touch's               best price and quantity of the side        0
//   STATUS   none                      quantity: a StatusCode                     0
//   GAP      none                      quantity: how many source messages are missing, or 0 when unknown
//
// Readers skip kinds that they have no use for.

export const FeedKind = {
  ADD: 1,
  REDUCE: 2,
  DELETE: 3,
  MODIFY: 4,
  EXECUTE: 5,
  FILL: 6,
  TRADE: 7,
  LEVEL: 8,
  CLEAR: 9,
  TOUCH: 10,
  STATUS: 11,
  GAP: 12,
} as const
export type FeedKind = (typeof FeedKind)[keyof typeof FeedKind]

export const FEED_KIND_MAX = 12

/** Bits of an event's flags. */
export const FeedFlag = {
  BUY: 1,
  SELL: 2,
  /** The event is seen at the exchange, at its exchange time. */
  EXCHANGE: 4,
  /** The event is seen by us, at its local time. An event whose two orders of arrival differ is stored twice. */
  LOCAL: 8,
  /** Last event of one message of the source: the book is whole after it. */
  LAST: 16,
  /** Not in the source: put in by an importer so that the book is right. */
  SYNTHETIC: 32,
  /** In the source, but it names an order that is not in the book, or precedes the first whole book: books skip it. */
  UNMATCHED: 64,
  /** Part of a snapshot of the whole book. */
  SNAPSHOT: 128,
  /** The trade involved no displayed order. */
  HIDDEN: 256,
  /** The price lies between two ticks: `subTicks` says where. Trades only. */
  OFF_TICK: 512,
  /** Printed by an auction: no aggressor. */
  AUCTION: 1024,
  /** The source itself doubts the time stamp. */
  BAD_TIME: 2048,
  /** The order is a side of a market maker's quote. */
  QUOTE: 4096,
  /** The aggressor of the EXECUTE was a side of a quote. */
  BY_QUOTE: 8192,
} as const

export const FEED_FLAGS_MAX = 16_383

/** Who saw the event. */
export const SEEN_FLAGS = FeedFlag.EXCHANGE | FeedFlag.LOCAL

/** The two side flags. */
export const SIDE_FLAGS = FeedFlag.BUY | FeedFlag.SELL

/** Quantity of a STATUS event. */
export const StatusCode = { HALTED: 1, QUOTING: 2, TRADING: 3 } as const

/** `subTicks` counts in this part of a tick. */
export const SUB_TICKS_PER_TICK = 1_000_000
