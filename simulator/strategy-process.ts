// A strategy node as a process: the real node with a real session, fed by the engines over the simulated bus. It quotes
// what the desk grants it, repairs what it missed, and starts anew with nothing when it is told to.

import { AlignedBuffer } from '../base/aligned-buffer.ts'
import { must } from '../base/assert.ts'
import { checksum } from '../base/checksum.ts'
import { NS_PER_MS } from '../base/clock.ts'
import { OutputKind } from '../engine/core/output.ts'
import { ClientSession, SessionState } from '../protocol/client-session.ts'
import { ClientId } from '../protocol/clients.ts'
import { CommandHeader } from '../protocol/command.ts'
import { commandSize } from '../protocol/command-check.ts'
import { ExecutionField } from '../protocol/frame.ts'
import type { FrameReader } from '../protocol/frame-reader.ts'
import { EventFlag, Side } from '../protocol/kinds.ts'
import { type ClusterConfig, MEMBERSHIP_DEFAULT } from '../protocol/symbol.ts'
import { MirrorState } from '../strategies/book-mirror.ts'
import { inventoryQuoter } from '../strategies/inventory-quoter.ts'
import { StrategyNode } from '../strategies/node.ts'
import { checkParameters } from '../strategies/strategy.ts'
import { QUOTER_SETTINGS_DEFAULT } from '../strategies/symbol-quoter.ts'
import type { Bus } from './bus.ts'
import type { History } from './history.ts'
import type { World } from './world.ts'

export class StrategyProcess {
  readonly name: string
  readonly #clientId: number
  /** Quotes that stood, over all starts. */
  grantedCount = 0
  readonly #world: World
  readonly #bus: Bus
  readonly #history: History
  readonly #config: ClusterConfig
  #node!: StrategyNode
  #session!: ClientSession
  #nonce = 0
  #timerNs = Number.POSITIVE_INFINITY
  #loggedSeq = 0

  constructor(number: number, world: World, bus: Bus, history: History, config: ClusterConfig) {
    this.name = `node ${number}`
    this.#clientId = ClientId.STRATEGY_BASE + number
    this.#world = world
    this.#bus = bus
    this.#history = history
    this.#config = config
    bus.addClient(this.#clientId, {
      onFrame: (frame) => {
        history.onDelivered(this.#clientId, frame)
        this.#session.onFrame(frame, this.#nowNs)
        this.#poll()
      },
      onReconnected: () => {
        this.#node.onReconnected()
        this.#session.onReconnected(this.#nowNs)
        this.#poll()
      },
      onMarket: (kind, symbolId, frame) => this.#onMarket(kind, symbolId, frame),
    })
    this.restart()
  }

  /** Nothing that it sent waits for an answer, and its picture of each book is complete. */
  get isIdle(): boolean {
    const isAnswered = this.#session.state === SessionState.OPEN && this.#session.inFlight === 0
    return isAnswered && this.#node.held.every(({ mirror }) => mirror.state === MirrorState.LIVE)
  }

  /** The process starts anew, knowing nothing; what it had quoted stands until it ends by itself. */
  restart(): void {
    this.#nonce += 1
    this.#world.tell(this.name, () => 'starts')
    const parameters = checkParameters(inventoryQuoter, {})
    if (typeof parameters === 'string') throw new Error(parameters)
    const symbols = this.#config.instruments.map(({ symbol, openingPriceTicks }, symbolId) => ({
      ...{ symbol, symbolId, openingTicks: openingPriceTicks, strategy: inventoryQuoter.create(parameters) },
    }))
    const node = new StrategyNode(symbols, QUOTER_SETTINGS_DEFAULT, MEMBERSHIP_DEFAULT.renewalNs, {
      watch: () => {},
      onGranted: (symbol, token) => this.#world.tell(this.name, () => `is granted ${symbol} with token ${token}`),
      onLost: (symbol) => this.#world.tell(this.name, () => `loses ${symbol}`),
      requestSnapshot: (symbolId) => this.#requestSnapshot(node, symbolId),
      requestPositions: () => this.#requestPositions(node),
      onOutcome: ({ outcome }) => {
        if (outcome !== 'refused') this.grantedCount += 1
      },
      onQuoteEnded: () => {},
      schedule: () => this.#schedule(),
    })
    this.#node = node
    const session: ClientSession = new ClientSession(
      { clientId: this.#clientId, nonce: this.#nonce },
      {
        transmit: (message) => this.#transmit(message),
        requestResend: (fromSeq) =>
          this.#bus.requestResend(this.#clientId, fromSeq, (firstSeq) => {
            if (session === this.#session) session.onResendAnswer(firstSeq, this.#nowNs)
            this.#poll()
          }),
      },
      {
        onReport: (reader, index) => this.#onReport(reader, index),
        onState: (state) => {
          if (state === SessionState.OPEN) node.onSessionOpened(session)
          if (state === SessionState.ENDED && session === this.#session) {
            this.#world.schedule.after(NS_PER_MS, () => {
              if (session === this.#session) this.restart()
            })
          }
        },
      },
    )
    this.#session = session
    this.#loggedSeq = 0
    session.open(this.#nowNs)
    this.#poll()
  }

  /** Symbols that it may quote, as far as it knows. */
  get heldCount(): number {
    return this.#node.authority.heldCount
  }

  /** null: its picture of each book is the book; else where they differ. */
  mirrorDifference(): string | null {
    const core = must(this.#history.core, 'there is a history')
    for (const { symbol, symbolId, mirror } of this.#node.held) {
      for (const side of [Side.BUY, Side.SELL] as const) {
        const levels = side === Side.BUY ? mirror.bids : mirror.asks
        const mirrored = Array.from({ length: levels.count }, (_, at) => `${levels.lotsAt(at)}@${levels.ticksAt(at)}`)
        const booked: string[] = []
        core.exchange.forEachLevel(symbolId, side, (ticks, lots) => booked.push(`${lots}@${ticks}`))
        const [seen, standing] = [mirrored.join(' '), booked.join(' ')]
        if (seen !== standing) return `${symbol}: mirrored ${seen}, in the book ${standing}`
      }
    }
    return null
  }

  get #nowNs(): number {
    return this.#world.schedule.nowNs
  }

  #onMarket(kind: OutputKind, symbolId: number, frame: Uint8Array): void {
    const node = this.#node
    if (kind === OutputKind.L2) node.onL2(symbolId, frame, this.#nowNs)
    else if (kind === OutputKind.L1) node.onL1(symbolId, frame, this.#nowNs)
    else if (kind === OutputKind.TRADES) node.onTrades(symbolId, frame, this.#nowNs)
    else if (kind === OutputKind.POSITION) node.onPositionFrame(symbolId, frame, this.#nowNs)
    this.#poll()
  }

  #requestSnapshot(node: StrategyNode, symbolId: number): void {
    this.#bus.ask(
      this.#clientId,
      ({ core, epoch }) => core.marketData.snapshotFrame(symbolId, 'l2', epoch).slice(),
      (frame) => {
        if (node === this.#node) node.onSnapshot(symbolId, frame, this.#nowNs)
        this.#poll()
      },
    )
  }

  #requestPositions(node: StrategyNode): void {
    this.#bus.ask(
      this.#clientId,
      ({ core }) =>
        core.config.instruments.map((_, symbolId) => ({
          netLots: core.desk.positions.netLots(symbolId),
          version: core.desk.positions.version(symbolId),
        })),
      (positions) => {
        if (node !== this.#node) return
        positions.forEach(({ netLots, version }, symbolId) => node.onPosition(symbolId, netLots, version, this.#nowNs))
        this.#poll()
      },
    )
  }

  /** The history knows each command as it was sent first. */
  #transmit(message: Uint8Array): void {
    const buffer = new AlignedBuffer(message.length)
    buffer.bytes.set(message)
    for (let at = 0; at < message.length; at += commandSize(buffer, at)) {
      const clientSeq = buffer.float64[(at + CommandHeader.CLIENT_SEQ) >> 3]!
      if (clientSeq <= this.#loggedSeq) continue
      this.#loggedSeq = clientSeq
      const sum = checksum(buffer.bytes, at, at + commandSize(buffer, at))
      this.#history.onSent(this.#clientId, this.#session.incarnation, clientSeq, sum)
    }
    this.#bus.sendCommands(this.#clientId, message)
  }

  #onReport(reader: FrameReader, index: number): void {
    this.#node.onReport(reader, index, this.#nowNs)
    const clientSeq = reader.float64(index, ExecutionField.CLIENT_SEQ)
    if ((reader.uint8(index, ExecutionField.FLAGS) & EventFlag.REPLY) === 0 || clientSeq === 0) return
    const incarnation = reader.uint32(index, ExecutionField.INCARNATION)
    this.#history.onAnswered(this.#clientId, incarnation, clientSeq, reader.float64(index, ExecutionField.RECORD_SEQ))
  }

  #schedule(): void {
    this.#world.schedule.after(0, () => this.#session.poll(this.#nowNs))
  }

  #poll(): void {
    const { schedule } = this.#world
    const dueNs = Math.min(this.#node.poll(schedule.nowNs), this.#session.poll(schedule.nowNs))
    const atNs = Math.max(dueNs, schedule.nowNs + NS_PER_MS)
    if (this.#timerNs <= atNs && this.#timerNs > schedule.nowNs) return
    this.#timerNs = atNs
    schedule.after(atNs - schedule.nowNs, () => {
      if (this.#timerNs <= schedule.nowNs) this.#poll()
    })
  }
}
