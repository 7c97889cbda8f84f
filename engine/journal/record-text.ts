// A record in words: for people who look into a journal.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import {
  CancelOrderField,
  CancelQuoteField,
  CommandHeader,
  MassCancelField,
  MassQuoteField,
  NewOrderField,
  OpenSessionField,
  QuoteField,
  ReleaseAuthorityField,
  ReplaceOrderField,
  ReportLimitField,
  SetPhaseField,
  SetQuotingField,
} from '../../protocol/command.ts'
import {
  CommandKind,
  nameOf,
  OrderType,
  Reason,
  RiskState,
  Side,
  TimeInForce,
  TradingPhase,
} from '../../protocol/kinds.ts'
import { RecordHeader } from '../../protocol/record.ts'
import { recordEpoch, recordSeq, recordSize, recordTimeNs } from './record.ts'

export type RecordFacts = {
  readonly seq: number
  readonly epoch: number
  readonly timeNs: number
  readonly size: number
  readonly kind: string
  readonly clientId: number
  readonly clientSeq: number
  readonly symbolId: number
  /** The fields of the kind that say something. */
  readonly fields: Readonly<Record<string, number | string>>
}

type FieldType = 'uint8' | 'int32' | 'uint32' | 'float64'

/** Offset and type of what is worth reading, by kind. */
const FIELDS: Readonly<Partial<Record<CommandKind, Readonly<Record<string, readonly [number, FieldType]>>>>> = {
  [CommandKind.OPEN_SESSION]: {
    nonce: [OpenSessionField.NONCE, 'uint32'],
    cancelOnDisconnect: [OpenSessionField.CANCEL_ON_DISCONNECT, 'uint8'],
  },
  [CommandKind.NEW_ORDER]: {
    side: [NewOrderField.SIDE, 'uint8'],
    orderType: [NewOrderField.ORDER_TYPE, 'uint8'],
    timeInForce: [NewOrderField.TIME_IN_FORCE, 'uint8'],
    flags: [NewOrderField.FLAGS, 'uint8'],
    priceTicks: [NewOrderField.PRICE_TICKS, 'int32'],
    quantityLots: [NewOrderField.QUANTITY_LOTS, 'int32'],
    displayLots: [NewOrderField.DISPLAY_LOTS, 'int32'],
    minimumLots: [NewOrderField.MINIMUM_LOTS, 'int32'],
    triggerTicks: [NewOrderField.TRIGGER_TICKS, 'int32'],
    clientOrderId: [NewOrderField.CLIENT_ORDER_ID, 'uint32'],
    linkedClientOrderId: [NewOrderField.LINKED_CLIENT_ORDER_ID, 'uint32'],
    expireTimeNs: [NewOrderField.EXPIRE_TIME_NS, 'float64'],
    ownerGroup: [NewOrderField.OWNER_GROUP, 'uint32'],
    selfTradePrevention: [NewOrderField.SELF_TRADE_PREVENTION, 'uint8'],
  },
  [CommandKind.CANCEL_ORDER]: {
    orderId: [CancelOrderField.ORDER_ID, 'float64'],
    clientOrderId: [CancelOrderField.CLIENT_ORDER_ID, 'uint32'],
  },
  [CommandKind.REPLACE_ORDER]: {
    orderId: [ReplaceOrderField.ORDER_ID, 'float64'],
    clientOrderId: [ReplaceOrderField.CLIENT_ORDER_ID, 'uint32'],
    priceTicks: [ReplaceOrderField.PRICE_TICKS, 'int32'],
    quantityLots: [ReplaceOrderField.QUANTITY_LOTS, 'int32'],
    flags: [ReplaceOrderField.FLAGS, 'uint8'],
  },
  [CommandKind.MASS_CANCEL]: { sides: [MassCancelField.SIDES, 'uint8'] },
  [CommandKind.QUOTE]: {
    quoteId: [QuoteField.QUOTE_ID, 'uint32'],
    bidTicks: [QuoteField.BID_TICKS, 'int32'],
    bidLots: [QuoteField.BID_LOTS, 'int32'],
    askTicks: [QuoteField.ASK_TICKS, 'int32'],
    askLots: [QuoteField.ASK_LOTS, 'int32'],
    positionVersion: [QuoteField.POSITION_VERSION, 'float64'],
    fencingToken: [QuoteField.FENCING_TOKEN, 'float64'],
    ttlNs: [QuoteField.TTL_NS, 'float64'],
  },
  [CommandKind.MASS_QUOTE]: {
    quoteId: [MassQuoteField.QUOTE_ID, 'uint32'],
    count: [MassQuoteField.COUNT, 'uint32'],
    ttlNs: [MassQuoteField.TTL_NS, 'float64'],
  },
  [CommandKind.CANCEL_QUOTE]: {
    quoteId: [CancelQuoteField.QUOTE_ID, 'uint32'],
    fencingToken: [CancelQuoteField.FENCING_TOKEN, 'float64'],
  },
  [CommandKind.SET_QUOTING]: { enabled: [SetQuotingField.ENABLED, 'uint8'] },
  [CommandKind.RELEASE_AUTHORITY]: { fencingToken: [ReleaseAuthorityField.FENCING_TOKEN, 'float64'] },
  [CommandKind.REPORT_LIMIT]: {
    reason: [ReportLimitField.REASON, 'uint8'],
    state: [ReportLimitField.STATE, 'uint8'],
    lossHundredths: [ReportLimitField.LOSS_HUNDREDTHS, 'float64'],
  },
  [CommandKind.SET_PHASE]: { phase: [SetPhaseField.PHASE, 'uint8'] },
}

const NAMES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  side: Side,
  orderType: OrderType,
  timeInForce: TimeInForce,
  phase: TradingPhase,
  reason: Reason,
  state: RiskState,
}

export function recordFacts(records: AlignedBuffer, offset: number): RecordFacts {
  const command = offset + RecordHeader.LENGTH
  const kind = records.bytes[command + CommandHeader.KIND]! as CommandKind
  const size = recordSize(records, offset)
  const fields: Record<string, number | string> = {}
  for (const [name, [at, type]] of Object.entries(FIELDS[kind] ?? {})) {
    const value = readField(records, command + at, type)
    const names = NAMES[name]
    // A field left at 0 says "none of that", except where 0 has a name.
    if (names !== undefined) fields[name] = nameOf(names, value)
    else if (value !== 0) fields[name] = value
  }
  if (kind === CommandKind.GENESIS) {
    const text = records.bytes.subarray(command + CommandHeader.LENGTH, offset + size)
    fields['configuration'] = new TextDecoder().decode(text).trimEnd()
  }
  return {
    seq: recordSeq(records, offset),
    epoch: recordEpoch(records, offset),
    timeNs: recordTimeNs(records, offset),
    size,
    kind: nameOf(CommandKind, kind),
    clientId: records.uint32[(command + CommandHeader.CLIENT_ID) >> 2]!,
    clientSeq: records.float64[(command + CommandHeader.CLIENT_SEQ) >> 3]!,
    symbolId: records.int32[(command + CommandHeader.SYMBOL_ID) >> 2]!,
    fields,
  }
}

function readField(records: AlignedBuffer, offset: number, type: FieldType): number {
  switch (type) {
    case 'uint8':
      return records.bytes[offset]!
    case 'int32':
      return records.int32[offset >> 2]!
    case 'uint32':
      return records.uint32[offset >> 2]!
    case 'float64':
      return records.float64[offset >> 3]!
  }
}
