// The load of a drill: a client with a session of its own that sends orders at a fixed rate, whether answers come or not,
// and keeps its record. A command that finds no room in the session leaves as soon as there is some.

import { checksum } from '../../base/checksum.ts'
import { Prng } from '../../base/prng.ts'
import type { ClientSession } from '../../protocol/client-session.ts'
import { SessionState } from '../../protocol/client-session.ts'
import { commandSize } from '../../protocol/command-check.ts'
import { ClientConnection } from '../../protocol/io/client-connection.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import { OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX, REPLY_COUNT_MAX } from '../../protocol/limits.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import { SessionOrders } from '../flow/session-orders.ts'
import { ClientRecord, reportOf } from './client-record.ts'

export type LoadClientOptions = {
  readonly clientId: number
  readonly seed: number
  readonly instruments: readonly Instrument[]
  /** Hears of each answer. */
  readonly onAck: (nowMs: number) => void
}

/** Orders rest within this many ticks of the opening price, so that some of them trade. */
const SPREAD_TICKS = 12
/** Orders that a client leaves resting before it cancels the oldest. */
const RESTING_COUNT_MAX = 60

export class LoadClient {
  readonly record: ClientRecord
  readonly #options: LoadClientOptions
  readonly #random: Prng
  readonly #orders: SessionOrders
  readonly #connection: ClientConnection
  /** symbolId and client order id of orders that may rest, oldest first. */
  readonly #resting: [symbolId: number, clientOrderId: number][] = []
  #nextOrderId = 1
  /** Why the session ended; null while it lives. */
  failure: string | null = null

  constructor(transport: Transport, subjects: Subjects, options: LoadClientOptions) {
    this.#options = options
    this.#random = new Prng(options.seed)
    this.record = new ClientRecord(options.clientId)
    this.#connection = new ClientConnection(
      transport,
      subjects,
      { clientId: options.clientId },
      {
        onReport: (reader, index) => this.#onReport(reportOf(reader, index)),
        onState: (state) => {
          if (state === SessionState.ENDED) this.failure = `the session of client ${options.clientId} ended`
        },
        onReportsLost: (count) => {
          this.record.lostCount += count
        },
      },
    )
    this.#orders = new SessionOrders(this.#session, (clientSeq) => this.#onSent(clientSeq))
  }

  get #session(): ClientSession {
    return this.#connection.session
  }

  get inFlight(): number {
    return this.#session.inFlight
  }

  get retryCount(): number {
    return this.#session.counts.retried
  }

  open(): Promise<void> {
    return this.#connection.open()
  }

  close(): void {
    this.#connection.close()
  }

  /** Sends up to `count` commands; fewer when the session is full. Returns how many. */
  send(count: number): number {
    let sent = 0
    while (sent < count && this.#session.room > 0) {
      this.#sendOne()
      sent += 1
    }
    if (sent > 0) this.#connection.schedule()
    return sent
  }

  #sendOne(): void {
    const random = this.#random
    if (this.#resting.length > RESTING_COUNT_MAX || (this.#resting.length > 0 && random.nextChance(0.35))) {
      const [symbolId, clientOrderId] = this.#resting.shift()!
      this.#orders.cancelOrder(symbolId, clientOrderId)
      return
    }
    const { instruments } = this.#options
    const symbolId = random.nextBelow(instruments.length)
    const side = random.nextChance(0.5) ? Side.BUY : Side.SELL
    const away = random.nextBetween(-2, SPREAD_TICKS)
    const { openingPriceTicks } = instruments[symbolId]!
    const priceTicks = openingPriceTicks + (side === Side.BUY ? -away : away)
    const isLasting = random.nextChance(0.8)
    const timeInForce = isLasting ? TimeInForce.GTC : TimeInForce.IOC
    const lots = random.nextBetween(1, 20)
    const clientOrderId = this.#nextOrderId
    this.#nextOrderId += 1
    if (isLasting) this.#resting.push([symbolId, clientOrderId])
    this.#orders.newOrder(symbolId, side, OrderType.LIMIT, timeInForce, priceTicks, lots, clientOrderId)
  }

  #onSent(clientSeq: number): void {
    const { outbox } = this.#session
    const offset = (clientSeq % REPLY_COUNT_MAX) * COMMAND_SIZE_MAX
    const end = offset + commandSize(outbox, offset)
    this.record.commands.set(clientSeq, {
      checksum: checksum(outbox.bytes, offset, end),
      bytes: outbox.bytes.slice(offset, end),
      sentMs: performance.now(),
      ackedMs: Number.POSITIVE_INFINITY,
      reply: '',
      recordSeq: 0,
      journalCount: 0,
    })
  }

  #onReport(report: ReturnType<typeof reportOf>): void {
    this.record.reports.push(report)
    if (!report.isReply) return
    const nowMs = performance.now()
    const command = this.record.commands.get(report.clientSeq)
    if (command !== undefined) {
      command.ackedMs = nowMs
      command.reply = report.reply
      command.recordSeq = report.recordSeq
    }
    this.#options.onAck(nowMs)
  }
}
