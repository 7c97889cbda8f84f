// Order entry through a client session over NATS: one command per request, answered when its report is here.
//
// The session is opened at the start, and again when somebody wants to send after it ended (another gateway took the
// client id over, or the engine began a new journal). It is not taken back unasked: two gateways would do so for ever.

import { randomInt } from 'node:crypto'
import type { Logger } from 'pino'
import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { type SessionHandler, SessionState } from '../../protocol/client-session.ts'
import {
  writeCancelOrder,
  writeNewOrder,
  writeQuote,
  writeSetPhase,
  writeSetQuoting,
} from '../../protocol/command-writer.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import type { FrameReader } from '../../protocol/frame-reader.ts'
import { ClientConnection } from '../../protocol/io/client-connection.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { EventFlag, nameOf, type TradingPhase } from '../../protocol/kinds.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import {
  NoReplyError,
  type OrderEntry,
  type OrderRequest,
  type Outcome,
  type QuoteRequest,
  type Report,
  SessionClosedError,
} from './order-entry.ts'

/** A request is answered within this time, if only with "not known yet". The session goes on trying. */
const REPLY_MS_MAX = 5_000
const OPEN_MS_MAX = 2_000

type Waiting = { resolve: (outcome: Outcome) => void; reject: (error: Error) => void }

export class SessionOrderEntry implements OrderEntry {
  readonly #transport: Transport
  readonly #subjects: Subjects
  readonly #log: Logger
  readonly #clientId: number
  /** By clientSeq. */
  readonly #waiting = new Map<number, Waiting>()
  /** Reports of the frame being read, in order. */
  #reports: Report[] = []
  #replies: { clientSeq: number; reply: Report }[] = []
  #connection: ClientConnection
  #opened: Promise<void>
  // Beyond what people choose by hand, and different at each start, so that orders of an earlier start do not collide.
  #clientOrderId = randomInt(1 << 20, 1 << 30)
  #quoteId = randomInt(1 << 20, 1 << 30)

  constructor(transport: Transport, subjects: Subjects, log: Logger, clientId: number) {
    this.#clientId = clientId
    this.#transport = transport
    this.#subjects = subjects
    this.#log = log
    this.#connection = this.#connect()
    this.#opened = this.#open()
  }

  get state(): string {
    return nameOf(SessionState, this.#connection.session.state).toLowerCase()
  }

  newOrder(request: OrderRequest): Promise<Outcome> {
    return this.#send((outbox, offset) => writeNewOrder(outbox, offset, request))
  }

  cancelOrder(orderId: number): Promise<Outcome> {
    return this.#send((outbox, offset) => writeCancelOrder(outbox, offset, NO_SYMBOL_ID, orderId, 0))
  }

  quote(request: QuoteRequest): Promise<Outcome> {
    this.#quoteId++
    const quote = { ...request, quoteId: this.#quoteId, fencingToken: 0 }
    return this.#send((outbox, offset) => writeQuote(outbox, offset, quote))
  }

  setQuoting(symbolId: number, enabled: boolean): Promise<Outcome> {
    return this.#send((outbox, offset) => writeSetQuoting(outbox, offset, symbolId, enabled))
  }

  setPhase(symbolId: number, phase: TradingPhase): Promise<Outcome> {
    return this.#send((outbox, offset) => writeSetPhase(outbox, offset, symbolId, phase))
  }

  nextClientOrderId(): number {
    this.#clientOrderId++
    return this.#clientOrderId
  }

  stop(): void {
    this.#connection.close()
    this.#abandon()
  }

  async #send(write: (outbox: AlignedBuffer, offset: number) => number): Promise<Outcome> {
    if (this.#connection.session.state === SessionState.ENDED) this.#reconnect()
    await within(this.#opened, OPEN_MS_MAX, () => new SessionClosedError('the session does not open'))
    const { session } = this.#connection
    const offset = session.begin()
    if (offset < 0) throw new SessionClosedError('as many commands are under way as the engine remembers')
    write(session.outbox, offset)
    const clientSeq = session.finish()
    const answered = Promise.withResolvers<Outcome>()
    this.#waiting.set(clientSeq, answered)
    this.#connection.schedule()
    return within(answered.promise, REPLY_MS_MAX, () => {
      this.#waiting.delete(clientSeq)
      return new NoReplyError(`command ${clientSeq} is not answered yet`)
    })
  }

  #connect(): ClientConnection {
    const handler: SessionHandler = {
      onReport: (reader, index) => this.#onReport(reader, index),
      onState: (state) => {
        this.#log.info({ state: nameOf(SessionState, state) }, 'order session')
        if (state === SessionState.ENDED) this.#abandon()
      },
    }
    return new ClientConnection(this.#transport, this.#subjects, { clientId: this.#clientId }, handler)
  }

  #open(): Promise<void> {
    const opened = this.#connection.open().catch((error: unknown) => {
      throw new SessionClosedError('the session was taken over while it opened', { cause: error })
    })
    // Whoever sends waits for it and is told; until then nobody needs to know.
    opened.catch(() => {})
    return opened
  }

  #reconnect(): void {
    this.#connection.close()
    this.#connection = this.#connect()
    this.#opened = this.#open()
  }

  /** Nobody will answer what is under way. */
  #abandon(): void {
    for (const waiting of this.#waiting.values()) waiting.reject(new NoReplyError('the session has ended'))
    this.#waiting.clear()
  }

  #onReport(reader: FrameReader, index: number): void {
    const report = readReport(reader, index)
    this.#reports.push(report)
    // What the same record said about a command follows its reply in the same frame, which is read in one turn.
    if (this.#reports.length === 1) queueMicrotask(() => this.#settle())
    if ((report.flags & EventFlag.REPLY) === 0) return
    this.#replies.push({ clientSeq: reader.float64(index, ExecutionField.CLIENT_SEQ), reply: report })
  }

  #settle(): void {
    const reports = this.#reports
    const replies = this.#replies
    this.#reports = []
    this.#replies = []
    for (const { clientSeq, reply } of replies) {
      const ofRecord = reports.filter((report) => report.recordSeq === reply.recordSeq)
      this.#waiting.get(clientSeq)?.resolve({ reply, reports: ofRecord })
      this.#waiting.delete(clientSeq)
    }
  }
}

function readReport(reader: FrameReader, index: number): Report {
  return {
    kind: reader.uint8(index, ExecutionField.KIND),
    side: reader.uint8(index, ExecutionField.SIDE),
    reason: reader.uint8(index, ExecutionField.REASON),
    flags: reader.uint8(index, ExecutionField.FLAGS),
    symbolId: reader.int32(index, ExecutionField.SYMBOL_ID),
    recordSeq: reader.float64(index, ExecutionField.RECORD_SEQ),
    orderId: reader.float64(index, ExecutionField.ORDER_ID),
    tradeId: reader.float64(index, ExecutionField.TRADE_ID),
    priceTicks: reader.int32(index, ExecutionField.PRICE_TICKS),
    quantityLots: reader.int32(index, ExecutionField.QUANTITY_LOTS),
    leavesLots: reader.int32(index, ExecutionField.LEAVES_LOTS),
    clientOrderId: reader.uint32(index, ExecutionField.CLIENT_ORDER_ID),
    bidLots: reader.int32(index, ExecutionField.BID_LOTS),
    askLots: reader.int32(index, ExecutionField.ASK_LOTS),
    value: reader.float64(index, ExecutionField.VALUE),
  }
}

async function within<Value>(promise: Promise<Value>, limitMs: number, late: () => Error): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), limitMs)
  })
  try {
    return await Promise.race([promise, deadline])
  } finally {
    clearTimeout(timer)
  }
}
