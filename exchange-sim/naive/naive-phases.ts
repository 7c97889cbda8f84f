// Trading phases, price bands and what is told of an auction. Rules: docs/exchange-rules.md.

import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, Reason, Side, TimeInForce, TradingPhase } from '../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { equilibriumOf, uncross } from './naive-auction.ts'
import { type NaiveBook, NO_EQUILIBRIUM } from './naive-book.ts'
import { endOrders } from './naive-cancel.ts'
import type { SetPhase } from './naive-command.ts'
import { writeEvent } from './naive-events.ts'
import { mayFollow, phaseDeadlineNs, setBand } from './naive-phase-rules.ts'
import { cancelQuote } from './naive-quotes.ts'
import { settle } from './naive-settling.ts'
import { bookOf, hasSymbol, type NaiveState } from './naive-state.ts'
import { tellReferencePrice } from './naive-trading.ts'

const { PRE_OPEN, OPENING_AUCTION, CONTINUOUS, CLOSING_AUCTION, CLOSED } = TradingPhase
const { AT_THE_CLOSE, AT_THE_OPEN, DAY } = TimeInForce

export function setPhase(state: NaiveState, command: SetPhase, nowNs: number, events: EventLog): void {
  const { clientId, symbolId, phase } = command
  const isForAll = symbolId === NO_SYMBOL_ID
  const isKnown = hasSymbol(state, symbolId)
  const refuse = (reason: Reason) =>
    writeEvent(events, {
      kind: EventKind.COMMAND_REFUSED,
      flags: EventFlag.REPLY,
      reason,
      symbolId: isKnown ? symbolId : NO_SYMBOL_ID,
      clientId,
    })
  if (!isForAll && !isKnown) return refuse(Reason.UNKNOWN_SYMBOL)
  if (phase < PRE_OPEN || phase > CLOSED) return refuse(Reason.BAD_PHASE)
  const next = phase as TradingPhase
  if (!isForAll) {
    const book = bookOf(state, symbolId)
    if (!mayFollow(book.phase, next)) return refuse(Reason.PHASE_FORBIDS)
    return changePhase(state, book, next, { flags: EventFlag.REPLY, clientId, nowNs }, events)
  }
  writeEvent(events, {
    kind: EventKind.PHASE_CHANGED,
    flags: EventFlag.REPLY,
    symbolId: NO_SYMBOL_ID,
    quantityLots: phase,
    clientId,
  })
  for (const book of state.books) {
    if (mayFollow(book.phase, next)) changePhase(state, book, next, { clientId, nowNs }, events)
  }
}

type Cause = {
  readonly nowNs: number
  readonly flags?: number
  readonly clientId?: number
  readonly reason?: Reason
  readonly auctionEndNs?: number
}

function changePhase(state: NaiveState, book: NaiveBook, phase: TradingPhase, cause: Cause, events: EventLog): void {
  const old = book.phase
  const { nowNs, auctionEndNs = 0, reason = 0, flags = 0, clientId = 0 } = cause
  writeEvent(events, {
    kind: EventKind.PHASE_CHANGED,
    flags,
    reason,
    symbolId: book.symbolId,
    tradeId: auctionEndNs,
    quantityLots: phase,
    leavesLots: old,
    clientId,
  })
  if (old === CONTINUOUS) cancelQuote(state, book.symbolId, Reason.PHASE_ENDED, 0, events)
  book.phase = phase
  book.auctionEndNs = auctionEndNs
  book.told = NO_EQUILIBRIUM
  // A closing auction that was halted is not held.
  if (phase === CONTINUOUS || phase === OPENING_AUCTION) endOrders(state, book, [AT_THE_CLOSE], false, events)
  if (phase === CONTINUOUS || (old === CLOSING_AUCTION && phase === CLOSED)) {
    const oldReferenceTicks = book.referenceTicks
    uncross(state, book, events)
    tellReferencePrice(book, oldReferenceTicks, events)
  }
  if (phase === CONTINUOUS || phase === CLOSING_AUCTION || phase === CLOSED) {
    endOrders(state, book, [AT_THE_OPEN], true, events)
  }
  setBand(book)
  if (phase === CLOSING_AUCTION) {
    const entering = book.waiting.filter((order) => order.timeInForce === AT_THE_CLOSE)
    book.waiting = book.waiting.filter((order) => !entering.includes(order))
    state.triggered = [...state.triggered, ...entering]
  }
  settle(state, book, book.referenceTicks, events)
  if (phase === CLOSED) endOrders(state, book, [DAY, AT_THE_CLOSE], true, events)
  followUp(state, book, nowNs, events)
}

/** After the events of a command: what the books that it changed become. */
export function afterCommand(state: NaiveState, nowNs: number, events: EventLog): void {
  for (const book of state.books) followUp(state, book, nowNs, events)
}

function followUp(state: NaiveState, book: NaiveBook, nowNs: number, events: EventLog): void {
  tellIndicative(book, events)
  if (book.phase !== CONTINUOUS) return
  const band = book.instrument.priceBand
  const bid = book.resting(Side.BUY)[0]
  const ask = book.resting(Side.SELL)[0]
  if (band !== undefined && bid !== undefined && ask !== undefined && bid.priceTicks >= ask.priceTicks) {
    const cause = { reason: Reason.PRICE_BAND, nowNs, auctionEndNs: nowNs + band.auctionNs }
    changePhase(state, book, OPENING_AUCTION, cause, events)
  } else setBand(book)
}

function tellIndicative(book: NaiveBook, events: EventLog): void {
  if (book.phase !== OPENING_AUCTION && book.phase !== CLOSING_AUCTION) return
  const { told } = book
  const now = equilibriumOf(book)
  const isSame =
    now.priceTicks === told.priceTicks && now.volumeLots === told.volumeLots && now.surplusLots === told.surplusLots
  if (isSame) return
  book.told = now
  writeEvent(events, {
    kind: EventKind.INDICATIVE_CHANGED,
    side: now.surplusLots < 0 ? Side.SELL : Side.BUY,
    symbolId: book.symbolId,
    priceTicks: now.priceTicks,
    orderId: now.volumeLots,
    contraOrderId: Math.abs(now.surplusLots),
  })
}

/** Begins the phases that are due at this time, symbol by symbol. */
export function beginPhases(state: NaiveState, dueNs: number, events: EventLog): void {
  for (const book of state.books) {
    while (phaseDeadlineNs(book) <= dueNs) {
      if (book.auctionEndNs !== 0 && book.auctionEndNs === phaseDeadlineNs(book)) {
        changePhase(state, book, CONTINUOUS, { reason: Reason.TIME_PASSED, nowNs: dueNs }, events)
        continue
      }
      const entry = book.instrument.schedule?.[book.scheduleIndex]
      book.scheduleIndex += 1
      if (entry === undefined || !mayFollow(book.phase, entry.phase)) continue
      changePhase(state, book, entry.phase, { reason: Reason.SCHEDULED, nowNs: dueNs }, events)
    }
  }
}
