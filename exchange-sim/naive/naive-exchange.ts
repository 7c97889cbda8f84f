// The naive exchange: the rules of docs/exchange-rules.md written down as plainly as they read, with no eye on speed.
//
// It is the oracle of exchange-sim/exchange.ts: the same interface, the same events, the same hash. Nothing runs on it
// but tests and `tandem fuzz`. It shares no code with what it checks, and was written from the rules alone.

import type { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import { ByteWriter } from '../../base/byte-writer.ts'
import { checksum } from '../../base/checksum.ts'
import type { EventLog } from '../../protocol/event.ts'
import { CommandKind, type Reason, Side, type TradingPhase } from '../../protocol/kinds.ts'
import { ORDER_COUNT_MAX } from '../../protocol/limits.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import { displayedLots, pricesOf } from './naive-book.ts'
import { cancelAllOfClient, cancelOrder, expireOrders, massCancel } from './naive-cancel.ts'
import {
  commandKindAt,
  readCancelOrder,
  readMassCancel,
  readNewOrder,
  readQuote,
  readReplaceOrder,
  readSetPhase,
} from './naive-command.ts'
import { newOrder } from './naive-new-order.ts'
import { phaseDeadlineNs, setBand } from './naive-phase-rules.ts'
import { afterCommand, beginPhases, setPhase } from './naive-phases.ts'
import { protectQuotes } from './naive-protection.ts'
import { cancelQuote, expireQuotes, quote } from './naive-quotes.ts'
import { replaceOrder } from './naive-replace.ts'
import { readState, writeState } from './naive-snapshot.ts'
import { bookOf, clientOrders, type NaiveState, newState } from './naive-state.ts'
import { dissolveLinks } from './naive-trading.ts'

export class NaiveExchange {
  readonly #config: ClusterConfig
  readonly #orderCountMax: number
  #state: NaiveState

  constructor(config: ClusterConfig, options: { orderCountMax?: number } = {}) {
    this.#config = config
    this.#orderCountMax = options.orderCountMax ?? config.orderCountMax ?? ORDER_COUNT_MAX
    this.#state = newState(config, this.#orderCountMax)
    for (const book of this.#state.books) setBand(book)
  }

  nextDeadlineNs(): number {
    let earliestNs = Number.POSITIVE_INFINITY
    for (const book of this.#state.books) {
      earliestNs = Math.min(earliestNs, phaseDeadlineNs(book), book.quote?.expiryNs ?? Number.POSITIVE_INFINITY)
      for (const orders of [book.resting(Side.BUY), book.resting(Side.SELL), book.waiting]) {
        for (const { expireTimeNs } of orders) if (expireTimeNs !== 0) earliestNs = Math.min(earliestNs, expireTimeNs)
      }
    }
    return earliestNs
  }

  advance(nowNs: number, events: EventLog): void {
    for (let dueNs = this.nextDeadlineNs(); dueNs <= nowNs; dueNs = this.nextDeadlineNs()) {
      expireQuotes(this.#state, dueNs, events)
      expireOrders(this.#state, dueNs, events)
      afterCommand(this.#state, dueNs, events)
      beginPhases(this.#state, dueNs, events)
    }
    dissolveLinks(this.#state)
  }

  apply(batch: AlignedBuffer, offset: number, nowNs: number, events: EventLog): void {
    const from = events.count
    switch (commandKindAt(batch, offset)) {
      case CommandKind.NEW_ORDER:
        newOrder(this.#state, readNewOrder(batch, offset), nowNs, events)
        break
      case CommandKind.CANCEL_ORDER:
        cancelOrder(this.#state, readCancelOrder(batch, offset), events)
        break
      case CommandKind.REPLACE_ORDER:
        replaceOrder(this.#state, readReplaceOrder(batch, offset), events)
        break
      case CommandKind.MASS_CANCEL:
        massCancel(this.#state, readMassCancel(batch, offset), events)
        break
      default:
        assert(false, 'a command of orders')
    }
    protectQuotes(this.#state, from, nowNs, events)
    afterCommand(this.#state, nowNs, events)
    dissolveLinks(this.#state)
  }

  quote(
    batch: AlignedBuffer,
    offset: number,
    bidLotsGranted: number,
    askLotsGranted: number,
    nowNs: number,
    events: EventLog,
  ): void {
    const from = events.count
    quote(this.#state, readQuote(batch, offset), bidLotsGranted, askLotsGranted, nowNs, events)
    protectQuotes(this.#state, from, nowNs, events)
    afterCommand(this.#state, nowNs, events)
    dissolveLinks(this.#state)
  }

  setPhase(batch: AlignedBuffer, offset: number, nowNs: number, events: EventLog): void {
    setPhase(this.#state, readSetPhase(batch, offset), nowNs, events)
    dissolveLinks(this.#state)
  }

  cancelQuote(symbolId: number, reason: Reason, flags: number, events: EventLog): boolean {
    return cancelQuote(this.#state, symbolId, reason, flags, events)
  }

  cancelAllOfClient(clientId: number, reason: Reason, events: EventLog): void {
    cancelAllOfClient(this.#state, clientId, reason, events)
    afterCommand(this.#state, 0, events)
    dissolveLinks(this.#state)
  }

  bestTicks(symbolId: number, side: Side): number {
    return bookOf(this.#state, symbolId).displayed(side)[0]?.priceTicks ?? 0
  }

  bestLots(symbolId: number, side: Side): number {
    return this.levelLots(symbolId, side, this.bestTicks(symbolId, side))
  }

  levelLots(symbolId: number, side: Side, priceTicks: number): number {
    return displayedLots(bookOf(this.#state, symbolId).level(side, priceTicks))
  }

  levelOrderCount(symbolId: number, side: Side, priceTicks: number): number {
    return bookOf(this.#state, symbolId).level(side, priceTicks).length
  }

  forEachLevel(
    symbolId: number,
    side: Side,
    visit: (priceTicks: number, quantityLots: number, orderCount: number) => void,
  ): void {
    const book = bookOf(this.#state, symbolId)
    for (const priceTicks of pricesOf(book.displayed(side))) {
      const orders = book.level(side, priceTicks)
      visit(priceTicks, displayedLots(orders), orders.length)
    }
  }

  forEachOrder(
    symbolId: number,
    side: Side,
    visit: (orderId: number, priceTicks: number, leavesLots: number) => void,
  ): void {
    for (const order of bookOf(this.#state, symbolId).displayed(side)) {
      visit(order.orderId, order.priceTicks, order.leavesLots)
    }
  }

  lastTradeTicks(symbolId: number): number {
    return bookOf(this.#state, symbolId).lastTradeTicks
  }

  lastTradeLots(symbolId: number): number {
    return bookOf(this.#state, symbolId).lastTradeLots
  }

  referenceTicks(symbolId: number): number {
    return bookOf(this.#state, symbolId).referenceTicks
  }

  phase(symbolId: number): TradingPhase {
    return bookOf(this.#state, symbolId).phase
  }

  indicativeTicks(symbolId: number): number {
    return bookOf(this.#state, symbolId).told.priceTicks
  }

  indicativeLots(symbolId: number): number {
    return bookOf(this.#state, symbolId).told.volumeLots
  }

  indicativeSurplusLots(symbolId: number): number {
    return bookOf(this.#state, symbolId).told.surplusLots
  }

  quoteLots(symbolId: number, side: Side): number {
    const active = bookOf(this.#state, symbolId).quote
    return (side === Side.BUY ? active?.bid : active?.ask)?.leavesLots ?? 0
  }

  quoteTicks(symbolId: number, side: Side): number {
    const active = bookOf(this.#state, symbolId).quote
    return (side === Side.BUY ? active?.bidTicks : active?.askTicks) ?? 0
  }

  quoteId(symbolId: number): number {
    return bookOf(this.#state, symbolId).quote?.quoteId ?? 0
  }

  quoteClientId(symbolId: number): number {
    return bookOf(this.#state, symbolId).quote?.clientId ?? 0
  }

  quoteExpiryNs(symbolId: number): number {
    return bookOf(this.#state, symbolId).quote?.expiryNs ?? 0
  }

  quotePositionVersion(symbolId: number): number {
    return bookOf(this.#state, symbolId).quote?.positionVersion ?? 0
  }

  quoteFencingToken(symbolId: number): number {
    return bookOf(this.#state, symbolId).quote?.fencingToken ?? 0
  }

  orderCount(): number {
    return clientOrders(this.#state).length
  }

  hash(): number {
    const writer = new ByteWriter()
    this.snapshot(writer)
    const bytes = writer.finish()
    return checksum(bytes, 0, bytes.length)
  }

  snapshot(writer: ByteWriter): void {
    writeState(this.#state, writer)
  }

  restore(reader: ByteReader): void {
    const state = newState(this.#config, this.#orderCountMax)
    readState(state, reader)
    this.#state = state
  }
}
