// Events inside the engine: what applying a record produced, in order, as fixed 64-byte entries.
//
//   0      1      2        3       4          8         16              24
//   +------+------+--------+-------+----------+---------+---------------+---------+
//   | kind | side | reason | flags | symbolId | orderId | contraOrderId | tradeId |
//   +------+------+--------+-------+----------+---------+---------------+---------+
//   | priceTicks | quantityLots | leavesLots | contraLeavesLots | clientId | contraClientId | clientOrderId | contraClientOrderId |
//   +------------+--------------+------------+------------------+----------+----------------+---------------+---------------------+
//   32           36             40           44                 48         52               56              60
//
// In a TRADE, the order is the resting one (maker), the contra order the aggressor (taker), side the maker's side, and
// the price the maker's. Ids and numbers above 2^32 are whole numbers held in doubles. An event that has no use for a
// field leaves it 0. Per kind, where the meaning is not plain:
//
//   ORDER_ACCEPTED    quantityLots as entered; leavesLots = what rests, with RESTING, or what waits, without it (0 when
//                     it goes on to trade)
//   all of an order   contraLeavesLots = an iceberg's reserve, besides what it displays: quantityLots, leavesLots
//   ORDER_REFRESHED   quantityLots = all that is open; leavesLots = what is displayed now
//   ORDER_TRIGGERED   quantityLots = what enters the book now; its trades and the rest of it follow
//   ORDER_REDUCED     quantityLots = what was taken of an incoming order without a trade; leavesLots = what is left
//   ORDER_RESTED      leavesLots = what rests after its trades
//   ORDER_CANCELLED, ORDER_EXPIRED   quantityLots = what was taken out; leavesLots 0; RESTING if it had been in the book
//   ORDER_REPLACED    priceTicks, leavesLots = new; quantityLots = old leaves; contraOrderId = old price;
//                     KEPT_PRIORITY if it kept its place; RESTING if the new one rests now
//   QUOTE_*           clientOrderId = quote id; orderId = position version; contraOrderId = fencing token;
//                     priceTicks, quantityLots = bid; leavesLots = ask quantity; contraLeavesLots = ask price;
//                     tradeId = expiry time (ns); in ACCEPTED and REFUSED contraClientId, contraClientOrderId = the bid
//                     and ask quantity that was asked for
//   NODE_*            clientId = the node; orderId = its incarnation; tradeId = when its presence ends (ns);
//                     quantityLots = nodes present now; reason
//   ASSIGNMENT_CHANGED   clientId = the node that is to quote the symbol; contraClientId = the one before; 0 none; reason
//   AUTHORITY_*       clientId = holder; contraOrderId = fencing token; tradeId = when the lease ends (ns); reason;
//                     contraClientId = GRANTED: the holder before; else the node that the symbol is assigned to;
//                     orderId = GRANTED: since when nobody held it (ns)
//   POSITION_UPDATED  orderId = version; contraOrderId = net lots; tradeId = the fill's trade id; priceTicks,
//                     quantityLots, side = the fill, as ours
//   PHASE_CHANGED     quantityLots = new phase; leavesLots = old phase; tradeId = when it ends by itself (ns), 0 unknown
//   INDICATIVE_CHANGED, AUCTION_UNCROSSED   priceTicks; orderId = quantity; contraOrderId = surplus; side of the surplus
//   ORDER_UNCROSSED   priceTicks = the order's own; quantityLots = what the auction takes of it; contraOrderId, leavesLots =
//                     what it displayed and displays; contraLeavesLots = an iceberg's reserve
//   QUOTING_CHANGED   quantityLots = 1 enabled, 0 disabled
//   REFERENCE_PRICE_CHANGED  priceTicks = new; quantityLots = old

/** Offsets in bytes inside one entry. */
export const EventField = {
  KIND: 0,
  SIDE: 1,
  REASON: 2,
  FLAGS: 3,
  SYMBOL_ID: 4,
  ORDER_ID: 8,
  CONTRA_ORDER_ID: 16,
  TRADE_ID: 24,
  PRICE_TICKS: 32,
  QUANTITY_LOTS: 36,
  LEAVES_LOTS: 40,
  CONTRA_LEAVES_LOTS: 44,
  CLIENT_ID: 48,
  CONTRA_CLIENT_ID: 52,
  CLIENT_ORDER_ID: 56,
  CONTRA_CLIENT_ORDER_ID: 60,
  LENGTH: 64,
} as const

/**
 * Events of the records that were applied since the last `clear`. Three views of the same bytes; entry i starts at byte
 * 64 * i. It doubles when one record produces more than it holds (a sweep of the whole book), and never shrinks.
 */
export class EventLog {
  count = 0
  // The record that they come of. Fields, not arguments: a time that is handed from function to function is put in a box
  // each time that the compiler does not inline the call.
  recordSeq = 0
  timeNs = 0
  capacity: number
  bytes: Uint8Array
  int32: Int32Array
  float64: Float64Array

  constructor(capacity = 4096) {
    this.capacity = capacity
    const buffer = new ArrayBuffer(capacity * EventField.LENGTH)
    this.bytes = new Uint8Array(buffer)
    this.int32 = new Int32Array(buffer)
    this.float64 = new Float64Array(buffer)
  }

  clear(): void {
    this.count = 0
  }

  /** Makes room for `more` entries. Called before a loop that writes, never inside it. */
  reserve(more: number): void {
    if (this.count + more <= this.capacity) return
    while (this.count + more > this.capacity) this.capacity *= 2
    const grown = new Uint8Array(this.capacity * EventField.LENGTH)
    grown.set(this.bytes)
    this.bytes = grown
    this.int32 = new Int32Array(grown.buffer)
    this.float64 = new Float64Array(grown.buffer)
  }
}
