// Steps: what can be done to an exchange, as plain objects that a generator makes, a shrinker drops and a person reads.
//
// A step knows nothing of time: `wait` moves it, everything else happens at the time that the waits before add up to.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import {
  CancelOrderField,
  COMMAND_VERSION,
  CommandHeader,
  MassCancelField,
  NewOrderField,
  QuoteField,
  ReplaceOrderField,
  SetPhaseField,
} from '../../protocol/command.ts'
import { CommandKind, type Reason } from '../../protocol/kinds.ts'

export type NewOrderStep = {
  readonly kind: 'newOrder'
  readonly clientId: number
  readonly symbolId: number
  readonly clientOrderId: number
  // A Side, OrderType and TimeInForce, or a number that is none: a workload also sends what does not exist.
  readonly side: number
  readonly orderType: number
  readonly timeInForce: number
  readonly flags: number
  readonly priceTicks: number
  readonly quantityLots: number
  readonly displayLots: number
  readonly minimumLots: number
  readonly triggerTicks: number
  readonly linkedClientOrderId: number
  readonly expireTimeNs: number
  readonly ownerGroup: number
  readonly selfTradePrevention: number
}

export type CancelOrderStep = {
  readonly kind: 'cancelOrder'
  readonly clientId: number
  readonly symbolId: number
  readonly orderId: number
  readonly clientOrderId: number
}

export type ReplaceOrderStep = {
  readonly kind: 'replaceOrder'
  readonly clientId: number
  readonly symbolId: number
  readonly orderId: number
  readonly clientOrderId: number
  readonly priceTicks: number
  readonly quantityLots: number
  readonly flags: number
}

export type MassCancelStep = {
  readonly kind: 'massCancel'
  readonly clientId: number
  readonly symbolId: number
  readonly sides: number
}

export type QuoteStep = {
  readonly kind: 'quote'
  readonly clientId: number
  readonly symbolId: number
  readonly quoteId: number
  readonly bidTicks: number
  readonly bidLots: number
  readonly askTicks: number
  readonly askLots: number
  readonly bidLotsGranted: number
  readonly askLotsGranted: number
  readonly positionVersion: number
  readonly fencingToken: number
  readonly ttlNs: number
}

export type SetPhaseStep = {
  readonly kind: 'setPhase'
  readonly clientId: number
  readonly symbolId: number
  readonly phase: number
}

export type CancelQuoteStep = {
  readonly kind: 'cancelQuote'
  readonly symbolId: number
  readonly reason: Reason
  readonly flags: number
}

export type CancelClientStep = { readonly kind: 'cancelClient'; readonly clientId: number; readonly reason: Reason }

export type WaitStep = { readonly kind: 'wait'; readonly durationNs: number }

/** The exchange is written to a snapshot, and a new one that reads it takes its place. */
export type RestoreStep = { readonly kind: 'restore' }

export type CommandStep = NewOrderStep | CancelOrderStep | ReplaceOrderStep | MassCancelStep | QuoteStep | SetPhaseStep

export type Step = CommandStep | CancelQuoteStep | CancelClientStep | WaitStep | RestoreStep

const SIZE: Readonly<Record<CommandStep['kind'], number>> = {
  newOrder: NewOrderField.LENGTH,
  cancelOrder: CancelOrderField.LENGTH,
  replaceOrder: ReplaceOrderField.LENGTH,
  massCancel: MassCancelField.LENGTH,
  quote: QuoteField.LENGTH,
  setPhase: SetPhaseField.LENGTH,
}

const COMMAND_KIND: Readonly<Record<CommandStep['kind'], CommandKind>> = {
  newOrder: CommandKind.NEW_ORDER,
  cancelOrder: CommandKind.CANCEL_ORDER,
  replaceOrder: CommandKind.REPLACE_ORDER,
  massCancel: CommandKind.MASS_CANCEL,
  quote: CommandKind.QUOTE,
  setPhase: CommandKind.SET_PHASE,
}

/** Writes the step's command at `offset`, a multiple of 8, and returns its size. */
export function writeCommand(step: CommandStep, clientSeq: number, batch: AlignedBuffer, offset: number): number {
  const { bytes, int32, uint32, float64 } = batch
  const size = SIZE[step.kind]
  bytes.fill(0, offset, offset + size)
  int32[offset >> 2] = size | (COMMAND_KIND[step.kind] << 16) | (COMMAND_VERSION << 24)
  uint32[(offset + CommandHeader.CLIENT_ID) >> 2] = step.clientId
  uint32[(offset + CommandHeader.INCARNATION) >> 2] = 1
  int32[(offset + CommandHeader.SYMBOL_ID) >> 2] = step.symbolId
  float64[(offset + CommandHeader.CLIENT_SEQ) >> 3] = clientSeq
  switch (step.kind) {
    case 'newOrder':
      writeNewOrder(step, batch, offset)
      break
    case 'cancelOrder':
      float64[(offset + CancelOrderField.ORDER_ID) >> 3] = step.orderId
      uint32[(offset + CancelOrderField.CLIENT_ORDER_ID) >> 2] = step.clientOrderId
      break
    case 'replaceOrder':
      float64[(offset + ReplaceOrderField.ORDER_ID) >> 3] = step.orderId
      uint32[(offset + ReplaceOrderField.CLIENT_ORDER_ID) >> 2] = step.clientOrderId
      int32[(offset + ReplaceOrderField.PRICE_TICKS) >> 2] = step.priceTicks
      int32[(offset + ReplaceOrderField.QUANTITY_LOTS) >> 2] = step.quantityLots
      bytes[offset + ReplaceOrderField.FLAGS] = step.flags
      break
    case 'massCancel':
      bytes[offset + MassCancelField.SIDES] = step.sides
      break
    case 'setPhase':
      bytes[offset + SetPhaseField.PHASE] = step.phase
      break
    case 'quote':
      writeQuote(step, batch, offset)
  }
  return size
}

function writeNewOrder(step: NewOrderStep, batch: AlignedBuffer, offset: number): void {
  const { bytes, int32, uint32, float64 } = batch
  bytes[offset + NewOrderField.SIDE] = step.side
  bytes[offset + NewOrderField.ORDER_TYPE] = step.orderType
  bytes[offset + NewOrderField.TIME_IN_FORCE] = step.timeInForce
  bytes[offset + NewOrderField.FLAGS] = step.flags
  int32[(offset + NewOrderField.PRICE_TICKS) >> 2] = step.priceTicks
  int32[(offset + NewOrderField.QUANTITY_LOTS) >> 2] = step.quantityLots
  int32[(offset + NewOrderField.DISPLAY_LOTS) >> 2] = step.displayLots
  int32[(offset + NewOrderField.MINIMUM_LOTS) >> 2] = step.minimumLots
  int32[(offset + NewOrderField.TRIGGER_TICKS) >> 2] = step.triggerTicks
  uint32[(offset + NewOrderField.CLIENT_ORDER_ID) >> 2] = step.clientOrderId
  uint32[(offset + NewOrderField.LINKED_CLIENT_ORDER_ID) >> 2] = step.linkedClientOrderId
  float64[(offset + NewOrderField.EXPIRE_TIME_NS) >> 3] = step.expireTimeNs
  uint32[(offset + NewOrderField.OWNER_GROUP) >> 2] = step.ownerGroup
  bytes[offset + NewOrderField.SELF_TRADE_PREVENTION] = step.selfTradePrevention
}

function writeQuote(step: QuoteStep, batch: AlignedBuffer, offset: number): void {
  const { int32, uint32, float64 } = batch
  uint32[(offset + QuoteField.QUOTE_ID) >> 2] = step.quoteId
  int32[(offset + QuoteField.BID_TICKS) >> 2] = step.bidTicks
  int32[(offset + QuoteField.BID_LOTS) >> 2] = step.bidLots
  int32[(offset + QuoteField.ASK_TICKS) >> 2] = step.askTicks
  int32[(offset + QuoteField.ASK_LOTS) >> 2] = step.askLots
  float64[(offset + QuoteField.POSITION_VERSION) >> 3] = step.positionVersion
  float64[(offset + QuoteField.FENCING_TOKEN) >> 3] = step.fencingToken
  float64[(offset + QuoteField.TTL_NS) >> 3] = step.ttlNs
}
