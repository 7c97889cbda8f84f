// How the exposure limit is used while more is wanted than there is: read from the journal, weighted by time on record.

import type { Core } from '../../engine/core/core.ts'
import type { Check } from '../cli/output.ts'

/** Of the limit, on average over time, on each side. Percent. */
const USED_MIN = 95
/** Of the time, each symbol has a quote. Percent. */
const QUOTED_MIN = 30

type Stretch = { readonly fromSeq: number; readonly toSeq: number }

export class ExposureUse {
  #stretch: Stretch | null = null
  #limitLots = 0
  #lastNs = 0
  #totalNs = 0
  #bidLotNs = 0
  #askLotNs = 0
  #lotsHighest = 0
  #quotedNs: number[] = []
  #isInside = false
  // As they were after the record before: what holds until the next one.
  #bidLots = 0
  #askLots = 0
  #isQuoted: boolean[] = []

  /** Look at the records from .. to when they come. */
  watch(fromSeq: number, toSeq: number): void {
    this.#stretch = { fromSeq, toSeq }
    this.#totalNs = this.#bidLotNs = this.#askLotNs = this.#lotsHighest = 0
    this.#quotedNs = []
    this.#isInside = false
  }

  look(core: Core): void {
    const stretch = this.#stretch
    if (stretch === null || core.seq < stretch.fromSeq || core.seq > stretch.toSeq) return
    if (this.#isInside) this.#pass(core.timeNs - this.#lastNs)
    this.#isInside = true
    this.#lastNs = core.timeNs
    this.#limitLots = core.config.exposureLots
    const { exposure } = core.desk
    this.#bidLots = exposure.bidLotsTotal
    this.#askLots = exposure.askLotsTotal
    this.#lotsHighest = Math.max(this.#lotsHighest, this.#bidLots, this.#askLots)
    this.#isQuoted = core.config.instruments.map((_, symbolId) => core.exchange.quoteClientId(symbolId) !== 0)
  }

  /** What came of the stretch that was watched; nothing where there was none. */
  checks(): Check[] {
    if (this.#totalNs === 0) return []
    const percent = (part: number, whole: number) => Math.round((1_000 * part) / whole) / 10
    const whole = this.#limitLots * this.#totalNs
    const used = Math.min(percent(this.#bidLotNs, whole), percent(this.#askLotNs, whole))
    const quoted = Math.min(...this.#quotedNs.map((ns) => percent(ns, this.#totalNs)))
    const limit = this.#limitLots
    return [
      { name: 'most lots in use on a side', ok: this.#lotsHighest <= limit, value: this.#lotsHighest, limit },
      {
        name: 'the exposure limit in use, percent, the lesser side',
        ok: used >= USED_MIN,
        value: used,
        limit: USED_MIN,
      },
      {
        name: 'the least quoted symbol had a quote, percent of the time',
        ok: quoted >= QUOTED_MIN,
        value: quoted,
        limit: QUOTED_MIN,
      },
    ]
  }

  #pass(ns: number): void {
    this.#totalNs += ns
    this.#bidLotNs += this.#bidLots * ns
    this.#askLotNs += this.#askLots * ns
    for (const [symbolId, isQuoted] of this.#isQuoted.entries()) {
      this.#quotedNs[symbolId] = (this.#quotedNs[symbolId] ?? 0) + (isQuoted ? ns : 0)
    }
  }
}
