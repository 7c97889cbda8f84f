// A message of commands may be any bytes: right commands are found where they lie, all else is refused by name, and
// nothing is read beyond its end.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { COMMAND_VERSION, CommandHeader, MassQuoteEntryField, MassQuoteField } from '../../protocol/command.ts'
import { checkCommand, commandSize } from '../../protocol/command-check.ts'
import {
  stampSession,
  writeCancelOrder,
  writeCancelQuote,
  writeCloseSession,
  writeGenesis,
  writeLeaveNode,
  writeMassCancel,
  writeMassQuote,
  writeNewOrder,
  writeOpenSession,
  writeQuote,
  writeRegisterNode,
  writeReleaseAuthority,
  writeRenewNode,
  writeReplaceOrder,
  writeReportLimit,
  writeSetPhase,
  writeSetQuoting,
  writeTick,
} from '../../protocol/command-writer.ts'
import { CommandKind, OrderType, Reason, RiskState, Side, TimeInForce, TradingPhase } from '../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX, MASS_QUOTE_COUNT_MAX, MESSAGE_SIZE_MAX } from '../../protocol/limits.ts'

type Write = (target: AlignedBuffer, offset: number) => number

const order = {
  ...{ symbolId: 1, side: Side.BUY, orderType: OrderType.LIMIT, timeInForce: TimeInForce.GTC },
  ...{ quantityLots: 3, priceTicks: 100, clientOrderId: 7 },
}
const quote = {
  ...{ symbolId: 0, quoteId: 1, bidTicks: 99, bidLots: 1, askTicks: 101, askLots: 1 },
  ...{ positionVersion: 0, fencingToken: 0, ttlNs: 0 },
}

/** Every kind that a client may send, but the one whose length is not its kind's. */
const WRITES: readonly (readonly [CommandKind, Write])[] = [
  [CommandKind.OPEN_SESSION, (target, offset) => writeOpenSession(target, offset, 5, true)],
  [CommandKind.CLOSE_SESSION, writeCloseSession],
  [CommandKind.NEW_ORDER, (target, offset) => writeNewOrder(target, offset, order)],
  [CommandKind.CANCEL_ORDER, (target, offset) => writeCancelOrder(target, offset, 1, 9, 0)],
  [CommandKind.REPLACE_ORDER, (target, offset) => writeReplaceOrder(target, offset, 1, 9, 0, 101, 2)],
  [CommandKind.MASS_CANCEL, (target, offset) => writeMassCancel(target, offset, -1, 0)],
  [CommandKind.QUOTE, (target, offset) => writeQuote(target, offset, quote)],
  [CommandKind.CANCEL_QUOTE, (target, offset) => writeCancelQuote(target, offset, 0, 0, 0)],
  [CommandKind.SET_QUOTING, (target, offset) => writeSetQuoting(target, offset, -1, false)],
  [CommandKind.REGISTER_NODE, writeRegisterNode],
  [CommandKind.RENEW_NODE, writeRenewNode],
  [CommandKind.LEAVE_NODE, writeLeaveNode],
  [CommandKind.RELEASE_AUTHORITY, (target, offset) => writeReleaseAuthority(target, offset, 1, 9)],
  [
    CommandKind.REPORT_LIMIT,
    (target, offset) => writeReportLimit(target, offset, 1, Reason.LOSS_LIMIT, RiskState.OFF, 12_345),
  ],
  [CommandKind.SET_PHASE, (target, offset) => writeSetPhase(target, offset, 0, TradingPhase.HALT)],
]

/** What a message of these bytes holds: where each command starts, and the fault that ended the reading. */
function readMessage(message: AlignedBuffer, length: number): { starts: number[]; fault: number } {
  const starts: number[] = []
  let offset = 0
  while (offset < length) {
    const fault = checkCommand(message, offset, length)
    if (fault !== 0) return { starts, fault }
    starts.push(offset)
    offset += commandSize(message, offset)
  }
  return { starts, fault: 0 }
}

function messageOf(writes: readonly Write[]): { message: AlignedBuffer; length: number; starts: number[] } {
  const message = new AlignedBuffer(MESSAGE_SIZE_MAX)
  const starts: number[] = []
  let length = 0
  for (const [index, write] of writes.entries()) {
    starts.push(length)
    const size = write(message, length)
    stampSession(message, length, 4, 1, index + 1)
    length += size
  }
  return { message, length, starts }
}

const someWrites = fc.array(
  fc.constantFrom(...WRITES).map(([, write]) => write),
  { minLength: 1, maxLength: 12 },
)

describe('checkCommand', () => {
  it('finds every command of a message, of every kind that a client may send', () => {
    fc.assert(
      fc.property(someWrites, (writes) => {
        const { message, length, starts } = messageOf(writes)
        expect(readMessage(message, length)).toEqual({ starts, fault: 0 })
      }),
    )
    for (const [, write] of WRITES) expect(write(new AlignedBuffer(256), 0)).toBeLessThanOrEqual(COMMAND_SIZE_MAX)
  })

  it('refuses a message that is cut anywhere but between two commands', () => {
    fc.assert(
      fc.property(someWrites, fc.nat(), (writes, cut) => {
        const { message, length, starts } = messageOf(writes)
        const at = 1 + (cut % length)
        const whole = starts.filter((_, index) => (starts[index + 1] ?? length) <= at)
        const isBetween = at === length || starts.includes(at)
        expect(readMessage(message, at)).toEqual({ starts: whole, fault: isBetween ? 0 : Reason.MALFORMED })
      }),
    )
  })

  it('names what is wrong', () => {
    for (const [kind, write] of WRITES) {
      const faultAfter = (change: (message: AlignedBuffer) => void): number => {
        const { message, length } = messageOf([write])
        expect(message.bytes[CommandHeader.KIND]).toBe(kind)
        change(message)
        return checkCommand(message, 0, length)
      }
      const setSeq = (value: number) => (message: AlignedBuffer) => {
        message.float64[CommandHeader.CLIENT_SEQ >> 3] = value
      }
      expect(faultAfter(({ bytes }) => bytes.fill(0, 0, 2))).toBe(Reason.MALFORMED)
      expect(faultAfter(({ bytes }) => bytes.fill(bytes[0]! + 8, 0, 1))).toBe(Reason.MALFORMED)
      expect(faultAfter(({ bytes }) => bytes.fill(bytes[0]! - 8, 0, 1))).toBe(Reason.MALFORMED)
      expect(faultAfter(({ bytes }) => bytes.fill(1, 1, 2))).toBe(Reason.MALFORMED)
      expect(faultAfter(({ bytes }) => bytes.fill(COMMAND_VERSION + 1, 3, 4))).toBe(Reason.UNSUPPORTED_VERSION)
      expect(faultAfter(({ bytes }) => bytes.fill(0, 3, 4))).toBe(Reason.UNSUPPORTED_VERSION)
      for (const unknown of [0, 100, 200, 255]) {
        expect(faultAfter(({ bytes }) => bytes.fill(unknown, 2, 3))).toBe(Reason.UNKNOWN_KIND)
      }
      for (const seq of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(faultAfter(setSeq(seq)), `clientSeq ${seq}`).toBe(Reason.MALFORMED)
      }
    }
  })

  it('takes a mass quote with as many entries as it says, of 1 to the most that there may be', () => {
    const message = new AlignedBuffer(4 * COMMAND_SIZE_MAX)
    const faultOf = (count: number, length: number) => {
      message.uint32[MassQuoteField.COUNT >> 2] = count
      message.bytes[0] = length & 0xff
      message.bytes[1] = length >> 8
      return checkCommand(message, 0, length)
    }
    const lengthOf = (count: number) => MassQuoteField.LENGTH + count * MassQuoteEntryField.LENGTH
    writeMassQuote(message, 0, [quote])
    for (const count of [1, 2, MASS_QUOTE_COUNT_MAX]) expect(faultOf(count, lengthOf(count))).toBe(0)
    for (const count of [0, MASS_QUOTE_COUNT_MAX + 1]) expect(faultOf(count, lengthOf(count))).toBe(Reason.MALFORMED)
    expect(faultOf(2, lengthOf(3))).toBe(Reason.MALFORMED)
    expect(faultOf(3, lengthOf(2))).toBe(Reason.MALFORMED)
    expect(lengthOf(MASS_QUOTE_COUNT_MAX)).toBeLessThanOrEqual(COMMAND_SIZE_MAX)
  })

  it("refuses the engine's own commands", () => {
    const message = new AlignedBuffer(256)
    expect(checkCommand(message, 0, writeTick(message, 0))).toBe(Reason.UNKNOWN_KIND)
    expect(checkCommand(message, 0, writeGenesis(message, 0, new TextEncoder().encode('{}')))).toBe(Reason.UNKNOWN_KIND)
  })

  it('stays within any bytes, and always comes to an end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const message = new AlignedBuffer(1_024)
        message.bytes.set(bytes)
        const { starts } = readMessage(message, bytes.length)
        for (const start of starts) {
          expect(start % 8).toBe(0)
          expect(start + commandSize(message, start)).toBeLessThanOrEqual(bytes.length)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('takes a flipped bit for a field of the same commands, or refuses it', () => {
    fc.assert(
      fc.property(someWrites, fc.nat(), (writes, flip) => {
        const { message, length, starts } = messageOf(writes)
        const bit = flip % (length * 8)
        message.bytes[bit >> 3] = message.bytes[bit >> 3]! ^ (1 << (bit & 7))
        const read = readMessage(message, length)
        expect(read.starts).toEqual(starts.slice(0, read.starts.length))
        expect(read.fault === 0).toBe(read.starts.length === starts.length)
        const inCommand = (bit >> 3) - starts.findLast((start) => start <= bit >> 3)!
        // A flipped kind may be another kind of the same length: then the shape cannot tell.
        if (inCommand < CommandHeader.CLIENT_ID && inCommand !== CommandHeader.KIND) expect(read.fault).not.toBe(0)
        if (inCommand >= CommandHeader.LENGTH) expect(read.fault).toBe(0)
      }),
      { numRuns: 1_000 },
    )
  })
})
