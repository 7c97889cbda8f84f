// MASS_QUOTE: quotes of several symbols as one command. All of them may stand, or none is entered.
//
// Each entry is read as the QUOTE that it stands for, and passes the same desk and the same exchange. First all are
// checked, against the state before the command; then each is entered in turn, on the exposure that the ones before it
// left. One for which nothing is left by then has its symbol's standing quote withdrawn instead.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import type { Exchange } from '../../exchange-sim/exchange.ts'
import {
  COMMAND_VERSION,
  CommandHeader,
  MassQuoteEntryField,
  MassQuoteField,
  QuoteField,
} from '../../protocol/command.ts'
import { EventField, type EventLog } from '../../protocol/event.ts'
import { CommandKind, EventFlag, Reason, Side } from '../../protocol/kinds.ts'
import type { Desk } from '../desk/desk.ts'
import { isForExposure } from '../desk/exposure.ts'
import { completeQuoteAnswer } from './desk-events.ts'

export class MassQuotes {
  /** The symbol of the entry that `refusal` found wrong. */
  symbolId = -1
  readonly #exchange: Exchange
  readonly #desk: Desk
  readonly #symbolCount: number
  /** The entry at hand as a QUOTE. */
  readonly #quote = new AlignedBuffer(QuoteField.LENGTH)

  constructor(exchange: Exchange, desk: Desk, symbolCount: number) {
    this.#exchange = exchange
    this.#desk = desk
    this.#symbolCount = symbolCount
  }

  count(commands: AlignedBuffer, offset: number): number {
    return commands.uint32[(offset + MassQuoteField.COUNT) >> 2]!
  }

  /** 0: all entries of the MASS_QUOTE at `offset` may stand; else why the first wrong one may not. */
  refusal(commands: AlignedBuffer, offset: number, nowNs: number): Reason | 0 {
    const quote = this.#quote
    for (let index = 0; index < this.count(commands, offset); index++) {
      this.#read(commands, offset, index)
      this.symbolId = quote.int32[CommandHeader.SYMBOL_ID >> 2]!
      for (let earlier = 0; earlier < index; earlier++) {
        if (entrySymbol(commands, offset, earlier) === this.symbolId) return Reason.QUOTED_TWICE
      }
      const deskReason = this.#screen(nowNs)
      if (deskReason !== 0) {
        if (isForExposure(deskReason)) this.#desk.ask(quote, 0, nowNs)
        return deskReason
      }
      const { bidLotsGranted, askLotsGranted } = this.#desk
      const reason = this.#exchange.quoteRefusal(quote, 0, bidLotsGranted, askLotsGranted)
      if (reason !== 0) return reason
    }
    return 0
  }

  /** Enters entry `index` of a MASS_QUOTE that `refusal` has nothing against. */
  enter(commands: AlignedBuffer, offset: number, index: number, timeNs: number, events: EventLog): void {
    const quote = this.#quote
    this.#read(commands, offset, index)
    const reason = this.#screen(timeNs)
    this.#desk.ask(quote, 0, timeNs)
    if (reason !== 0) {
      assert(reason === Reason.EXPOSURE || reason === Reason.FAIR_SHARE, 'only exposure is shared by the entries')
      this.#exchange.cancelQuote(quote.int32[CommandHeader.SYMBOL_ID >> 2]!, reason, 0, events)
      return
    }
    const { bidLotsGranted, askLotsGranted } = this.#desk
    const first = events.count
    this.#exchange.quote(quote, 0, bidLotsGranted, askLotsGranted, timeNs, events)
    completeQuoteAnswer(events, first, quote, 0, this.#desk.cutReason)
    // The command has been answered: the entry's acceptance is no reply.
    const flags = first * EventField.LENGTH + EventField.FLAGS
    events.bytes[flags] = events.bytes[flags]! & ~EventFlag.REPLY
  }

  #screen(nowNs: number): Reason | 0 {
    const symbolId = this.#quote.int32[CommandHeader.SYMBOL_ID >> 2]!
    const isKnown = symbolId >= 0 && symbolId < this.#symbolCount
    return this.#desk.screenQuote(this.#quote, 0, isKnown ? this.#exchange.bestTicks(symbolId, Side.BUY) : 0, nowNs)
  }

  #read(commands: AlignedBuffer, offset: number, index: number): void {
    const { bytes, int32, uint32, float64 } = this.#quote
    const entry = offset + MassQuoteField.LENGTH + index * MassQuoteEntryField.LENGTH
    const word = entry >> 2
    float64.fill(0)
    bytes[CommandHeader.SIZE] = QuoteField.LENGTH
    bytes[CommandHeader.KIND] = CommandKind.QUOTE
    bytes[CommandHeader.VERSION] = COMMAND_VERSION
    uint32[CommandHeader.CLIENT_ID >> 2] = commands.uint32[(offset + CommandHeader.CLIENT_ID) >> 2]!
    int32[CommandHeader.SYMBOL_ID >> 2] = commands.int32[word + (MassQuoteEntryField.SYMBOL_ID >> 2)]!
    uint32[QuoteField.QUOTE_ID >> 2] = commands.uint32[(offset + MassQuoteField.QUOTE_ID) >> 2]!
    int32[QuoteField.BID_TICKS >> 2] = commands.int32[word + (MassQuoteEntryField.BID_TICKS >> 2)]!
    int32[QuoteField.BID_LOTS >> 2] = commands.int32[word + (MassQuoteEntryField.BID_LOTS >> 2)]!
    int32[QuoteField.ASK_TICKS >> 2] = commands.int32[word + (MassQuoteEntryField.ASK_TICKS >> 2)]!
    int32[QuoteField.ASK_LOTS >> 2] = commands.int32[word + (MassQuoteEntryField.ASK_LOTS >> 2)]!
    float64[QuoteField.POSITION_VERSION >> 3] = commands.float64[(entry + MassQuoteEntryField.POSITION_VERSION) >> 3]!
    float64[QuoteField.FENCING_TOKEN >> 3] = commands.float64[(entry + MassQuoteEntryField.FENCING_TOKEN) >> 3]!
    float64[QuoteField.TTL_NS >> 3] = commands.float64[(offset + MassQuoteField.TTL_NS) >> 3]!
  }
}

function entrySymbol(commands: AlignedBuffer, offset: number, index: number): number {
  const entry = offset + MassQuoteField.LENGTH + index * MassQuoteEntryField.LENGTH
  return commands.int32[(entry + MassQuoteEntryField.SYMBOL_ID) >> 2]!
}
