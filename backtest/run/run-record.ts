// What one run writes down as it goes: samples of position and equity, how long we quoted, counts, and the fills.

import type { LedgerFill } from './fill-ledger.ts'

/** A growing list of numbers without boxing. */
export class NumberColumn {
  #values = new Float64Array(1024)
  count = 0

  push(value: number): void {
    if (this.count === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values[this.count] = value
    this.count += 1
  }

  /** Of the values so far; not a copy. */
  view(): Float64Array {
    return this.#values.subarray(0, this.count)
  }
}

/** One sample every `sampleNs`, from the first time that there was a two-sided book. */
export class RunSamples {
  readonly timeNs = new NumberColumn()
  readonly mid = new NumberColumn()
  readonly position = new NumberColumn()
  /** Before fees, and the fees paid so far. */
  readonly grossEquity = new NumberColumn()
  readonly fee = new NumberColumn()
  readonly tradedValue = new NumberColumn()
}

/** Nanoseconds with a two-sided market, and of them those in which our orders rested so. */
export type QuoteTimes = {
  marketNs: number
  bidNs: number
  askNs: number
  bothNs: number
  bidAtTouchNs: number
  askAtTouchNs: number
}

export type RunCounts = {
  steps: number
  /** Times that the strategy was asked. */
  questions: number
  submitted: number
  cancelled: number
  /** Made smaller in their places. */
  reduced: number
  /** Post-only orders that would have traded, and requests refused at the exchange's door. */
  expired: number
  filledOrders: number
  /** Orders not sent, or made smaller, because the position limit would have been passed. */
  limited: number
}

/** What is written down by day besides the samples and the fills. */
export type DayRecord = {
  readonly times: QuoteTimes
  /** Nanoseconds by position in lots. */
  readonly positionNs: Map<number, number>
  submittedQuantity: number
}

export type RunRecord = {
  readonly samples: RunSamples
  /** By days since 1970, or since the start of a feed without a date. */
  readonly days: Map<number, DayRecord>
  readonly counts: RunCounts
  readonly fills: LedgerFill[]
}

export function emptyDayRecord(): DayRecord {
  return {
    times: { marketNs: 0, bidNs: 0, askNs: 0, bothNs: 0, bidAtTouchNs: 0, askAtTouchNs: 0 },
    positionNs: new Map(),
    submittedQuantity: 0,
  }
}

/** The same of all days together. */
export function sumOfDays({ days }: RunRecord): DayRecord {
  const sum = emptyDayRecord()
  for (const { times, positionNs, submittedQuantity } of days.values()) {
    for (const name of Object.keys(times) as (keyof QuoteTimes)[]) sum.times[name] += times[name]
    for (const [lots, ns] of positionNs) sum.positionNs.set(lots, (sum.positionNs.get(lots) ?? 0) + ns)
    sum.submittedQuantity += submittedQuantity
  }
  return sum
}

const DAY_S = 86_400

/** Days since 1970, or since time 0 of a feed without a date. */
export function dayOf(ns: number, timeBaseUnixS: number | null): number {
  return Math.floor(((timeBaseUnixS ?? 0) + ns / 1e9) / DAY_S)
}

export function emptyRunRecord(): RunRecord {
  return {
    samples: new RunSamples(),
    days: new Map(),
    counts: {
      ...{ steps: 0, questions: 0, submitted: 0, cancelled: 0, reduced: 0, expired: 0 },
      ...{ filledOrders: 0, limited: 0 },
    },
    fills: [],
  }
}
