// What the gateway asks the engine: requests over NATS, answered in JSON at one record. Answers are checked as strictly
// as anything that comes from outside.

import { z } from 'zod'
import type { Transport } from '../../protocol/io/transport.ts'
import type { MarketDataChannel, Subjects } from '../../protocol/subjects.ts'

const TIMEOUT_MS = 1_500

const recordSeq = z.number().int().nonnegative()
const whole = z.number().int()

const InstrumentsAnswer = z.object({
  clusterId: z.string(),
  instruments: z.array(
    z.object({ symbol: z.string(), tickSize: z.string(), lotSize: z.string(), openingPriceTicks: whole }),
  ),
  exposureLots: whole,
  quoteTtlNs: z.number(),
  timeBaseUnixMs: z.number(),
  recordSeq,
})

const Positions = z.object({
  positions: z.array(
    z.object({
      symbol: z.string(),
      netLots: whole,
      version: whole,
      cashTickLots: whole,
      costTickLots: whole,
      lastTradeId: whole,
    }),
  ),
  recordSeq,
})

const Quotes = z.object({
  quotes: z.array(
    z.object({
      symbol: z.string(),
      quoteId: whole,
      clientId: whole,
      bidTicks: whole,
      bidLots: whole,
      askTicks: whole,
      askLots: whole,
      bidAheadLots: whole.optional(),
      askAheadLots: whole.optional(),
      positionVersion: whole,
      fencingToken: whole,
      expiryNs: whole,
    }),
  ),
  recordSeq,
})

const Exposure = z.object({
  quotingEnabled: z.boolean(),
  /** Per symbol: whether it may be quoted, by its own switch and by the one for all. */
  symbols: z.array(z.object({ symbol: z.string(), quotingEnabled: z.boolean() })),
  recordSeq,
})

const Fills = z.object({
  fills: z.array(
    z.object({
      symbol: z.string(),
      tradeId: whole,
      timeNs: whole,
      side: z.enum(['buy', 'sell']),
      priceTicks: whole,
      quantityLots: whole,
      netLots: whole,
      version: whole,
      cashTickLots: whole,
      recordSeq,
    }),
  ),
  recordSeq,
})

const Authority = z.object({
  authority: z.array(
    z.object({
      symbol: z.string(),
      clientId: whole,
      fencingToken: whole,
      leaseEndsNs: whole,
      isRecalled: z.boolean(),
      lastClientId: whole,
      quotingGapNs: whole,
      quotingGapNsLongest: whole,
    }),
  ),
  recordSeq,
})

const Nodes = z.object({
  nodes: z.array(
    z.object({
      clientId: whole,
      incarnation: whole,
      joinedNs: whole,
      presenceEndsNs: whole,
      assignedSymbols: z.array(z.string()),
      heldSymbols: z.array(z.string()),
    }),
  ),
  recordSeq,
})

const Assignments = z.object({
  assignments: z.array(z.object({ symbol: z.string(), clientId: whole, holderClientId: whole })),
  recordSeq,
})

export type AuthorityAnswer = z.infer<typeof Authority>
export type NodesAnswer = z.infer<typeof Nodes>

export type AssignmentsAnswer = z.infer<typeof Assignments>

export type FillAnswer = z.infer<typeof Fills>['fills'][number]

/** What is traded: the configuration, and where the journal's time begins. */
export type Instruments = z.infer<typeof InstrumentsAnswer>

/** The engine answered that it cannot, or with something that is no answer. */
export class QueryError extends Error {
  override name = 'QueryError'
}

export class EngineQueries {
  readonly #transport: Transport
  readonly #subjects: Subjects

  constructor(transport: Transport, subjects: Subjects) {
    this.#transport = transport
    this.#subjects = subjects
  }

  instruments(): Promise<Instruments> {
    return this.#ask('instruments', {}, InstrumentsAnswer)
  }

  positions(): Promise<z.infer<typeof Positions>> {
    return this.#ask('positions', {}, Positions)
  }

  quotes(): Promise<z.infer<typeof Quotes>> {
    return this.#ask('quotes', {}, Quotes)
  }

  exposure(): Promise<z.infer<typeof Exposure>> {
    return this.#ask('exposure', {}, Exposure)
  }

  authority(): Promise<AuthorityAnswer> {
    return this.#ask('authority', {}, Authority)
  }

  nodes(): Promise<NodesAnswer> {
    return this.#ask('nodes', {}, Nodes)
  }

  assignments(): Promise<AssignmentsAnswer> {
    return this.#ask('assignments', {}, Assignments)
  }

  fills(wanted: { symbol?: string; afterTradeId: number; limit: number }): Promise<z.infer<typeof Fills>> {
    return this.#ask('fills', wanted, Fills)
  }

  /** The whole book of a symbol as a frame. */
  snapshot(symbol: string, channel: MarketDataChannel): Promise<Uint8Array> {
    return this.#request('snapshot', { symbol, channel })
  }

  async #ask<Answer>(name: string, question: object, schema: z.ZodType<Answer>): Promise<Answer> {
    const answer = await this.#request(name, question)
    let content: unknown
    try {
      content = JSON.parse(new TextDecoder().decode(answer))
    } catch {
      throw new QueryError(`the answer to ${name} is no JSON`)
    }
    const refused = z.object({ error: z.string() }).safeParse(content)
    if (refused.success) throw new QueryError(refused.data.error)
    const parsed = schema.safeParse(content)
    if (parsed.success) return parsed.data
    const [first] = parsed.error.issues
    throw new QueryError(`the answer to ${name} is not as agreed: ${first?.path.join('.')} ${first?.message}`)
  }

  #request(name: string, question: object): Promise<Uint8Array> {
    const body = new TextEncoder().encode(JSON.stringify(question))
    return this.#transport.request(this.#subjects.query(name), body, TIMEOUT_MS)
  }
}
