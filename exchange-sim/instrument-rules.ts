// What an instrument allows of prices and quantities: its price limits, its tick size table, its least and greatest
// quantity. docs/exchange-rules.md says when it is asked.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { CommandHeader, NewOrderField, QuoteField, ReplaceOrderField } from '../protocol/command.ts'
import { Reason } from '../protocol/kinds.ts'
import { PRICE_TICKS_MAX } from '../protocol/limits.ts'
import type { Instrument } from '../protocol/symbol.ts'

export class InstrumentRules {
  readonly #instruments: readonly Instrument[]

  constructor(instruments: readonly Instrument[]) {
    this.#instruments = instruments
  }

  /** The NEW_ORDER at `offset`. 0: nothing speaks against it, or its symbol is none. */
  ofOrder(batch: AlignedBuffer, offset: number): Reason | 0 {
    const words = batch.int32
    const instrument = this.#instruments[words[(offset + CommandHeader.SYMBOL_ID) >> 2]!]
    if (instrument === undefined) return 0
    const priceTicks = words[(offset + NewOrderField.PRICE_TICKS) >> 2]!
    return ruleAgainst(instrument, priceTicks, words[(offset + NewOrderField.QUANTITY_LOTS) >> 2]!)
  }

  /** The REPLACE_ORDER at `offset` of an order in this symbol. */
  ofReplace(batch: AlignedBuffer, offset: number, symbolId: number): Reason | 0 {
    const words = batch.int32
    const priceTicks = words[(offset + ReplaceOrderField.PRICE_TICKS) >> 2]!
    const quantityLots = words[(offset + ReplaceOrderField.QUANTITY_LOTS) >> 2]!
    return ruleAgainst(this.#instruments[symbolId]!, priceTicks, quantityLots)
  }

  /** The QUOTE at `offset`: its bid, then its ask. */
  ofQuote(batch: AlignedBuffer, offset: number): Reason | 0 {
    const words = batch.int32
    const instrument = this.#instruments[words[(offset + CommandHeader.SYMBOL_ID) >> 2]!]
    if (instrument === undefined) return 0
    const bidLots = words[(offset + QuoteField.BID_LOTS) >> 2]!
    const askLots = words[(offset + QuoteField.ASK_LOTS) >> 2]!
    const bidTicks = words[(offset + QuoteField.BID_TICKS) >> 2]!
    const askTicks = words[(offset + QuoteField.ASK_TICKS) >> 2]!
    const bidReason = bidLots === 0 ? 0 : ruleAgainst(instrument, bidTicks, bidLots)
    if (bidReason !== 0 || askLots === 0) return bidReason
    return ruleAgainst(instrument, askTicks, askLots)
  }
}

/** A price below 1 is none, and not looked at; nor is a quantity below 1. */
function ruleAgainst(instrument: Instrument, priceTicks: number, quantityLots: number): Reason | 0 {
  const {
    lowestTicks = 1,
    highestTicks = PRICE_TICKS_MAX,
    minimumLots = 1,
    maximumLots = Number.POSITIVE_INFINITY,
  } = instrument
  if (priceTicks >= 1) {
    if (priceTicks < lowestTicks || priceTicks > highestTicks) return Reason.PRICE_OUT_OF_RANGE
    if (priceTicks % stepAt(instrument, priceTicks) !== 0) return Reason.PRICE_OFF_TICK
  }
  const isInRange = quantityLots < 1 || (quantityLots >= minimumLots && quantityLots <= maximumLots)
  return isInRange ? 0 : Reason.QUANTITY_OUT_OF_RANGE
}

/** The step of the last entry of the table that begins at or below the price. */
function stepAt({ tickTable }: Instrument, priceTicks: number): number {
  let stepTicks = 1
  if (tickTable === undefined) return stepTicks
  for (const entry of tickTable) {
    if (entry.fromTicks > priceTicks) break
    stepTicks = entry.stepTicks
  }
  return stepTicks
}
