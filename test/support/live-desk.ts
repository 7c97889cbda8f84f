// A live market in one process, with known latencies: the real engine, the real strategy node with its session, and a flow
// of random orders of another client; recorded as the recorder would. Time is simulated, to the nanosecond.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { Prng } from '../../base/prng.ts'
import { OutputKind } from '../../engine/core/output.ts'
import { MemoryStorage } from '../../engine/journal/memory-storage.ts'
import { FrameRecorder } from '../../feeds/frame-recorder.ts'
import { FeedFileWriter } from '../../feeds/io/feed-file.ts'
import { openingPriceKey } from '../../feeds/opening-price.ts'
import { ClientSession, SessionState } from '../../protocol/client-session.ts'
import { stampSession, writeCancelOrder, writeReplaceOrder } from '../../protocol/command-writer.ts'
import { ExecutionField } from '../../protocol/frame.ts'
import type { FrameReader } from '../../protocol/frame-reader.ts'
import { EventFlag, EventKind, OrderType, Side, TimeInForce } from '../../protocol/kinds.ts'
import { COMMAND_SIZE_MAX } from '../../protocol/limits.ts'
import { StrategyNode } from '../../strategies/node.ts'
import type { Strategy } from '../../strategies/strategy.ts'
import { QUOTER_SETTINGS_DEFAULT } from '../../strategies/symbol-quoter.ts'
import { orderMessage, SoloEngine, soloConfig } from './solo-engine.ts'

const NODE = 101
const TRADER = 10
const MS = 1_000_000
const RECORD_FROM_NS = 100 * MS
/** Longest time that nobody looks at the engine. */
const LOOK_NS = 50 * MS
const MEAN_PAUSE_NS = 8 * MS
const RENEWAL_NS = 250 * MS

export type Latencies = { readonly feedNs: number; readonly entryNs: number; readonly responseNs: number }

export type LiveFill = {
  readonly exchangeNs: number
  readonly side: Side
  readonly priceTicks: number
  readonly lots: number
  readonly isMaker: boolean
}

type Task = { readonly timeNs: number; readonly number: number; readonly run: () => void }

export class LiveDesk {
  readonly fills: LiveFill[] = []
  readonly node: StrategyNode
  readonly #engine = new SoloEngine(new MemoryStorage())
  readonly #session: ClientSession
  readonly #latencies: Latencies
  readonly #writer: FeedFileWriter
  readonly #recorder: FrameRecorder
  readonly #prng: Prng
  readonly #tasks: Task[] = []
  #taskCount = 0
  #clientSeq = 0
  #incarnation = 0
  #nowNs = 0
  #pollNs = 0
  /** The node was told something since it was asked last. */
  #hasNews = true

  constructor(strategy: Strategy, latencies: Latencies, seed: number, out: string) {
    this.#latencies = latencies
    this.#prng = new Prng(seed)
    const { symbol, tickSize, lotSize, openingPriceTicks } = soloConfig.instruments[0]!
    this.#writer = new FeedFileWriter(out, {
      ...{ source: 'tandem', detail: 'L3', timeBaseUnixS: 1_700_000_000, instruments: [{ symbol, tickSize, lotSize }] },
      metadata: { [openingPriceKey(symbol)]: String(openingPriceTicks) },
    })
    this.#recorder = new FrameRecorder(this.#writer.encoder, 0, 0)
    this.node = new StrategyNode(
      [{ symbol, symbolId: 0, openingTicks: openingPriceTicks, strategy }],
      QUOTER_SETTINGS_DEFAULT,
      RENEWAL_NS,
      {
        watch: () => {},
        onGranted: () => {},
        onLost: () => {},
        // Both are answered once, as the recording begins.
        requestSnapshot: () => {},
        requestPositions: () => {},
        onOutcome: () => {},
        onQuoteEnded: () => {},
        schedule: () => {},
      },
    )
    this.#session = new ClientSession(
      { clientId: NODE, nonce: 7 },
      {
        transmit: (message) => {
          const copy = message.slice()
          this.#after(latencies.entryNs, () => this.#offer(NODE, copy))
        },
        requestResend: () => {},
      },
      {
        onReport: (reader, index) => this.#onReport(reader, index),
        onState: (state) => {
          if (state === SessionState.OPEN) this.node.onSessionOpened(this.#session)
        },
      },
    )
    this.#engine.onOutput = (kind, streamId, payload) => this.#hear(kind, streamId, payload.slice())
  }

  /** Trades until `untilNs`, and ends the recording. */
  run(untilNs: number): void {
    this.#incarnation = this.#engine.open(TRADER)
    this.#nowNs = this.#engine.nowNs
    this.#session.open(this.#nowNs)
    this.#at(RECORD_FROM_NS, () => this.#startRecording())
    this.#at(RECORD_FROM_NS + MS, () => this.#trade(untilNs))
    while (this.#nowNs < untilNs) {
      const taskNs = this.#tasks[0]?.timeNs ?? Number.POSITIVE_INFINITY
      this.#passTo(Math.min(taskNs, this.#pollNs, this.#nowNs + LOOK_NS, untilNs))
      while ((this.#tasks[0]?.timeNs ?? Number.POSITIVE_INFINITY) <= this.#nowNs) this.#tasks.shift()!.run()
      // As the node's connection does: after news, and when the node wanted to be asked.
      if (!this.#hasNews && this.#nowNs < this.#pollNs) continue
      this.#hasNews = false
      this.node.onEngineHeard(this.#nowNs)
      const dueNs = this.node.poll(this.#nowNs)
      this.#pollNs = dueNs > this.#nowNs ? dueNs : this.#nowNs + MS
      this.#session.poll(this.#nowNs)
    }
    this.#writer.finish()
  }

  #startRecording(): void {
    const { core, epoch } = this.#engine.engine
    const localNs = this.#nowNs + this.#latencies.feedNs
    this.#recorder.takeSnapshot(core.marketData.snapshotFrame(0, 'l3', epoch), localNs)
    const levels = core.marketData.snapshotFrame(0, 'l2', epoch).slice()
    this.#tell(localNs, () => {
      this.node.onSnapshot(0, levels, this.#nowNs)
      this.node.onPosition(0, 0, 0, this.#nowNs)
    })
  }

  /** One command of the other client, and the next one some time later. */
  #trade(untilNs: number): void {
    const prng = this.#prng
    this.#clientSeq += 1
    const side = prng.nextChance(0.5) ? Side.BUY : Side.SELL
    const isTaking = prng.nextChance(0.3)
    const reach = isTaking ? 12 : -prng.nextBetween(1, 15)
    const { exchange } = this.#engine.engine.core
    const priceTicks = exchange.referenceTicks(0) + (side === Side.BUY ? reach : -reach)
    const quantityLots = prng.nextBetween(1, 12)
    const named = prng.nextBetween(1, Math.max(1, this.#clientSeq - 1))
    const timeInForce = isTaking && prng.nextChance(0.5) ? TimeInForce.IOC : TimeInForce.GTC
    const isMarket = isTaking && prng.nextChance(0.3)
    if (prng.nextChance(0.6)) {
      const order = isMarket
        ? { side, quantityLots, priceTicks: 0, orderType: OrderType.MARKET, timeInForce: TimeInForce.IOC }
        : { side, quantityLots, priceTicks, timeInForce }
      this.#offer(TRADER, orderMessage(TRADER, this.#incarnation, this.#clientSeq, order))
    } else {
      const buffer = new AlignedBuffer(COMMAND_SIZE_MAX)
      const isReplace = prng.nextChance(0.4)
      const size = isReplace
        ? writeReplaceOrder(buffer, 0, 0, 0, named, priceTicks, quantityLots)
        : writeCancelOrder(buffer, 0, 0, 0, named)
      stampSession(buffer, 0, TRADER, this.#incarnation, this.#clientSeq)
      this.#offer(TRADER, buffer.bytes.slice(0, size))
    }
    const pauseNs = 1 + Math.floor(prng.nextExponential(MEAN_PAUSE_NS))
    if (this.#nowNs + pauseNs < untilNs) this.#after(pauseNs, () => this.#trade(untilNs))
  }

  #offer(clientId: number, message: Uint8Array): void {
    this.#engine.engine.offer(clientId, message)
    // Into the journal, onto the disk, and out.
    for (let turn = 0; turn < 3; turn++) this.#engine.pass(0)
  }

  #passTo(timeNs: number): void {
    this.#nowNs = Math.max(this.#nowNs, timeNs)
    this.#engine.pass(this.#nowNs - this.#engine.nowNs)
  }

  #hear(kind: OutputKind, streamId: number, frame: Uint8Array): void {
    const { feedNs, responseNs } = this.#latencies
    const engineNs = this.#engine.nowNs
    const later = (afterNs: number, run: () => void) => this.#tell(engineNs + afterNs, run)
    if (kind === OutputKind.EXECUTIONS) {
      if (streamId === NODE) later(responseNs, () => this.#session.onFrame(frame, this.#nowNs))
      return
    }
    if (streamId !== 0) return
    const { node } = this
    if (kind === OutputKind.L3) this.#recorder.receive(frame, engineNs + feedNs)
    else if (kind === OutputKind.L2) later(feedNs, () => node.onL2(0, frame, this.#nowNs))
    else if (kind === OutputKind.L1) later(feedNs, () => node.onL1(0, frame, this.#nowNs))
    else if (kind === OutputKind.TRADES) later(feedNs, () => node.onTrades(0, frame, this.#nowNs))
    else if (kind === OutputKind.POSITION) later(responseNs, () => node.onPositionFrame(0, frame, this.#nowNs))
  }

  #onReport(reader: FrameReader, index: number): void {
    this.node.onReport(reader, index, this.#nowNs)
    if (reader.uint8(index, ExecutionField.KIND) !== EventKind.TRADE) return
    this.fills.push({
      exchangeNs: reader.float64(index, ExecutionField.TIME_NS),
      side: reader.uint8(index, ExecutionField.SIDE) as Side,
      priceTicks: reader.int32(index, ExecutionField.PRICE_TICKS),
      lots: reader.int32(index, ExecutionField.QUANTITY_LOTS),
      isMaker: (reader.uint8(index, ExecutionField.FLAGS) & EventFlag.AGGRESSOR) === 0,
    })
  }

  #after(ns: number, run: () => void): void {
    this.#at(this.#nowNs + ns, run)
  }

  #tell(timeNs: number, run: () => void): void {
    this.#at(timeNs, () => {
      this.#hasNews = true
      run()
    })
  }

  /** Tasks of the same time run in the order in which they were given. */
  #at(timeNs: number, run: () => void): void {
    this.#taskCount += 1
    const task = { timeNs, number: this.#taskCount, run }
    const before = this.#tasks.findIndex((other) => other.timeNs > timeNs)
    if (before === -1) this.#tasks.push(task)
    else this.#tasks.splice(before, 0, task)
  }
}
