// The WebSocket over a real connection: what a page is told, who may connect, and what becomes of bad and slow clients.

import { once } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { ServerMessage, State } from '../../../ops/gateway/dashboard-protocol.ts'
import { PAGE_COUNT_MAX, PING_INTERVAL_MS } from '../../../ops/gateway/page-sockets.ts'
import { Side } from '../../../protocol/kinds.ts'
import { GatewayHarness } from '../../support/gateway-harness.ts'

let harness: GatewayHarness
const sockets: WebSocket[] = []
beforeEach(async () => {
  harness = await GatewayHarness.start()
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  await harness.stop()
})

class Client {
  readonly messages: ServerMessage[] = []
  readonly socket: WebSocket

  constructor(headers: Record<string, string> = {}, path = '/ws') {
    this.socket = new WebSocket(`${harness.server.url.replace('http', 'ws')}${path}`, { headers })
    sockets.push(this.socket)
    this.socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString()) as ServerMessage))
    this.socket.on('error', () => {})
  }

  static async open(): Promise<Client> {
    const client = new Client()
    await once(client.socket, 'open')
    return client
  }

  subscribe(...symbols: string[]): void {
    this.socket.send(JSON.stringify({ type: 'subscribe', symbols }))
  }

  /** The next state, seen or to come, that the condition holds for. */
  async state(condition: (state: State) => boolean): Promise<State> {
    const find = () => this.messages.find((message) => isState(message) && condition(message)) as State | undefined
    await harness.until(() => find() !== undefined)
    return find()!
  }
}

function isState(message: ServerMessage): message is State {
  return message.type === 'snapshot' || message.type === 'update'
}

/** The status that a refused upgrade is answered with. */
async function refusedWith(headers: Record<string, string>, path = '/ws'): Promise<number> {
  const client = new Client(headers, path)
  const [, response] = (await once(client.socket, 'unexpected-response')) as [unknown, { statusCode: number }]
  return response.statusCode
}

test('hello, a snapshot, then updates with the numbers of the API', async () => {
  harness.engine.setLevel(0, Side.BUY, [2_478, 10])
  const client = await Client.open()
  await client.state((state) => state.type === 'snapshot')
  expect(client.messages[0]).toMatchObject({ type: 'hello', clusterId: 'test' })
  client.subscribe('ALDR')
  await client.state((state) => state.books !== undefined)

  harness.engine.setLevel(0, Side.BUY, [2_479, 3])
  const { recordSeq } = harness.engine
  const update = await client.state((state) => state.books?.[0]?.recordSeq === recordSeq)
  expect(update.books?.[0]).toMatchObject({
    symbol: 'ALDR',
    live: true,
    bids: [
      [2_479, 3, 1],
      [2_478, 10, 1],
    ],
  })
  expect((await harness.get('/book/ALDR')).body).toMatchObject({
    recordSeq,
    bids: [
      { price: '24.79', quantity: '3' },
      { price: '24.78', quantity: '10' },
    ],
  })
})

test('many changes in a moment become few messages, the latest state wins', async () => {
  const client = await Client.open()
  client.subscribe('ALDR')
  await client.state((state) => state.books !== undefined)
  const before = client.messages.length
  for (let lots = 1; lots <= 5_000; lots++) harness.engine.setLevel(0, Side.BUY, [2_478, lots])
  await client.state((state) => state.books?.[0]?.bids[0]?.[1] === 5_000)
  expect(client.messages.length - before).toBeLessThan(60)
})

test('a fill reaches every page: fill, position, quote and exposure', async () => {
  const client = await Client.open()
  await client.state((state) => state.type === 'snapshot')
  harness.engine.quote(0, { bidTicks: 2_478, bidLots: 10, askTicks: 2_482, askLots: 7 })
  harness.engine.fill(0, Side.BUY, 2_478, 4)
  const update = await client.state((state) => (state.fills?.items.length ?? 0) > 0)
  expect(update.fills?.items[0]).toMatchObject({ symbol: 'ALDR', side: 'buy', quantityLots: 4, netLots: 4 })
  expect(update.positions?.[0]).toMatchObject({ symbol: 'ALDR', netLots: 4, version: 1 })
  expect(update.quotes?.[0]).toMatchObject({ symbol: 'ALDR', bidLots: 6, askLots: 7 })
  expect(update.exposure).toMatchObject({ bidLots: 6, askLots: 7 })
})

test('only the page that the gateway serves may connect, and only to /ws', async () => {
  expect(await refusedWith({ origin: 'http://elsewhere.example' })).toBe(403)
  expect(await refusedWith({ origin: 'null' })).toBe(403)
  expect(await refusedWith({ host: 'elsewhere.example' })).toBe(421)
  expect(await refusedWith({}, '/prices')).toBe(404)
  const own = new Client({ origin: harness.server.url })
  await once(own.socket, 'open')
})

test('beyond loopback a page needs a token', async () => {
  await harness.stop()
  harness = await GatewayHarness.start({ host: '0.0.0.0' })
  expect(await refusedWith({})).toBe(401)
  expect(await refusedWith({ authorization: 'Bearer no' })).toBe(401)
  const own = new Client({ authorization: `Bearer ${harness.tokens.read}` })
  await once(own.socket, 'open')
})

test('one page more than there may be is told so, until one goes', async () => {
  const first = await Client.open()
  for (let count = 1; count < PAGE_COUNT_MAX; count++) await Client.open()
  expect(await refusedWith({})).toBe(503)
  first.socket.close()
  await harness.until(() => harness.server.sockets.counts.open < PAGE_COUNT_MAX)
  await Client.open()
  expect(harness.server.sockets.counts).toMatchObject({ open: PAGE_COUNT_MAX, refused: 1 })
})

test('a page that answers no ping is let go, and one that does stays', async () => {
  await harness.stop()
  vi.useFakeTimers({ toFake: ['setInterval'] })
  try {
    harness = await GatewayHarness.start()
    const polite = await Client.open()
    const silent = new WebSocket(`${harness.server.url.replace('http', 'ws')}/ws`, { autoPong: false })
    sockets.push(silent)
    await once(silent, 'open')
    vi.advanceTimersByTime(PING_INTERVAL_MS)
    await once(polite.socket, 'ping')
    // What it is answered comes after its pong has been heard.
    polite.socket.send('{')
    await harness.until(() => polite.messages.some((message) => message.type === 'problem'))
    vi.advanceTimersByTime(PING_INTERVAL_MS)
    await once(silent, 'close')
    expect(polite.socket.readyState).toBe(WebSocket.OPEN)
  } finally {
    vi.useRealTimers()
  }
})

test.each([
  ['text that is no JSON', '{'],
  ['another kind of message', '{"type":"order","symbol":"ALDR"}'],
])('%s is answered with a problem, and the connection goes on', async (_name, text) => {
  const client = await Client.open()
  client.socket.send(text)
  await harness.until(() => client.messages.some((message) => message.type === 'problem'))
  client.subscribe('ALDR')
  await client.state((state) => state.books !== undefined)
})

test.each([
  ['a binary message', (socket: WebSocket) => socket.send(new Uint8Array([1, 2, 3])), 4000],
  ['a message beyond the limit', (socket: WebSocket) => socket.send('x'.repeat(5_000)), 1009],
  [
    'a flood of messages',
    (socket: WebSocket) => {
      for (let count = 0; count < 40; count++) socket.send('{"type":"subscribe","symbols":[]}')
    },
    4000,
  ],
])('%s ends the connection', async (_name, misbehave, code) => {
  const client = await Client.open()
  misbehave(client.socket)
  const [closeCode] = (await once(client.socket, 'close')) as [number]
  expect(closeCode).toBe(code)
  await harness.until(() => harness.server.sockets.counts.open === 0)
})

test('a page that does not read costs nothing and does not hold up the others', async () => {
  const slow = await Client.open()
  slow.subscribe('ALDR')
  await slow.state((state) => state.books !== undefined)
  slow.socket.pause()
  const quick = await Client.open()
  quick.subscribe('ALDR')
  const startMs = performance.now()
  for (let lots = 1; lots <= 3_000; lots++) {
    harness.engine.setLevel(0, Side.BUY, [2_400 + (lots % 60), lots])
    if (lots % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await quick.state((state) => (state.books?.[0]?.recordSeq ?? 0) === harness.engine.recordSeq)
  expect(performance.now() - startMs).toBeLessThan(10_000)
  slow.socket.resume()
  await slow.state((state) => (state.books?.[0]?.recordSeq ?? 0) === harness.engine.recordSeq)
})
