// Trading phases, price bands and what is told of an auction. Rules: docs/exchange-rules.md.

import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, OrderType, Reason, Side, TimeInForce, TradingPhase } from '../../protocol/kinds.ts'
import { PRICE_TICKS_MAX } from '../../protocol/limits.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { equilibriumOf, NO_EQUILIBRIUM, uncross } from './naive-auction.ts'
import type { NaiveBook } from './naive-book.ts'
import type { NewOrder, SetPhase } from './naive-command.ts'
import { writeEvent } from './naive-events.ts'
import { cancelQuote } from './naive-quotes.ts'
import { bookOf, hasSymbol, type NaiveState } from './naive-state.ts'
import { tellReferencePrice } from './naive-trading.ts'

const { PRE_OPEN, OPENING_AUCTION, CONTINUOUS, HALT, CLOSING_AUCTION, CLOSED } = TradingPhase

const ALLOWED: readonly (readonly [TradingPhase, TradingPhase])[] = [
  [CLOSED, PRE_OPEN],
  [PRE_OPEN, OPENING_AUCTION],
  [PRE_OPEN, CONTINUOUS],
  [PRE_OPEN, HALT],
  [PRE_OPEN, CLOSED],
  [OPENING_AUCTION, CONTINUOUS],
  [OPENING_AUCTION, CLOSING_AUCTION],
  [OPENING_AUCTION, HALT],
  [OPENING_AUCTION, CLOSED],
  [CONTINUOUS, OPENING_AUCTION],
  [CONTINUOUS, CLOSING_AUCTION],
  [CONTINUOUS, HALT],
  [CONTINUOUS, CLOSED],
  [HALT, OPENING_AUCTION],
  [HALT, CONTINUOUS],
  [HALT, CLOSING_AUCTION],
  [HALT, CLOSED],
  [CLOSING_AUCTION, HALT],
  [CLOSING_AUCTION, CLOSED],
]

function mayFollow(from: TradingPhase, to: number): boolean {
  return ALLOWED.some(([before, after]) => before === from && after === to)
}

/** Whether the phase forbids a new order. */
export function phaseForbids(book: NaiveBook, command: NewOrder): boolean {
  const neverRests = [TimeInForce.IOC, TimeInForce.FOK] as readonly number[]
  const isUnpriced = [OrderType.MARKET, OrderType.MARKET_TO_LIMIT] as readonly number[]
  switch (book.phase) {
    case CONTINUOUS:
      return false
    case HALT:
    case CLOSED:
      return true
    default:
      return neverRests.includes(command.timeInForce) || isUnpriced.includes(command.orderType)
  }
}

export function setPhase(state: NaiveState, command: SetPhase, events: EventLog): void {
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
    return changePhase(state, book, next, { flags: EventFlag.REPLY, clientId }, events)
  }
  writeEvent(events, {
    kind: EventKind.PHASE_CHANGED,
    flags: EventFlag.REPLY,
    symbolId: NO_SYMBOL_ID,
    quantityLots: phase,
    clientId,
  })
  for (const book of state.books) {
    if (mayFollow(book.phase, next)) changePhase(state, book, next, { clientId }, events)
  }
}

type Cause = {
  readonly flags?: number
  readonly clientId?: number
  readonly reason?: Reason
  readonly auctionEndNs?: number
}

function changePhase(state: NaiveState, book: NaiveBook, phase: TradingPhase, cause: Cause, events: EventLog): void {
  const old = book.phase
  const { auctionEndNs = 0, reason = 0, flags = 0, clientId = 0 } = cause
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
  if (phase === CONTINUOUS || old === CLOSING_AUCTION) {
    const oldReferenceTicks = book.referenceTicks
    uncross(state, book, events)
    tellReferencePrice(book, oldReferenceTicks, events)
  }
  setBand(book)
  tellIndicative(book, events)
}

/** After the events of a command: what a book that it changed becomes. */
export function afterCommand(state: NaiveState, nowNs: number, events: EventLog): void {
  for (const book of state.books) {
    tellIndicative(book, events)
    if (book.phase !== CONTINUOUS) continue
    const band = book.instrument.priceBand
    const bid = book.resting(Side.BUY)[0]
    const ask = book.resting(Side.SELL)[0]
    if (band !== undefined && bid !== undefined && ask !== undefined && bid.priceTicks >= ask.priceTicks) {
      const cause = { reason: Reason.PRICE_BAND, auctionEndNs: nowNs + band.auctionNs }
      changePhase(state, book, OPENING_AUCTION, cause, events)
    } else setBand(book)
  }
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

/** How far incoming orders may trade: sells down to the low price, buys up to the high one. */
export function setBand(book: NaiveBook): void {
  book.lowTicks = 1
  book.highTicks = PRICE_TICKS_MAX
  const band = book.instrument.priceBand
  if (band === undefined) return
  for (const [centreTicks, basisPoints] of [
    [book.staticTicks, band.staticBasisPoints],
    [book.referenceTicks, band.dynamicBasisPoints],
  ] as const) {
    if (basisPoints === 0) continue
    const reachTicks = Math.floor((centreTicks * basisPoints) / 10_000)
    book.lowTicks = Math.max(book.lowTicks, centreTicks - reachTicks)
    book.highTicks = Math.min(book.highTicks, centreTicks + reachTicks)
  }
}

/** When the next phase of a symbol begins by itself. */
export function phaseDeadlineNs(book: NaiveBook): number {
  const scheduledNs = book.instrument.schedule?.[book.scheduleIndex]?.atNs ?? Number.POSITIVE_INFINITY
  return Math.min(scheduledNs, book.auctionEndNs === 0 ? Number.POSITIVE_INFINITY : book.auctionEndNs)
}

/** Begins the phases that are due at this time, symbol by symbol. */
export function beginPhases(state: NaiveState, dueNs: number, events: EventLog): void {
  for (const book of state.books) {
    while (phaseDeadlineNs(book) <= dueNs) {
      if (book.auctionEndNs !== 0 && book.auctionEndNs === phaseDeadlineNs(book)) {
        changePhase(state, book, CONTINUOUS, { reason: Reason.TIME_PASSED }, events)
        continue
      }
      const entry = book.instrument.schedule?.[book.scheduleIndex]
      book.scheduleIndex += 1
      if (entry === undefined || !mayFollow(book.phase, entry.phase)) continue
      changePhase(state, book, entry.phase, { reason: Reason.SCHEDULED }, events)
    }
  }
}
