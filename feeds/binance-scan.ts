// Reads the messages that captures of Binance are full of, depth updates and trades, from their bytes: no text, no objects.
//
// It knows the compact JSON that the exchange sends, in whatever order the fields come. What it does not know (white space,
// escapes, other fields, numbers that are none, prices off the grid) it leaves to the general reader, which says what is
// wrong with it, if anything is: UNUSUAL. So both read the same.

import { parseUnits, type Scale } from './price-scale.ts'

export const ScannedKind = { UNUSUAL: 0, DEPTH: 1, TRADE: 2 } as const
export type ScannedKind = (typeof ScannedKind)[keyof typeof ScannedKind]

const QUOTE = 0x22
const COMMA = 0x2c
const POINT = 0x2e
const ZERO = 0x30
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const CLOSE_LIST = 0x5d
const CLOSE = 0x7d
const TICKS_MAX = 0x7fff_ffff
/** More digits than these may not be exact. */
const DIGIT_COUNT_MAX = 15

const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
const STREAM = bytesOf('{"stream":"')
const DATA = bytesOf('","data":{')
const DEPTH_UPDATE = bytesOf('depthUpdate')
const TRADE = bytesOf('trade')
const MARKET = bytesOf('MARKET')
const TRUE = bytesOf('true')
const FALSE = bytesOf('false')

/** Fields by their letter. */
const Field = {
  KIND: 0x65, // e
  MESSAGE_TIME: 0x45, // E
  TIME: 0x54, // T
  SYMBOL: 0x73, // s
  FIRST_ID: 0x55, // U
  LAST_ID: 0x75, // u
  BIDS: 0x62, // b
  ASKS: 0x61, // a
  TRADE_ID: 0x74, // t
  PRICE: 0x70, // p
  QUANTITY: 0x71, // q
  TRADE_TYPE: 0x58, // X
  IS_BUYER_MAKER: 0x6d, // m
  IGNORED: 0x4d, // M
} as const

const NO_TICKS = new Int32Array(0)
const NO_LOTS = new Float64Array(0)
const LEVEL_COUNT_MIN = 256

/** Levels of one message: bids first, each with its price and quantity in steps. */
export class LevelList {
  count = 0
  bidCount = 0
  ticks = NO_TICKS
  lots = NO_LOTS

  clear(): void {
    this.count = 0
    this.bidCount = 0
  }

  push(ticks: number, lots: number): void {
    if (this.count === this.ticks.length) this.#grow()
    this.ticks[this.count] = ticks
    this.lots[this.count] = lots
    this.count += 1
  }

  #grow(): void {
    const capacity = Math.max(LEVEL_COUNT_MIN, this.count * 2)
    const [ticks, lots] = [new Int32Array(capacity), new Float64Array(capacity)]
    ticks.set(this.ticks)
    lots.set(this.lots)
    this.ticks = ticks
    this.lots = lots
  }
}

export class BinanceScanner {
  /** Milliseconds since 1970 of T, or else of E. */
  unixMs = Number.NaN
  firstId = Number.NaN
  lastId = Number.NaN
  previousId = Number.NaN
  tradeId = 0
  ticks = 0
  lots = 0
  isBuyerMaker = false
  /** False: a trade of another type than MARKET. */
  isMarketTrade = true
  /** Where the levels of a depth update go. */
  levels: LevelList
  readonly #tick: Scale
  readonly #lot: Scale
  #symbol: Uint8Array | null = null
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #to = 0
  #messageMs = Number.NaN

  constructor(tick: Scale, lot: Scale, levels: LevelList) {
    this.#tick = tick
    this.#lot = lot
    this.levels = levels
  }

  /** Messages of other symbols are unusual. */
  set symbol(symbol: string) {
    this.#symbol = bytesOf(symbol)
  }

  /** Reads the JSON in bytes[from .. to). What was read is in the fields; of an unusual message they mean nothing. */
  scan(bytes: Uint8Array, from: number, to: number): ScannedKind {
    if (this.#symbol === null) return ScannedKind.UNUSUAL
    this.#bytes = bytes
    this.#at = from
    this.#to = to
    if (!this.#skip(STREAM) || !this.#skipText() || !this.#skip(DATA)) return ScannedKind.UNUSUAL
    return this.#scanData()
  }

  #scanData(): ScannedKind {
    const bytes = this.#bytes
    this.#messageMs = Number.NaN
    this.unixMs = Number.NaN
    this.firstId = Number.NaN
    this.lastId = Number.NaN
    this.previousId = Number.NaN
    this.tradeId = 0
    this.ticks = -1
    this.lots = -1
    this.isMarketTrade = true
    this.levels.clear()
    let kind: ScannedKind = ScannedKind.UNUSUAL
    let isOurs = false
    /** 1: bids, 2: asks, 4: the side of a trade. */
    let parts = 0
    for (;;) {
      if (bytes[this.#at] !== QUOTE) return ScannedKind.UNUSUAL
      const letter = bytes[this.#at + 1]!
      if (bytes[this.#at + 2] !== QUOTE) {
        if (!this.#longField()) return ScannedKind.UNUSUAL
      } else {
        if (bytes[this.#at + 3] !== COLON) return ScannedKind.UNUSUAL
        this.#at += 4
        let isRead = true
        switch (letter) {
          case Field.KIND:
            kind = this.#kind()
            isRead = kind !== ScannedKind.UNUSUAL
            break
          case Field.SYMBOL:
            isOurs = this.#isText(this.#symbol!)
            isRead = isOurs
            break
          case Field.BIDS:
            isRead = parts === 0 && this.#readLevels()
            this.levels.bidCount = this.levels.count
            parts |= 1
            break
          case Field.ASKS:
            isRead = parts === 1 && this.#readLevels()
            parts |= 2
            break
          case Field.IS_BUYER_MAKER:
            this.isBuyerMaker = bytes[this.#at] === TRUE[0]
            isRead = this.#skip(this.isBuyerMaker ? TRUE : FALSE)
            parts |= 4
            break
          case Field.IGNORED:
            isRead = this.#skip(bytes[this.#at] === TRUE[0] ? TRUE : FALSE)
            break
          default:
            isRead = this.#plainField(letter)
        }
        if (!isRead) return ScannedKind.UNUSUAL
      }
      const next = bytes[this.#at]
      this.#at += 1
      if (next === COMMA) continue
      if (next !== CLOSE || bytes[this.#at] !== CLOSE || this.#at + 1 !== this.#to) return ScannedKind.UNUSUAL
      break
    }
    if (Number.isNaN(this.unixMs)) this.unixMs = this.#messageMs
    if (!isOurs || Number.isNaN(this.unixMs)) return ScannedKind.UNUSUAL
    if (kind === ScannedKind.DEPTH) return parts === 3 ? kind : ScannedKind.UNUSUAL
    return parts === 4 && this.ticks > 0 && this.lots >= 0 ? kind : ScannedKind.UNUSUAL
  }

  /** A field with a number, a decimal or a text, by its letter. */
  #plainField(letter: number): boolean {
    switch (letter) {
      case Field.TIME:
        return (this.unixMs = this.#wholeNumber()) >= 0
      case Field.MESSAGE_TIME:
        return (this.#messageMs = this.#wholeNumber()) >= 0
      case Field.FIRST_ID:
        return (this.firstId = this.#wholeNumber()) >= 0
      case Field.LAST_ID:
        return (this.lastId = this.#wholeNumber()) >= 0
      case Field.TRADE_ID:
        return (this.tradeId = this.#wholeNumber()) >= 0
      case Field.PRICE:
        this.ticks = this.#decimal(this.#tick)
        return this.ticks > 0 && this.ticks <= TICKS_MAX
      case Field.QUANTITY:
        this.lots = this.#decimal(this.#lot)
        return this.lots >= 0
      case Field.TRADE_TYPE:
        if (this.#isText(MARKET)) return true
        this.isMarketTrade = false
        if (this.#bytes[this.#at++] !== QUOTE) return false
        return this.#skipText() && this.#bytes[this.#at++] === QUOTE
      default:
        return false
    }
  }

  /** pu, the update before; ps, the pair. */
  #longField(): boolean {
    const bytes = this.#bytes
    const at = this.#at
    const isTwo = bytes[at + 1] === Field.PRICE && bytes[at + 3] === QUOTE && bytes[at + 4] === COLON
    if (!isTwo) return false
    this.#at = at + 5
    if (bytes[at + 2] === Field.LAST_ID) return (this.previousId = this.#wholeNumber()) >= 0
    if (bytes[at + 2] !== Field.SYMBOL || bytes[at + 5] !== QUOTE) return false
    this.#at = at + 6
    return this.#skipText() && bytes[this.#at++] === QUOTE
  }

  #kind(): ScannedKind {
    if (this.#isText(DEPTH_UPDATE)) return ScannedKind.DEPTH
    return this.#isText(TRADE) ? ScannedKind.TRADE : ScannedKind.UNUSUAL
  }

  /** [["price","quantity"],...] */
  #readLevels(): boolean {
    const bytes = this.#bytes
    const { levels } = this
    if (bytes[this.#at] !== OPEN_LIST) return false
    this.#at += 1
    if (bytes[this.#at] === CLOSE_LIST) {
      this.#at += 1
      return true
    }
    for (;;) {
      if (bytes[this.#at] !== OPEN_LIST) return false
      this.#at += 1
      const ticks = this.#decimal(this.#tick)
      if (!(ticks > 0 && ticks <= TICKS_MAX) || bytes[this.#at] !== COMMA) return false
      this.#at += 1
      const lots = this.#decimal(this.#lot)
      if (lots < 0 || bytes[this.#at] !== CLOSE_LIST) return false
      levels.push(ticks, lots)
      const next = bytes[this.#at + 1]
      this.#at += 2
      if (next === CLOSE_LIST) return true
      if (next !== COMMA) return false
    }
  }

  /** How many steps a decimal in quotes is; -1 when it is none, or lies between two. The same as parseUnits of its text. */
  #decimal({ mantissa, decimals }: Scale): number {
    const bytes = this.#bytes
    let at = this.#at
    if (bytes[at] !== QUOTE) return -1
    at += 1
    const start = at
    let units = 0
    let digit = bytes[at]! - ZERO
    for (; digit >= 0 && digit <= 9; digit = bytes[at]! - ZERO) {
      units = units * 10 + digit
      at += 1
    }
    let places = 0
    if (bytes[at] === POINT) {
      at += 1
      digit = bytes[at]! - ZERO
      for (; digit >= 0 && digit <= 9 && places < decimals; digit = bytes[at]! - ZERO, places++) {
        units = units * 10 + digit
        at += 1
      }
      // Only zeros may follow.
      while (bytes[at] === ZERO) at += 1
    }
    const isShort = bytes[start]! >= ZERO && bytes[at] === QUOTE && at - start <= DIGIT_COUNT_MAX
    if (!isShort) return this.#longDecimal(start, mantissa, decimals)
    for (; places < decimals; places++) units *= 10
    this.#at = at + 1
    if (units > Number.MAX_SAFE_INTEGER) return -1
    if (mantissa === 1) return units
    return units % mantissa === 0 ? units / mantissa : -1
  }

  /** Of more digits than are exact on the way: by the general reader. */
  #longDecimal(start: number, mantissa: number, decimals: number): number {
    const bytes = this.#bytes
    const end = bytes.indexOf(QUOTE, start)
    if (end === -1 || end === start || end >= this.#to) return -1
    let text = ''
    for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!)
    this.#at = end + 1
    return parseUnits(text, { mantissa, decimals, divisor: 10 ** decimals })
  }

  /** Digits alone; -1 when there are none, or too many. */
  #wholeNumber(): number {
    const bytes = this.#bytes
    let at = this.#at
    const start = at
    let value = 0
    for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[at]! - ZERO) {
      value = value * 10 + digit
      at += 1
    }
    const length = at - start
    if (length === 0 || length > DIGIT_COUNT_MAX || (bytes[start] === ZERO && length > 1)) return -1
    this.#at = at
    return value
  }

  /** Moves behind the text in quotes when it is this one. */
  #isText(text: Uint8Array): boolean {
    const bytes = this.#bytes
    const at = this.#at
    const end = at + 1 + text.length
    if (bytes[at] !== QUOTE || bytes[end] !== QUOTE) return false
    for (let i = 0; i < text.length; i++) if (bytes[at + 1 + i] !== text[i]) return false
    this.#at = end + 1
    return true
  }

  #skip(text: Uint8Array): boolean {
    const bytes = this.#bytes
    const at = this.#at
    for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false
    this.#at = at + text.length
    return true
  }

  /** To the quote that ends a text without escapes. */
  #skipText(): boolean {
    const bytes = this.#bytes
    const to = this.#to
    let at = this.#at
    while (at < to && bytes[at] !== QUOTE) {
      if (bytes[at] === BACKSLASH || bytes[at]! < 0x20 || bytes[at]! > 0x7e) return false
      at += 1
    }
    this.#at = at
    return at < to
  }
}
