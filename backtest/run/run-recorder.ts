// Writes down what happens in a run, whoever drives it: fills with their markouts, samples of position and equity, and how
// long which of our sides rested.

import type { MarketView, QuoteSides } from '../../strategies/strategy.ts'
import type { Account } from '../replay/account.ts'
import { type LedgerFill, MARKOUT_HORIZONS_NS } from './fill-ledger.ts'
import { PendingMarkouts } from './pending-markouts.ts'
import { type DayRecord, dayOf, emptyDayRecord, emptyRunRecord, type RunRecord } from './run-record.ts'

export type RecorderSettings = {
  readonly tickSize: number
  readonly sampleNs: number
  readonly timeBaseUnixS: number | null
}

export class RunRecorder {
  readonly record: RunRecord = emptyRunRecord()
  readonly #settings: RecorderSettings
  readonly #markouts = new PendingMarkouts()
  /** Middle of the touch as we knew it last; NaN: there was none yet. */
  #midTicks = Number.NaN
  #nextSampleNs = Number.NaN
  #accountedNs = Number.NaN
  #day: DayRecord = emptyDayRecord()
  #dayNumber = Number.NaN

  constructor(settings: RecorderSettings) {
    this.#settings = settings
  }

  submitted(quantity: number, nowNs: number): void {
    this.record.counts.submitted += 1
    this.#dayAt(nowNs).submittedQuantity += quantity
  }

  addFill(facts: Omit<LedgerFill, 'midTicksBefore' | 'markoutTicks'>): void {
    const fill: LedgerFill = {
      ...facts,
      midTicksBefore: this.#midTicks,
      markoutTicks: MARKOUT_HORIZONS_NS.map(() => Number.NaN),
    }
    this.record.fills.push(fill)
    this.#markouts.add(fill)
  }

  /** We looked at the market. */
  look({ bidTicks, bidLots, askTicks, askLots }: Readonly<MarketView>, nowNs: number): void {
    if (bidLots > 0 && askLots > 0) this.#midTicks = (bidTicks + askTicks) / 2
    this.#markouts.mark(this.#midTicks, nowNs)
  }

  /** The time since the last call went by with this market, this quote of ours, and this position. */
  accountTime(market: Readonly<MarketView>, quote: Readonly<QuoteSides>, netLots: number, nowNs: number): void {
    const durationNs = nowNs - this.#accountedNs
    this.#accountedNs = nowNs
    if (!(durationNs > 0) || market.bidLots === 0 || market.askLots === 0) return
    const { times, positionNs } = this.#dayAt(nowNs)
    const { bidLots, bidTicks, askLots, askTicks } = quote
    times.marketNs += durationNs
    if (bidLots > 0) times.bidNs += durationNs
    if (askLots > 0) times.askNs += durationNs
    if (bidLots > 0 && askLots > 0) times.bothNs += durationNs
    if (bidLots > 0 && bidTicks >= market.bidTicks) times.bidAtTouchNs += durationNs
    if (askLots > 0 && askTicks <= market.askTicks) times.askAtTouchNs += durationNs
    positionNs.set(netLots, (positionNs.get(netLots) ?? 0) + durationNs)
  }

  #dayAt(nowNs: number): DayRecord {
    const number = dayOf(nowNs, this.#settings.timeBaseUnixS)
    if (number !== this.#dayNumber) {
      this.#dayNumber = number
      this.#day = this.record.days.get(number) ?? emptyDayRecord()
      this.record.days.set(number, this.#day)
    }
    return this.#day
  }

  /** Samples lie on whole multiples of the sampling time. */
  sampleUpTo(nowNs: number, account: Account): void {
    const { sampleNs, tickSize } = this.#settings
    if (Number.isNaN(this.#midTicks)) return
    if (Number.isNaN(this.#nextSampleNs)) this.#nextSampleNs = Math.ceil(nowNs / sampleNs) * sampleNs
    const { samples } = this.record
    const mid = this.#midTicks * tickSize
    for (; this.#nextSampleNs <= nowNs; this.#nextSampleNs += sampleNs) {
      samples.timeNs.push(this.#nextSampleNs)
      samples.mid.push(mid)
      samples.position.push(account.position)
      samples.grossEquity.push(account.grossEquity(mid))
      samples.fee.push(account.fee)
      samples.tradedValue.push(account.value)
    }
  }
}
