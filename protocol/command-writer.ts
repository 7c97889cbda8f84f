// Writes commands in place (layouts: command.ts). Each function writes one whole command at a byte offset that is a
// multiple of 8 and returns its length. clientId, incarnation and clientSeq are left 0: the session stamps them.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { assert } from '../base/assert.ts'
import {
  CancelOrderField,
  CancelQuoteField,
  CLOSE_SESSION_LENGTH,
  COMMAND_VERSION,
  CommandHeader,
  MassCancelField,
  MassQuoteEntryField,
  MassQuoteField,
  NewOrderField,
  NODE_COMMAND_LENGTH,
  OpenSessionField,
  QuoteField,
  ReleaseAuthorityField,
  ReplaceOrderField,
  ReportLimitField,
  SetPhaseField,
  SetQuotingField,
  TICK_LENGTH,
} from './command.ts'
import {
  CommandKind,
  type OrderType,
  type Reason,
  type RiskState,
  type SelfTradePrevention,
  type Side,
  type TimeInForce,
} from './kinds.ts'
import { MASS_QUOTE_COUNT_MAX } from './limits.ts'
import { NO_SYMBOL_ID } from './symbol.ts'

/** A new order. Fields that are left out are 0: none of that feature. */
export type NewOrder = {
  symbolId: number
  side: Side
  orderType: OrderType
  timeInForce: TimeInForce
  quantityLots: number
  /** 0 for market orders. */
  priceTicks: number
  clientOrderId: number
  flags?: number
  displayLots?: number
  minimumLots?: number
  triggerTicks?: number
  linkedClientOrderId?: number
  expireTimeNs?: number
  ownerGroup?: number
  selfTradePrevention?: SelfTradePrevention
}

export type Quote = {
  symbolId: number
  quoteId: number
  bidTicks: number
  bidLots: number
  askTicks: number
  askLots: number
  positionVersion: number
  fencingToken: number
  /** 0: the configured default. */
  ttlNs: number
}

export function writeNewOrder(target: AlignedBuffer, offset: number, order: Readonly<NewOrder>): number {
  writeHeader(target, offset, CommandKind.NEW_ORDER, NewOrderField.LENGTH, order.symbolId)
  target.bytes[offset + NewOrderField.SIDE] = order.side
  target.bytes[offset + NewOrderField.ORDER_TYPE] = order.orderType
  target.bytes[offset + NewOrderField.TIME_IN_FORCE] = order.timeInForce
  target.bytes[offset + NewOrderField.FLAGS] = order.flags ?? 0
  target.int32[(offset + NewOrderField.PRICE_TICKS) >> 2] = order.priceTicks
  target.int32[(offset + NewOrderField.QUANTITY_LOTS) >> 2] = order.quantityLots
  target.int32[(offset + NewOrderField.DISPLAY_LOTS) >> 2] = order.displayLots ?? 0
  target.int32[(offset + NewOrderField.MINIMUM_LOTS) >> 2] = order.minimumLots ?? 0
  target.int32[(offset + NewOrderField.TRIGGER_TICKS) >> 2] = order.triggerTicks ?? 0
  target.uint32[(offset + NewOrderField.CLIENT_ORDER_ID) >> 2] = order.clientOrderId
  target.uint32[(offset + NewOrderField.LINKED_CLIENT_ORDER_ID) >> 2] = order.linkedClientOrderId ?? 0
  target.float64[(offset + NewOrderField.EXPIRE_TIME_NS) >> 3] = order.expireTimeNs ?? 0
  target.uint32[(offset + NewOrderField.OWNER_GROUP) >> 2] = order.ownerGroup ?? 0
  target.bytes[offset + NewOrderField.SELF_TRADE_PREVENTION] = order.selfTradePrevention ?? 0
  return NewOrderField.LENGTH
}

/** `orderId` 0: `clientOrderId` names the order. */
export function writeCancelOrder(
  target: AlignedBuffer,
  offset: number,
  symbolId: number,
  orderId: number,
  clientOrderId: number,
): number {
  writeHeader(target, offset, CommandKind.CANCEL_ORDER, CancelOrderField.LENGTH, symbolId)
  target.float64[(offset + CancelOrderField.ORDER_ID) >> 3] = orderId
  target.uint32[(offset + CancelOrderField.CLIENT_ORDER_ID) >> 2] = clientOrderId
  return CancelOrderField.LENGTH
}

export function writeReplaceOrder(
  target: AlignedBuffer,
  offset: number,
  symbolId: number,
  orderId: number,
  clientOrderId: number,
  priceTicks: number,
  quantityLots: number,
  flags = 0,
): number {
  writeHeader(target, offset, CommandKind.REPLACE_ORDER, ReplaceOrderField.LENGTH, symbolId)
  target.float64[(offset + ReplaceOrderField.ORDER_ID) >> 3] = orderId
  target.uint32[(offset + ReplaceOrderField.CLIENT_ORDER_ID) >> 2] = clientOrderId
  target.int32[(offset + ReplaceOrderField.PRICE_TICKS) >> 2] = priceTicks
  target.int32[(offset + ReplaceOrderField.QUANTITY_LOTS) >> 2] = quantityLots
  target.bytes[offset + ReplaceOrderField.FLAGS] = flags
  return ReplaceOrderField.LENGTH
}

/** `sides` 0: both, 1: buys, 2: sells. */
export function writeMassCancel(target: AlignedBuffer, offset: number, symbolId: number, sides: 0 | 1 | 2): number {
  writeHeader(target, offset, CommandKind.MASS_CANCEL, MassCancelField.LENGTH, symbolId)
  target.bytes[offset + MassCancelField.SIDES] = sides
  return MassCancelField.LENGTH
}

export function writeQuote(target: AlignedBuffer, offset: number, quote: Readonly<Quote>): number {
  writeHeader(target, offset, CommandKind.QUOTE, QuoteField.LENGTH, quote.symbolId)
  target.uint32[(offset + QuoteField.QUOTE_ID) >> 2] = quote.quoteId
  target.int32[(offset + QuoteField.BID_TICKS) >> 2] = quote.bidTicks
  target.int32[(offset + QuoteField.BID_LOTS) >> 2] = quote.bidLots
  target.int32[(offset + QuoteField.ASK_TICKS) >> 2] = quote.askTicks
  target.int32[(offset + QuoteField.ASK_LOTS) >> 2] = quote.askLots
  target.float64[(offset + QuoteField.POSITION_VERSION) >> 3] = quote.positionVersion
  target.float64[(offset + QuoteField.FENCING_TOKEN) >> 3] = quote.fencingToken
  target.float64[(offset + QuoteField.TTL_NS) >> 3] = quote.ttlNs
  return QuoteField.LENGTH
}

/**
 * Quotes of up to MASS_QUOTE_COUNT_MAX symbols, each once; their quoteId and ttlNs are those of the first.
 * @public
 */
export function writeMassQuote(target: AlignedBuffer, offset: number, quotes: readonly Readonly<Quote>[]): number {
  const [first] = quotes
  assert(first !== undefined && quotes.length <= MASS_QUOTE_COUNT_MAX, 'as many quotes as a command has room for')
  const length = MassQuoteField.LENGTH + quotes.length * MassQuoteEntryField.LENGTH
  writeHeader(target, offset, CommandKind.MASS_QUOTE, length, NO_SYMBOL_ID)
  target.float64[(offset + MassQuoteField.TTL_NS) >> 3] = first.ttlNs
  target.uint32[(offset + MassQuoteField.QUOTE_ID) >> 2] = first.quoteId
  target.uint32[(offset + MassQuoteField.COUNT) >> 2] = quotes.length
  for (const [index, quote] of quotes.entries()) {
    const entry = offset + MassQuoteField.LENGTH + index * MassQuoteEntryField.LENGTH
    target.float64[(entry + MassQuoteEntryField.POSITION_VERSION) >> 3] = quote.positionVersion
    target.float64[(entry + MassQuoteEntryField.FENCING_TOKEN) >> 3] = quote.fencingToken
    target.int32[(entry + MassQuoteEntryField.SYMBOL_ID) >> 2] = quote.symbolId
    target.int32[(entry + MassQuoteEntryField.BID_TICKS) >> 2] = quote.bidTicks
    target.int32[(entry + MassQuoteEntryField.BID_LOTS) >> 2] = quote.bidLots
    target.int32[(entry + MassQuoteEntryField.ASK_TICKS) >> 2] = quote.askTicks
    target.int32[(entry + MassQuoteEntryField.ASK_LOTS) >> 2] = quote.askLots
  }
  return length
}

/**
 * `quoteId` 0: whatever quote stands.
 * @public
 */
export function writeCancelQuote(
  target: AlignedBuffer,
  offset: number,
  symbolId: number,
  quoteId: number,
  fencingToken: number,
): number {
  writeHeader(target, offset, CommandKind.CANCEL_QUOTE, CancelQuoteField.LENGTH, symbolId)
  target.float64[(offset + CancelQuoteField.FENCING_TOKEN) >> 3] = fencingToken
  target.uint32[(offset + CancelQuoteField.QUOTE_ID) >> 2] = quoteId
  return CancelQuoteField.LENGTH
}

/** `nonce` is not 0. */
export function writeOpenSession(
  target: AlignedBuffer,
  offset: number,
  nonce: number,
  isCancelledOnDisconnect: boolean,
): number {
  writeHeader(target, offset, CommandKind.OPEN_SESSION, OpenSessionField.LENGTH, NO_SYMBOL_ID)
  target.uint32[(offset + OpenSessionField.NONCE) >> 2] = nonce
  target.bytes[offset + OpenSessionField.CANCEL_ON_DISCONNECT] = isCancelledOnDisconnect ? 1 : 0
  return OpenSessionField.LENGTH
}

/** @public */
export function writeCloseSession(target: AlignedBuffer, offset: number): number {
  writeHeader(target, offset, CommandKind.CLOSE_SESSION, CLOSE_SESSION_LENGTH, NO_SYMBOL_ID)
  return CLOSE_SESSION_LENGTH
}

/** `symbolId` NO_SYMBOL_ID: all symbols. */
export function writeSetQuoting(target: AlignedBuffer, offset: number, symbolId: number, isEnabled: boolean): number {
  writeHeader(target, offset, CommandKind.SET_QUOTING, SetQuotingField.LENGTH, symbolId)
  target.bytes[offset + SetQuotingField.ENABLED] = isEnabled ? 1 : 0
  return SetQuotingField.LENGTH
}

/** `symbolId` NO_SYMBOL_ID: all symbols that may go there. */
export function writeSetPhase(target: AlignedBuffer, offset: number, symbolId: number, phase: number): number {
  writeHeader(target, offset, CommandKind.SET_PHASE, SetPhaseField.LENGTH, symbolId)
  target.bytes[offset + SetPhaseField.PHASE] = phase
  return SetPhaseField.LENGTH
}

/** The session's client is a strategy node from now on. */
export function writeRegisterNode(target: AlignedBuffer, offset: number): number {
  return writeNodeCommand(target, offset, CommandKind.REGISTER_NODE)
}

/** Renews the presence of the node and the leases of all symbols that it is to keep. */
export function writeRenewNode(target: AlignedBuffer, offset: number): number {
  return writeNodeCommand(target, offset, CommandKind.RENEW_NODE)
}

/** The node goes: quotes withdrawn, authority released, membership ended, in one step. */
export function writeLeaveNode(target: AlignedBuffer, offset: number): number {
  return writeNodeCommand(target, offset, CommandKind.LEAVE_NODE)
}

export function writeReleaseAuthority(
  target: AlignedBuffer,
  offset: number,
  symbolId: number,
  fencingToken: number,
): number {
  writeHeader(target, offset, CommandKind.RELEASE_AUTHORITY, ReleaseAuthorityField.LENGTH, symbolId)
  target.float64[(offset + ReleaseAuthorityField.FENCING_TOKEN) >> 3] = fencingToken
  return ReleaseAuthorityField.LENGTH
}

/** A limit of the node itself was reached: `reason` says which. `lossHundredths` of the currency; 0: none. */
export function writeReportLimit(
  target: AlignedBuffer,
  offset: number,
  symbolId: number,
  reason: Reason,
  state: RiskState,
  lossHundredths: number,
): number {
  writeHeader(target, offset, CommandKind.REPORT_LIMIT, ReportLimitField.LENGTH, symbolId)
  target.float64[(offset + ReportLimitField.LOSS_HUNDREDTHS) >> 3] = lossHundredths
  target.bytes[offset + ReportLimitField.REASON] = reason
  target.bytes[offset + ReportLimitField.STATE] = state
  return ReportLimitField.LENGTH
}

export function writeTick(target: AlignedBuffer, offset: number): number {
  writeHeader(target, offset, CommandKind.TICK, TICK_LENGTH, NO_SYMBOL_ID)
  return TICK_LENGTH
}

/** GENESIS: `configuration` is canonical JSON; the length is rounded up with spaces, which JSON ignores. */
export function writeGenesis(target: AlignedBuffer, offset: number, configuration: Uint8Array): number {
  const length = (CommandHeader.LENGTH + configuration.length + 7) & ~7
  writeHeader(target, offset, CommandKind.GENESIS, length, NO_SYMBOL_ID)
  // The size field cannot hold it: 0, and the record's size tells.
  target.bytes[offset] = 0
  target.bytes[offset + 1] = 0
  target.bytes.fill(0x20, offset + CommandHeader.LENGTH, offset + length)
  target.bytes.set(configuration, offset + CommandHeader.LENGTH)
  return length
}

/** Says who sends the command at `offset`, and as which of its session. */
export function stampSession(
  target: AlignedBuffer,
  offset: number,
  clientId: number,
  incarnation: number,
  clientSeq: number,
): void {
  target.uint32[(offset + CommandHeader.CLIENT_ID) >> 2] = clientId
  target.uint32[(offset + CommandHeader.INCARNATION) >> 2] = incarnation
  target.float64[(offset + CommandHeader.CLIENT_SEQ) >> 3] = clientSeq
}

function writeNodeCommand(target: AlignedBuffer, offset: number, kind: CommandKind): number {
  writeHeader(target, offset, kind, NODE_COMMAND_LENGTH, NO_SYMBOL_ID)
  return NODE_COMMAND_LENGTH
}

/** Clears the command's bytes first, so that unused and padding bytes are 0 and equal commands are equal bytes. */
function writeHeader(target: AlignedBuffer, offset: number, kind: CommandKind, length: number, symbolId: number): void {
  assert(offset % 8 === 0 && length % 8 === 0, 'commands are aligned')
  assert(offset + length <= target.size, 'the command fits')
  target.float64.fill(0, offset >> 3, (offset + length) >> 3)
  target.bytes[offset] = length & 0xff
  target.bytes[offset + 1] = (length >> 8) & 0xff
  target.bytes[offset + CommandHeader.KIND] = kind
  target.bytes[offset + CommandHeader.VERSION] = COMMAND_VERSION
  target.int32[(offset + CommandHeader.SYMBOL_ID) >> 2] = symbolId
}
