// Learns from the first messages of a Binance capture what its symbol is and how many decimals its prices and quantities
// have, from which follow the steps that nobody has named.

import { decimalsOf } from './price-scale.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const POINT = 0x2e
const ZERO = 0x30
const COLON = 0x3a
const OPEN_LIST = 0x5b
const LETTER_P = 0x70
const LETTER_Q = 0x71

/** Names no steps: its messages are passed over. */
const TOUCH_STREAM = new TextEncoder().encode('bookTicker"')

export class BinanceSurvey {
  priceDecimals = 0
  quantityDecimals = 0
  symbol: string | undefined
  /** How messages of the symbol's streams start. */
  #start: Uint8Array | null = null

  constructor(symbol: string | undefined) {
    if (symbol !== undefined) this.#learn(symbol)
  }

  /** Looks at a message of the symbol's streams by its bytes; false: it is none, read it as JSON. */
  lookAtBytes(bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#start
    if (start === null) return false
    if (!isAt(bytes, from, start)) return false
    if (!isAt(bytes, from + start.length, TOUCH_STREAM)) this.#lookAtNumbers(bytes, from + start.length, to)
    return true
  }

  lookAtJson(json: unknown): void {
    const message = json as { data?: Record<string, unknown>; bids?: unknown; asks?: unknown } | null
    const data = message?.data
    if (this.symbol === undefined && typeof data?.['s'] === 'string') this.#learn(data['s'])
    if (data !== undefined && data['s'] !== this.symbol) return
    for (const pairs of [message?.bids, message?.asks, data?.['b'], data?.['a'], [[data?.['p'], data?.['q']]]]) {
      this.#lookAtPairs(pairs)
    }
  }

  #learn(symbol: string): void {
    this.symbol = symbol
    this.#start = new TextEncoder().encode(`{"stream":"${symbol.toLowerCase()}@`)
  }

  #lookAtPairs(pairs: unknown): void {
    for (const pair of Array.isArray(pairs) ? (pairs as unknown[]) : []) {
      const [price, quantity] = Array.isArray(pair) ? (pair as unknown[]) : []
      if (typeof price === 'string') this.priceDecimals = Math.max(this.priceDecimals, decimalsOf(price))
      if (typeof quantity === 'string') this.quantityDecimals = Math.max(this.quantityDecimals, decimalsOf(quantity))
    }
  }

  /** ["price","quantity"], "p":"price", "q":"quantity": each number with a point is told by what stands before it. */
  #lookAtNumbers(bytes: Uint8Array, from: number, to: number): void {
    let open = from
    for (let at = from; at < to; at++) {
      if (bytes[at] !== POINT) continue
      for (open = at; open > from && bytes[open] !== QUOTE; ) open -= 1
      let end = at + 1
      let lastDigit = at
      for (let digit = bytes[end]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[end]! - ZERO) {
        if (digit !== 0) lastDigit = end
        end += 1
      }
      if (bytes[end] !== QUOTE) continue
      const decimals = lastDigit - at
      const before = bytes[open - 1]
      const key = before === COLON ? bytes[open - 3] : 0
      if (before === OPEN_LIST || key === LETTER_P) this.priceDecimals = Math.max(this.priceDecimals, decimals)
      if (before === COMMA || key === LETTER_Q) this.quantityDecimals = Math.max(this.quantityDecimals, decimals)
    }
  }
}

function isAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false
  return true
}
