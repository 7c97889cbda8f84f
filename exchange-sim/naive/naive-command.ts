// Reads commands (protocol/command.ts) into plain objects.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import {
  CancelOrderField,
  CommandHeader,
  MassCancelField,
  NewOrderField,
  QuoteField,
  ReplaceOrderField,
  SetPhaseField,
} from '../../protocol/command.ts'

export type CommandReader = {
  uint8(field: number): number
  int32(field: number): number
  uint32(field: number): number
  float64(field: number): number
}

function readerAt(batch: AlignedBuffer, offset: number): CommandReader {
  return {
    uint8: (field) => batch.bytes[offset + field]!,
    int32: (field) => batch.int32[(offset + field) >> 2]!,
    uint32: (field) => batch.uint32[(offset + field) >> 2]!,
    float64: (field) => batch.float64[(offset + field) >> 3]!,
  }
}

function readHeader(reader: CommandReader): { clientId: number; symbolId: number } {
  return { clientId: reader.uint32(CommandHeader.CLIENT_ID), symbolId: reader.int32(CommandHeader.SYMBOL_ID) }
}

export function commandKindAt(batch: AlignedBuffer, offset: number): number {
  return batch.bytes[offset + CommandHeader.KIND]!
}

export type NewOrder = ReturnType<typeof readNewOrder>

export function readNewOrder(batch: AlignedBuffer, offset: number) {
  const reader = readerAt(batch, offset)
  return {
    ...readHeader(reader),
    side: reader.uint8(NewOrderField.SIDE),
    orderType: reader.uint8(NewOrderField.ORDER_TYPE),
    timeInForce: reader.uint8(NewOrderField.TIME_IN_FORCE),
    flags: reader.uint8(NewOrderField.FLAGS),
    priceTicks: reader.int32(NewOrderField.PRICE_TICKS),
    quantityLots: reader.int32(NewOrderField.QUANTITY_LOTS),
    displayLots: reader.int32(NewOrderField.DISPLAY_LOTS),
    minimumLots: reader.int32(NewOrderField.MINIMUM_LOTS),
    triggerTicks: reader.int32(NewOrderField.TRIGGER_TICKS),
    clientOrderId: reader.uint32(NewOrderField.CLIENT_ORDER_ID),
    linkedClientOrderId: reader.uint32(NewOrderField.LINKED_CLIENT_ORDER_ID),
    expireTimeNs: reader.float64(NewOrderField.EXPIRE_TIME_NS),
    ownerGroup: reader.uint32(NewOrderField.OWNER_GROUP),
    selfTradePrevention: reader.uint8(NewOrderField.SELF_TRADE_PREVENTION),
  }
}

export type CancelOrder = ReturnType<typeof readCancelOrder>

export function readCancelOrder(batch: AlignedBuffer, offset: number) {
  const reader = readerAt(batch, offset)
  return {
    ...readHeader(reader),
    orderId: reader.float64(CancelOrderField.ORDER_ID),
    clientOrderId: reader.uint32(CancelOrderField.CLIENT_ORDER_ID),
  }
}

export type ReplaceOrder = ReturnType<typeof readReplaceOrder>

export function readReplaceOrder(batch: AlignedBuffer, offset: number) {
  const reader = readerAt(batch, offset)
  return {
    ...readHeader(reader),
    orderId: reader.float64(ReplaceOrderField.ORDER_ID),
    clientOrderId: reader.uint32(ReplaceOrderField.CLIENT_ORDER_ID),
    priceTicks: reader.int32(ReplaceOrderField.PRICE_TICKS),
    quantityLots: reader.int32(ReplaceOrderField.QUANTITY_LOTS),
    flags: reader.uint8(ReplaceOrderField.FLAGS),
  }
}

export type MassCancel = ReturnType<typeof readMassCancel>

export function readMassCancel(batch: AlignedBuffer, offset: number) {
  const reader = readerAt(batch, offset)
  return { ...readHeader(reader), sides: reader.uint8(MassCancelField.SIDES) }
}

export type SetPhase = ReturnType<typeof readSetPhase>

export function readSetPhase(batch: AlignedBuffer, offset: number) {
  const reader = readerAt(batch, offset)
  return { ...readHeader(reader), phase: reader.uint8(SetPhaseField.PHASE) }
}

export type Quote = ReturnType<typeof readQuote>

export function readQuote(batch: AlignedBuffer, offset: number) {
  const reader = readerAt(batch, offset)
  return {
    ...readHeader(reader),
    quoteId: reader.uint32(QuoteField.QUOTE_ID),
    bidTicks: reader.int32(QuoteField.BID_TICKS),
    bidLots: reader.int32(QuoteField.BID_LOTS),
    askTicks: reader.int32(QuoteField.ASK_TICKS),
    askLots: reader.int32(QuoteField.ASK_LOTS),
    positionVersion: reader.float64(QuoteField.POSITION_VERSION),
    fencingToken: reader.float64(QuoteField.FENCING_TOKEN),
    ttlNs: reader.float64(QuoteField.TTL_NS),
  }
}
