// What one client of a drill knows: what it sent, when, what it was told, and when. Nothing else enters the checks, but
// the journals.

import { ExecutionField } from '../../protocol/frame.ts'
import type { FrameReader } from '../../protocol/frame-reader.ts'
import { EventFlag, EventKind, nameOf, Reason } from '../../protocol/kinds.ts'

export type SentCommand = {
  /** Of the command's bytes as they were sent. */
  readonly checksum: number
  readonly sentMs: number
  /** Infinity: not answered. */
  ackedMs: number
  /** How often a journal held it. */
  journalCount: number
}

/** One execution report, as text that is equal exactly when all that it says is equal. */
export type Report = { readonly text: string; readonly isReply: boolean; readonly clientSeq: number }

export class ClientRecord {
  readonly clientId: number
  /** Commands since the last check, by clientSeq. */
  readonly commands = new Map<number, SentCommand>()
  /** Reports since the last check, in the order in which they came. */
  readonly reports: Report[] = []
  /** Reports that the engine no longer had when this client asked for them. */
  lostCount = 0

  constructor(clientId: number) {
    this.clientId = clientId
  }

  /** What was checked is not checked again. */
  forget(): void {
    this.commands.clear()
    this.reports.length = 0
  }
}

/** Everything but EXEC_SEQ, which a remembered reply does not carry. */
export function reportOf(reader: FrameReader, index: number): Report {
  const flags = reader.uint8(index, ExecutionField.FLAGS)
  const clientSeq = reader.float64(index, ExecutionField.CLIENT_SEQ)
  const numbers = [
    reader.uint8(index, ExecutionField.SIDE),
    flags,
    reader.int32(index, ExecutionField.SYMBOL_ID),
    clientSeq,
    reader.float64(index, ExecutionField.RECORD_SEQ),
    reader.float64(index, ExecutionField.TIME_NS),
    reader.float64(index, ExecutionField.ORDER_ID),
    reader.float64(index, ExecutionField.TRADE_ID),
    reader.int32(index, ExecutionField.PRICE_TICKS),
    reader.int32(index, ExecutionField.QUANTITY_LOTS),
    reader.int32(index, ExecutionField.LEAVES_LOTS),
    reader.uint32(index, ExecutionField.CLIENT_ORDER_ID),
    reader.float64(index, ExecutionField.VALUE),
    reader.uint32(index, ExecutionField.INCARNATION),
  ]
  const kind = nameOf(EventKind, reader.uint8(index, ExecutionField.KIND))
  const reason = reader.uint8(index, ExecutionField.REASON)
  const why = reason === 0 ? '' : ` ${nameOf(Reason, reason)}`
  return { text: `${kind}${why} ${numbers.join(' ')}`, isReply: (flags & EventFlag.REPLY) !== 0, clientSeq }
}
