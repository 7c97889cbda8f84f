// A gateway that serves over real HTTP, fed by a fake engine over a bus in this process, with orders that the test answers.

import { pino } from 'pino'
import { ensurePage } from '../../ops/dashboard/ensure-page.ts'
import { Gateway } from '../../ops/gateway/gateway.ts'
import { type HttpServer, startHttpServer } from '../../ops/gateway/http-server.ts'
import type { OrderEntry, Outcome, Report } from '../../ops/gateway/order-entry.ts'
import { newTokens, type Tokens } from '../../ops/gateway/tokens.ts'
import { FakeEngine, fakeConfig } from './fake-engine.ts'
import { MemoryBus } from './memory-bus.ts'

export function report(fields: Partial<Report>): Report {
  const zero: Report = {
    kind: 0,
    side: 0,
    reason: 0,
    flags: 0,
    symbolId: 0,
    recordSeq: 77,
    orderId: 0,
    tradeId: 0,
    priceTicks: 0,
    quantityLots: 0,
    leavesLots: 0,
    clientOrderId: 0,
    bidLots: 0,
    askLots: 0,
    value: 0,
  }
  return { ...zero, ...fields }
}

/** Keeps what was sent and answers with what the test put there. */
export class ScriptedOrders implements OrderEntry {
  readonly state = 'open'
  readonly sent: { command: string; request: unknown }[] = []
  answer: () => Promise<Outcome> = () => Promise.reject(new Error('the test expects no command'))
  #clientOrderId = 0

  /** The next commands are answered with these reports; the first one is the reply. */
  reply(...reports: Report[]): void {
    this.answer = () => Promise.resolve({ reply: reports[0]!, reports })
  }

  newOrder = (request: unknown): Promise<Outcome> => this.#send('newOrder', request)
  cancelOrder = (request: unknown): Promise<Outcome> => this.#send('cancelOrder', request)
  quote = (request: unknown): Promise<Outcome> => this.#send('quote', request)
  setQuoting = (symbolId: number, enabled: boolean): Promise<Outcome> => this.#send('setQuoting', { symbolId, enabled })

  setPhase = (symbolId: number, phase: number): Promise<Outcome> => this.#send('setPhase', { symbolId, phase })

  nextClientOrderId(): number {
    return ++this.#clientOrderId
  }

  stop(): void {}

  #send(command: string, request: unknown): Promise<Outcome> {
    this.sent.push({ command, request })
    return this.answer()
  }
}

export class GatewayHarness {
  readonly bus = new MemoryBus()
  readonly engine = new FakeEngine(this.bus.connect())
  readonly orders = new ScriptedOrders()
  readonly tokens: Tokens = newTokens()
  gateway!: Gateway
  server!: HttpServer

  /** Serves and has followed the engine. `page`: build and serve the page too. */
  static async start({ page = false, port = 0, host = '127.0.0.1' } = {}): Promise<GatewayHarness> {
    const harness = new GatewayHarness()
    await harness.open({ page, port, host })
    await harness.until(() => harness.gateway.health().status !== 'starting')
    return harness
  }

  async open({
    page = false,
    port = 0,
    host = '127.0.0.1',
    journalFolder,
  }: {
    page?: boolean
    port?: number
    host?: string
    journalFolder?: string
  } = {}): Promise<void> {
    this.gateway = new Gateway(
      {
        clusterId: fakeConfig.clusterId,
        transport: this.bus.connect(),
        orders: this.orders,
        log: pino({ level: 'silent' }),
      },
      (reason) => this.server.sockets.restart(reason),
    )
    const pageFolder = page ? await ensurePage() : undefined
    this.server = await startHttpServer(this.gateway, { host, port, tokens: this.tokens, pageFolder, journalFolder })
    this.gateway.start()
  }

  async stop(): Promise<void> {
    this.gateway.stop()
    await this.server.close()
  }

  /** Waits for a condition that the next messages bring about. */
  async until(condition: () => boolean, timeoutMs = 5_000): Promise<void> {
    const deadlineMs = Date.now() + timeoutMs
    while (!condition()) {
      if (Date.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async get<Body = Record<string, unknown>>(
    path: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${this.server.url}${path}`, { headers })
    return { status: response.status, body: (await response.json()) as Body }
  }

  async send<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body: unknown,
    { token = this.tokens.trade, headers = {} }: { token?: string; headers?: Record<string, string> } = {},
  ): Promise<{ status: number; type: string; body: Body }> {
    const response = await fetch(`${this.server.url}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const type = response.headers.get('content-type') ?? ''
    return { status: response.status, type, body: (await response.json()) as Body }
  }
}
