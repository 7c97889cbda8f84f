// Writes and reads the state in its canonical order. Layout: docs/exchange-rules.md.

import { assert } from '../../base/assert.ts'
import type { ByteReader } from '../../base/byte-reader.ts'
import type { ByteWriter } from '../../base/byte-writer.ts'
import { OrderType, Side, type TimeInForce, type TradingPhase } from '../../protocol/kinds.ts'
import { type NaiveBook, type NaiveQuote, pricesOf } from './naive-book.ts'
import type { NaiveOrder } from './naive-order.ts'
import { setBand } from './naive-phase-rules.ts'
import type { NaiveState } from './naive-state.ts'

const VERSION = 4

export function writeState(state: NaiveState, writer: ByteWriter): void {
  writer.uint32(VERSION)
  writer.safeInteger(state.nextOrderId)
  writer.safeInteger(state.nextTradeId)
  writer.uint32(state.books.length)
  for (const book of state.books) {
    writer.int32(book.referenceTicks)
    writer.int32(book.lastTradeTicks)
    writer.int32(book.lastTradeLots)
    writePhase(book, writer)
    writeQuote(book.quote, writer)
    for (const side of [Side.BUY, Side.SELL]) {
      const prices = pricesOf(book.resting(side))
      writer.uint32(prices.length)
      for (const priceTicks of prices) {
        const orders = book.resting(side).filter((order) => order.priceTicks === priceTicks)
        writer.int32(priceTicks)
        writer.uint32(orders.length)
        for (const order of orders) writeOrder(order, writer)
      }
    }
    writer.uint32(book.waiting.length)
    for (const order of book.waiting) {
      writer.uint8(order.side)
      writer.int32(order.priceTicks)
      writeOrder(order, writer)
      writer.uint8(order.orderType)
      writer.int32(order.triggerTicks)
      writer.int32(order.distanceTicks)
    }
  }
}

function writePhase(book: NaiveBook, writer: ByteWriter): void {
  writer.uint8(book.phase)
  writer.uint32(book.scheduleIndex)
  writer.safeInteger(book.auctionEndNs)
  writer.int32(book.staticTicks)
  writer.int32(book.told.priceTicks)
  writer.safeInteger(book.told.volumeLots)
  writer.safeInteger(book.told.surplusLots)
  writer.safeInteger(book.quotedLots)
  writer.safeInteger(book.fills.sinceNs)
  writer.safeInteger(book.fills.lots.reduce((sum, lots) => sum + lots, 0))
  writer.uint32(book.fills.lots.length)
}

function readPhase(book: NaiveBook, reader: ByteReader): void {
  book.phase = reader.uint8() as TradingPhase
  book.scheduleIndex = reader.uint32()
  book.auctionEndNs = reader.safeInteger()
  book.staticTicks = reader.int32()
  book.told = {
    priceTicks: reader.int32(),
    volumeLots: reader.safeInteger(),
    surplusLots: reader.safeInteger(),
  }
  book.quotedLots = reader.safeInteger()
  const sinceNs = reader.safeInteger()
  const filledLots = reader.safeInteger()
  const fillCount = reader.uint32()
  // How much each of them was is not remembered: all of it stands with the first.
  book.fills = { sinceNs, lots: Array.from({ length: fillCount }, (_, index) => (index === 0 ? filledLots : 0)) }
  setBand(book)
}

function writeQuote(quote: NaiveQuote | null, writer: ByteWriter): void {
  writer.uint8(quote === null ? 0 : 1)
  if (quote === null) return
  writer.uint32(quote.clientId)
  writer.uint32(quote.quoteId)
  writer.safeInteger(quote.positionVersion)
  writer.safeInteger(quote.fencingToken)
  writer.safeInteger(quote.expiryNs)
  writer.int32(quote.bidTicks)
  writer.int32(quote.askTicks)
  writer.safeInteger(quote.bid?.orderId ?? 0)
  writer.safeInteger(quote.ask?.orderId ?? 0)
}

function writeOrder(order: NaiveOrder, writer: ByteWriter): void {
  writer.safeInteger(order.orderId)
  writer.uint32(order.clientId)
  writer.uint32(order.clientOrderId)
  writer.int32(order.leavesLots)
  writer.int32(order.cumulativeLots)
  writer.uint8(order.flags)
  writer.uint8(order.isQuote ? 1 : 0)
  writer.uint32(order.ownerGroup)
  writer.uint8(order.selfTradePrevention)
  writer.uint8(order.timeInForce)
  writer.int32(order.reserveLots)
  writer.int32(order.displayLots)
  writer.uint32(order.linkedClientOrderId)
  writer.safeInteger(order.expireTimeNs)
}

/** Into a state without orders. */
export function readState(state: NaiveState, reader: ByteReader): void {
  assert(reader.uint32() === VERSION, 'a snapshot of this version')
  state.nextOrderId = reader.safeInteger()
  state.nextTradeId = reader.safeInteger()
  assert(reader.uint32() === state.books.length, 'a snapshot of the same instruments')
  for (const book of state.books) {
    book.referenceTicks = reader.int32()
    book.lastTradeTicks = reader.int32()
    book.lastTradeLots = reader.int32()
    readPhase(book, reader)
    const quote = readQuote(reader)
    for (const side of [Side.BUY, Side.SELL]) readSide(book, side, reader)
    readWaiting(book, reader)
    if (quote === null) continue
    const orders = [...book.resting(Side.BUY), ...book.resting(Side.SELL)]
    quote.record.bid = orders.find((order) => order.orderId === quote.bidOrderId) ?? null
    quote.record.ask = orders.find((order) => order.orderId === quote.askOrderId) ?? null
    book.quote = quote.record
  }
}

function readQuote(reader: ByteReader): { record: NaiveQuote; bidOrderId: number; askOrderId: number } | null {
  if (reader.uint8() === 0) return null
  const record: NaiveQuote = {
    clientId: reader.uint32(),
    quoteId: reader.uint32(),
    positionVersion: reader.safeInteger(),
    fencingToken: reader.safeInteger(),
    expiryNs: reader.safeInteger(),
    bidTicks: reader.int32(),
    askTicks: reader.int32(),
    bid: null,
    ask: null,
  }
  return { record, bidOrderId: reader.safeInteger(), askOrderId: reader.safeInteger() }
}

function readSide(book: NaiveBook, side: Side, reader: ByteReader): void {
  const levelCount = reader.uint32()
  for (let level = 0; level < levelCount; level++) {
    const priceTicks = reader.int32()
    const orderCount = reader.uint32()
    for (let index = 0; index < orderCount; index++) book.add(readOrder(book.symbolId, side, priceTicks, reader))
  }
}

function readWaiting(book: NaiveBook, reader: ByteReader): void {
  const count = reader.uint32()
  for (let index = 0; index < count; index++) {
    const side = reader.uint8() as Side
    const order = readOrder(book.symbolId, side, reader.int32(), reader)
    const orderType = reader.uint8() as OrderType
    const triggerTicks = reader.int32()
    book.waiting.push({ ...order, orderType, triggerTicks, distanceTicks: reader.int32() })
  }
}

function readOrder(symbolId: number, side: Side, priceTicks: number, reader: ByteReader): NaiveOrder {
  return {
    orderId: reader.safeInteger(),
    clientId: reader.uint32(),
    clientOrderId: reader.uint32(),
    symbolId,
    side,
    // Nothing else rests.
    orderType: OrderType.LIMIT,
    triggerTicks: 0,
    distanceTicks: 0,
    priceTicks,
    leavesLots: reader.int32(),
    cumulativeLots: reader.int32(),
    flags: reader.uint8(),
    isQuote: reader.uint8() === 1,
    ownerGroup: reader.uint32(),
    selfTradePrevention: reader.uint8(),
    timeInForce: reader.uint8() as TimeInForce,
    reserveLots: reader.int32(),
    displayLots: reader.int32(),
    linkedClientOrderId: reader.uint32(),
    expireTimeNs: reader.safeInteger(),
  }
}
