// One line of text for each event: what scenario tables expect, and what a fuzz failure prints.
//
//   trade T3 4 @ 100: #1 c1/7 buy leaves 6, #2 c2 leaves 0
//
// An order is `#order id`, its owner `c<client>/<client order id>`, the latter left out when it is 0. Symbol 0 is left
// out, any other is `s<id>` at the end. Words at the end are flags; REPLY has none, because its place says it.

import { EventField, type EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, nameOf, Reason, Side, TradingPhase } from '../../protocol/kinds.ts'

/** One event as a plain object. */
export type EventView = {
  readonly kind: number
  readonly side: number
  readonly reason: number
  readonly flags: number
  readonly symbolId: number
  readonly orderId: number
  readonly contraOrderId: number
  readonly tradeId: number
  readonly priceTicks: number
  readonly quantityLots: number
  readonly leavesLots: number
  readonly contraLeavesLots: number
  readonly clientId: number
  readonly contraClientId: number
  readonly clientOrderId: number
  readonly contraClientOrderId: number
}

export function viewEvent(events: EventLog, index: number): EventView {
  const offset = index * EventField.LENGTH
  const { bytes, int32, float64 } = events
  return {
    kind: bytes[offset + EventField.KIND]!,
    side: bytes[offset + EventField.SIDE]!,
    reason: bytes[offset + EventField.REASON]!,
    flags: bytes[offset + EventField.FLAGS]!,
    symbolId: int32[(offset + EventField.SYMBOL_ID) >> 2]!,
    orderId: float64[(offset + EventField.ORDER_ID) >> 3]!,
    contraOrderId: float64[(offset + EventField.CONTRA_ORDER_ID) >> 3]!,
    tradeId: float64[(offset + EventField.TRADE_ID) >> 3]!,
    priceTicks: int32[(offset + EventField.PRICE_TICKS) >> 2]!,
    quantityLots: int32[(offset + EventField.QUANTITY_LOTS) >> 2]!,
    leavesLots: int32[(offset + EventField.LEAVES_LOTS) >> 2]!,
    contraLeavesLots: int32[(offset + EventField.CONTRA_LEAVES_LOTS) >> 2]!,
    clientId: int32[(offset + EventField.CLIENT_ID) >> 2]! >>> 0,
    contraClientId: int32[(offset + EventField.CONTRA_CLIENT_ID) >> 2]! >>> 0,
    clientOrderId: int32[(offset + EventField.CLIENT_ORDER_ID) >> 2]! >>> 0,
    contraClientOrderId: int32[(offset + EventField.CONTRA_CLIENT_ORDER_ID) >> 2]! >>> 0,
  }
}

export function eventText(events: EventLog, index: number): string {
  const event = viewEvent(events, index)
  return [
    nameOf(EventKind, event.kind)
      .toLowerCase()
      .replaceAll('_', '-')
      .replace(/^order-/, ''),
    ...words(event),
  ]
    .filter((word) => word !== '')
    .concat(flagWords(event))
    .join(' ')
}

function words(event: EventView): readonly string[] {
  const order = event.orderId === 0 ? '' : `#${event.orderId}`
  const owner = ownerText(event.clientId, event.clientOrderId)
  const side = event.side === Side.BUY ? 'buy' : 'sell'
  const reason = event.reason === 0 ? '' : nameOf(Reason, event.reason)
  switch (event.kind) {
    case EventKind.ORDER_ACCEPTED:
    case EventKind.ORDER_RESTED:
    case EventKind.ORDER_TRIGGERED:
    case EventKind.ORDER_REFRESHED:
      return [order, owner, side, terms(event.quantityLots, event.priceTicks), shownText(event)]
    case EventKind.ORDER_REJECTED:
    case EventKind.ORDER_CANCELLED:
    case EventKind.ORDER_EXPIRED:
      return [order, owner, side, terms(event.quantityLots, event.priceTicks), reserveText(event), reason]
    case EventKind.ORDER_REDUCED:
      return [order, owner, side, terms(event.quantityLots, event.priceTicks), `leaves ${event.leavesLots}`, reason]
    case EventKind.TRADE:
      return tradeWords(event)
    case EventKind.ORDER_REPLACED: {
      const before = terms(event.quantityLots, event.contraOrderId)
      return [order, owner, side, before, 'to', terms(event.leavesLots, event.priceTicks), reserveText(event), reason]
    }
    case EventKind.CANCEL_REJECTED:
    case EventKind.REPLACE_REJECTED:
      return [order, owner, reason]
    case EventKind.MASS_CANCELLED:
      return [owner, String(event.quantityLots)]
    case EventKind.QUOTE_ACCEPTED:
    case EventKind.QUOTE_REFUSED:
    case EventKind.QUOTE_CANCELLED:
    case EventKind.QUOTE_EXPIRED:
      return [...quoteWords(event), reason]
    case EventKind.ORDER_UNCROSSED:
      return [order, owner, side, terms(event.quantityLots, event.priceTicks), `leaves ${event.leavesLots}`]
    case EventKind.PHASE_CHANGED:
      return [...phaseWords(event), reason]
    case EventKind.INDICATIVE_CHANGED:
    case EventKind.AUCTION_UNCROSSED:
      return auctionWords(event, side)
    case EventKind.COMMAND_REFUSED:
      return [owner, reason]
    case EventKind.REFERENCE_PRICE_CHANGED:
      return [String(event.quantityLots), 'to', String(event.priceTicks)]
    default:
      return [order, owner, side, terms(event.quantityLots, event.priceTicks), reason]
  }
}

function phaseWords(event: EventView): readonly string[] {
  return [
    event.leavesLots === 0 ? 'all' : nameOf(TradingPhase, event.leavesLots),
    `to ${nameOf(TradingPhase, event.quantityLots)}`,
    event.clientId === 0 ? '' : `by c${event.clientId}`,
    event.tradeId === 0 ? '' : `until ${event.tradeId}`,
  ]
}

function auctionWords(event: EventView, side: string): readonly string[] {
  if (event.orderId === 0) return ['nothing']
  const surplus = event.contraOrderId === 0 ? '' : `surplus ${event.contraOrderId} ${side}`
  return [`${event.orderId} @ ${event.priceTicks}`, surplus]
}

function terms(quantityLots: number, priceTicks: number): string {
  return `${quantityLots} @ ${priceTicks === 0 ? 'market' : priceTicks}`
}

/** Of an iceberg: what it displays of its quantity. Of an order that is accepted outside of the book: that it waits. */
function shownText(event: EventView): string {
  if (event.contraLeavesLots !== 0) return `shows ${event.leavesLots}`
  const isWaiting = event.kind === EventKind.ORDER_ACCEPTED && (event.flags & EventFlag.RESTING) === 0
  return isWaiting && event.leavesLots !== 0 ? 'waits' : ''
}

function reserveText(event: EventView): string {
  return event.contraLeavesLots === 0 ? '' : `and ${event.contraLeavesLots} in reserve`
}

function ownerText(clientId: number, clientOrderId: number): string {
  return clientOrderId === 0 ? `c${clientId}` : `c${clientId}/${clientOrderId}`
}

function tradeWords(event: EventView): readonly string[] {
  const maker = `#${event.orderId} ${ownerText(event.clientId, event.clientOrderId)}`
  const taker = `#${event.contraOrderId} ${ownerText(event.contraClientId, event.contraClientOrderId)}`
  return [
    `T${event.tradeId}`,
    `${terms(event.quantityLots, event.priceTicks)}:`,
    maker,
    event.side === Side.BUY ? 'buy' : 'sell',
    `leaves ${event.leavesLots},`,
    taker,
    `leaves ${event.contraLeavesLots}`,
  ]
}

function quoteWords(event: EventView): readonly string[] {
  return [
    `q${event.clientOrderId}`,
    `c${event.clientId}`,
    `${event.quantityLots} @ ${event.priceTicks}`,
    '/',
    `${event.leavesLots} @ ${event.contraLeavesLots}`,
    `version ${event.orderId} token ${event.contraOrderId}`,
    event.tradeId === 0 ? '' : `until ${event.tradeId}`,
  ]
}

function flagWords(event: EventView): readonly string[] {
  const has = (flag: number) => (event.flags & flag) !== 0
  const hasSymbol = event.symbolId !== 0
  return [
    ...(has(EventFlag.RESTING) ? ['in-book'] : []),
    ...(has(EventFlag.KEPT_PRIORITY) ? ['kept-place'] : []),
    ...(has(EventFlag.QUOTE) ? ['quote'] : []),
    ...(has(EventFlag.CONTRA_QUOTE) ? ['against-quote'] : []),
    ...(has(EventFlag.HIDDEN) ? ['hidden'] : []),
    ...(has(EventFlag.AUCTION) ? ['auction'] : []),
    ...(hasSymbol ? [event.symbolId < 0 ? 'no-symbol' : `s${event.symbolId}`] : []),
  ]
}
