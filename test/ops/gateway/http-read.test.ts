// The read endpoints over real HTTP: they say what the engine has said, with the record that it is true at.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Side } from '../../../protocol/kinds.ts'
import { GatewayHarness } from '../../support/gateway-harness.ts'

let harness: GatewayHarness
beforeEach(async () => {
  harness = await GatewayHarness.start()
})
afterEach(() => harness.stop())

/** A small market: two bids, one ask, a quote, a fill. */
async function fillMarket(): Promise<void> {
  const { engine } = harness
  engine.setLevel(0, Side.BUY, [2_478, 10])
  engine.setLevel(0, Side.BUY, [2_477, 20])
  engine.setLevel(0, Side.SELL, [2_482, 7])
  engine.setLevel(1, Side.SELL, [120_001, 3])
  engine.quote(0, { bidTicks: 2_478, bidLots: 10, askTicks: 2_482, askLots: 7 })
  engine.fill(0, Side.BUY, 2_478, 4)
  await harness.bus.flush()
}

test('/health and /symbols', async () => {
  harness.engine.status('engine', 'engine-a')
  await harness.until(() => harness.gateway.health().status === 'ok')
  expect((await harness.get('/health')).body).toMatchObject({
    status: 'ok',
    symbolCount: 2,
    booksLive: 2,
    engineHeard: true,
  })
  expect((await harness.get('/symbols')).body).toEqual({
    clusterId: 'test',
    exposureLots: 100,
    quoteTtlMs: 30_000,
    symbols: [
      { symbol: 'ALDR', tickSize: '0.01', lotSize: '1', openingPrice: '24.80' },
      { symbol: 'BTC-USD', tickSize: '0.5', lotSize: '0.001', openingPrice: '60000.0' },
    ],
    recordSeq: 1,
  })
})

test('/prices: decimals on the grid, null where there is none', async () => {
  await fillMarket()
  const { prices, recordSeq } = (await harness.get<{ prices: object[]; recordSeq: number }>('/prices')).body
  expect(recordSeq).toBe(harness.engine.recordSeq)
  expect(prices).toMatchObject([
    {
      symbol: 'ALDR',
      bid: '24.78',
      bidQuantity: '10',
      ask: '24.82',
      last: '24.78',
      lastQuantity: '4',
      phase: 'CONTINUOUS',
    },
    { symbol: 'BTC-USD', bid: null, bidQuantity: '0.000', ask: '60000.5', askQuantity: '0.003', last: null },
  ])
})

test('/book/{symbol}: best first, to the depth asked for', async () => {
  await fillMarket()
  const { body } = await harness.get('/book/ALDR?depth=1')
  expect(body).toEqual({
    symbol: 'ALDR',
    live: true,
    seq: harness.engine.symbols[0]!.seq,
    bids: [{ price: '24.78', quantity: '10', orders: 1 }],
    asks: [{ price: '24.82', quantity: '7', orders: 1 }],
    recordSeq: harness.engine.recordSeq,
  })
  expect((await harness.get<{ bids: object[] }>('/book/ALDR')).body.bids).toHaveLength(2)
})

test('a gap in the market data is repaired from a snapshot, and said until it is', async () => {
  const { engine } = harness
  engine.setLevel(0, Side.BUY, [2_478, 10])
  engine.answersSnapshots = false
  engine.setLevel(0, Side.BUY, [2_477, 20], { lose: true })
  engine.setLevel(0, Side.BUY, [2_476, 30])
  await harness.bus.flush()
  expect((await harness.get('/book/ALDR')).body).toMatchObject({ live: false, bids: [{ price: '24.78' }] })
  expect((await harness.get('/health')).body).toMatchObject({ status: 'degraded', booksLive: 1 })

  engine.answersSnapshots = true
  await harness.until(() => harness.gateway.health().booksLive === 2)
  const { body } = await harness.get<{ bids: { price: string }[] }>('/book/ALDR')
  expect(body.bids.map((level) => level.price)).toEqual(['24.78', '24.77', '24.76'])
  expect(harness.gateway.counts().gaps).toBe(1)
})

test('/positions, /quotes and /exposure follow a fill', async () => {
  await fillMarket()
  const { recordSeq } = harness.engine
  expect((await harness.get('/positions/ALDR')).body).toMatchObject({
    net: '4',
    version: 1,
    cash: '-99.12',
    profit: '0',
    realised: '0',
    unrealised: '0',
    reference: '24.78',
    lastTradeId: 1,
    averageCost: '24.78',
    costTickLots: 9_912,
    realisedTickLots: 0,
    recordSeq,
  })
  const total = { cash: '-99.12', profit: '0', realised: '0', unrealised: '0' }
  expect((await harness.get('/positions')).body).toMatchObject({ total, recordSeq })
  expect((await harness.get('/positions/BTC-USD')).body).toMatchObject({ net: '0.000', version: 0, time: null })
  expect((await harness.get('/quotes/ALDR')).body).toMatchObject({
    symbol: 'ALDR',
    quote: { bid: '24.78', bidQuantity: '6', ask: '24.82', askQuantity: '7', clientId: 101 },
    recordSeq,
  })
  expect((await harness.get('/quotes/BTC-USD')).body).toMatchObject({ quote: null })
  expect((await harness.get('/exposure')).body).toEqual({
    limitLots: 100,
    bidLots: 6,
    askLots: 7,
    quotingEnabled: true,
    symbolsOff: [],
    reservations: [
      {
        id: 'ALDR-7-1',
        symbol: 'ALDR',
        quoteId: 1,
        clientId: 101,
        bidLots: 6,
        askLots: 7,
        expiresAt: new Date(harness.engine.timeBaseUnixMs + 30_000).toISOString(),
        state: 'active',
        recordSeq,
      },
    ],
    recordSeq,
  })
  harness.engine.setQuoting(false)
  await harness.bus.flush()
  expect((await harness.get('/exposure')).body).toMatchObject({ quotingEnabled: false })
})

test('/nodes, /assignments and /authority are what the engine answers, at its record', async () => {
  const { recordSeq, timeBaseUnixMs } = harness.engine
  const at = (ms: number) => new Date(timeBaseUnixMs + ms).toISOString()
  const symbols = ['ALDR', 'BTC-USD']
  expect((await harness.get('/nodes')).body).toEqual({
    nodes: [
      {
        clientId: 101,
        name: 'strategy-1',
        incarnation: 3,
        joinedAt: at(1),
        presenceEndsAt: at(5),
        assignedSymbols: symbols,
        heldSymbols: symbols,
      },
    ],
    recordSeq,
  })
  const assigned = { clientId: 101, name: 'strategy-1', holderClientId: 101 }
  expect((await harness.get('/assignments')).body).toEqual({
    assignments: symbols.map((symbol) => ({ symbol, ...assigned })),
    recordSeq,
  })
  const { body } = await harness.get<{ authority: object[] }>('/authority')
  expect(body).toMatchObject({ recordSeq })
  expect(body.authority[1]).toEqual({
    symbol: 'BTC-USD',
    clientId: 101,
    name: 'strategy-1',
    fencingToken: 8,
    leaseEndsAt: at(4),
    recalled: false,
    lastClientId: 0,
    quotingGapMs: 2,
    quotingGapMsLongest: 3,
  })
})

test('/fills: pages follow one another, and a symbol narrows them', async () => {
  harness.engine.fill(0, Side.BUY, 2_478, 4)
  harness.engine.fill(1, Side.SELL, 120_000, 2)
  harness.engine.fill(0, Side.SELL, 2_480, 1)
  type Page = { fills: { tradeId: number; price: string; quantity: string }[]; nextAfterTradeId: number | null }
  const first = (await harness.get<Page>('/fills?limit=2')).body
  expect(first.fills).toMatchObject([
    { tradeId: 1, symbol: 'ALDR', side: 'buy', price: '24.78', quantity: '4', position: '4' },
    { tradeId: 2, symbol: 'BTC-USD', side: 'sell', price: '60000.0', quantity: '0.002', position: '-0.002' },
  ])
  expect(first.nextAfterTradeId).toBe(2)
  const second = (await harness.get<Page>('/fills?limit=2&afterTradeId=2')).body
  expect(second.fills.map((fill) => fill.tradeId)).toEqual([3])
  expect(second.nextAfterTradeId).toBeNull()
  const narrowed = (await harness.get<Page>('/fills?symbol=BTC-USD')).body
  expect(narrowed.fills.map((fill) => fill.tradeId)).toEqual([2])
})

test('/cluster: processes, states and what happened', async () => {
  harness.engine.status('engine', 'engine-a', { state: 'primary', details: { epoch: 1 } })
  await harness.bus.flush()
  expect((await harness.get('/cluster')).body).toMatchObject({
    clusterId: 'test',
    processes: [{ role: 'engine', instance: 'engine-a', pid: 4_242, state: 'primary', details: { epoch: '1' } }],
    events: [{ topic: 'engine-a', text: 'engine-a is here: pid 4242, primary.' }],
  })
})

test('/metrics is what Prometheus reads', async () => {
  await fillMarket()
  const text = await (await fetch(`${harness.server.url}/metrics`)).text()
  expect(text).toContain('tandem_position_lots{symbol="ALDR",cluster="test"} 4')
  expect(text).toContain('tandem_exposure_lots{side="ask",cluster="test"} 7')
  expect(text).toMatch(/tandem_gateway_frames\{cluster="test"\} \d+/)
})

test('/docs/json describes every endpoint', async () => {
  const { body } = await harness.get<{ paths: object }>('/docs/json')
  expect(Object.keys(body.paths).sort()).toEqual(
    [
      '/assignments',
      '/authority',
      '/book/{symbol}',
      '/cluster',
      '/control/phase',
      '/control/quoting',
      '/exposure',
      '/fills',
      '/health',
      '/journals',
      '/journals/{engine}/{file}',
      '/metrics',
      '/nodes',
      '/orders',
      '/orders/{orderId}',
      '/positions',
      '/positions/{symbol}',
      '/prices',
      '/quotes/{symbol}',
      '/symbols',
    ].sort(),
  )
})

test('/docs/json calls a refusal by the content type that it comes with', async () => {
  type Operation = { responses: Record<string, { content: object }> }
  const { body } = await harness.get<{ paths: Record<string, Record<string, Operation>> }>('/docs/json')
  const refused = await fetch(`${harness.server.url}/book/NONE`)
  const { content } = body.paths['/book/{symbol}']!['get']!.responses['404']!
  expect(refused.status).toBe(404)
  expect(Object.keys(content)).toEqual([refused.headers.get('content-type')?.split(';')[0]])
})

test.each([
  ['/book/NONE', 404, 'symbol', 'NONE'],
  ['/positions/aldr', 404, 'symbol', 'aldr'],
  ['/fills?symbol=NONE', 404, 'symbol', 'NONE'],
  ['/book/ALDR?depth=0', 400, 'depth', '0'],
  ['/book/ALDR?depth=many', 400, 'depth', 'many'],
  ['/book/ALDR?depth=1.5', 400, 'depth', '1.5'],
  ['/fills?limit=1000000', 400, 'limit', '1000000'],
  ['/fills?afterTradeId=-1', 400, 'afterTradeId', '-1'],
  ['/nothing', 404, 'path', 'GET /nothing'],
])('GET %s is refused: what, where and the remedy', async (path, status, field, value) => {
  const answer = await harness.get(path)
  expect(answer.status).toBe(status)
  expect(answer.body).toMatchObject({ field, value })
  expect(answer.body['error']).toBeTypeOf('string')
  expect(answer.body['error']).not.toMatch(/NaN|undefined/)
  // What is a whole number is refused for something else.
  expect(/whole number/.test(String(answer.body['error']))).toBe(['many', '1.5'].includes(value))
  expect(answer.body['remedy']).toBeTypeOf('string')
})

test('frames that are not right are counted and change nothing', async () => {
  await fillMarket()
  const before = (await harness.get('/prices')).body
  const faults = harness.gateway.counts().faults
  for (const bytes of [[], [1, 2, 3], Array.from({ length: 80 }, () => 255)]) {
    harness.engine.publish(harness.engine.subjects.marketData('ALDR', 'l1'), new Uint8Array(bytes))
  }
  await harness.bus.flush()
  expect(harness.gateway.counts().faults).toBe(faults + 3)
  expect((await harness.get('/prices')).body).toEqual(before)
})

test('when the engine begins a new journal, everything begins anew', async () => {
  await fillMarket()
  harness.engine.timeBaseUnixMs += 1
  harness.engine.recordSeq = 1
  for (const symbol of harness.engine.symbols)
    Object.assign(symbol, { seq: 0, netLots: 0, version: 0, cashTickLots: 0 })
  harness.engine.fills.length = 0
  await harness.until(() => harness.gateway.dashboard().desk.position(0).version === 0, 8_000)
  expect((await harness.get('/positions/ALDR')).body).toMatchObject({ net: '0', version: 0 })
})

test('journals of this machine can be listed and read, and nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-journals-'))
  mkdirSync(join(folder, 'engine-a'))
  const name = 'segment-0000000000000001.journal'
  const content = new Uint8Array(65_536)
  content.set([1, 2, 3], 800)
  writeFileSync(join(folder, 'engine-a', name), content)
  writeFileSync(join(folder, 'engine-a', 'replica.state'), 'secret')
  writeFileSync(join(folder, 'gateway-tokens.json'), 'secret')
  const own = new GatewayHarness()
  await own.open({ journalFolder: folder })
  const { body } = await own.get<{ journals: unknown }>('/journals')
  expect(body.journals).toEqual([{ name: 'engine-a', files: [{ name, size: 65_536 }] }])
  const response = await fetch(`${own.server.url}/journals/engine-a/${name}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  expect(bytes.length).toBeLessThan(10_000)
  expect(bytes).toEqual(content.subarray(0, bytes.length))
  for (const path of [
    'engine-a/replica.state',
    'engine-a/..%2F..%2Fgateway-tokens.json',
    '..%2Fengine-a/x',
    'nats/x',
  ]) {
    expect((await fetch(`${own.server.url}/journals/${path}`)).status).toBe(404)
  }
  await own.stop()
  rmSync(folder, { recursive: true })
})
