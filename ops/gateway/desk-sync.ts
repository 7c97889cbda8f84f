// Keeps the desk's view level with the engine: frames bring changes at once, and a question a moment later makes sure.
//
// Frames of different subjects are not ordered against each other within one record, and frames can be missed; what the
// engine answers is true at one record. So each change is followed by one question, at most one at a time.

import type { Logger } from 'pino'
import type { Dashboard } from './dashboard.ts'
import type { FillStatement } from './desk-view.ts'
import type { EngineQueries, FillAnswer } from './engine-queries.ts'

/** From a change to the question. */
const SETTLE_MS = 400
const RETRY_MS = 500
const FILLS_AT_START = 200

export class DeskSync {
  readonly #queries: EngineQueries
  readonly #dashboard: Dashboard
  readonly #timeBaseUnixMs: number
  readonly #log: Logger
  #timer: NodeJS.Timeout | undefined
  #asking = false
  #changedMeanwhile = false
  #stopped = false
  #fillsLoaded = false

  constructor(queries: EngineQueries, dashboard: Dashboard, timeBaseUnixMs: number, log: Logger) {
    this.#queries = queries
    this.#dashboard = dashboard
    this.#timeBaseUnixMs = timeBaseUnixMs
    this.#log = log
  }

  /** Something changed. `gap`: something may have been missed, so the question is asked at once. */
  changed(gap: boolean): void {
    if (this.#stopped) return
    if (this.#asking) {
      this.#changedMeanwhile = true
      return
    }
    if (gap) clearTimeout(this.#timer)
    else if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => void this.#ask(), gap ? 0 : SETTLE_MS)
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  async fills(wanted: {
    symbol?: string
    afterTradeId: number
    limit: number
  }): Promise<{ fills: FillStatement[]; recordSeq: number }> {
    const answer = await this.#queries.fills(wanted)
    const fills = answer.fills.flatMap((fill) => {
      const symbolId = this.#dashboard.symbolId(fill.symbol)
      return symbolId === undefined ? [] : [this.#fillOf(fill, symbolId)]
    })
    return { fills, recordSeq: answer.recordSeq }
  }

  async #ask(): Promise<void> {
    this.#timer = undefined
    this.#asking = true
    this.#changedMeanwhile = false
    let again = 0
    try {
      const [positions, quotes, exposure] = await Promise.all([
        this.#queries.positions(),
        this.#queries.quotes(),
        this.#queries.exposure(),
      ])
      if (!this.#fillsLoaded) await this.#loadFills()
      if (!this.#stopped) this.#take(positions, quotes, exposure)
      again = this.#changedMeanwhile ? SETTLE_MS : 0
    } catch (error) {
      this.#log.debug({ error: (error as Error).message }, 'the desk is not answered for')
      again = RETRY_MS
    }
    this.#asking = false
    if (again > 0 && !this.#stopped) this.#timer = setTimeout(() => void this.#ask(), again)
  }

  /** The newest fills there were before this gateway began to listen. */
  async #loadFills(): Promise<void> {
    const { fills } = await this.fills({ afterTradeId: 0, limit: FILLS_AT_START })
    for (const fill of fills) this.#dashboard.desk.onFill(fill)
    this.#fillsLoaded = true
  }

  #take(
    positions: Awaited<ReturnType<EngineQueries['positions']>>,
    quotes: Awaited<ReturnType<EngineQueries['quotes']>>,
    exposure: Awaited<ReturnType<EngineQueries['exposure']>>,
  ): void {
    const { desk, markets } = this.#dashboard
    for (const held of positions.positions) {
      const symbolId = this.#dashboard.symbolId(held.symbol)
      if (symbolId === undefined) continue
      const { symbol: _, ...position } = held
      desk.loadPosition(symbolId, { ...position, recordSeq: positions.recordSeq })
      desk.mark(symbolId, markets[symbolId]!.price.referenceTicks)
    }
    const standing = new Map(quotes.quotes.map((quote) => [quote.symbol, quote]))
    markets.forEach(({ instrument }, symbolId) => {
      const quote = standing.get(instrument.symbol)
      if (quote === undefined) desk.endQuote(symbolId, quotes.recordSeq)
      else {
        const { symbol: _, expiryNs, ...stated } = quote
        desk.onQuote({ ...stated, symbolId, expiresAtMs: this.#timeMs(expiryNs), recordSeq: quotes.recordSeq })
      }
    })
    desk.setQuoting(exposure.quotingEnabled, exposure.recordSeq)
    // While all are off, nothing can be said about the switches of single ones.
    if (!exposure.quotingEnabled) return
    for (const { symbol, quotingEnabled } of exposure.symbols) {
      const symbolId = this.#dashboard.symbolId(symbol)
      if (symbolId !== undefined) desk.setSymbolQuoting(symbolId, quotingEnabled, exposure.recordSeq)
    }
  }

  #fillOf(fill: FillAnswer, symbolId: number): FillStatement {
    const { symbol: _, timeNs, ...stated } = fill
    return { ...stated, symbolId, timeMs: this.#timeMs(timeNs) }
  }

  #timeMs(timeNs: number): number {
    return this.#timeBaseUnixMs + timeNs / 1_000_000
  }
}
