// Requests of whoever holds a token: orders of every kind, cancels, quotes and controls, right or with one thing wrong.

import type { Prng } from '../../base/prng.ts'
import { mutateText, pick } from './mutate.ts'

export type TradingRequest = {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body: string
}

type Body = Readonly<Record<string, unknown>>

const PLAIN = { symbol: 'ALDR', side: 'buy', price: '50.00', quantity: '1' }
const ORDERS: readonly Body[] = [
  PLAIN,
  { ...PLAIN, side: 'sell' },
  { ...PLAIN, timeInForce: 'ioc', minimumQuantity: '1' },
  { ...PLAIN, timeInForce: 'fok', quantity: '5' },
  { ...PLAIN, timeInForce: 'gtd', goodTill: '2099-01-01T00:00:00Z' },
  { ...PLAIN, price: '49.00', displayQuantity: '1', quantity: '10' },
  { ...PLAIN, price: '51.00', side: 'sell', postOnly: true },
  { ...PLAIN, postOnly: 'slide', clientOrderId: 7 },
  { ...PLAIN, hidden: true, ownerGroup: 1, selfTradePrevention: 'cancel-both' },
  { ...PLAIN, allOrNone: true, linkedClientOrderId: 7 },
  { symbol: 'BRCH', side: 'sell', type: 'market', quantity: '2' },
  { symbol: 'ALDR', side: 'sell', type: 'market', quantity: '1' },
  { symbol: 'ALDR', side: 'buy', type: 'stop', triggerPrice: '52.00', quantity: '1' },
  { symbol: 'ALDR', side: 'sell', type: 'stop-limit', triggerPrice: '48.00', price: '47.50', quantity: '1' },
  { symbol: 'ALDR', side: 'sell', type: 'trailing-stop', trailBy: '1.00', quantity: '1' },
  { symbol: 'ALDR', side: 'buy', type: 'market-to-limit', quantity: '1' },
]
const QUOTES: readonly Body[] = [
  { bid: '49.90', bidQuantity: '1', ask: '50.10', askQuantity: '1' },
  { bid: '49.90', bidQuantity: '200' },
  { ask: '50.10', askQuantity: '1', ttlMs: 1_000 },
  {},
]
const QUOTING: readonly Body[] = [{ enabled: true }, { enabled: false }, { enabled: true, symbol: 'ALDR' }]
const PHASES: readonly Body[] = ['PRE_OPEN', 'OPENING_AUCTION', 'CONTINUOUS', 'CONTINUOUS', 'HALT', 'CLOSED'].map(
  (phase) => ({ phase, symbol: 'ALDR' }),
)
const SYMBOLS = ['ALDR', 'BRCH', 'NONE', '', '__proto__']
const ORDER_ID_MAX = 2_000
const ORDER_IDS = ['0', '-1', '1e3', 'x', '9007199254740993', '%00']
const VALUES = [
  ...[null, true, 0, -1, 1.5, 1e308, '', '0', '-1', '0.001', '1e5', '99999999999', '2147483648', 'NaN', ' 1', '1,0'],
  ...[[], {}, ['1'], 'ALDR', '2000-01-01T00:00:00Z', 'x'.repeat(400), '9'.repeat(40)],
]
const WORDS = ['{', '}', '[', '"', 'null', '-1', '1e999', '"__proto__":1,', '\\u0000', 'true', '9'.repeat(400)]
const RIGHT_CHANCE = 0.4

export function tradingRequest(random: Prng): TradingRequest {
  const kind = random.nextBelow(20)
  if (kind < 11) return { method: 'POST', path: '/orders', body: bodyOf(random, ORDERS) }
  if (kind < 14) return { method: 'DELETE', path: `/orders/${orderId(random)}`, body: '' }
  if (kind < 18) return { method: 'PUT', path: `/quotes/${pick(random, SYMBOLS)}`, body: bodyOf(random, QUOTES) }
  if (kind < 19) return { method: 'POST', path: '/control/quoting', body: bodyOf(random, QUOTING) }
  return { method: 'POST', path: '/control/phase', body: bodyOf(random, PHASES) }
}

function orderId(random: Prng): string {
  return random.nextChance(0.8) ? String(random.nextBetween(1, ORDER_ID_MAX)) : pick(random, ORDER_IDS)
}

/** Right, with a field that says something odd or is missing, or damaged as a text. */
function bodyOf(random: Prng, bodies: readonly Body[]): string {
  const body = pick(random, bodies)
  if (random.nextChance(RIGHT_CHANCE)) return JSON.stringify(body)
  if (random.nextChance(0.3)) return mutateText(random, JSON.stringify(body), WORDS)
  // Of any of them: fields that do not go together are as odd as values.
  const names = Object.keys(pick(random, bodies))
  const name = names[random.nextBelow(Math.max(1, names.length))] ?? 'nothing'
  return JSON.stringify({ ...body, [name]: random.nextChance(0.1) ? undefined : pick(random, VALUES) })
}
