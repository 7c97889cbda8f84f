// One symbol's book, kept level with the engine's: a snapshot, then increments, and a new snapshot after a gap.
//
//   increments ──► waiting for the snapshot: kept ──► snapshot: taken, then what was kept ──► live: applied
//                        ▲                                                                        │
//                        └───────────────────────── a gap ────────────────────────────────────────┘

import { L2Field } from '../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../protocol/frame-reader.ts'
import type { Subscription, Transport } from '../../protocol/io/transport.ts'
import { FrameKind, Side } from '../../protocol/kinds.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import type { BookView, LevelView } from './dashboard-protocol.ts'
import type { EngineQueries } from './engine-queries.ts'
import type { BookSource } from './market-view.ts'

/** Increments kept while a snapshot is under way. More than that: the snapshot comes too late, another is asked for. */
const KEPT_COUNT_MAX = 2_000
const RETRY_MS = 250

export class BookFeed implements BookSource {
  /** Gaps found so far. */
  gapCount = 0
  isLive = false
  readonly #transport: Transport
  readonly #subjects: Subjects
  readonly #queries: EngineQueries
  readonly #symbol: string
  readonly #symbolId: number
  readonly #reader = new FrameReader()
  // Levels by price, best found by sorting when somebody looks: books are changed far more often than looked at.
  readonly #sides = [new Map<number, LevelView>(), new Map<number, LevelView>()] as const
  #seq = 0
  #recordSeq = 0
  #kept: Uint8Array[] = []
  #subscription: Subscription | undefined
  #asking = false
  #stopped = false
  #onChange: () => void = () => {}

  constructor(transport: Transport, subjects: Subjects, queries: EngineQueries, symbol: string, symbolId: number) {
    this.#transport = transport
    this.#subjects = subjects
    this.#queries = queries
    this.#symbol = symbol
    this.#symbolId = symbolId
  }

  start(onChange: () => void): void {
    this.#onChange = onChange
    this.#subscription = this.#transport.subscribe(this.#subjects.marketData(this.#symbol, 'l2'), (message) => {
      this.#onFrame(message.data)
    })
    this.repair()
  }

  stop(): void {
    this.#stopped = true
    this.#subscription?.unsubscribe()
  }

  /** Best first. */
  book(depth: number): Omit<BookView, 'symbol'> {
    const [bids, asks] = this.#sides
    return {
      live: this.isLive,
      seq: this.#seq,
      recordSeq: this.#recordSeq,
      bids: [...bids.values()].sort((one, other) => other[0] - one[0]).slice(0, depth),
      asks: [...asks.values()].sort((one, other) => one[0] - other[0]).slice(0, depth),
    }
  }

  /** Begins again from a snapshot. */
  repair(): void {
    this.isLive = false
    this.#onChange()
    if (!this.#asking) void this.#askSnapshot()
  }

  async #askSnapshot(): Promise<void> {
    this.#asking = true
    while (!this.isLive && !this.#stopped) {
      const snapshot = await this.#queries.snapshot(this.#symbol, 'l2').catch(() => undefined)
      if (snapshot !== undefined && this.#takeSnapshot(snapshot)) break
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
    this.#asking = false
  }

  #onFrame(data: Uint8Array): void {
    if (this.isLive) {
      if (!this.#applyIncrement(data)) {
        this.gapCount++
        this.#kept = [data.slice()]
        this.repair()
      }
      return
    }
    if (this.#kept.length === KEPT_COUNT_MAX) this.#kept = []
    this.#kept.push(data.slice())
  }

  /** False when the snapshot is of no use: not right, or older than the increments that were kept. */
  #takeSnapshot(data: Uint8Array): boolean {
    const reader = this.#reader
    if (reader.read(data) !== FrameFault.NONE) return false
    if (reader.kind !== FrameKind.L2_SNAPSHOT || reader.streamId !== this.#symbolId || reader.previousSeq !== 0)
      return false
    for (const side of this.#sides) side.clear()
    this.#applyLevels()
    this.#seq = reader.lastSeq
    this.#recordSeq = reader.recordSeq
    const kept = this.#kept
    this.#kept = []
    this.isLive = true
    if (!kept.every((frame) => this.#applyIncrement(frame))) {
      this.isLive = false
      return false
    }
    this.#onChange()
    return true
  }

  /** False when there is a gap before this frame. A frame that is not right is no gap: the next one shows one. */
  #applyIncrement(data: Uint8Array): boolean {
    const reader = this.#reader
    if (reader.read(data) !== FrameFault.NONE || reader.kind !== FrameKind.L2) return true
    if (reader.streamId !== this.#symbolId || reader.lastSeq <= this.#seq) return true
    if (reader.previousSeq > this.#seq) return false
    this.#applyLevels()
    this.#seq = reader.lastSeq
    this.#recordSeq = reader.recordSeq
    this.#onChange()
    return true
  }

  #applyLevels(): void {
    const reader = this.#reader
    for (let at = 0; at < reader.count; at++) {
      const levels = this.#sides[reader.uint8(at, L2Field.SIDE) === Side.BUY ? 0 : 1]
      const ticks = reader.int32(at, L2Field.PRICE_TICKS)
      const lots = reader.int32(at, L2Field.QUANTITY_LOTS)
      if (lots === 0) levels.delete(ticks)
      else levels.set(ticks, [ticks, lots, reader.int32(at, L2Field.ORDER_COUNT)])
    }
  }
}
