// Steps as text: one line each, written by a person in a scenario table or printed by the fuzzer, and read back.
//
//   c1 buy 10 @ 100 ioc id 7 s1
//   c1 cancel #5          c1 cancel id 7
//   c1 replace #5 to 4 @ 101 total
//   c1 mass-cancel s0 sells
//   c9 quote q1 5 @ 99 / 5 @ 101 granted 3 / 5 version 2 token 1 ttl 30s
//   c3 phase s0 OPENING_AUCTION       c3 phase all HALT
//   cancel-quote s0 KILL_SWITCH reply
//   cancel-client c1 SESSION_ENDED
//   wait 30s
//   restore

import {
  EventFlag,
  OrderFlag,
  OrderType,
  Reason,
  ReplaceFlag,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TradingPhase,
} from '../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import type { NewOrderStep, QuoteStep, ReplaceOrderStep, Step } from './step.ts'

export class StepTextError extends Error {
  override name = 'StepTextError'
}

type NumberTable = Readonly<Record<string, number>>

/** Words that set bits of a new order's flags. */
const FLAG_WORDS: NumberTable = wordsOf(OrderFlag)
const TYPE_WORDS: NumberTable = wordsOf(OrderType)
const TIME_WORDS: NumberTable = wordsOf(TimeInForce)
const PREVENTION_WORDS: NumberTable = wordsOf(SelfTradePrevention)
const DURATION_UNITS: NumberTable = { ns: 1, us: 1_000, ms: 1_000_000, s: 1_000_000_000 }

/** POST_ONLY is written post-only. */
function wordsOf(table: NumberTable): NumberTable {
  return Object.fromEntries(
    Object.entries(table).map(([name, value]) => [name.toLowerCase().replaceAll('_', '-'), value]),
  )
}

function wordFor(table: NumberTable, value: number): string | undefined {
  return Object.keys(table).find((word) => table[word] === value)
}

export function stepText(step: Step): string {
  switch (step.kind) {
    case 'newOrder':
      return newOrderText(step)
    case 'cancelOrder':
      return `c${step.clientId} cancel ${orderText(step)}${symbolText(step.symbolId)}`
    case 'replaceOrder':
      return replaceText(step)
    case 'massCancel': {
      const sides = ['', ' buys', ' sells'][step.sides] ?? ` sides ${step.sides}`
      return `c${step.clientId} mass-cancel s${step.symbolId}${sides}`
    }
    case 'quote':
      return quoteText(step)
    case 'setPhase': {
      const symbol = step.symbolId === NO_SYMBOL_ID ? 'all' : `s${step.symbolId}`
      return `c${step.clientId} phase ${symbol} ${wordFor(TradingPhase, step.phase) ?? step.phase}`
    }
    case 'cancelQuote':
      return `cancel-quote s${step.symbolId} ${reasonText(step.reason)}${step.flags === 0 ? '' : ' reply'}`
    case 'cancelClient':
      return `cancel-client c${step.clientId} ${reasonText(step.reason)}`
    case 'wait':
      return `wait ${step.durationNs}ns`
    case 'restore':
      return 'restore'
  }
}

function newOrderText(step: NewOrderStep): string {
  const flags = Object.keys(FLAG_WORDS).filter((word) => (step.flags & (FLAG_WORDS[word] ?? 0)) !== 0)
  const knownFlags = flags.reduce((bits, word) => bits | (FLAG_WORDS[word] ?? 0), 0)
  const options: readonly (string | false)[] = [
    step.side > 1 && `side ${step.side}`,
    step.orderType !== OrderType.LIMIT && (wordFor(TYPE_WORDS, step.orderType) ?? `type ${step.orderType}`),
    step.timeInForce !== TimeInForce.GTC &&
      (wordFor(TIME_WORDS, step.timeInForce) ?? `time-in-force ${step.timeInForce}`),
    ...flags,
    step.flags !== knownFlags && `flags ${step.flags}`,
    step.displayLots !== 0 && `display ${step.displayLots}`,
    step.minimumLots !== 0 && `minimum ${step.minimumLots}`,
    step.triggerTicks !== 0 && `trigger ${step.triggerTicks}`,
    step.linkedClientOrderId !== 0 && `link ${step.linkedClientOrderId}`,
    step.expireTimeNs !== 0 && `expire ${step.expireTimeNs}ns`,
    step.ownerGroup !== 0 && `group ${step.ownerGroup}`,
    step.selfTradePrevention !== 0 &&
      `stp ${wordFor(PREVENTION_WORDS, step.selfTradePrevention) ?? step.selfTradePrevention}`,
    step.clientOrderId !== 0 && `id ${step.clientOrderId}`,
    step.symbolId !== 0 && `s${step.symbolId}`,
  ]
  const side = step.side === Side.SELL ? 'sell' : 'buy'
  const head = `c${step.clientId} ${side} ${step.quantityLots} @ ${step.priceTicks}`
  return [head, ...options.filter((option) => option !== false)].join(' ')
}

function replaceText(step: ReplaceOrderStep): string {
  const flags = step.flags === 0 ? '' : step.flags === ReplaceFlag.TOTAL_QUANTITY ? ' total' : ` flags ${step.flags}`
  const target = `${step.quantityLots} @ ${step.priceTicks}`
  return `c${step.clientId} replace ${orderText(step)} to ${target}${flags}${symbolText(step.symbolId)}`
}

function quoteText(step: QuoteStep): string {
  const head = `c${step.clientId} quote q${step.quoteId}`
  const sides = `${step.bidLots} @ ${step.bidTicks} / ${step.askLots} @ ${step.askTicks}`
  const isGranted = step.bidLotsGranted === step.bidLots && step.askLotsGranted === step.askLots
  const granted = isGranted ? '' : ` granted ${step.bidLotsGranted} / ${step.askLotsGranted}`
  const version = step.positionVersion === 0 ? '' : ` version ${step.positionVersion}`
  const token = step.fencingToken === 0 ? '' : ` token ${step.fencingToken}`
  const ttl = step.ttlNs === 0 ? '' : ` ttl ${step.ttlNs}ns`
  return `${head} ${sides}${granted}${version}${token}${ttl}${symbolText(step.symbolId)}`
}

function orderText(step: { readonly orderId: number; readonly clientOrderId: number }): string {
  const id = step.clientOrderId === 0 ? '' : `id ${step.clientOrderId}`
  return step.orderId === 0 ? id || '#0' : `#${step.orderId}${id === '' ? '' : ` ${id}`}`
}

function symbolText(symbolId: number): string {
  return symbolId === 0 ? '' : ` s${symbolId}`
}

function reasonText(reason: number): string {
  return wordFor(Reason, reason) ?? String(reason)
}

/** Reads one step. Throws a StepTextError that says what is not understood. */
export function parseStep(line: string): Step {
  const words = new Words(line)
  const first = words.next()
  switch (first) {
    case 'wait':
      return words.end({ kind: 'wait', durationNs: words.duration() })
    case 'restore':
      return words.end({ kind: 'restore' })
    case 'cancel-quote': {
      const symbolId = words.prefixed('s')
      const reason = words.named(Reason) as Reason
      return words.end({ kind: 'cancelQuote', symbolId, reason, flags: words.take('reply') ? EventFlag.REPLY : 0 })
    }
    case 'cancel-client':
      return words.end({ kind: 'cancelClient', clientId: words.prefixed('c'), reason: words.named(Reason) as Reason })
    default:
      return parseClientStep(words, words.withPrefix(first, 'c'))
  }
}

function parseClientStep(words: Words, clientId: number): Step {
  const verb = words.next()
  switch (verb) {
    case 'buy':
    case 'sell':
      return parseNewOrder(words, clientId, verb === 'buy' ? Side.BUY : Side.SELL)
    case 'cancel': {
      const order = parseOrder(words)
      return words.end({ kind: 'cancelOrder', clientId, ...order, symbolId: words.symbol() })
    }
    case 'replace':
      return parseReplace(words, clientId)
    case 'mass-cancel': {
      const symbolId = words.take('all') ? NO_SYMBOL_ID : words.prefixed('s')
      const sides = words.take('buys') ? 1 : words.take('sells') ? 2 : words.take('sides') ? words.number() : 0
      return words.end({ kind: 'massCancel', clientId, symbolId, sides })
    }
    case 'phase': {
      const symbolId = words.take('all') ? NO_SYMBOL_ID : words.prefixed('s')
      return words.end({ kind: 'setPhase', clientId, symbolId, phase: words.named(TradingPhase) })
    }
    case 'quote':
      return parseQuote(words, clientId)
    default:
      throw words.error(`"${verb}" is no verb`)
  }
}

function parseOrder(words: Words): { orderId: number; clientOrderId: number } {
  const orderId = words.peek().startsWith('#') ? words.prefixed('#') : 0
  return { orderId, clientOrderId: words.take('id') ? words.number() : 0 }
}

function parseReplace(words: Words, clientId: number): Step {
  const order = parseOrder(words)
  words.expect('to')
  const quantityLots = words.number()
  words.expect('@')
  const priceTicks = words.number()
  const flags = words.take('total') ? ReplaceFlag.TOTAL_QUANTITY : words.take('flags') ? words.number() : 0
  return words.end({
    kind: 'replaceOrder',
    clientId,
    ...order,
    priceTicks,
    quantityLots,
    flags,
    symbolId: words.symbol(),
  })
}

function parseNewOrder(words: Words, clientId: number, side: number): Step {
  const quantityLots = words.number()
  words.expect('@')
  const isMarket = words.take('market')
  const order = {
    kind: 'newOrder' as const,
    clientId,
    symbolId: 0,
    clientOrderId: 0,
    side,
    orderType: (isMarket ? OrderType.MARKET : OrderType.LIMIT) as number,
    timeInForce: TimeInForce.GTC as number,
    flags: 0,
    priceTicks: isMarket ? 0 : words.number(),
    quantityLots,
    displayLots: 0,
    minimumLots: 0,
    triggerTicks: 0,
    linkedClientOrderId: 0,
    expireTimeNs: 0,
    ownerGroup: 0,
    selfTradePrevention: 0,
  }
  while (!words.isAtEnd) {
    const word = words.next()
    if (FLAG_WORDS[word] !== undefined) order.flags |= FLAG_WORDS[word]
    else if (TYPE_WORDS[word] !== undefined) order.orderType = TYPE_WORDS[word]
    else if (TIME_WORDS[word] !== undefined) order.timeInForce = TIME_WORDS[word]
    else if (/^s-?\d+$/.test(word)) order.symbolId = words.withPrefix(word, 's')
    else parseNewOrderOption(word, words, order)
  }
  return order
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function parseNewOrderOption(word: string, words: Words, order: Mutable<NewOrderStep>): void {
  switch (word) {
    case 'side':
      order.side = words.number()
      break
    case 'type':
      order.orderType = words.number()
      break
    case 'time-in-force':
      order.timeInForce = words.number()
      break
    case 'flags':
      order.flags = words.number()
      break
    case 'display':
      order.displayLots = words.number()
      break
    case 'minimum':
      order.minimumLots = words.number()
      break
    case 'trigger':
      order.triggerTicks = words.number()
      break
    case 'link':
      order.linkedClientOrderId = words.number()
      break
    case 'expire':
      order.expireTimeNs = words.duration()
      break
    case 'group':
      order.ownerGroup = words.number()
      break
    case 'stp':
      order.selfTradePrevention = words.named(PREVENTION_WORDS)
      break
    case 'id':
      order.clientOrderId = words.number()
      break
    default:
      throw words.error(`"${word}" is no option of an order`)
  }
}

function parseQuote(words: Words, clientId: number): Step {
  const quoteId = words.prefixed('q')
  const bidLots = words.number()
  words.expect('@')
  const bidTicks = words.number()
  words.expect('/')
  const askLots = words.number()
  words.expect('@')
  const askTicks = words.number()
  let bidLotsGranted = bidLots
  let askLotsGranted = askLots
  if (words.take('granted')) {
    bidLotsGranted = words.number()
    words.expect('/')
    askLotsGranted = words.number()
  }
  const positionVersion = words.take('version') ? words.number() : 0
  const fencingToken = words.take('token') ? words.number() : 0
  const ttlNs = words.take('ttl') ? words.duration() : 0
  const terms = { quoteId, bidTicks, bidLots, askTicks, askLots, bidLotsGranted, askLotsGranted }
  const symbolId = words.symbol()
  return words.end({ kind: 'quote', clientId, symbolId, ...terms, positionVersion, fencingToken, ttlNs })
}

/** Hostile steps have numbers that are none: NaN, Infinity. */
function isNumber(word: string): boolean {
  return word === 'NaN' || (word !== '' && !Number.isNaN(Number(word)))
}

/** The words of a line, taken one after the other. */
class Words {
  readonly #line: string
  readonly #words: readonly string[]
  #position = 0

  constructor(line: string) {
    this.#line = line
    this.#words = line.trim().split(/\s+/)
  }

  get isAtEnd(): boolean {
    return this.#position === this.#words.length
  }

  error(message: string): StepTextError {
    return new StepTextError(`${message} in "${this.#line.trim()}"`)
  }

  peek(): string {
    return this.#words[this.#position] ?? ''
  }

  next(): string {
    if (this.isAtEnd) throw this.error('a word is missing at the end')
    this.#position += 1
    return this.#words[this.#position - 1]!
  }

  take(word: string): boolean {
    if (this.peek() !== word) return false
    this.#position += 1
    return true
  }

  expect(word: string): void {
    if (!this.take(word)) throw this.error(`"${word}" is missing before "${this.peek()}"`)
  }

  number(): number {
    const word = this.next()
    if (!isNumber(word)) throw this.error(`"${word}" is no number`)
    return Number(word)
  }

  /** 30s, 5ms, 12ns. */
  duration(): number {
    const word = this.next()
    const [, digits, unit] = /^(.*?)(ns|us|ms|s)$/.exec(word) ?? []
    if (digits === undefined || unit === undefined || !isNumber(digits)) throw this.error(`"${word}" is no duration`)
    return Number(digits) * (DURATION_UNITS[unit] ?? Number.NaN)
  }

  named(table: NumberTable): number {
    const word = this.next()
    const value = table[word] ?? Number(word)
    if (Number.isNaN(value)) throw this.error(`"${word}" is not one of ${Object.keys(table).join(', ')}`)
    return value
  }

  prefixed(prefix: string): number {
    return this.withPrefix(this.next(), prefix)
  }

  withPrefix(word: string, prefix: string): number {
    const digits = word.slice(prefix.length)
    if (!word.startsWith(prefix) || !isNumber(digits)) throw this.error(`"${word}" is not ${prefix}<number>`)
    return Number(digits)
  }

  /** An optional symbol at the end; 0 when there is none. */
  symbol(): number {
    return this.isAtEnd ? 0 : this.prefixed('s')
  }

  /** The step, once nothing is left to read. */
  end(step: Step): Step {
    if (!this.isAtEnd) throw this.error(`"${this.peek()}" is not understood`)
    return step
  }
}
