// Rows of LOBSTER files, read from bytes: the message file and the order book file. Pure decoding, no allocation per row.
//
//   message    time (s after midnight, decimal), type, order id, size, price * 10,000, direction (+1 buy, -1 sell)
//   order book ask price 1, ask size 1, bid price 1, bid size 1, ask price 2, ... ; an empty level: +-9999999999, 0

import type { RowFault } from './feed-sink.ts'

export const LobsterType = {
  ADD: 1,
  REDUCE: 2,
  DELETE: 3,
  EXECUTE: 4,
  EXECUTE_HIDDEN: 5,
  CROSS: 6,
  HALT: 7,
} as const

export class LobsterMessage {
  timeNs = 0
  type = 0
  orderId = 0
  sizeLots = 0
  /** Dollars times 10,000, as in the file. */
  price = 0
  direction = 0
}

export class LobsterBookRow {
  readonly levelCount: number
  /** Best first; 0 lots where there is no level. Prices as in the file. */
  readonly askPrices: Float64Array
  readonly askLots: Float64Array
  readonly bidPrices: Float64Array
  readonly bidLots: Float64Array

  constructor(levelCount: number) {
    this.levelCount = levelCount
    this.askPrices = new Float64Array(levelCount)
    this.askLots = new Float64Array(levelCount)
    this.bidPrices = new Float64Array(levelCount)
    this.bidLots = new Float64Array(levelCount)
  }
}

const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NANOSECONDS = 1_000_000_000
const MESSAGE_COLUMN_COUNT = 6
/** Longest number that is exact in a double. */
const DIGIT_COUNT_MAX = 15

/** The message in `bytes[from .. to)`. */
export function readLobsterMessage(bytes: Uint8Array, from: number, to: number, message: LobsterMessage): RowFault {
  const columnCount = countColumns(bytes, from, to)
  if (columnCount !== MESSAGE_COLUMN_COUNT) return `has ${columnCount} columns instead of ${MESSAGE_COLUMN_COUNT}`
  cursor.at = from
  const timeNs = readTimeNs(bytes, to)
  if (Number.isNaN(timeNs)) return 'has no time of the form 34200.017459617 in column 1'
  message.timeNs = timeNs
  message.type = readInteger(bytes, to)
  message.orderId = readInteger(bytes, to)
  message.sizeLots = readInteger(bytes, to)
  message.price = readInteger(bytes, to)
  message.direction = readInteger(bytes, to)
  if (Number.isNaN(message.type)) return 'has no whole number in column 2 (type)'
  if (Number.isNaN(message.orderId) || message.orderId < 0) return 'has no order id in column 3'
  if (Number.isNaN(message.sizeLots)) return 'has no whole number in column 4 (size)'
  if (Number.isNaN(message.price)) return 'has no whole number in column 5 (price)'
  if (message.direction !== 1 && message.direction !== -1) return 'has a direction other than 1 and -1 in column 6'
  return messageFault(message)
}

function messageFault({ type, orderId, sizeLots, price }: LobsterMessage): RowFault {
  switch (type) {
    case LobsterType.ADD:
    case LobsterType.REDUCE:
    case LobsterType.DELETE:
    case LobsterType.EXECUTE:
      if (orderId === 0) return `names no order (type ${type} needs an order id)`
      break
    case LobsterType.EXECUTE_HIDDEN:
    case LobsterType.CROSS:
      break
    case LobsterType.HALT:
      return price >= -1 && price <= 1 ? null : `is a halt message with price ${price}; -1, 0 and 1 are possible`
    default:
      return `has type ${type}; 1 to 7 are possible`
  }
  if (price <= 0) return `has the price ${price}; prices are above 0`
  if (sizeLots <= 0) return `has the size ${sizeLots}; sizes are above 0`
  return null
}

/** The book row in `bytes[from .. to)`. Levels of a side lie together, best first, each worse than the one before. */
export function readLobsterBookRow(bytes: Uint8Array, from: number, to: number, row: LobsterBookRow): RowFault {
  const columnCount = countColumns(bytes, from, to)
  if (columnCount !== 4 * row.levelCount) return `has ${columnCount} columns instead of ${4 * row.levelCount}`
  cursor.at = from
  for (let level = 0; level < row.levelCount; level++) {
    row.askPrices[level] = readInteger(bytes, to)
    row.askLots[level] = readInteger(bytes, to)
    row.bidPrices[level] = readInteger(bytes, to)
    row.bidLots[level] = readInteger(bytes, to)
  }
  return sideFault(row.askPrices, row.askLots, 1) ?? sideFault(row.bidPrices, row.bidLots, -1)
}

/** Levels that an order book row of this many columns has; 0 when it can be none. */
export function levelCountOf(bytes: Uint8Array, from: number, to: number): number {
  const columnCount = countColumns(bytes, from, to)
  return columnCount % 4 === 0 ? columnCount / 4 : 0
}

function sideFault(prices: Float64Array, lots: Float64Array, direction: 1 | -1): RowFault {
  const side = direction === 1 ? 'ask' : 'bid'
  for (let level = 0; level < prices.length; level++) {
    const price = prices[level]!
    const quantity = lots[level]!
    if (Number.isNaN(price) || Number.isNaN(quantity)) return `has no whole number at ${side} level ${level + 1}`
    if (quantity < 0) return `has the size ${quantity} at ${side} level ${level + 1}`
    if (quantity === 0) continue
    if (price <= 0) return `has the price ${price} at ${side} level ${level + 1}`
    if (level === 0) continue
    if (lots[level - 1] === 0) return `has an empty ${side} level above level ${level + 1}`
    if ((price - prices[level - 1]!) * direction <= 0) return `has ${side} level ${level + 1} out of order`
  }
  return null
}

// One cursor for all rows: rows are read one after another, never inside one another.
const cursor = { at: 0 }

function countColumns(bytes: Uint8Array, from: number, to: number): number {
  let count = 1
  for (let at = from; at < to; at++) if (bytes[at] === COMMA) count += 1
  return count
}

/** A whole number up to the next comma, which is passed; NaN when there is none. */
function readInteger(bytes: Uint8Array, to: number): number {
  let at = cursor.at
  const isNegative = at < to && bytes[at] === MINUS
  if (isNegative) at += 1
  const start = at
  let value = 0
  for (; at < to; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  const isWhole = at > start && at - start <= DIGIT_COUNT_MAX && (at === to || bytes[at] === COMMA)
  skipColumn(bytes, at, to)
  if (!isWhole) return Number.NaN
  return isNegative ? -value : value
}

/** Seconds with a fraction, as nanoseconds: the fraction is padded or cut to nine digits. */
function readTimeNs(bytes: Uint8Array, to: number): number {
  let at = cursor.at
  const start = at
  let seconds = 0
  for (; at < to; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) break
    seconds = seconds * 10 + digit
  }
  let isWhole = at > start && at - start <= 6
  let fraction = 0
  let scale = NANOSECONDS
  if (at < to && bytes[at] === POINT) {
    for (at += 1; at < to; at++) {
      const digit = bytes[at]! - ZERO
      if (digit < 0 || digit > 9) break
      if (scale === 1) continue
      fraction = fraction * 10 + digit
      scale /= 10
    }
  }
  if (at < to && bytes[at] !== COMMA) isWhole = false
  skipColumn(bytes, at, to)
  return isWhole ? seconds * NANOSECONDS + fraction * scale : Number.NaN
}

function skipColumn(bytes: Uint8Array, at: number, to: number): void {
  while (at < to && bytes[at] !== COMMA) at += 1
  cursor.at = at + 1
}
