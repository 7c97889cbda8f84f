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
  NewOrderField,
  OpenSessionField,
  QuoteField,
  ReplaceOrderField,
  SetPhaseField,
  SetQuotingField,
} from './command.ts'
import { CommandKind, Reason } from './kinds.ts'

/** Length of each kind that a client may send; the index is the kind. GENESIS and TICK are the engine's own. */
const LENGTHS: number[] = []
LENGTHS[CommandKind.OPEN_SESSION] = OpenSessionField.LENGTH
LENGTHS[CommandKind.CLOSE_SESSION] = CLOSE_SESSION_LENGTH
LENGTHS[CommandKind.NEW_ORDER] = NewOrderField.LENGTH
LENGTHS[CommandKind.CANCEL_ORDER] = CancelOrderField.LENGTH
LENGTHS[CommandKind.REPLACE_ORDER] = ReplaceOrderField.LENGTH
LENGTHS[CommandKind.MASS_CANCEL] = MassCancelField.LENGTH
LENGTHS[CommandKind.QUOTE] = QuoteField.LENGTH
LENGTHS[CommandKind.CANCEL_QUOTE] = CancelQuoteField.LENGTH
LENGTHS[CommandKind.SET_QUOTING] = SetQuotingField.LENGTH
LENGTHS[CommandKind.SET_PHASE] = SetPhaseField.LENGTH

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
  if (size !== expected || size > length - offset) return Reason.MALFORMED
  const clientSeq = message.float64[(offset + CommandHeader.CLIENT_SEQ) >> 3]!
  // Not a whole number, negative, or NaN: no session could ever have sent it.
  if (!Number.isSafeInteger(clientSeq) || clientSeq < 0) return Reason.MALFORMED
  return 0
}

export function commandSize(message: AlignedBuffer, offset: number): number {
  return message.bytes[offset]! | (message.bytes[offset + 1]! << 8)
}
