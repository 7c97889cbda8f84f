// One symbol's book, kept level with the engine's: the mirror does the work, this feeds it from NATS and asks for the
// snapshots that it needs.

import type { Subscription, Transport } from '../../protocol/io/transport.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import { BookMirror, type MirrorSide, MirrorState } from '../../strategies/book-mirror.ts'
import type { BookView, LevelView } from './dashboard-protocol.ts'
import type { EngineQueries } from './engine-queries.ts'
import type { BookSource } from './market-view.ts'

const RETRY_MS = 250

export class BookFeed implements BookSource {
  readonly #transport: Transport
  readonly #subjects: Subjects
  readonly #queries: EngineQueries
  readonly #symbol: string
  readonly #mirror = new BookMirror()
  #subscription: Subscription | undefined
  #asking = false
  #stopped = false
  #onChange: () => void = () => {}

  constructor(transport: Transport, subjects: Subjects, queries: EngineQueries, symbol: string) {
    this.#transport = transport
    this.#subjects = subjects
    this.#queries = queries
    this.#symbol = symbol
  }

  get isLive(): boolean {
    return this.#mirror.state === MirrorState.LIVE
  }

  /** Gaps found so far. */
  get gapCount(): number {
    return this.#mirror.gapCount
  }

  start(onChange: () => void): void {
    this.#onChange = onChange
    this.#subscription = this.#transport.subscribe(this.#subjects.marketData(this.#symbol, 'l2'), (message) => {
      const changed = this.#mirror.onIncrement(message.data)
      if (!this.isLive) this.#repair()
      if (changed) onChange()
    })
    this.#repair()
  }

  stop(): void {
    this.#stopped = true
    this.#subscription?.unsubscribe()
  }

  /** The connection broke: begins again from a snapshot. */
  reset(): void {
    this.#mirror.reset()
    this.#repair()
  }

  /** Best first. */
  book(depth: number): Omit<BookView, 'symbol'> {
    const { seq, recordSeq, bids, asks } = this.#mirror
    return { live: this.isLive, seq, recordSeq, bids: levelsOf(bids, depth), asks: levelsOf(asks, depth) }
  }

  #repair(): void {
    if (this.#asking) return
    this.#asking = true
    this.#onChange()
    void this.#askSnapshot()
  }

  async #askSnapshot(): Promise<void> {
    while (!this.#stopped) {
      const snapshot = await this.#queries.snapshot(this.#symbol, 'l2').catch(() => undefined)
      if (snapshot !== undefined && this.#mirror.onSnapshot(snapshot)) break
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
    this.#asking = false
    this.#onChange()
  }
}

function levelsOf(side: MirrorSide, depth: number): LevelView[] {
  const levels: LevelView[] = []
  const count = Math.min(depth, side.count)
  for (let at = 0; at < count; at++) {
    levels.push([side.ticksAt(at), side.lotsAt(at), side.orderCountAt(at)])
  }
  return levels
}
