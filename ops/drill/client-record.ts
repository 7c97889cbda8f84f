// What one client of a drill knows: what it sent, when, what it was told, and when. Nothing else enters the checks, but
// the journals.

import { ExecutionField } from '../../protocol/frame.ts'
import type { FrameReader } from '../../protocol/frame-reader.ts'
import { EventFlag, EventKind, nameOf, Reason } from '../../protocol/kinds.ts'
import { type Operation, replyText } from './linearizability.ts'

export type SentCommand = {
  /** Of the command's bytes as they were sent. */
  readonly checksum: number
  /** A copy of them. */
  readonly bytes: Uint8Array
  readonly sentMs: number
  /** Infinity: not answered. */
  ackedMs: number
  /** What the answer said, by `replyText`, and the record it is of. */
  reply: string
  recordSeq: number
  /** How often a journal held it. */
  journalCount: number
}

/** One execution report, as text that is equal exactly when all that it says is equal. */
export type Report = {
  readonly text: string
  readonly isReply: boolean
  readonly clientSeq: number
  readonly recordSeq: number
  /** By `replyText`. */
  readonly reply: string
}

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

  /** Everything since the last check, for the search of an order that explains it. All of it is answered. */
  operations(): Operation[] {
    return [...this.commands].map(([clientSeq, { bytes, sentMs, ackedMs, reply, recordSeq }]) => {
      return { clientId: this.clientId, clientSeq, bytes, sentMs, answeredMs: ackedMs, reply, hint: recordSeq }
    })
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
  const recordSeq = reader.float64(index, ExecutionField.RECORD_SEQ)
  const numbers = [
    reader.uint8(index, ExecutionField.SIDE),
    flags,
    reader.int32(index, ExecutionField.SYMBOL_ID),
    clientSeq,
    recordSeq,
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
  const kindNumber = reader.uint8(index, ExecutionField.KIND)
  const kind = nameOf(EventKind, kindNumber)
  const reason = reader.uint8(index, ExecutionField.REASON)
  const why = reason === 0 ? '' : ` ${nameOf(Reason, reason)}`
  const text = `${kind}${why} ${numbers.join(' ')}`
  const reply = replyText({
    kind: kindNumber,
    reason,
    orderId: reader.float64(index, ExecutionField.ORDER_ID),
    priceTicks: reader.int32(index, ExecutionField.PRICE_TICKS),
    quantityLots: reader.int32(index, ExecutionField.QUANTITY_LOTS),
    leavesLots: reader.int32(index, ExecutionField.LEAVES_LOTS),
  })
  return { text, isReply: (flags & EventFlag.REPLY) !== 0, clientSeq, recordSeq, reply }
}
