// A journal opened for looking: answers for any of its records with what the page shows of it.

import { GivenFiles } from '../../../engine/journal/given-files.ts'
import { type RecordFacts, recordFacts } from '../../../engine/journal/record-text.ts'
import { TimeMachine } from '../../../engine/time-machine.ts'
import type { State } from '../../gateway/dashboard-protocol.ts'
import { authorityOf, bookOf, exposureOf, fillsOf, helloOf, positionOf, priceOf, quoteOf } from './core-state.ts'
import { MarketLog } from './market-log.ts'
import type { JournalFile, Loaded, Shown } from './replay-protocol.ts'

const RECORDS_SHOWN = 40

export class Replay {
  readonly loaded: Loaded
  readonly #machine: TimeMachine
  readonly #log: MarketLog
  /** What a tick times a lot is worth, by symbol. */
  readonly #money: readonly number[]

  /** Throws what opening the journal throws: its message says what is wrong with which file. */
  constructor(location: string, files: readonly JournalFile[], onProgress: (share: number) => void) {
    const storage = new GivenFiles(location, new Map(files.map(({ name, bytes }) => [name, bytes])))
    const times = { firstNs: -1, baseMs: 0 }
    this.#log = new MarketLog(() => times.baseMs)
    this.#machine = new TimeMachine(storage, {
      onBegin: (timeBaseUnixMs) => {
        times.baseMs = timeBaseUnixMs
      },
      onRecord: (core) => {
        if (times.firstNs < 0) times.firstNs = core.timeNs
        this.#log.onRecord(core)
      },
      onProgress,
    })
    const { core, firstSeq, lastSeq, epochs } = this.#machine
    this.#money = core.config.instruments.map(({ tickSize, lotSize }) => Number(tickSize) * Number(lotSize))
    this.loaded = {
      type: 'loaded',
      hello: helloOf(core),
      firstSeq,
      lastSeq,
      firstTimeMs: this.#timeMs(Math.max(0, times.firstNs)),
      lastTimeMs: this.#timeMs(core.timeNs),
      epochs,
    }
  }

  show(seq: number, symbol: string): Shown {
    const core = this.#machine.goTo(seq)
    const { instruments } = core.config
    const base = this.#machine.timeBaseUnixMs
    const timeMs = this.#timeMs(core.timeNs)
    const symbolId = Math.max(
      0,
      instruments.findIndex((instrument) => instrument.symbol === symbol),
    )
    const name = instruments[symbolId]!.symbol
    const ids = instruments.map((_, id) => id)
    const fills = fillsOf(core, base)
    const filledMs = new Map(fills.map((fill) => [fill.symbol, fill.timeMs]))
    const state: State = {
      ...{ type: 'snapshot', sentAtMs: timeMs, recordSeq: core.seq, epoch: core.epoch },
      ...{ recordsPerSecond: this.#rate(core.seq, core.timeNs), tradesPerSecond: 0, upstream: true },
      prices: ids.map((id) => priceOf(core, id)),
      quotes: ids.map((id) => quoteOf(core, id, base)),
      positions: ids.map((id) => positionOf(core, id, filledMs.get(instruments[id]!.symbol) ?? 0)),
      exposure: exposureOf(core),
      authority: authorityOf(core, base),
      fills: { items: fills, missed: 0 },
      books: [bookOf(core, symbolId)],
      trades: [{ symbol: name, fresh: true, items: this.#log.tradesUpTo(symbolId, core.seq), missed: 0 }],
      history: [this.#log.historyUpTo(symbolId, name, core.timeNs, this.#money)],
    }
    const stateHash = core.hash().toString(16).padStart(8, '0')
    return { type: 'shown', seq: core.seq, timeMs, stateHash, records: this.#recordsUpTo(core.seq), state }
  }

  advance(byMs: number, symbol: string): Shown {
    const { core } = this.#machine
    const seq = Math.max(core.seq + 1, this.#machine.seqAt(core.timeNs + byMs * 1e6))
    return this.show(seq, symbol)
  }

  #recordsUpTo(seq: number): RecordFacts[] {
    const facts: RecordFacts[] = []
    for (let at = seq; at >= this.#machine.firstSeq && facts.length < RECORDS_SHOWN; at--) {
      this.#machine.visit(at, (records, offset) => facts.push(recordFacts(records, offset)))
    }
    return facts
  }

  /** Records in the second of record time before. */
  #rate(seq: number, timeNs: number): number {
    return seq - this.#machine.seqAt(timeNs - 1e9)
  }

  #timeMs(timeNs: number): number {
    return this.#machine.timeBaseUnixMs + timeNs / 1e6
  }
}
