// Auctions: every price that could be the best is tried, and the orders are paired one by one.
// Rules: docs/exchange-rules.md.

import { assert } from '../../base/assert.ts'
import type { EventLog } from '../../protocol/event.ts'
import { EventFlag, EventKind, Side } from '../../protocol/kinds.ts'
import { type NaiveBook, type NaiveEquilibrium, NO_EQUILIBRIUM, pricesOf, totalLots } from './naive-book.ts'
import { fieldsOf, orderFlags, writeEvent } from './naive-events.ts'
import { type NaiveOrder, openLots } from './naive-order.ts'
import type { NaiveState } from './naive-state.ts'
import { cancelLinked } from './naive-trading.ts'
import { followTrade } from './naive-triggers.ts'

export function equilibriumOf(book: NaiveBook): NaiveEquilibrium {
  const best = candidates(book)
    .map((priceTicks) => outcomeAt(book, priceTicks))
    .filter(({ volumeLots }) => volumeLots > 0)
    .sort(
      (a, b) =>
        b.volumeLots - a.volumeLots ||
        Math.abs(a.surplusLots) - Math.abs(b.surplusLots) ||
        Math.abs(a.priceTicks - book.referenceTicks) - Math.abs(b.priceTicks - book.referenceTicks) ||
        a.priceTicks - b.priceTicks,
    )[0]
  return best ?? NO_EQUILIBRIUM
}

/** Between two prices with orders nothing changes, so that their neighbours and the reference price stand for all. */
function candidates(book: NaiveBook): readonly number[] {
  const bestBid = book.resting(Side.BUY)[0]?.priceTicks ?? 0
  const bestAsk = book.resting(Side.SELL)[0]?.priceTicks ?? Number.POSITIVE_INFINITY
  const levels = pricesOf([...book.resting(Side.BUY), ...book.resting(Side.SELL)])
  const tried = new Set([book.referenceTicks, ...levels.flatMap((ticks) => [ticks - 1, ticks, ticks + 1])])
  return [...tried].filter((priceTicks) => priceTicks >= bestAsk && priceTicks <= bestBid)
}

function outcomeAt(book: NaiveBook, priceTicks: number): NaiveEquilibrium {
  const demandLots = totalLots(book.resting(Side.BUY).filter((order) => order.priceTicks >= priceTicks))
  const supplyLots = totalLots(book.resting(Side.SELL).filter((order) => order.priceTicks <= priceTicks))
  return { priceTicks, volumeLots: Math.min(demandLots, supplyLots), surplusLots: demandLots - supplyLots }
}

type Share = { readonly order: NaiveOrder; leftLots: number }

/** The first orders of a side that add up to so much. */
function sharesOf(book: NaiveBook, side: Side, volumeLots: number): readonly Share[] {
  let leftLots = volumeLots
  return book
    .resting(side)
    .map((order) => {
      const share = { order, leftLots: Math.min(openLots(order), leftLots) }
      leftLots -= share.leftLots
      return share
    })
    .filter((share) => share.leftLots > 0)
}

export function uncross(state: NaiveState, book: NaiveBook, events: EventLog): void {
  const { priceTicks, volumeLots, surplusLots } = equilibriumOf(book)
  if (volumeLots === 0) return
  const buys = sharesOf(book, Side.BUY, volumeLots)
  const sells = sharesOf(book, Side.SELL, volumeLots)
  for (const { order, leftLots } of [...buys, ...sells]) {
    writeEvent(events, {
      ...fieldsOf(order),
      kind: EventKind.ORDER_UNCROSSED,
      flags: EventFlag.RESTING | orderFlags(order),
      contraOrderId: order.leavesLots,
      quantityLots: leftLots,
      leavesLots: Math.min(order.leavesLots, openLots(order) - leftLots),
      contraLeavesLots: Math.max(0, openLots(order) - leftLots - order.leavesLots),
    })
  }
  writeEvent(events, {
    kind: EventKind.AUCTION_UNCROSSED,
    side: surplusLots < 0 ? Side.SELL : Side.BUY,
    symbolId: book.symbolId,
    priceTicks,
    orderId: volumeLots,
    contraOrderId: Math.abs(surplusLots),
  })
  for (let buy = buys[0], sell = sells[0]; buy !== undefined && sell !== undefined; ) {
    tradeOf(state, book, priceTicks, buy, sell, events)
    buy = buys.find((share) => share.leftLots > 0)
    sell = sells.find((share) => share.leftLots > 0)
    assert((buy === undefined) === (sell === undefined), 'as much is bought as is sold')
  }
  book.staticTicks = priceTicks
  for (const { order } of [...buys, ...sells]) cancelLinked(state, book, order, events)
  followTrade(state, book, priceTicks)
}

function tradeOf(
  state: NaiveState,
  book: NaiveBook,
  priceTicks: number,
  buy: Share,
  sell: Share,
  events: EventLog,
): void {
  const quantityLots = Math.min(buy.leftLots, sell.leftLots)
  for (const share of [buy, sell]) {
    share.leftLots -= quantityLots
    const left = openLots(share.order) - quantityLots
    // What is displayed stays displayed as long as there is so much.
    share.order.leavesLots = Math.min(share.order.leavesLots, left)
    share.order.reserveLots = left - share.order.leavesLots
    share.order.cumulativeLots += quantityLots
    if (share.order.leavesLots === 0) book.remove(share.order)
  }
  book.lastTradeTicks = priceTicks
  book.lastTradeLots = quantityLots
  book.referenceTicks = priceTicks
  writeEvent(events, {
    ...fieldsOf(buy.order),
    kind: EventKind.TRADE,
    flags: EventFlag.AUCTION,
    contraOrderId: sell.order.orderId,
    tradeId: state.nextTradeId,
    priceTicks,
    quantityLots,
    leavesLots: openLots(buy.order),
    contraLeavesLots: openLots(sell.order),
    contraClientId: sell.order.clientId,
    contraClientOrderId: sell.order.clientOrderId,
  })
  state.nextTradeId += 1
}
