// Commands as a hostile client would write them: of the right shape with fields from the edges, and damaged.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import type { Prng } from '../../base/prng.ts'
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
} from '../../protocol/command.ts'
import { stampSession } from '../../protocol/command-writer.ts'
import { CommandKind } from '../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../../protocol/limits.ts'
import { LIKELY_PRICE_TICKS, writeLikelyCancel, writeLikelyOrder, writeLikelyReplace } from './likely-orders.ts'
import { pick } from './mutate.ts'

const LENGTHS: readonly (readonly [CommandKind, number])[] = [
  [CommandKind.NEW_ORDER, NewOrderField.LENGTH],
  [CommandKind.CANCEL_ORDER, CancelOrderField.LENGTH],
  [CommandKind.REPLACE_ORDER, ReplaceOrderField.LENGTH],
  [CommandKind.QUOTE, QuoteField.LENGTH],
  [CommandKind.MASS_CANCEL, MassCancelField.LENGTH],
  [CommandKind.MASS_QUOTE, MassQuoteField.LENGTH],
  [CommandKind.CANCEL_QUOTE, CancelQuoteField.LENGTH],
  [CommandKind.SET_QUOTING, SetQuotingField.LENGTH],
  [CommandKind.SET_PHASE, SetPhaseField.LENGTH],
  [CommandKind.REGISTER_NODE, NODE_COMMAND_LENGTH],
  [CommandKind.RENEW_NODE, NODE_COMMAND_LENGTH],
  [CommandKind.LEAVE_NODE, NODE_COMMAND_LENGTH],
  [CommandKind.RELEASE_AUTHORITY, ReleaseAuthorityField.LENGTH],
  [CommandKind.REPORT_LIMIT, ReportLimitField.LENGTH],
  [CommandKind.OPEN_SESSION, OpenSessionField.LENGTH],
  [CommandKind.CLOSE_SESSION, CLOSE_SESSION_LENGTH],
]

/** Those that trade. The others, which end sessions and close the market, come seldom. */
const USUAL = LENGTHS.slice(0, 6)
const USUAL_CHANCE = 0.9
const SYMBOL_COUNT = 2
const LIKELY_CHANCE = 0.8
/** Kinds that are written with fields that may well be accepted, and how. Each returns the bytes written. */
const LIKELY = new Map<CommandKind, (random: Prng, target: AlignedBuffer) => number>([
  [CommandKind.NEW_ORDER, writeLikelyOrder],
  [CommandKind.CANCEL_ORDER, writeLikelyCancel],
  [CommandKind.REPLACE_ORDER, writeLikelyReplace],
])

/** Bytes of one command whose body is drawn at random, mostly small numbers, sometimes odd ones. */
export function randomCommand(random: Prng): AlignedBuffer {
  const [kind, lengthLeast] = random.nextChance(USUAL_CHANCE) ? pick(random, USUAL) : pick(random, LENGTHS)
  const entryCount = kind === CommandKind.MASS_QUOTE ? random.nextBetween(1, SYMBOL_COUNT + 1) : 0
  const length = lengthLeast + entryCount * MassQuoteEntryField.LENGTH
  const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
  const view = new DataView(buffer.bytes.buffer, buffer.bytes.byteOffset)
  for (let at = CommandHeader.LENGTH; at < length; at += 4) view.setUint32(at, randomWord(random), true)
  if (random.nextChance(LIKELY_CHANCE)) LIKELY.get(kind)?.(random, buffer)
  if (entryCount > 0) writeLikelyEntries(random, buffer, view, entryCount)
  view.setUint16(CommandHeader.SIZE, length, true)
  buffer.bytes[CommandHeader.KIND] = kind
  buffer.bytes[CommandHeader.VERSION] = COMMAND_VERSION
  view.setInt32(CommandHeader.SYMBOL_ID, random.nextBetween(-1, SYMBOL_COUNT), true)
  return buffer
}

function writeLikelyEntries(random: Prng, buffer: AlignedBuffer, view: DataView, count: number): void {
  view.setUint32(MassQuoteField.COUNT, count, true)
  if (random.nextChance(0.5)) return
  for (let index = 0; index < count; index++) {
    const at = MassQuoteField.LENGTH + index * MassQuoteEntryField.LENGTH
    buffer.bytes.fill(0, at, at + MassQuoteEntryField.LENGTH)
    view.setInt32(at + MassQuoteEntryField.SYMBOL_ID, index, true)
    view.setInt32(at + MassQuoteEntryField.BID_TICKS, LIKELY_PRICE_TICKS - random.nextBetween(1, 20), true)
    view.setInt32(at + MassQuoteEntryField.BID_LOTS, random.nextBelow(60), true)
    view.setInt32(at + MassQuoteEntryField.ASK_TICKS, LIKELY_PRICE_TICKS + random.nextBetween(1, 20), true)
    view.setInt32(at + MassQuoteEntryField.ASK_LOTS, random.nextBelow(60), true)
  }
}

function randomWord(random: Prng): number {
  const kind = random.nextBelow(6)
  if (kind === 0) return random.nextUint32()
  if (kind === 1) return pick(random, [0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7ff8_0000, 0x4340_0000])
  if (kind === 2) return LIKELY_PRICE_TICKS + random.nextBelow(20)
  return random.nextBelow(4)
}

/** As the session of `clientId` expects it next. */
export function stamped(command: AlignedBuffer, clientId: number, incarnation: number, clientSeq: number): Uint8Array {
  stampSession(command, 0, clientId, incarnation, clientSeq)
  const size = command.bytes[0]! | (command.bytes[1]! << 8)
  return command.bytes.slice(0, size)
}
