// Market-maker protection: a quote of which too much trades within a while is pulled. docs/exchange-rules.md says when.
//
// A window opens with the first fill, and counts until it is over or the protection acts.

import type { ByteReader } from '../base/byte-reader.ts'
import type { ByteWriter } from '../base/byte-writer.ts'
import { EventField, type EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind, Reason } from '../protocol/kinds.ts'
import type { Instrument, QuoteProtectionLimits } from '../protocol/symbol.ts'
import type { Quotes } from './quotes.ts'

const QUOTE_TRADE = EventFlag.QUOTE | EventFlag.CONTRA_QUOTE

export class QuoteProtection {
  readonly #quotes: Quotes
  readonly #limits: readonly (QuoteProtectionLimits | undefined)[]
  // By symbol.
  /** Both sides of the last quote, as granted. */
  readonly #grantedLots: Float64Array
  readonly #windowStartNs: Float64Array
  readonly #filledLots: Float64Array
  /** 0: no window is open. */
  readonly #fillCount: Uint32Array

  constructor(quotes: Quotes, instruments: readonly Instrument[]) {
    this.#quotes = quotes
    this.#limits = instruments.map(({ quoteProtection }) => quoteProtection)
    this.#grantedLots = new Float64Array(instruments.length)
    this.#windowStartNs = new Float64Array(instruments.length)
    this.#filledLots = new Float64Array(instruments.length)
    this.#fillCount = new Uint32Array(instruments.length)
  }

  /** After a command's own events `from ..`: counts its trades with the quote, and pulls what is left if it was too much. */
  afterCommand(from: number, nowNs: number, events: EventLog): void {
    const to = events.count
    for (let index = from; index < to; index++) {
      const at = index * EventField.LENGTH
      const kind = events.bytes[at + EventField.KIND]!
      const symbolId = events.int32[(at + EventField.SYMBOL_ID) >> 2]!
      const quantityLots = events.int32[(at + EventField.QUANTITY_LOTS) >> 2]!
      if (kind === EventKind.QUOTE_ACCEPTED && this.#limits[symbolId] !== undefined) {
        this.#grantedLots[symbolId] = quantityLots + events.int32[(at + EventField.LEAVES_LOTS) >> 2]!
      } else if (kind === EventKind.TRADE && (events.bytes[at + EventField.FLAGS]! & QUOTE_TRADE) !== 0) {
        this.#count(symbolId, quantityLots, nowNs)
        if (index + 1 === to || !this.#isLater(events, index + 1, to)) this.#act(symbolId, events)
      }
    }
  }

  snapshot(symbolId: number, writer: ByteWriter): void {
    writer.safeInteger(this.#grantedLots[symbolId]!)
    writer.safeInteger(this.#windowStartNs[symbolId]!)
    writer.safeInteger(this.#filledLots[symbolId]!)
    writer.uint32(this.#fillCount[symbolId]!)
  }

  restore(symbolId: number, reader: ByteReader): void {
    this.#grantedLots[symbolId] = reader.safeInteger()
    this.#windowStartNs[symbolId] = reader.safeInteger()
    this.#filledLots[symbolId] = reader.safeInteger()
    this.#fillCount[symbolId] = reader.uint32()
  }

  /** Whether the command trades with the quote once more: it acts after the last one. */
  #isLater(events: EventLog, from: number, to: number): boolean {
    for (let index = from; index < to; index++) {
      const at = index * EventField.LENGTH
      const isTrade = events.bytes[at + EventField.KIND] === EventKind.TRADE
      if (isTrade && (events.bytes[at + EventField.FLAGS]! & QUOTE_TRADE) !== 0) return true
    }
    return false
  }

  #count(symbolId: number, quantityLots: number, nowNs: number): void {
    const limits = this.#limits[symbolId]
    if (limits === undefined) return
    const isOver = nowNs - this.#windowStartNs[symbolId]! >= limits.windowNs
    if (this.#fillCount[symbolId] === 0 || isOver) {
      this.#close(symbolId)
      this.#windowStartNs[symbolId] = nowNs
    }
    this.#fillCount[symbolId]! += 1
    this.#filledLots[symbolId]! += quantityLots
  }

  #act(symbolId: number, events: EventLog): void {
    const limits = this.#limits[symbolId]
    if (limits === undefined) return
    const filledLots = this.#filledLots[symbolId]!
    const isTooMuch =
      (limits.quantityLots !== 0 && filledLots >= limits.quantityLots) ||
      (limits.fillCount !== 0 && this.#fillCount[symbolId]! >= limits.fillCount) ||
      (limits.percent !== 0 && filledLots * 100 >= limits.percent * this.#grantedLots[symbolId]!)
    if (!isTooMuch) return
    this.#close(symbolId)
    this.#quotes.cancel(symbolId, Reason.PROTECTION, 0, events)
  }

  #close(symbolId: number): void {
    this.#windowStartNs[symbolId] = 0
    this.#filledLots[symbolId] = 0
    this.#fillCount[symbolId] = 0
  }
}
