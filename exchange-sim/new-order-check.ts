// What is wrong with a NEW_ORDER that is not plain: the checks of docs/exchange-rules.md, in their order.

import type { AlignedBuffer } from '../base/aligned-buffer.ts'
import { CommandHeader, NewOrderField } from '../protocol/command.ts'
import { OrderFlag, OrderType, Reason, SelfTradePrevention, TimeInForce, TradingPhase } from '../protocol/kinds.ts'
import { ICEBERG_SLICE_COUNT_MAX, PRICE_TICKS_MAX, QUANTITY_LOTS_MAX } from '../protocol/limits.ts'
import { type Books, SymbolWord } from './books.ts'
import { canFill, crosses } from './matching.ts'
import { findClientOrder } from './order-index.ts'
import { linkedOrder } from './order-terms.ts'
import { keyOf, Ladder, ladderOf } from './price-ladder.ts'
import { LevelWord, Meta, OrderWord } from './records.ts'

const { LIMIT, MARKET, STOP, STOP_LIMIT, TRAILING_STOP, MARKET_TO_LIMIT } = OrderType
const { GTC, DAY, IOC, FOK, GTD, AT_THE_OPEN, AT_THE_CLOSE } = TimeInForce
const { POST_ONLY, POST_ONLY_SLIDE, HIDDEN, ALL_OR_NONE } = OrderFlag
const { META } = OrderWord
const { LEVEL_PRICE } = LevelWord
const { SIDE_BIT, SYMBOL_SHIFT } = Meta
const { BEST_KEY, BEST_LEVEL, KEY_LAST, TRADE_KEY } = Ladder
const { LAST_TRADE_TICKS, PHASE, REFERENCE_TICKS, SYMBOL_WORDS } = SymbolWord

/** What a NEW_ORDER has in its words and bytes. */
export const NewOrderWord = {
  CLIENT: CommandHeader.CLIENT_ID / 4,
  SYMBOL: CommandHeader.SYMBOL_ID / 4,
  /** Side, type, time in force and flags, a byte each from the lowest. */
  SHAPE: NewOrderField.SIDE / 4,
  PRICE: NewOrderField.PRICE_TICKS / 4,
  QUANTITY: NewOrderField.QUANTITY_LOTS / 4,
  DISPLAY: NewOrderField.DISPLAY_LOTS / 4,
  MINIMUM: NewOrderField.MINIMUM_LOTS / 4,
  TRIGGER: NewOrderField.TRIGGER_TICKS / 4,
  CLIENT_ORDER: NewOrderField.CLIENT_ORDER_ID / 4,
  LINKED: NewOrderField.LINKED_CLIENT_ORDER_ID / 4,
  EXPIRE: NewOrderField.EXPIRE_TIME_NS / 4,
  OWNER_GROUP: NewOrderField.OWNER_GROUP / 4,
  SELF_TRADE: NewOrderField.SELF_TRADE_PREVENTION / 4,
} as const

const { CLIENT, SYMBOL, SHAPE, PRICE, QUANTITY, DISPLAY, MINIMUM, TRIGGER } = NewOrderWord
const { CLIENT_ORDER, LINKED, EXPIRE, OWNER_GROUP, SELF_TRADE } = NewOrderWord
const ANY_FLAG = POST_ONLY | POST_ONLY_SLIDE | HIDDEN | ALL_OR_NONE

export function typeOf(shape: number): number {
  return (shape >> 8) & 0xff
}

export function timeInForceOf(shape: number): number {
  return (shape >> 16) & 0xff
}

export function isStop(type: number): boolean {
  return type === STOP || type === STOP_LIMIT || type === TRAILING_STOP
}

/** Whether it takes part in one auction and in nothing else. */
export function isForAuction(shape: number): boolean {
  const timeInForce = timeInForceOf(shape)
  return timeInForce === AT_THE_OPEN || timeInForce === AT_THE_CLOSE
}

/** Whether what is left after its trades may stay. */
export function mayStay(shape: number): boolean {
  const timeInForce = timeInForceOf(shape)
  if (typeOf(shape) === MARKET) return isForAuction(shape)
  return timeInForce !== IOC && timeInForce !== FOK
}

/** 0, or why the order is refused. Changes nothing. */
export function checkRareOrder(books: Books, batch: AlignedBuffer, at: number, nowNs: number): Reason | 0 {
  const input = batch.int32
  if (input[at + SYMBOL]! >>> 0 >= books.symbolCount) return Reason.UNKNOWN_SYMBOL
  const shapeReason = checkShape(input, at)
  if (shapeReason !== 0) return shapeReason
  const rareReason = checkQuantities(input, at) || checkTrigger(books, input, at) || checkLink(books, input, at)
  if (rareReason !== 0) return rareReason
  const shape = input[at + SHAPE]!
  const expireNs = batch.float64[(at + EXPIRE) >> 1]!
  const isExpiryRight =
    timeInForceOf(shape) === GTD ? Number.isSafeInteger(expireNs) && expireNs > nowNs : expireNs === 0
  if (!isExpiryRight) return Reason.BAD_EXPIRY
  if (timeInForceOf(shape) === AT_THE_OPEN && !isBeforeOpen(books, input[at + SYMBOL]!)) return Reason.PHASE_FORBIDS
  const known = findClientOrder(books, input[at + CLIENT]!, input[at + CLIENT_ORDER]!)
  if (known !== 0) return Reason.DUPLICATE_CLIENT_ORDER_ID
  if (mayStay(shape) && books.orderCount >= books.orderCountMax) return Reason.BOOK_FULL
  return checkLiquidity(books, input, at)
}

function isBeforeOpen(books: Books, symbolId: number): boolean {
  const phase = books.words[books.symbolsAt + symbolId * SYMBOL_WORDS + PHASE]
  return phase === TradingPhase.PRE_OPEN || phase === TradingPhase.OPENING_AUCTION
}

/** Checks 2 to 6. */
function checkShape(input: Int32Array, at: number): Reason | 0 {
  const shape = input[at + SHAPE]!
  const type = typeOf(shape)
  const timeInForce = timeInForceOf(shape)
  const flags = shape >>> 24
  if ((shape & 0xff) > 1) return Reason.BAD_SIDE
  if (type < LIMIT || type > MARKET_TO_LIMIT) return Reason.BAD_ORDER_TYPE
  if (!isTimeOfType(type, timeInForce)) return Reason.BAD_TIME_IN_FORCE
  if ((flags & ~ANY_FLAG) !== 0) return Reason.BAD_FLAGS
  if ((flags & ALL_OR_NONE) !== 0 && flags !== ALL_OR_NONE) return Reason.BAD_FLAGS
  if (flags !== 0 && (type !== LIMIT || !mayStay(shape))) return Reason.BAD_FLAGS
  if (isForAuction(shape) && (flags & ~HIDDEN) !== 0) return Reason.BAD_FLAGS
  if (input[at + SELF_TRADE]! >>> 0 > SelfTradePrevention.DECREMENT_AND_CANCEL) return Reason.BAD_FLAGS
  const priceTicks = input[at + PRICE]!
  const isPriceRight = type === LIMIT || type === STOP_LIMIT ? priceTicks >= 1 : priceTicks === 0
  return isPriceRight ? 0 : Reason.PRICE_OUT_OF_RANGE
}

function isTimeOfType(type: number, timeInForce: number): boolean {
  if (timeInForce === GTC) return true
  if (timeInForce === DAY || timeInForce === GTD) return type !== MARKET
  return timeInForce >= IOC && timeInForce <= AT_THE_CLOSE && (type === LIMIT || type === MARKET)
}

/** Checks 7 to 9. */
function checkQuantities(input: Int32Array, at: number): Reason | 0 {
  const shape = input[at + SHAPE]!
  const type = typeOf(shape)
  const flags = shape >>> 24
  const quantityLots = input[at + QUANTITY]!
  if (quantityLots < 1 || quantityLots > QUANTITY_LOTS_MAX) return Reason.QUANTITY_OUT_OF_RANGE
  const displayLots = input[at + DISPLAY]!
  if (displayLots !== 0) {
    const mayDisplay = type === LIMIT && mayStay(shape) && (flags & (HIDDEN | ALL_OR_NONE)) === 0
    if (!mayDisplay || displayLots < 1 || displayLots >= quantityLots) return Reason.BAD_DISPLAY
    if (quantityLots > displayLots * ICEBERG_SLICE_COUNT_MAX) return Reason.BAD_DISPLAY
  }
  const minimumLots = input[at + MINIMUM]!
  if (minimumLots !== 0) {
    const isTaking = (flags & (POST_ONLY | POST_ONLY_SLIDE | ALL_OR_NONE)) === 0 && timeInForceOf(shape) !== FOK
    const mayDemand = isTaking && !isForAuction(shape) && (type === LIMIT || type === MARKET)
    if (!mayDemand || minimumLots < 1 || minimumLots > quantityLots) return Reason.BAD_MINIMUM
  }
  return 0
}

/** Check 10. */
function checkTrigger(books: Books, input: Int32Array, at: number): Reason | 0 {
  const type = typeOf(input[at + SHAPE]!)
  const triggerTicks = input[at + TRIGGER]!
  if (!isStop(type)) return triggerTicks === 0 ? 0 : Reason.BAD_TRIGGER
  if (triggerTicks < 1) return Reason.BAD_TRIGGER
  const isBuy = (input[at + SHAPE]! & 1) === 0
  const symbol = books.symbolsAt + input[at + SYMBOL]! * SYMBOL_WORDS
  if (type === TRAILING_STOP) {
    const ticks = firstTriggerTicks(books, input, at)
    return ticks >= 1 && ticks <= PRICE_TICKS_MAX ? 0 : Reason.BAD_TRIGGER
  }
  const lastTicks = books.words[symbol + LAST_TRADE_TICKS]!
  if (lastTicks === 0) return 0
  const isReached = isBuy ? lastTicks >= triggerTicks : lastTicks <= triggerTicks
  return isReached ? Reason.BAD_TRIGGER : 0
}

/** At which trade a stop enters. Of a trailing one: as far from the reference price as it says. */
export function firstTriggerTicks(books: Books, input: Int32Array, at: number): number {
  const triggerTicks = input[at + TRIGGER]!
  if (typeOf(input[at + SHAPE]!) !== TRAILING_STOP) return triggerTicks
  const referenceTicks = books.words[books.symbolsAt + input[at + SYMBOL]! * SYMBOL_WORDS + REFERENCE_TICKS]!
  return (input[at + SHAPE]! & 1) === 0 ? referenceTicks + triggerTicks : referenceTicks - triggerTicks
}

/** Check 11. */
function checkLink(books: Books, input: Int32Array, at: number): Reason | 0 {
  const linkedId = input[at + LINKED]!
  if (linkedId === 0) return 0
  const shape = input[at + SHAPE]!
  if (input[at + CLIENT_ORDER] === 0 || !mayStay(shape)) return Reason.BAD_LINK
  const linked = findClientOrder(books, input[at + CLIENT]!, linkedId)
  if (linked === 0) return Reason.UNKNOWN_ORDER
  const meta = books.words[linked + META]!
  const isSameSide = meta >>> SYMBOL_SHIFT === input[at + SYMBOL]! && (meta & SIDE_BIT) === (shape & 1)
  return isSameSide && linkedOrder(books, linked) === 0 ? 0 : Reason.BAD_LINK
}

/** Checks 15 to 17. */
function checkLiquidity(books: Books, input: Int32Array, at: number): Reason | 0 {
  const shape = input[at + SHAPE]!
  const side = shape & 1
  const type = typeOf(shape)
  const symbolId = input[at + SYMBOL]!
  const priceTicks = input[at + PRICE]!
  if ((type === MARKET && !isForAuction(shape)) || type === MARKET_TO_LIMIT) {
    const opposite = ladderOf(books, symbolId, side ^ 1)
    if (books.words[opposite + BEST_KEY]! > books.words[opposite + TRADE_KEY]!) return Reason.NO_LIQUIDITY
  }
  const postOnly = (shape >>> 24) & (POST_ONLY | POST_ONLY_SLIDE)
  if (postOnly !== 0 && crosses(books, symbolId, side, priceTicks)) {
    const ticks = (postOnly & POST_ONLY_SLIDE) === 0 ? 0 : slidTicks(books, symbolId, side)
    if (ticks < 1 || ticks > PRICE_TICKS_MAX) return Reason.WOULD_TAKE
  }
  const neededLots = timeInForceOf(shape) === FOK ? input[at + QUANTITY]! : input[at + MINIMUM]!
  if (neededLots === 0) return 0
  const limitKey = priceTicks === 0 ? KEY_LAST : keyOf(side ^ 1, priceTicks)
  const group = input[at + SELF_TRADE] === 0 ? 0 : input[at + OWNER_GROUP]!
  return canFill(books, symbolId, side, limitKey, neededLots, group) ? 0 : Reason.CANNOT_FILL
}

/** The price next to the best opposite one, at which an order of this side would not take. There is an opposite one. */
export function slidTicks(books: Books, symbolId: number, side: number): number {
  const bestTicks = oppositeTicks(books, symbolId, side)
  return side === 0 ? bestTicks - 1 : bestTicks + 1
}

/** The best price that an order of this side may trade at. There is one. */
export function oppositeTicks(books: Books, symbolId: number, side: number): number {
  return books.words[books.words[ladderOf(books, symbolId, side ^ 1) + BEST_LEVEL]! + LEVEL_PRICE]!
}
