// The memory of the exchange is one Int32Array, `words`; the same bytes seen as doubles hold what does not fit a word.
// Its records, orders and price levels, are 16 words each and found by the offset of their first word. 0 is no record.
//
//   word   0     1     2       3      4      5     6         7              8 9      10      11          12        13          14         15
//        +-----+-----+--------+------+------+-----+---------+--------------+--------+-------+-----------+---------+-----------+----------+----+
//  order | next| prev| leaves | price| level| meta| clientId| clientOrderId| orderId| idNext| clientNext| quantity| ownerGroup| terms    |    |
//        +-----+-----+--------+------+------+-----+---------+--------------+--------+-------+-----------+---------+-----------+----------+----+
//  level | next| prev| lots (wide)   | count| key | ladder  | price        | next prev (hidden) | count (hidden)
//        +-----+-----+---------------+------+-----+---------+--------------+--------------------+---------------
//
// A queue is circular: the level is its own first and last neighbour, so that taking an order out needs no test:
//
//        level.next -> oldest -> ... -> youngest -> level        level.prev = youngest
//
// Words 8 and 9 of a level are next and prev of a second queue, whose head is the offset level + 8: the hidden orders.
//
// A module that works on records takes the words that it needs into constants of its own: V8 folds a module's own
// constants into its code, and loads imported ones each time, which halved the speed of matching.

export const RECORD_WORDS = 16

/** Above every offset: the array with room for the most orders that there may be has a fifth of so many words. */
export const OFFSET_MASK = 0x3fffffff

export const OrderWord = {
  NEXT: 0,
  PREV: 1,
  /** Open quantity; of an iceberg what it displays. */
  LEAVES: 2,
  PRICE: 3,
  /** The level where it rests. */
  LEVEL: 4,
  META: 5,
  CLIENT_ID: 6,
  CLIENT_ORDER_ID: 7,
  /** A double: index it in `doubles` with (offset + ORDER_ID) >> 1. */
  ORDER_ID: 8,
  ID_NEXT: 10,
  /** Only of an order with a client order id. */
  CLIENT_NEXT: 11,
  /** All it ever was: leaves and cumulative quantity. */
  QUANTITY: 12,
  /** Only with GROUP_BIT. */
  OWNER_GROUP: 13,
  /** Only with TERMS_BIT: see order-terms.ts. */
  TERMS: 14,
} as const

/** NEXT and PREV are where an order has them. */
export const LevelWord = {
  /** Displayed; two words, see wide-count.ts. */
  LEVEL_LOTS: 2,
  /** Displayed orders. */
  LEVEL_COUNT: 4,
  LEVEL_KEY: 5,
  /** Offset of the side's ladder. */
  LEVEL_LADDER: 6,
  LEVEL_PRICE: 7,
  HIDDEN_QUEUE: 8,
  HIDDEN_COUNT: 10,
} as const

/** META: bits, and numbers from a bit on. */
export const Meta = {
  SIDE_BIT: 1,
  /** The same bit as EventFlag.QUOTE. */
  QUOTE_BIT: 2,
  /** It has an owner group or a way of self-trade prevention. */
  GROUP_BIT: 4,
  /** It has terms: see order-terms.ts. */
  TERMS_BIT: 8,
  /** It ends with the trading day. */
  DAY_BIT: 16,
  /** It waits outside of the book. */
  WAITING_BIT: 32,
  /** The same bit as EventFlag.HIDDEN. */
  HIDDEN_BIT: 64,
  /** It waits no more and will enter before the command ends. */
  TRIGGERED_BIT: 128,
  /** OrderFlag as entered: 8 bits. */
  FLAGS_SHIFT: 8,
  /** SelfTradePrevention: 4 bits. */
  SELF_TRADE_SHIFT: 16,
  SELF_TRADE_MASK: 0xf0000,
  /** The rest is the symbol. */
  SYMBOL_SHIFT: 20,
} as const
