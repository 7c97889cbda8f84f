// Publishes an order flow by the wall clock: what is due is written, as far as the session has room, and leaves as one
// message. When the engine answers slower than orders come due, the window is full and the flow falls behind; it never
// drops an order, and says how far behind it is.

import { build, type Histogram } from 'hdr-histogram-js'
import type { SessionHandler } from '../../protocol/client-session.ts'
import { SessionState } from '../../protocol/client-session.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import type { FrameReader } from '../../protocol/frame-reader.ts'
import { ClientConnection, monotonicNs } from '../../protocol/io/client-connection.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { EventFlag, EventKind, nameOf, Reason } from '../../protocol/kinds.ts'
import { REPLY_COUNT_MAX } from '../../protocol/limits.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { type FlowSource, STEP_COMMAND_COUNT_MAX } from './flow-source.ts'
import { SessionOrders } from './session-orders.ts'

export type FlowState = 'starting' | 'publishing' | 'finished' | 'stopping' | 'stopped' | 'ended by another session'

const ACK_US_MAX = 60_000_000
const PASS_MS_MAX = 100
const DRAIN_MS_MAX = 2_000

export class FlowPublisher {
  readonly orders: SessionOrders
  readonly #connection: ClientConnection
  readonly #speed: number
  readonly #onState: (state: FlowState) => void
  readonly #ack: Histogram = build({ highestTrackableValue: ACK_US_MAX, numberOfSignificantValueDigits: 3 })
  /** When each command in flight was written, by its number. */
  readonly #sentNs = new Float64Array(REPLY_COUNT_MAX)
  readonly #refusals = new Map<string, number>()
  #state: FlowState = 'starting'
  #source: FlowSource | undefined
  #startNs = 0
  #lagNs = 0
  #lagMaxNs = 0
  #fillCount = 0
  #timer: NodeJS.Timeout | undefined
  #isPassScheduled = false
  #onDrained: (() => void) | undefined

  /** `speed`: how many times as fast as the flow's own time. */
  constructor(
    transport: Transport,
    subjects: Subjects,
    options: { clientId: number; speed: number },
    onState: (state: FlowState) => void,
  ) {
    const handler: SessionHandler = {
      onReport: (reader, index) => this.#onReport(reader, index),
      onState: (state) => {
        if (state === SessionState.ENDED) this.#become('ended by another session')
      },
    }
    this.#connection = new ClientConnection(transport, subjects, { clientId: options.clientId }, handler)
    this.orders = new SessionOrders(this.#connection.session, (clientSeq) => {
      this.#sentNs[clientSeq % REPLY_COUNT_MAX] = monotonicNs()
    })
    this.#speed = options.speed
    this.#onState = onState
  }

  get state(): FlowState {
    return this.#state
  }

  /** Opens the session, waiting for an engine, clears what an earlier flow left in the books, and begins. */
  async start(source: FlowSource): Promise<void> {
    await this.#connection.open()
    this.orders.massCancel(NO_SYMBOL_ID)
    this.#source = source
    this.#startNs = monotonicNs()
    this.#become('publishing')
    this.#pass()
  }

  observeTouch(symbolId: number, bidTicks: number, askTicks: number, referenceTicks: number): void {
    this.#source?.observeTouch(symbolId, bidTicks, askTicks, referenceTicks)
  }

  details(): Readonly<Record<string, unknown>> {
    const { counts, inFlight } = this.#connection.session
    const rejectedCount = [...this.#refusals.values()].reduce((sum, count) => sum + count, 0)
    return {
      sentCount: counts.sent,
      ackedCount: counts.answered,
      rejectedCount,
      retryCount: counts.retried,
      gapRepairedCount: counts.gapsRepaired,
      inFlightCount: inFlight,
      fillCount: this.#fillCount,
      refusals: Object.fromEntries(this.#refusals),
      ackP50Us: this.#ack.getValueAtPercentile(50),
      ackP99Us: this.#ack.getValueAtPercentile(99),
      ackP999Us: this.#ack.getValueAtPercentile(99.9),
      ackMaxUs: this.#ack.maxValue,
      speed: this.#speed,
      lagMs: Math.round(this.#lagNs / 1e6),
      lagMaxMs: Math.round(this.#lagMaxNs / 1e6),
      ...this.#source?.details(),
    }
  }

  /** Sends no more, waits a moment for the last answers, and leaves. The orders stay in the books. */
  async stop(): Promise<void> {
    const { session } = this.#connection
    const isOver = this.#state === 'ended by another session'
    if (this.#state === 'publishing') this.#become('stopping')
    clearTimeout(this.#timer)
    if (!isOver && session.state === SessionState.OPEN && session.inFlight > 0) {
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(resolve, DRAIN_MS_MAX)
        this.#onDrained = () => {
          clearTimeout(deadline)
          resolve()
        }
      })
    }
    this.#connection.close()
    if (!isOver && this.#state !== 'finished') this.#become('stopped')
  }

  /** Writes what is due and says when to come again. */
  #pass(): void {
    const source = this.#source
    if (this.#state !== 'publishing' || source === undefined) return
    clearTimeout(this.#timer)
    const { session } = this.#connection
    const nowNs = monotonicNs()
    const flowNs = (nowNs - this.#startNs) * this.#speed
    let dueNs = source.dueNs()
    while (dueNs <= flowNs && session.room >= STEP_COMMAND_COUNT_MAX) {
      source.step()
      dueNs = source.dueNs()
    }
    this.#lagNs = Math.max(0, (flowNs - dueNs) / this.#speed)
    this.#lagMaxNs = Math.max(this.#lagMaxNs, this.#lagNs)
    session.flush(monotonicNs())
    // The connection's timer must know of what is in flight now.
    this.#connection.schedule()
    if (dueNs === Number.POSITIVE_INFINITY) {
      if (session.inFlight === 0) this.#become('finished')
      return
    }
    // With a full window the next answer calls; the timer is for the case that none comes.
    const waitMs = Math.ceil((dueNs - flowNs) / this.#speed / 1e6)
    this.#timer = setTimeout(() => this.#pass(), Math.min(Math.max(waitMs, 1), PASS_MS_MAX))
  }

  #onReport(reader: FrameReader, index: number): void {
    const kind = reader.uint8(index, ExecutionField.KIND)
    if ((reader.uint8(index, ExecutionField.FLAGS) & EventFlag.REPLY) !== 0) this.#onReply(reader, index, kind)
    switch (kind) {
      case EventKind.TRADE:
        this.#fillCount += 1
        if (reader.int32(index, ExecutionField.LEAVES_LOTS) === 0) this.#orderGone(reader, index)
        break
      case EventKind.ORDER_CANCELLED:
      case EventKind.ORDER_EXPIRED:
      case EventKind.ORDER_REJECTED:
        this.#orderGone(reader, index)
        break
      default:
    }
    this.#schedulePass()
  }

  #onReply(reader: FrameReader, index: number, kind: number): void {
    const clientSeq = reader.float64(index, ExecutionField.CLIENT_SEQ)
    const ackUs = Math.round((monotonicNs() - this.#sentNs[clientSeq % REPLY_COUNT_MAX]!) / 1_000)
    this.#ack.recordValue(Math.min(Math.max(ackUs, 1), ACK_US_MAX))
    if (
      kind === EventKind.ORDER_REJECTED ||
      kind === EventKind.CANCEL_REJECTED ||
      kind === EventKind.REPLACE_REJECTED ||
      kind === EventKind.COMMAND_REFUSED
    ) {
      const reason = nameOf(Reason, reader.uint8(index, ExecutionField.REASON))
      this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1)
    }
  }

  #orderGone(reader: FrameReader, index: number): void {
    const symbolId = reader.int32(index, ExecutionField.SYMBOL_ID)
    this.#source?.orderGone(symbolId, reader.uint32(index, ExecutionField.CLIENT_ORDER_ID))
  }

  /** Answers made room: look again when all of them are taken in. */
  #schedulePass(): void {
    if (this.#isPassScheduled) return
    this.#isPassScheduled = true
    setImmediate(() => {
      this.#isPassScheduled = false
      this.#pass()
      if (this.#connection.session.inFlight === 0) this.#onDrained?.()
    })
  }

  #become(state: FlowState): void {
    this.#state = state
    this.#onState(state)
  }
}
