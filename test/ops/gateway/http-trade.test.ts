// Order entry and control over real HTTP: what is sent to the engine, what is answered, and what is refused unsent.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { NoReplyError, SessionClosedError } from '../../../ops/gateway/order-entry.ts'
import {
  EventFlag,
  EventKind,
  OrderFlag,
  OrderType,
  Reason,
  SelfTradePrevention,
  Side,
  TimeInForce,
  TradingPhase,
} from '../../../protocol/kinds.ts'
import { GatewayHarness, report } from '../../support/gateway-harness.ts'

let harness: GatewayHarness
beforeEach(async () => {
  harness = await GatewayHarness.start()
})
afterEach(() => harness.stop())

const order = { symbol: 'ALDR', side: 'buy', price: '24.79', quantity: '5' }

test('an order that rests', async () => {
  harness.orders.reply(
    report({ kind: EventKind.ORDER_ACCEPTED, flags: EventFlag.RESTING, orderId: 9, quantityLots: 5, leavesLots: 5 }),
  )
  const answer = await harness.send('POST', '/orders', order)
  expect(answer.status).toBe(201)
  expect(answer.body).toEqual({
    orderId: 9,
    clientOrderId: 1,
    symbol: 'ALDR',
    side: 'buy',
    status: 'resting',
    quantity: '5',
    filledQuantity: '0',
    leavesQuantity: '5',
    fills: [],
    recordSeq: 77,
  })
  expect(harness.orders.sent).toEqual([
    {
      command: 'newOrder',
      request: {
        symbolId: 0,
        side: Side.BUY,
        orderType: OrderType.LIMIT,
        timeInForce: TimeInForce.GTC,
        priceTicks: 2_479,
        quantityLots: 5,
        clientOrderId: 1,
      },
    },
  ])
})

test('a market order that fills in part, the rest cancelled', async () => {
  harness.orders.reply(
    report({ kind: EventKind.ORDER_ACCEPTED, orderId: 9, quantityLots: 5 }),
    report({ kind: EventKind.TRADE, orderId: 9, tradeId: 3, priceTicks: 120_001, quantityLots: 2, symbolId: 1 }),
    report({ kind: EventKind.ORDER_CANCELLED, orderId: 9, quantityLots: 3, reason: Reason.UNFILLED_REMAINDER }),
  )
  const body = { symbol: 'BTC-USD', side: 'sell', type: 'market', quantity: '0.005', clientOrderId: 1234 }
  const answer = await harness.send('POST', '/orders', body)
  expect(answer.body).toMatchObject({
    clientOrderId: 1234,
    status: 'cancelled',
    filledQuantity: '0.002',
    leavesQuantity: '0.000',
    fills: [{ tradeId: 3, price: '60000.5', quantity: '0.002' }],
  })
  expect(harness.orders.sent[0]?.request).toMatchObject({
    orderType: OrderType.MARKET,
    timeInForce: TimeInForce.IOC,
    priceTicks: 0,
  })
})

test('an order may say all that the exchange understands', async () => {
  harness.orders.reply(report({ kind: EventKind.ORDER_ACCEPTED, orderId: 9, quantityLots: 5, leavesLots: 5 }))
  const body = {
    ...{ symbol: 'ALDR', side: 'sell', type: 'stop-limit', price: '24.70', quantity: '5', timeInForce: 'day' },
    ...{ triggerPrice: '24.71', linkedClientOrderId: 7, ownerGroup: 3, selfTradePrevention: 'cancel-oldest' },
  }
  const answer = await harness.send('POST', '/orders', body)
  expect(answer.body).toMatchObject({ status: 'waiting', leavesQuantity: '5' })
  expect(harness.orders.sent[0]?.request).toMatchObject({
    orderType: OrderType.STOP_LIMIT,
    timeInForce: TimeInForce.DAY,
    priceTicks: 2_470,
    triggerTicks: 2_471,
    linkedClientOrderId: 7,
    ownerGroup: 3,
    selfTradePrevention: SelfTradePrevention.CANCEL_OLDEST,
  })
})

test.each([
  ['at-the-open', TimeInForce.AT_THE_OPEN],
  ['at-the-close', TimeInForce.AT_THE_CLOSE],
] as const)('a market order %s', async (timeInForce, wanted) => {
  harness.orders.reply(report({ kind: EventKind.ORDER_ACCEPTED, orderId: 9, quantityLots: 5, leavesLots: 5 }))
  const body = { symbol: 'ALDR', side: 'buy', type: 'market', quantity: '5', timeInForce }
  const answer = await harness.send('POST', '/orders', body)
  expect(answer.body).toMatchObject({ status: 'waiting' })
  expect(harness.orders.sent[0]?.request).toMatchObject({ orderType: OrderType.MARKET, timeInForce: wanted })
})

test('an iceberg that slides off the best price', async () => {
  harness.orders.reply(report({ kind: EventKind.ORDER_ACCEPTED, orderId: 9, quantityLots: 5, leavesLots: 2, flags: 1 }))
  const body = { symbol: 'ALDR', side: 'buy', price: '24.70', quantity: '5', displayQuantity: '2', postOnly: 'slide' }
  const answer = await harness.send('POST', '/orders', body)
  expect(answer.body).toMatchObject({ status: 'resting', leavesQuantity: '5' })
  expect(harness.orders.sent[0]?.request).toMatchObject({ displayLots: 2, flags: OrderFlag.POST_ONLY_SLIDE })
})

test('a cancel, and one of an order that is gone', async () => {
  harness.orders.reply(
    report({ kind: EventKind.ORDER_CANCELLED, orderId: 9, quantityLots: 5, reason: Reason.BY_OWNER }),
  )
  const answer = await harness.send('DELETE', '/orders/9', undefined)
  expect(answer.body).toEqual({
    orderId: 9,
    symbol: 'ALDR',
    status: 'cancelled',
    cancelledQuantity: '5',
    recordSeq: 77,
  })
  harness.orders.reply(report({ kind: EventKind.CANCEL_REJECTED, reason: Reason.UNKNOWN_ORDER }))
  const refused = await harness.send('DELETE', '/orders/10', undefined)
  expect(refused.status).toBe(404)
  expect(refused.type).toContain('application/problem+json')
  expect(refused.body).toMatchObject({ reason: 'UNKNOWN_ORDER', recordSeq: 77 })
})

test('a quote by hand carries the position version that it was computed from', async () => {
  harness.engine.fill(0, Side.BUY, 2_478, 4)
  await harness.bus.flush()
  harness.orders.reply(
    report({ kind: EventKind.QUOTE_ACCEPTED, reason: Reason.REDUCED, clientOrderId: 6, bidLots: 3, askLots: 5 }),
  )
  const body = { bid: '24.70', bidQuantity: '50', ask: '24.90', askQuantity: '5' }
  const answer = await harness.send('PUT', '/quotes/ALDR', body)
  expect(answer.body).toMatchObject({ status: 'reduced', quoteId: 6, bidQuantity: '3', askQuantity: '5' })
  expect(harness.orders.sent[0]?.request).toEqual({
    symbolId: 0,
    bidTicks: 2_470,
    bidLots: 50,
    askTicks: 2_490,
    askLots: 5,
    positionVersion: 1,
    ttlNs: 0,
  })
})

test('the kill switch needs the operator token', async () => {
  harness.orders.reply(report({ kind: EventKind.QUOTING_CHANGED }))
  const refused = await harness.send('POST', '/control/quoting', { enabled: false })
  expect(refused.status).toBe(403)
  expect(harness.orders.sent).toEqual([])
  const answer = await harness.send('POST', '/control/quoting', { enabled: false }, { token: harness.tokens.operator })
  expect(answer.body).toEqual({ enabled: false, symbol: null, recordSeq: 77 })
  expect(harness.orders.sent[0]?.request).toEqual({ symbolId: -1, enabled: false })
})

test("a trading phase is the operator's to change", async () => {
  harness.orders.reply(report({ kind: EventKind.PHASE_CHANGED }))
  const body = { phase: 'HALT', symbol: 'ALDR' }
  expect((await harness.send('POST', '/control/phase', body)).status).toBe(403)
  const answer = await harness.send('POST', '/control/phase', body, { token: harness.tokens.operator })
  expect(answer.body).toEqual({ phase: 'HALT', symbol: 'ALDR', recordSeq: 77 })
  expect(harness.orders.sent[0]?.request).toEqual({ symbolId: 0, phase: TradingPhase.HALT })
  harness.orders.reply(report({ kind: EventKind.COMMAND_REFUSED, reason: Reason.PHASE_FORBIDS }))
  const refused = await harness.send('POST', '/control/phase', body, { token: harness.tokens.operator })
  expect(refused.status).toBe(409)
  expect(refused.body).toMatchObject({ reason: 'PHASE_FORBIDS' })
})

test.each([
  ['price off the grid', { ...order, price: '24.795' }, 422, 'price'],
  ['price of zero', { ...order, price: '0' }, 422, 'price'],
  ['price with words', { ...order, price: 'cheap' }, 400, 'price'],
  ['price as a number', { ...order, price: 24.79 }, 400, 'price'],
  ['no price', { ...order, price: undefined }, 422, 'price'],
  ['a market order with a price', { ...order, type: 'market' }, 422, 'price'],
  ['negative quantity', { ...order, quantity: '-5' }, 422, 'quantity'],
  ['huge quantity', { ...order, quantity: '99999999999999' }, 422, 'quantity'],
  ['broken lots', { ...order, quantity: '0.5' }, 422, 'quantity'],
  ['exponents', { ...order, quantity: '1e3' }, 400, 'quantity'],
  ['an unknown symbol', { ...order, symbol: 'NONE' }, 422, 'symbol'],
  ['an unknown side', { ...order, side: 'both' }, 400, 'side'],
  ['an unknown field', { ...order, secret: true }, 400, 'body'],
  ['an unknown type', { ...order, type: 'peg' }, 400, 'type'],
  ['a trigger off the grid', { ...order, type: 'stop-limit', triggerPrice: '24.795' }, 422, 'triggerPrice'],
  ['a stop with a price', { ...order, type: 'stop', triggerPrice: '24.80' }, 422, 'price'],
  ['an end in the past', { ...order, timeInForce: 'gtd', goodTill: '1999-01-01T00:00:00Z' }, 422, 'goodTill'],
  ['a client order id that is none', { ...order, clientOrderId: 0 }, 400, 'clientOrderId'],
  ['a list', [order], 400, 'body'],
])('an order with %s is refused and nothing is sent', async (_name, body, status, field) => {
  const answer = await harness.send('POST', '/orders', body)
  expect(answer.status).toBe(status)
  expect(answer.type).toContain('application/problem+json')
  expect(answer.body).toMatchObject({ field })
  expect(answer.body['error']).toBeTypeOf('string')
  expect(harness.orders.sent).toEqual([])
})

test.each([
  ['no JSON', '{"symbol":', 400],
  ['nothing', '', 400],
  ['too much', `{"symbol":"${'A'.repeat(20_000)}"}`, 413],
  ['deep nesting', '['.repeat(5_000), 400],
  ['a poisoned prototype', '{"__proto__":{"side":"buy"}}', 400],
])('a body of %s is refused and nothing is sent', async (_name, body, status) => {
  const answer = await harness.send('POST', '/orders', body)
  expect(answer.status).toBe(status)
  expect(answer.body['error']).toBeTypeOf('string')
  expect(answer.body['remedy']).toBeTypeOf('string')
  expect(harness.orders.sent).toEqual([])
})

test('a body that is not called JSON is refused', async () => {
  const answer = await harness.send('POST', '/orders', 'x', { headers: { 'content-type': 'text/plain' } })
  expect(answer.status).toBe(415)
  expect(answer.body).toMatchObject({ field: 'Content-Type' })
})

test.each([
  ['no token', ''],
  ['an unknown token', 'x'.repeat(32)],
])('%s: refused before the body is looked at', async (_name, token) => {
  const answer = await harness.send('POST', '/orders', '{', { token })
  expect(answer.status).toBe(401)
  expect(answer.body).toMatchObject({ field: 'Authorization' })
  expect(JSON.stringify(answer.body)).not.toContain('x'.repeat(10))
})

test.each([
  ['POST', '/orders'],
  ['DELETE', '/orders/1'],
  ['PUT', '/quotes/ALDR'],
] as const)('the read token does not trade: %s %s', async (method, path) => {
  const answer = await harness.send(method, path, order, { token: harness.tokens.read })
  expect(answer.status).toBe(403)
  expect(harness.orders.sent).toEqual([])
})

test('a password that a browser adds by itself opens reading only', async () => {
  const basic = `Basic ${Buffer.from(`me:${harness.tokens.operator}`).toString('base64')}`
  const answer = await harness.send('POST', '/orders', order, { token: '', headers: { authorization: basic } })
  expect(answer.status).toBe(403)
})

test('a page of another site is refused, also with a token', async () => {
  const answer = await harness.send('POST', '/orders', order, { headers: { origin: 'http://elsewhere.example' } })
  expect(answer.status).toBe(403)
  expect(harness.orders.sent).toEqual([])
})

test.each([
  [Reason.DUPLICATE_CLIENT_ORDER_ID, 409],
  [Reason.BOOK_FULL, 503],
  [Reason.THROTTLED, 429],
  [Reason.JOURNAL_FULL, 503],
  [Reason.PRICE_BAND, 422],
])('what the engine refuses for reason %i becomes %i', async (reason, status) => {
  harness.orders.reply(report({ kind: EventKind.ORDER_REJECTED, reason }))
  const answer = await harness.send('POST', '/orders', order)
  expect(answer.status).toBe(status)
  expect(answer.body['reason']).toBeTypeOf('string')
})

test('no answer and no session are different things, and both are said', async () => {
  harness.orders.answer = () => Promise.reject(new NoReplyError('late'))
  const late = await harness.send('POST', '/orders', order)
  expect(late.status).toBe(504)
  expect(late.body['error']).toContain('may still be carried out, once')
  harness.orders.answer = () => Promise.reject(new SessionClosedError('closed'))
  const closed = await harness.send('POST', '/orders', order)
  expect(closed.status).toBe(503)
  expect(closed.body['error']).toContain('nothing was sent')
})
