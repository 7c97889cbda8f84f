// Hostile HTTP and WebSocket clients against a real gateway before a real engine: every request is answered with something
// other than a fault of the gateway's own, without a token nothing changes, and with one nothing that is refused.

import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { Prng } from '../../base/prng.ts'
import { DrillCluster } from '../drill/drill-cluster.ts'
import { loadTokens, type Tokens } from '../gateway/tokens.ts'
import { type FuzzSubject, type FuzzTarget, Outcomes } from './fuzz-target.ts'
import { mutateText, pick, randomBytes } from './mutate.ts'
import { tradingRequest } from './trading-requests.ts'

/** Inputs between two looks at the engine's state. */
const LOOK_COUNT = 256
const ANSWER_MS_MAX = 5_000

export const httpTarget: FuzzTarget = {
  name: 'http',
  summary: 'requests to a real gateway: answered, and without a token nothing changes',
  covers: ['ops/gateway/access.ts', 'ops/gateway/http-server.ts', 'ops/gateway/read-routes.ts'],
  open: () => GatewaySubject.open((gateway, random) => asStranger(gateway, gateway.ask(random))),
}

export const webSocketTarget: FuzzTarget = {
  name: 'websocket',
  summary: 'messages to a real gateway by WebSocket: it goes on, and nothing changes',
  covers: ['ops/gateway/page-channel.ts', 'ops/gateway/page-sockets.ts'],
  open: () => GatewaySubject.open((gateway, random) => asStranger(gateway, gateway.say(random))),
}

export const tradingTarget: FuzzTarget = {
  name: 'trading',
  summary: 'requests with a token to a real gateway: answered, and what is refused enters no order',
  covers: [
    'ops/gateway/trade-routes.ts',
    'ops/gateway/order-body.ts',
    'ops/gateway/grid.ts',
    'ops/gateway/phase-route.ts',
    'ops/gateway/command-outcome.ts',
  ],
  open: () => GatewaySubject.open((gateway, random) => gateway.trade(random)),
}

/** Whoever has no token changes nothing: looked at now and then. */
async function asStranger(gateway: GatewaySubject, acted: Promise<string | undefined>): Promise<string | undefined> {
  const wrong = await acted
  return wrong ?? gateway.marketFault()
}

const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']
const PATHS = [
  ...[
    '/health',
    '/symbols',
    '/prices',
    '/book/ALDR',
    '/book/ALDR?depth=5',
    '/quotes/ALDR',
    '/orders',
    '/orders/1',
    '/fills',
  ],
  ...[
    '/fills?symbol=ALDR&limit=5',
    '/positions',
    '/positions/ALDR',
    '/exposure',
    '/nodes',
    '/assignments',
    '/authority',
  ],
  ...['/cluster', '/metrics', '/control/quoting', '/docs/json', '/ws', '/'],
]
const PATH_WORDS = [
  '..',
  '%2e%2e',
  '%00',
  '%',
  '/',
  '//',
  '?',
  '&',
  '=',
  '-1',
  '1e9',
  'NaN',
  '%ff',
  '#',
  ';',
  'x'.repeat(300),
]
const BODIES = [
  '{"symbol":"ALDR","side":"buy","type":"limit","price":"50.00","quantity":"1"}',
  '{"enabled":false}',
  '{"bidPrice":"49.99","bidQuantity":"1","askPrice":"50.01","askQuantity":"1"}',
]
const BODY_WORDS = [
  '{',
  '}',
  '[',
  '"',
  'null',
  '-1',
  '1e999',
  '__proto__',
  '\\u0000',
  'true',
  '"quantity":"0.1"',
  '9'.repeat(400),
]
const MESSAGES = [
  '{"type":"subscribe","symbols":["ALDR"]}',
  '{"symbols":["ALDR","BRCH"]}',
  '{"type":"subscribe","symbols":[]}',
]

class GatewaySubject implements FuzzSubject {
  readonly outcomes = new Outcomes()
  readonly #cluster: DrillCluster
  readonly #folder: string
  readonly #url: URL
  readonly #hash: unknown
  readonly #tokens: Tokens
  readonly #act: (gateway: GatewaySubject, random: Prng) => Promise<string | undefined>
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 })
  #socket: WebSocket | null = null
  #count = 0

  private constructor(
    cluster: DrillCluster,
    folder: string,
    hash: unknown,
    act: (gateway: GatewaySubject, random: Prng) => Promise<string | undefined>,
  ) {
    this.#cluster = cluster
    this.#folder = folder
    this.#url = new URL(String(cluster.detailsOf('gateway')['url']))
    this.#hash = hash
    this.#tokens = loadTokens(String(cluster.detailsOf('gateway')['tokenPath']))
    this.#act = act
  }

  static async open(
    act: (gateway: GatewaySubject, random: Prng) => Promise<string | undefined>,
  ): Promise<GatewaySubject> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-fuzz-gateway-'))
    const cluster = new DrillCluster(folder, { isPair: false, hasStrategy: false })
    try {
      await cluster.start()
      await cluster.startProcess('gateway')
      return new GatewaySubject(cluster, folder, await marketOf(cluster), act)
    } catch (error) {
      await cluster.stop()
      throw error
    }
  }

  async execute(random: Prng): Promise<string | undefined> {
    this.#count += 1
    return this.#act(this, random)
  }

  /** Every so many inputs. */
  async marketFault(): Promise<string | undefined> {
    if (this.#count % LOOK_COUNT !== 0) return undefined
    return (await marketOf(this.#cluster)) === this.#hash ? undefined : 'the market changed, and nobody had a token'
  }

  async close(): Promise<void> {
    this.#socket?.terminate()
    this.#agent.destroy()
    await this.#cluster.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** One request, and its answer. */
  async ask(random: Prng): Promise<string | undefined> {
    const method = pick(random, METHODS)
    const path = random.nextChance(0.5) ? pick(random, PATHS) : mutateText(random, pick(random, PATHS), PATH_WORDS)
    const body = random.nextChance(0.3)
      ? Buffer.from(randomBytes(random, 2_000))
      : mutateText(random, pick(random, BODIES), BODY_WORDS)
    const headers: Record<string, string> = {
      'content-type': pick(random, ['application/json', 'text/plain', '', 'x/y']),
    }
    if (random.nextChance(0.3))
      headers['authorization'] = `Bearer ${Buffer.from(randomBytes(random, 40)).toString('base64')}`
    if (random.nextChance(0.1)) headers['origin'] = 'http://evil.example'
    if (random.nextChance(0.1)) headers['host'] = 'evil.example'
    // What a client of Node refuses to send by itself is sent as far as it lets us.
    const safePath = `/${encodeURI(path.replace(/^\//, '')).replaceAll('%25', '%')}`
    const status = await this.#request(method, safePath, headers, method === 'GET' || method === 'HEAD' ? '' : body)
    this.outcomes.add(`${method} ${status}`)
    if (status >= 500 && status !== 503) return `${method} ${safePath} was answered with ${status}`
    const isChange = method === 'POST' || method === 'PUT' || method === 'DELETE'
    return isChange && status >= 200 && status < 300 ? `${method} ${safePath} succeeded without a token` : undefined
  }

  /** One request with a token. */
  async trade(random: Prng): Promise<string | undefined> {
    const { method, path, body } = tradingRequest(random)
    const headers: Record<string, string> = { authorization: `Bearer ${this.#tokens.operator}` }
    if (method !== 'DELETE') headers['content-type'] = 'application/json'
    const before = await orderCountOf(this.#cluster)
    const status = await this.#request(method, path, headers, body)
    this.outcomes.add(`${method} ${path.split('/').slice(0, 2).join('/')} ${status}`)
    if (status === 0 || (status >= 500 && status !== 503))
      return `${method} ${path} ${body} was answered with ${status}`
    const hasEntered = status >= 400 && (await orderCountOf(this.#cluster)) > before
    return hasEntered ? `${method} ${path} ${body} was refused with ${status}, and entered an order` : undefined
  }

  /** One message, on a connection that is opened again when it was closed. */
  async say(random: Prng): Promise<string | undefined> {
    const socket = await this.#connected()
    const message = mutateText(random, pick(random, MESSAGES), BODY_WORDS)
    await new Promise<void>((resolve) => {
      if (random.nextChance(0.002)) socket.send(randomBytes(random, 500), () => resolve())
      else socket.send(message, () => resolve())
    })
    this.outcomes.add('sent')
    return undefined
  }

  async #connected(): Promise<WebSocket> {
    const { readyState } = this.#socket ?? { readyState: WebSocket.CLOSED }
    if (this.#socket !== null && readyState === WebSocket.OPEN) return this.#socket
    const socket = new WebSocket(`ws://${this.#url.host}/ws`)
    this.#socket = socket
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    socket.on('error', () => socket.terminate())
    socket.on('close', (code) => this.outcomes.add(`closed with ${code}`))
    return socket
  }

  #request(method: string, path: string, headers: Record<string, string>, body: string | Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      const place = { host: this.#url.hostname, port: this.#url.port, agent: this.#agent }
      const sent = request({ ...place, method, path, headers, timeout: ANSWER_MS_MAX }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0))
      })
      sent.once('timeout', () => reject(new Error(`${method} ${path} was not answered in ${ANSWER_MS_MAX} ms`)))
      // Whoever sends what is no HTTP is hung up on.
      sent.once('error', () => resolve(0))
      sent.end(body)
    })
  }
}

/** What nobody may change: orders, trades, positions and the switches. */
async function marketOf(cluster: DrillCluster): Promise<string> {
  const { orderCount, tradeCount } = await cluster.ask('status')
  const { positions } = await cluster.ask('positions')
  const { symbols } = await cluster.ask('exposure')
  return JSON.stringify({ orderCount, tradeCount, positions, symbols })
}

async function orderCountOf(cluster: DrillCluster): Promise<number> {
  return Number((await cluster.ask('status'))['orderCount'])
}
