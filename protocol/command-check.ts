// Is what somebody sent a batch of commands at all? Checks the shape only: sizes, kinds, versions. What the fields say is
// checked by whoever applies the command. Trusts nothing, changes nothing.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
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
} from './command.ts'
import { CommandKind, Reason } from './kinds.ts'
import { MASS_QUOTE_COUNT_MAX } from './limits.ts'

/** Length of each kind that a client may send; the index is the kind. GENESIS and TICK are the engine's own. */
const LENGTHS: number[] = []
LENGTHS[CommandKind.OPEN_SESSION] = OpenSessionField.LENGTH
LENGTHS[CommandKind.CLOSE_SESSION] = CLOSE_SESSION_LENGTH
LENGTHS[CommandKind.NEW_ORDER] = NewOrderField.LENGTH
LENGTHS[CommandKind.CANCEL_ORDER] = CancelOrderField.LENGTH
LENGTHS[CommandKind.REPLACE_ORDER] = ReplaceOrderField.LENGTH
LENGTHS[CommandKind.MASS_CANCEL] = MassCancelField.LENGTH
LENGTHS[CommandKind.QUOTE] = QuoteField.LENGTH
// Without its entries.
LENGTHS[CommandKind.MASS_QUOTE] = MassQuoteField.LENGTH
LENGTHS[CommandKind.CANCEL_QUOTE] = CancelQuoteField.LENGTH
LENGTHS[CommandKind.SET_QUOTING] = SetQuotingField.LENGTH
LENGTHS[CommandKind.SET_PHASE] = SetPhaseField.LENGTH
LENGTHS[CommandKind.REGISTER_NODE] = NODE_COMMAND_LENGTH
LENGTHS[CommandKind.RENEW_NODE] = NODE_COMMAND_LENGTH
LENGTHS[CommandKind.LEAVE_NODE] = NODE_COMMAND_LENGTH
LENGTHS[CommandKind.RELEASE_AUTHORITY] = ReleaseAuthorityField.LENGTH
LENGTHS[CommandKind.REPORT_LIMIT] = ReportLimitField.LENGTH

/**
 * Checks the command that starts at byte `offset` of a message of `length` bytes. 0: its shape is right, and its size
 * field tells where the next one starts; else the reason why the rest of the message cannot be read.
 */
export function checkCommand(message: AlignedBuffer, offset: number, length: number): 0 | Reason {
  if (length - offset < CommandHeader.LENGTH) return Reason.MALFORMED
  const { bytes } = message
  if (bytes[offset + CommandHeader.VERSION] !== COMMAND_VERSION) return Reason.UNSUPPORTED_VERSION
  const expected = LENGTHS[bytes[offset + CommandHeader.KIND]!]
  if (expected === undefined) return Reason.UNKNOWN_KIND
  const size = commandSize(message, offset)
  if (bytes[offset + CommandHeader.KIND] === CommandKind.MASS_QUOTE) {
    if (size > length - offset || !isMassQuote(message, offset, size)) return Reason.MALFORMED
  } else if (size !== expected || size > length - offset) return Reason.MALFORMED
  const clientSeq = message.float64[(offset + CommandHeader.CLIENT_SEQ) >> 3]!
  // Not a whole number, negative, or NaN: no session could ever have sent it.
  if (!Number.isSafeInteger(clientSeq) || clientSeq < 0) return Reason.MALFORMED
  return 0
}

/** As many entries as it says, and at least one. */
function isMassQuote(message: AlignedBuffer, offset: number, size: number): boolean {
  if (size < MassQuoteField.LENGTH) return false
  const count = message.uint32[(offset + MassQuoteField.COUNT) >> 2]!
  if (count < 1 || count > MASS_QUOTE_COUNT_MAX) return false
  return size === MassQuoteField.LENGTH + count * MassQuoteEntryField.LENGTH
}

export function commandSize(message: AlignedBuffer, offset: number): number {
  return message.bytes[offset]! | (message.bytes[offset + 1]! << 8)
}
