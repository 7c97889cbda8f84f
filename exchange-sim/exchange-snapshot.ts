// The content of the exchange in canonical order, written and read back: docs/exchange-rules.md has the layout.

import { assert } from '../base/assert.ts'
import type { ByteReader } from '../base/byte-reader.ts'
import type { ByteWriter } from '../base/byte-writer.ts'
import { OrderFlag, Side, TimeInForce } from '../protocol/kinds.ts'
import { BookLayout, type Books, SymbolWord, takeRecord } from './books.ts'
import { indexOrder } from './order-index.ts'
import { enqueue } from './order-queue.ts'
import { attachTerms, auctionOf, expiryNs, openLots, setExpiry, TermsWord, termsOf } from './order-terms.ts'
import { Ladder, ladderOf, nextLevel } from './price-ladder.ts'
import type { QuoteProtection } from './quote-protection.ts'
import type { Quotes } from './quotes.ts'
import { LevelWord, Meta, OrderWord } from './records.ts'
import type { TradingPhases } from './trading-phases.ts'
import { firstWaiting, nextWaiting, startWaiting } from './waiting-orders.ts'
import { countAt, setCount } from './wide-count.ts'

const { NEXT, LEAVES, PRICE, META, CLIENT_ID, CLIENT_ORDER_ID, ORDER_ID, QUANTITY, OWNER_GROUP } = OrderWord
const { LEVEL_COUNT, LEVEL_KEY, LEVEL_PRICE, HIDDEN_COUNT, HIDDEN_QUEUE } = LevelWord
const { DAY_BIT, FLAGS_SHIFT, GROUP_BIT, HIDDEN_BIT, QUOTE_BIT, SELF_TRADE_SHIFT, SIDE_BIT, SYMBOL_SHIFT } = Meta
const { RESERVE, DISPLAY, TRIGGER, DISTANCE, LINKED, ORDER_TYPE, AUCTION } = TermsWord
const { GTC, DAY, GTD, AT_THE_OPEN } = TimeInForce
const { BEST_LEVEL } = Ladder
const { NEXT_ORDER_ID, NEXT_TRADE_ID } = BookLayout
const { LAST_TRADE_LOTS, LAST_TRADE_TICKS, SYMBOL_WORDS, QUOTE_ORDERS, REFERENCE_TICKS } = SymbolWord

/** 1: the first. 2: phases. 3: all kinds of orders. 4: protection of quotes. */
const EXCHANGE_SNAPSHOT_VERSION = 4

export function writeExchange(
  books: Books,
  quotes: Quotes,
  phases: TradingPhases,
  protection: QuoteProtection,
  writer: ByteWriter,
): void {
  writer.uint32(EXCHANGE_SNAPSHOT_VERSION)
  writer.safeInteger(countAt(books.words, NEXT_ORDER_ID))
  writer.safeInteger(countAt(books.words, NEXT_TRADE_ID))
  writer.uint32(books.symbolCount)
  for (let symbolId = 0; symbolId < books.symbolCount; symbolId++) {
    const symbol = books.symbolsAt + symbolId * SYMBOL_WORDS
    writer.int32(books.words[symbol + REFERENCE_TICKS]!)
    writer.int32(books.words[symbol + LAST_TRADE_TICKS]!)
    writer.int32(books.words[symbol + LAST_TRADE_LOTS]!)
    phases.snapshot(symbolId, writer)
    protection.snapshot(symbolId, writer)
    quotes.snapshot(symbolId, writer)
    writeSide(books, ladderOf(books, symbolId, Side.BUY), writer)
    writeSide(books, ladderOf(books, symbolId, Side.SELL), writer)
    writeWaiting(books, symbolId, writer)
  }
}

/** Into an exchange without orders. */
export function readExchange(
  books: Books,
  quotes: Quotes,
  phases: TradingPhases,
  protection: QuoteProtection,
  reader: ByteReader,
): void {
  assert(reader.uint32() === EXCHANGE_SNAPSHOT_VERSION, 'the snapshot has an exchange of this version')
  setCount(books.words, NEXT_ORDER_ID, reader.safeInteger())
  setCount(books.words, NEXT_TRADE_ID, reader.safeInteger())
  assert(reader.uint32() === books.symbolCount, 'a snapshot of the same instruments')
  for (let symbolId = 0; symbolId < books.symbolCount; symbolId++) {
    const symbol = books.symbolsAt + symbolId * SYMBOL_WORDS
    books.words[symbol + REFERENCE_TICKS] = reader.int32()
    books.words[symbol + LAST_TRADE_TICKS] = reader.int32()
    books.words[symbol + LAST_TRADE_LOTS] = reader.int32()
    phases.restore(symbolId, reader)
    protection.restore(symbolId, reader)
    quotes.restore(symbolId, reader)
    readSide(books, symbolId, Side.BUY, reader)
    readSide(books, symbolId, Side.SELL, reader)
    readWaiting(books, symbolId, reader)
  }
}

function writeSide(books: Books, ladder: number, writer: ByteWriter): void {
  const { words } = books
  let levelCount = 0
  for (let level = books.words[ladder + BEST_LEVEL]!; level !== 0; levelCount++) {
    level = nextLevel(books, ladder, words[level + LEVEL_KEY]!)
  }
  writer.uint32(levelCount)
  for (let level = books.words[ladder + BEST_LEVEL]!; level !== 0; ) {
    writer.int32(words[level + LEVEL_PRICE]!)
    writer.uint32(words[level + LEVEL_COUNT]! + words[level + HIDDEN_COUNT]!)
    for (const queue of [level, level + HIDDEN_QUEUE]) {
      for (let order = words[queue + NEXT]!; order !== queue; order = words[order + NEXT]!) {
        writeOrder(books, order, writer)
      }
    }
    level = nextLevel(books, ladder, words[level + LEVEL_KEY]!)
  }
}

function readSide(books: Books, symbolId: number, side: Side, reader: ByteReader): void {
  const levelCount = reader.uint32()
  for (let level = 0; level < levelCount; level++) {
    const priceTicks = reader.int32()
    const orderCount = reader.uint32()
    for (let index = 0; index < orderCount; index++) {
      enqueue(books, readOrder(books, symbolId, side, priceTicks, reader))
    }
  }
}

function writeOrder(books: Books, order: number, writer: ByteWriter): void {
  const { words } = books
  const meta = words[order + META]!
  writer.safeInteger(books.doubles[(order + ORDER_ID) >> 1]!)
  writer.uint32(words[order + CLIENT_ID]! >>> 0)
  writer.uint32(words[order + CLIENT_ORDER_ID]! >>> 0)
  writer.int32(words[order + LEAVES]!)
  writer.int32(words[order + QUANTITY]! - openLots(words, order))
  writer.uint8((meta >> FLAGS_SHIFT) & 0xff)
  writer.uint8((meta & QUOTE_BIT) === 0 ? 0 : 1)
  writer.uint32((meta & GROUP_BIT) === 0 ? 0 : words[order + OWNER_GROUP]! >>> 0)
  writer.uint8((meta >> SELF_TRADE_SHIFT) & 0xf)
  const terms = termsOf(words, order)
  const endNs = expiryNs(books, order)
  writer.uint8(auctionOf(words, order) || (endNs !== 0 ? GTD : (meta & DAY_BIT) !== 0 ? DAY : GTC))
  writer.int32(terms === 0 ? 0 : words[terms + RESERVE]!)
  writer.int32(terms === 0 ? 0 : words[terms + DISPLAY]!)
  writer.uint32(terms === 0 ? 0 : words[terms + LINKED]! >>> 0)
  writer.safeInteger(endNs)
}

function writeWaiting(books: Books, symbolId: number, writer: ByteWriter): void {
  const { words } = books
  let count = 0
  for (let order = firstWaiting(books, symbolId); order !== 0; order = nextWaiting(books, order)) count += 1
  writer.uint32(count)
  for (let order = firstWaiting(books, symbolId); order !== 0; order = nextWaiting(books, order)) {
    const terms = termsOf(words, order)
    writer.uint8(words[order + META]! & SIDE_BIT)
    writer.int32(words[order + PRICE]!)
    writeOrder(books, order, writer)
    writer.uint8(words[terms + ORDER_TYPE]!)
    writer.int32(words[terms + TRIGGER]!)
    writer.int32(words[terms + DISTANCE]!)
  }
}

function readWaiting(books: Books, symbolId: number, reader: ByteReader): void {
  const count = reader.uint32()
  for (let index = 0; index < count; index++) {
    const side = reader.uint8() as Side
    const order = readOrder(books, symbolId, side, reader.int32(), reader)
    const terms = attachTerms(books, order)
    books.words[terms + ORDER_TYPE] = reader.uint8()
    books.words[terms + TRIGGER] = reader.int32()
    books.words[terms + DISTANCE] = reader.int32()
    startWaiting(books, order)
  }
}

/** The order, known by its ids and in no queue. */
function readOrder(books: Books, symbolId: number, side: Side, priceTicks: number, reader: ByteReader): number {
  const { words } = books
  const order = takeRecord(books)
  books.doubles[(order + ORDER_ID) >> 1] = reader.safeInteger()
  words[order + CLIENT_ID] = reader.uint32()
  words[order + CLIENT_ORDER_ID] = reader.uint32()
  words[order + LEAVES] = reader.int32()
  words[order + QUANTITY] = words[order + LEAVES]! + reader.int32()
  const flags = reader.uint8()
  const quote = reader.uint8() === 0 ? 0 : QUOTE_BIT
  const group = reader.uint32()
  const selfTrade = reader.uint8()
  words[order + OWNER_GROUP] = group
  const groupBits = (group | selfTrade) === 0 ? 0 : GROUP_BIT | (selfTrade << SELF_TRADE_SHIFT)
  const hidden = (flags & OrderFlag.HIDDEN) === 0 ? 0 : HIDDEN_BIT
  const timeInForce = reader.uint8()
  const meta = side | quote | groupBits | hidden | (timeInForce === DAY ? DAY_BIT : 0)
  words[order + META] = meta | (flags << FLAGS_SHIFT) | (symbolId << SYMBOL_SHIFT)
  words[order + PRICE] = priceTicks
  indexOrder(books, order)
  readTerms(books, order, timeInForce, reader)
  if (quote !== 0) books.words[books.symbolsAt + symbolId * SYMBOL_WORDS + QUOTE_ORDERS + side] = order
  return order
}

function readTerms(books: Books, order: number, timeInForce: number, reader: ByteReader): void {
  const { words } = books
  const reserveLots = reader.int32()
  const displayLots = reader.int32()
  const linked = reader.uint32()
  const endNs = reader.safeInteger()
  const isHidden = (words[order + META]! & HIDDEN_BIT) !== 0
  const auction = timeInForce >= AT_THE_OPEN ? timeInForce : 0
  if ((displayLots | linked | auction) === 0 && endNs === 0 && !isHidden) return
  const terms = attachTerms(books, order)
  words[terms + RESERVE] = reserveLots
  words[terms + DISPLAY] = displayLots
  words[terms + LINKED] = linked
  words[terms + AUCTION] = auction
  words[order + QUANTITY]! += reserveLots
  if (endNs !== 0) setExpiry(books, order, endNs)
}
