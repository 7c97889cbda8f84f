// A client: a real session that opens, sends orders, quotes and cancels, repeats what is not answered, and now and then
// starts anew. It remembers what it sent and what it was told.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { checksum } from '../base/checksum.ts'
import { NS_PER_MS, NS_PER_S } from '../base/clock.ts'
import { Prng } from '../base/prng.ts'
import { ClientSession, SessionState } from '../protocol/client-session.ts'
import { commandSize } from '../protocol/command-check.ts'
import {
  writeCancelOrder,
  writeMassCancel,
  writeNewOrder,
  writeQuote,
  writeReplaceOrder,
} from '../protocol/command-writer.ts'
import { ExecutionField } from '../protocol/frame.ts'
import type { FrameReader } from '../protocol/frame-reader.ts'
import { EventFlag, EventKind, OrderType, Side, TimeInForce } from '../protocol/kinds.ts'
import { COMMAND_SIZE_MAX, REPLY_COUNT_MAX } from '../protocol/limits.ts'
import type { Bus } from './bus.ts'
import type { FaultPlan } from './faults.ts'
import type { History } from './history.ts'
import type { World } from './world.ts'

const AWAY_NS_MAX = 4 * NS_PER_S
const MID_TICKS = 1_000

export class Client {
  readonly clientId: number
  readonly name: string
  /** Sends new commands by itself. */
  isActive = true
  readonly #world: World
  readonly #plan: FaultPlan
  readonly #bus: Bus
  readonly #history: History
  readonly #symbolCount: number
  readonly #random: Prng
  #session!: ClientSession
  #nonce = 0
  #timerNs = Number.POSITIVE_INFINITY
  /** There is no process. */
  #isAway = false
  #orderCount = 0
  /** What it believes the position versions to be, by symbol. */
  readonly #versions: number[]

  constructor(clientId: number, world: World, plan: FaultPlan, bus: Bus, history: History, symbolCount: number) {
    this.clientId = clientId
    this.name = `client ${clientId}`
    this.#world = world
    this.#plan = plan
    this.#bus = bus
    this.#history = history
    this.#symbolCount = symbolCount
    this.#versions = Array.from({ length: symbolCount }, () => 0)
    this.#random = new Prng(world.random.nextUint32())
    bus.addClient(clientId, {
      onFrame: (frame) => {
        if (this.#isAway) return
        history.onDelivered(clientId, frame)
        this.#session.onFrame(frame, world.schedule.nowNs)
        this.#poll()
      },
      onReconnected: () => {
        if (this.#isAway) return
        this.#session.onReconnected(world.schedule.nowNs)
        this.#poll()
      },
    })
    this.#start()
    this.#sendLater()
  }

  /** Nothing that it sent waits for an answer. */
  get isIdle(): boolean {
    return !this.#isAway && this.#session.state === SessionState.OPEN && this.#session.inFlight === 0
  }

  /** The process dies, and starts anew at once or after a while, in which the engine may take it for gone. */
  restart(): void {
    if (this.#isAway) return
    if (this.#random.nextChance(0.5)) {
      this.#start()
      return
    }
    this.#isAway = true
    this.#world.tell(this.name, () => 'is gone')
    this.#world.schedule.after(this.#random.nextBelow(AWAY_NS_MAX), () => this.#start())
  }

  /** What an old process had not heard, the new one never hears. */
  #start(): void {
    this.#isAway = false
    this.#nonce += 1
    this.#world.tell(this.name, () => 'opens a session')
    const session: ClientSession = new ClientSession(
      { clientId: this.clientId, nonce: this.#nonce, isCancelledOnDisconnect: this.#random.nextChance(0.6) },
      {
        transmit: (message) => this.#bus.sendCommands(this.clientId, message),
        requestResend: (fromSeq) =>
          this.#bus.requestResend(this.clientId, fromSeq, (firstSeq) => {
            if (this.#isAway) return
            if (session === this.#session) session.onResendAnswer(firstSeq, this.#world.schedule.nowNs)
            this.#poll()
          }),
      },
      {
        onReport: (reader, index) => this.#onReport(reader, index),
        // Only a late message of an earlier self ends a session here.
        onState: (state) => {
          if (state === SessionState.ENDED && session === this.#session) {
            this.#world.schedule.after(NS_PER_MS, () => {
              if (session === this.#session && !this.#isAway) this.#start()
            })
          }
        },
      },
    )
    this.#session = session
    session.open(this.#world.schedule.nowNs)
    this.#poll()
  }

  /** Sends one command, if the session has room. */
  send(): void {
    if (this.#isAway) return
    const session = this.#session
    const offset = session.begin()
    if (offset < 0) return
    this.#write(session.outbox, offset)
    const clientSeq = session.finish()
    const at = (clientSeq % REPLY_COUNT_MAX) * COMMAND_SIZE_MAX
    const bytes = checksum(session.outbox.bytes, at, at + commandSize(session.outbox, at))
    this.#history.onSent(this.clientId, session.incarnation, clientSeq, bytes)
    this.#poll()
  }

  #sendLater(): void {
    this.#world.schedule.after(this.#random.nextExponential(1e9 / this.#plan.commandsPerS), () => {
      if (this.isActive) this.send()
      this.#sendLater()
    })
  }

  #write(target: AlignedBuffer, offset: number): void {
    const random = this.#random
    const symbolId = random.nextBelow(this.#symbolCount)
    const kind = random.nextFloat()
    const old = Math.max(1, this.#orderCount - random.nextBelow(12))
    if (kind < 0.15) {
      writeCancelOrder(target, offset, symbolId, 0, old)
    } else if (kind < 0.25) {
      writeReplaceOrder(
        target,
        offset,
        symbolId,
        0,
        old,
        MID_TICKS + random.nextBetween(-6, 6),
        random.nextBetween(1, 9),
      )
    } else if (kind < 0.27) {
      writeMassCancel(target, offset, -1, 0)
    } else if (kind < 0.5) {
      const middle = MID_TICKS + random.nextBetween(-4, 4)
      writeQuote(target, offset, {
        ...{ symbolId, quoteId: ++this.#orderCount, bidTicks: middle - 1, bidLots: random.nextBetween(0, 40) },
        ...{ askTicks: middle + 1, askLots: random.nextBetween(1, 40), positionVersion: this.#versions[symbolId]! },
        // Clients are no strategy nodes: whatever token they guess, it is not theirs.
        ...{ fencingToken: random.nextBelow(20), ttlNs: random.nextBetween(100, 3_000) * NS_PER_MS },
      })
    } else {
      this.#orderCount += 1
      writeNewOrder(target, offset, {
        symbolId,
        side: random.nextChance(0.5) ? Side.BUY : Side.SELL,
        orderType: random.nextChance(0.05) ? OrderType.MARKET : OrderType.LIMIT,
        timeInForce: random.nextChance(0.8) ? TimeInForce.GTC : TimeInForce.IOC,
        quantityLots: random.nextBetween(1, 9),
        priceTicks: MID_TICKS + random.nextBetween(-6, 6),
        clientOrderId: this.#orderCount,
      })
    }
  }

  #onReport(reader: FrameReader, index: number): void {
    const symbolId = reader.int32(index, ExecutionField.SYMBOL_ID)
    const kind = reader.uint8(index, ExecutionField.KIND)
    const flags = reader.uint8(index, ExecutionField.FLAGS)
    // Each fill of a quote is a new version of the position; a guess is enough, a wrong one is refused.
    if (kind === EventKind.TRADE && (flags & EventFlag.QUOTE) !== 0) this.#versions[symbolId]! += 1
    if (kind === EventKind.QUOTE_REFUSED) this.#versions[symbolId] = this.#history.positionVersion(symbolId)
    if ((flags & EventFlag.REPLY) === 0) return
    const clientSeq = reader.float64(index, ExecutionField.CLIENT_SEQ)
    if (clientSeq === 0) return
    const incarnation = reader.uint32(index, ExecutionField.INCARNATION)
    this.#history.onAnswered(this.clientId, incarnation, clientSeq, reader.float64(index, ExecutionField.RECORD_SEQ))
  }

  #poll(): void {
    if (this.#isAway) return
    const { schedule } = this.#world
    const session = this.#session
    const dueNs = Math.max(session.poll(schedule.nowNs), schedule.nowNs + NS_PER_MS)
    if (this.#timerNs <= dueNs && this.#timerNs > schedule.nowNs) return
    this.#timerNs = dueNs
    schedule.after(dueNs - schedule.nowNs, () => {
      if (this.#timerNs <= schedule.nowNs) this.#poll()
    })
  }
}
