// What a phase allows, what may follow it and when, and how far the price band reaches. Rules: docs/exchange-rules.md.

import { OrderType, TimeInForce, TradingPhase } from '../../protocol/kinds.ts'
import { PRICE_TICKS_MAX } from '../../protocol/limits.ts'
import type { NaiveBook } from './naive-book.ts'
import type { NewOrder } from './naive-command.ts'
import { isForAuction } from './naive-order.ts'

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

export function mayFollow(from: TradingPhase, to: number): boolean {
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
      if (isForAuction(command)) return false
      return neverRests.includes(command.timeInForce) || isUnpriced.includes(command.orderType)
  }
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
