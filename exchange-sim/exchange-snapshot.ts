// The content of the exchange in canonical order, written and read back: docs/exchange-rules.md has the layout.

import { assert } from '../base/assert.ts'
import type { ByteReader } from '../base/byte-reader.ts'
import type { ByteWriter } from '../base/byte-writer.ts'
import { Side } from '../protocol/kinds.ts'
import { BookLayout, type Books, SymbolWord, takeRecord } from './books.ts'
import { indexOrder } from './order-index.ts'
import { enqueue } from './order-queue.ts'
import { Ladder, ladderOf, nextLevel } from './price-ladder.ts'
import type { Quotes } from './quotes.ts'
import { LevelWord, Meta, OrderWord } from './records.ts'
import type { TradingPhases } from './trading-phases.ts'
import { countAt, setCount } from './wide-count.ts'

const { NEXT, LEAVES, PRICE, META, CLIENT_ID, CLIENT_ORDER_ID, ORDER_ID, QUANTITY, OWNER_GROUP } = OrderWord
const { LEVEL_COUNT, LEVEL_KEY, LEVEL_PRICE } = LevelWord
const { FLAGS_SHIFT, GROUP_BIT, QUOTE_BIT, SELF_TRADE_SHIFT, SYMBOL_SHIFT } = Meta
const { BEST_LEVEL } = Ladder
const { NEXT_ORDER_ID, NEXT_TRADE_ID } = BookLayout
const { LAST_TRADE_LOTS, LAST_TRADE_TICKS, SYMBOL_WORDS, QUOTE_ORDERS, REFERENCE_TICKS } = SymbolWord

/** 1: the first. 2: phases. */
const EXCHANGE_SNAPSHOT_VERSION = 2

export function writeExchange(books: Books, quotes: Quotes, phases: TradingPhases, writer: ByteWriter): void {
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
    quotes.snapshot(symbolId, writer)
    writeSide(books, ladderOf(books, symbolId, Side.BUY), writer)
    writeSide(books, ladderOf(books, symbolId, Side.SELL), writer)
  }
}

/** Into an exchange without orders. */
export function readExchange(books: Books, quotes: Quotes, phases: TradingPhases, reader: ByteReader): void {
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
    quotes.restore(symbolId, reader)
    readSide(books, symbolId, Side.BUY, reader)
    readSide(books, symbolId, Side.SELL, reader)
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
    writer.uint32(words[level + LEVEL_COUNT]!)
    for (let order = words[level + NEXT]!; order !== level; order = words[order + NEXT]!) {
      writeOrder(books, order, writer)
    }
    level = nextLevel(books, ladder, words[level + LEVEL_KEY]!)
  }
}

function readSide(books: Books, symbolId: number, side: Side, reader: ByteReader): void {
  const levelCount = reader.uint32()
  for (let level = 0; level < levelCount; level++) {
    const priceTicks = reader.int32()
    const orderCount = reader.uint32()
    for (let order = 0; order < orderCount; order++) readOrder(books, symbolId, side, priceTicks, reader)
  }
}

function writeOrder(books: Books, order: number, writer: ByteWriter): void {
  const { words } = books
  const meta = words[order + META]!
  writer.safeInteger(books.doubles[(order + ORDER_ID) >> 1]!)
  writer.uint32(words[order + CLIENT_ID]! >>> 0)
  writer.uint32(words[order + CLIENT_ORDER_ID]! >>> 0)
  writer.int32(words[order + LEAVES]!)
  writer.int32(words[order + QUANTITY]! - words[order + LEAVES]!)
  writer.uint8((meta >> FLAGS_SHIFT) & 0xff)
  writer.uint8((meta & QUOTE_BIT) === 0 ? 0 : 1)
  writer.uint32((meta & GROUP_BIT) === 0 ? 0 : words[order + OWNER_GROUP]! >>> 0)
  writer.uint8((meta >> SELF_TRADE_SHIFT) & 0xf)
}

function readOrder(books: Books, symbolId: number, side: Side, priceTicks: number, reader: ByteReader): void {
  const { words } = books
  const order = takeRecord(books)
  books.doubles[(order + ORDER_ID) >> 1] = reader.safeInteger()
  words[order + CLIENT_ID] = reader.uint32()
  words[order + CLIENT_ORDER_ID] = reader.uint32()
  words[order + LEAVES] = reader.int32()
  words[order + QUANTITY] = words[order + LEAVES]! + reader.int32()
  const flags = reader.uint8() << FLAGS_SHIFT
  const quote = reader.uint8() === 0 ? 0 : QUOTE_BIT
  const group = reader.uint32()
  const selfTrade = reader.uint8()
  words[order + OWNER_GROUP] = group
  const groupBits = (group | selfTrade) === 0 ? 0 : GROUP_BIT | (selfTrade << SELF_TRADE_SHIFT)
  words[order + META] = side | flags | quote | groupBits | (symbolId << SYMBOL_SHIFT)
  words[order + PRICE] = priceTicks
  indexOrder(books, order)
  enqueue(books, order)
  if (quote !== 0) books.words[books.symbolsAt + symbolId * SYMBOL_WORDS + QUOTE_ORDERS + side] = order
}
