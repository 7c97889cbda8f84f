// The auction of one symbol: at which price its crossing orders would trade most, and the trades at that price.
// docs/exchange-rules.md says the rule.
//
//   lots │ bids at p or above ──┐
//        │                      └───┐        between two prices with orders nothing changes, so that each such
//        │            ┌─────────────┘└──     stretch is looked at once, from the best offer up to the best bid
//        │   ┌────────┘ offers at p or below
//        └───┴────────────────────────── p

import type { EventLog } from '../protocol/event.ts'
import { EventFlag, EventKind, Side } from '../protocol/kinds.ts'
import { BookLayout, type Books, SymbolWord } from './books.ts'
import { putEvent, putOrderEvent, putTrade, setEventContra, setEventContraLeaves } from './event-writer.ts'
import { cancelLinked } from './linked-orders.ts'
import { EVENTS_PER_ORDER } from './matching.ts'
import { removeOrder } from './order-life.ts'
import { linkedOrder, openLots, reserveLots, TermsWord, termsOf } from './order-terms.ts'
import { Ladder, ladderOf, nextLevel } from './price-ladder.ts'
import { LevelWord, Meta, OrderWord } from './records.ts'
import { noteTrade } from './waiting-orders.ts'
import { addCount, countAt, subtractCount } from './wide-count.ts'

const { ORDER_UNCROSSED } = EventKind
const { HIDDEN_BIT } = Meta
const { NEXT, LEAVES, LEVEL, META } = OrderWord
const { LEVEL_LOTS, LEVEL_KEY, LEVEL_PRICE, HIDDEN_QUEUE } = LevelWord
const { BEST_LEVEL } = Ladder
const { NEXT_TRADE_ID } = BookLayout
const { LAST_TRADE_LOTS, LAST_TRADE_TICKS, SPECIAL_COUNT, SYMBOL_WORDS } = SymbolWord

/** What an auction would come to now. No volume: all are 0. */
export type Equilibrium = {
  priceTicks: number
  volumeLots: number
  /** What finds nobody at this price: above 0 it is bought too much, below 0 sold too much. */
  surplusLots: number
}

type Depth = { readonly ticks: number[]; readonly lots: number[] }

type Fills = { readonly orders: number[]; readonly lots: number[] }

export function findEquilibrium(books: Books, symbolId: number, referenceTicks: number): Equilibrium {
  const found: Equilibrium = { priceTicks: 0, volumeLots: 0, surplusLots: 0 }
  const bestBid = bestTicks(books, symbolId, Side.BUY)
  const bestAsk = bestTicks(books, symbolId, Side.SELL)
  if (bestBid === 0 || bestAsk === 0 || bestBid < bestAsk) return found
  const bids = depthUpTo(books, symbolId, Side.BUY, bestAsk)
  const asks = depthUpTo(books, symbolId, Side.SELL, bestBid)
  let demandLots = bids.lots.reduce((sum, lots) => sum + lots, 0)
  let supplyLots = 0
  let bid = bids.ticks.length - 1
  let ask = 0
  let fromTicks = bestAsk
  while (fromTicks <= bestBid) {
    if (asks.ticks[ask] === fromTicks) {
      supplyLots += asks.lots[ask]!
      ask += 1
    }
    consider(found, fromTicks, fromTicks, demandLots, supplyLots, referenceTicks)
    if (bids.ticks[bid] === fromTicks) {
      demandLots -= bids.lots[bid]!
      bid -= 1
    }
    const nextTicks = Math.min(bids.ticks[bid] ?? bestBid + 1, asks.ticks[ask] ?? bestBid + 1)
    if (nextTicks > fromTicks + 1) {
      consider(found, fromTicks + 1, nextTicks - 1, demandLots, supplyLots, referenceTicks)
    }
    fromTicks = nextTicks
  }
  return found
}

/** Prices low .. high, at which so much would be bought and sold. Lower prices were considered before. */
function consider(
  found: Equilibrium,
  lowTicks: number,
  highTicks: number,
  demandLots: number,
  supplyLots: number,
  referenceTicks: number,
): void {
  const volumeLots = Math.min(demandLots, supplyLots)
  const surplusLots = demandLots - supplyLots
  const priceTicks = Math.min(Math.max(referenceTicks, lowTicks), highTicks)
  if (volumeLots < found.volumeLots || volumeLots === 0) return
  if (volumeLots === found.volumeLots) {
    const difference = Math.abs(surplusLots) - Math.abs(found.surplusLots)
    if (difference > 0) return
    const isNearer = Math.abs(priceTicks - referenceTicks) < Math.abs(found.priceTicks - referenceTicks)
    if (difference === 0 && !isNearer) return
  }
  found.priceTicks = priceTicks
  found.volumeLots = volumeLots
  found.surplusLots = surplusLots
}

/** Trades what the equilibrium says: best price first, oldest first on each side, all at its price. */
export function uncross(books: Books, symbolId: number, at: Equilibrium, events: EventLog): void {
  const buys = takeSide(books, ladderOf(books, symbolId, Side.BUY), at.volumeLots)
  const sells = takeSide(books, ladderOf(books, symbolId, Side.SELL), at.volumeLots)
  events.reserve(2 * (buys.orders.length + sells.orders.length) + EVENTS_PER_ORDER)
  tellFills(books, buys, events)
  tellFills(books, sells, events)
  const head = EventKind.AUCTION_UNCROSSED | ((at.surplusLots < 0 ? Side.SELL : Side.BUY) << 8)
  const event = putEvent(events, head, symbolId, at.volumeLots, at.priceTicks, 0, 0, 0, 0)
  setEventContra(events, event, Math.abs(at.surplusLots))
  trade(books, symbolId, at.priceTicks, buys, sells, events)
  settleFills(books, buys)
  settleFills(books, sells)
  endFills(books, buys, events)
  endFills(books, sells, events)
  noteTrade(books, symbolId, at.priceTicks)
}

function trade(books: Books, symbolId: number, priceTicks: number, buys: Fills, sells: Fills, events: EventLog): void {
  const { words } = books
  const head = EventKind.TRADE | (Side.BUY << 8) | (EventFlag.AUCTION << 24)
  let buyLots = 0
  let sellLots = 0
  let sell = 0
  let quantityLots = 0
  for (let buy = 0; buy < buys.orders.length; buy++) {
    buyLots = buys.lots[buy]!
    while (buyLots > 0) {
      if (sellLots === 0) sellLots = sells.lots[sell]!
      quantityLots = Math.min(buyLots, sellLots)
      buyLots -= quantityLots
      sellLots -= quantityLots
      const buyOrder = buys.orders[buy]!
      const sellOrder = sells.orders[sell]!
      const buyLeaves = openLots(words, buyOrder) - buys.lots[buy]! + buyLots
      const sellLeaves = openLots(words, sellOrder) - sells.lots[sell]! + sellLots
      const tradeId = countAt(words, NEXT_TRADE_ID)
      addCount(words, NEXT_TRADE_ID, 1)
      putTrade(events, books, head, buyOrder, sellOrder, tradeId, priceTicks, quantityLots, buyLeaves, sellLeaves)
      if (sellLots === 0) sell += 1
    }
  }
  const symbol = books.symbolsAt + symbolId * SYMBOL_WORDS
  words[symbol + LAST_TRADE_TICKS] = priceTicks
  words[symbol + LAST_TRADE_LOTS] = quantityLots
}

/** The first orders of a side that add up to so much, and how much of each. */
function takeSide(books: Books, ladder: number, volumeLots: number): Fills {
  const { words } = books
  const fills: Fills = { orders: [], lots: [] }
  let leftLots = volumeLots
  for (
    let level = words[ladder + BEST_LEVEL]!;
    leftLots > 0;
    level = nextLevel(books, ladder, words[level + LEVEL_KEY]!)
  ) {
    for (const queue of [level, level + HIDDEN_QUEUE]) {
      for (let order = words[queue + NEXT]!; order !== queue && leftLots > 0; order = words[order + NEXT]!) {
        const lots = Math.min(openLots(words, order), leftLots)
        fills.orders.push(order)
        fills.lots.push(lots)
        leftLots -= lots
      }
    }
  }
  return fills
}

/** Each order once, with all that it gets: what is left of it rests at its own price. */
function tellFills(books: Books, fills: Fills, events: EventLog): void {
  for (const [index, order] of fills.orders.entries()) {
    const lots = fills.lots[index]!
    const leftLots = openLots(books.words, order) - lots
    const oldLots = books.words[order + LEAVES]!
    const shownLots = Math.min(oldLots, leftLots)
    const event = putOrderEvent(events, books, order, ORDER_UNCROSSED, 0, EventFlag.RESTING, lots, shownLots)
    setEventContra(events, event, oldLots)
    setEventContraLeaves(events, event, leftLots - shownLots)
  }
}

/** Takes what traded; an iceberg goes on displaying what it did as long as there is so much. */
function settleFills(books: Books, fills: Fills): void {
  const { words } = books
  for (const [index, order] of fills.orders.entries()) {
    const oldLots = words[order + LEAVES]!
    const leftLots = openLots(words, order) - fills.lots[index]!
    const shownLots = Math.min(oldLots, leftLots)
    words[order + LEAVES] = shownLots
    const terms = termsOf(words, order)
    if (terms !== 0) words[terms + TermsWord.RESERVE] = leftLots - shownLots
    if ((words[order + META]! & HIDDEN_BIT) === 0) {
      subtractCount(words, words[order + LEVEL]! + LEVEL_LOTS, oldLots - shownLots)
    }
  }
}

/** Orders that are linked with one that traded go, and so do those of which nothing is left. */
function endFills(books: Books, fills: Fills, events: EventLog): void {
  const ended = new Set<number>()
  events.reserve(fills.orders.length)
  for (const order of fills.orders) {
    const linked = ended.has(order) ? 0 : linkedOrder(books, order)
    if (linked === 0 || books.words[linked + LEAVES] === 0) continue
    ended.add(linked)
    cancelLinked(books, order, events)
  }
  for (const order of fills.orders) {
    if (!ended.has(order) && books.words[order + LEAVES] === 0) removeOrder(books, order)
  }
}

/** All that a level holds, displayed or not. */
function levelLots(books: Books, symbolId: number, level: number): number {
  const { words } = books
  let lots = countAt(words, level + LEVEL_LOTS)
  if (words[books.symbolsAt + symbolId * SYMBOL_WORDS + SPECIAL_COUNT] === 0) return lots
  for (let order = words[level + NEXT]!; order !== level; order = words[order + NEXT]!)
    lots += reserveLots(words, order)
  const hidden = level + HIDDEN_QUEUE
  for (let order = words[hidden + NEXT]!; order !== hidden; order = words[order + NEXT]!) lots += words[order + LEAVES]!
  return lots
}

/** The levels of a side from its best one to `lastTicks`. */
function depthUpTo(books: Books, symbolId: number, side: Side, lastTicks: number): Depth {
  const { words } = books
  const ladder = ladderOf(books, symbolId, side)
  const depth: Depth = { ticks: [], lots: [] }
  for (
    let level = words[ladder + BEST_LEVEL]!;
    level !== 0;
    level = nextLevel(books, ladder, words[level + LEVEL_KEY]!)
  ) {
    const priceTicks = words[level + LEVEL_PRICE]!
    if (side === Side.BUY ? priceTicks < lastTicks : priceTicks > lastTicks) break
    depth.ticks.push(priceTicks)
    depth.lots.push(levelLots(books, symbolId, level))
  }
  return depth
}

/** 0: the side is empty. */
function bestTicks(books: Books, symbolId: number, side: Side): number {
  const level = books.words[ladderOf(books, symbolId, side) + BEST_LEVEL]!
  return level === 0 ? 0 : books.words[level + LEVEL_PRICE]!
}
