// The desk alone under random interleavings of joins, leaves, renewals, releases, new sessions, quotes, fills and clock
// steps, held against a plain model after each step. Everything follows from the seed.

import { AlignedBuffer } from '../../base/aligned-buffer.ts'
import { ByteReader } from '../../base/byte-reader.ts'
import { ByteWriter } from '../../base/byte-writer.ts'
import { Prng } from '../../base/prng.ts'
import { stampSession, writeQuote } from '../../protocol/command-writer.ts'
import { Reason, Side } from '../../protocol/kinds.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import { Desk } from '../desk/desk.ts'
import type { NodeListener } from '../desk/nodes.ts'
import { PlainDesk } from './plain-desk.ts'

/** Steps of one episode: a desk of its own, from a seed of its own. */
export const DESK_EPISODE_STEPS = 2_000

const TIMES = { presenceNs: 100, leaseNs: 80, renewalNs: 25 }
const FIRST_NODE = 101
const LIMIT_LOTS = 100
const PRICE_TICKS = 1_000

type PlainQuote = { clientId: number; bidLots: number; askLots: number }

/** undefined: desk and model agreed throughout; else what they disagree in. */
export function fuzzDeskEpisode(seed: number, stepCount: number): string | undefined {
  const episode = new Episode(seed)
  for (let step = 1; step <= stepCount; step++) {
    const did = episode.step()
    const difference = episode.difference()
    if (difference !== undefined) return `episode ${seed}, step ${step} (${did}): ${difference}`
  }
  return undefined
}

class Episode {
  readonly #random: Prng
  readonly #symbolCount: number
  readonly #config: ClusterConfig
  readonly #plain: PlainDesk
  readonly #quotes: (PlainQuote | null)[]
  readonly #netLots: number[]
  readonly #fillCounts: number[]
  readonly #incarnations = new Map<number, number>()
  readonly #command = new AlignedBuffer(256)
  readonly #listener: NodeListener = {
    onNode: () => {},
    onAssignment: () => {},
    onAuthority: () => {},
    onQuoteOrphaned: (symbolId) => this.#setQuote(symbolId, null),
  }
  #desk: Desk
  #nowNs = 1
  #incarnation = 0
  #tradeId = 0
  #wrong: string | undefined

  constructor(seed: number) {
    this.#random = new Prng(seed)
    this.#symbolCount = this.#random.nextBetween(1, 13)
    this.#config = {
      clusterId: 'fuzz',
      instruments: Array.from({ length: this.#symbolCount }, (_, symbolId) => ({
        ...{ symbol: `S${symbolId}`, tickSize: '1', lotSize: '1', openingPriceTicks: PRICE_TICKS },
      })),
      exposureLots: LIMIT_LOTS,
      quoteTtlNs: 1_000,
      membership: TIMES,
    }
    this.#plain = new PlainDesk(this.#symbolCount, TIMES)
    this.#quotes = Array.from({ length: this.#symbolCount }, () => null)
    this.#netLots = Array.from({ length: this.#symbolCount }, () => 0)
    this.#fillCounts = Array.from({ length: this.#symbolCount }, () => 0)
    this.#desk = new Desk(this.#config, this.#listener)
  }

  /** Returns what was done, in a word. */
  step(): string {
    const random = this.#random
    const kind = random.nextBelow(100)
    const clientId = FIRST_NODE + random.nextBelow(6)
    const incarnation = this.#incarnations.get(clientId) ?? 0
    if (kind < 25) return this.#passTime()
    if (kind < 55) {
      const reason = this.#desk.nodes.renew(clientId, incarnation, this.#nowNs)
      this.#expect(reason === 0, this.#plain.renew(clientId, incarnation, this.#nowNs))
      return `renew ${clientId}`
    }
    if (kind < 60) {
      if (incarnation === 0) return this.#openSession(clientId)
      this.#desk.nodes.register(clientId, incarnation, this.#nowNs)
      this.#plain.register(clientId, incarnation, this.#nowNs)
      return `register ${clientId}`
    }
    if (kind < 62) {
      const reason = this.#desk.nodes.leave(clientId, incarnation, this.#nowNs)
      this.#expect(reason === 0, this.#plain.leave(clientId, incarnation, this.#nowNs))
      return `leave ${clientId}`
    }
    if (kind < 63) return this.#openSession(clientId)
    if (kind < 70) return this.#release(clientId, incarnation)
    if (kind < 90) return this.#quote()
    if (kind < 99) return this.#fill()
    return this.#restore()
  }

  difference(): string | undefined {
    if (this.#wrong !== undefined) return this.#wrong
    const { nodes, positions, exposure } = this.#desk
    if (nodes.membership.count !== this.#plain.nodes.length) return 'other nodes are present'
    let bidLots = 0
    let askLots = 0
    for (let symbolId = 0; symbolId < this.#symbolCount; symbolId++) {
      const lease = this.#plain.leases[symbolId]
      const quote = this.#quotes[symbolId]
      const netLots = this.#netLots[symbolId]!
      if (nodes.assigned(symbolId) !== this.#plain.assigned[symbolId]) return `${symbolId} is assigned otherwise`
      if (nodes.authority.holder(symbolId) !== (lease?.clientId ?? 0)) return `${symbolId} is held by another`
      if (lease && nodes.authority.token(symbolId) !== lease.token) return `${symbolId} has another token`
      if (lease && nodes.authority.leaseNs(symbolId) !== lease.endsNs) return `the lease of ${symbolId} ends otherwise`
      if (quote && quote.clientId !== lease?.clientId) return `${symbolId} is quoted without authority`
      if (positions.netLots(symbolId) !== netLots) return `the position in ${symbolId} is not its fills`
      if (netLots + (quote?.bidLots ?? 0) > LIMIT_LOTS) return `${symbolId} may go beyond its limit`
      if (netLots - (quote?.askLots ?? 0) < -LIMIT_LOTS) return `${symbolId} may go beyond its limit`
      bidLots += quote?.bidLots ?? 0
      askLots += quote?.askLots ?? 0
    }
    if (bidLots > LIMIT_LOTS || askLots > LIMIT_LOTS) return 'the quotes exceed the exposure limit'
    if (bidLots !== exposure.bidLotsTotal || askLots !== exposure.askLotsTotal) return 'a reservation leaked'
    const sizes = this.#plain.nodes.map(({ clientId }) => this.#plain.assigned.filter((id) => id === clientId).length)
    return Math.max(0, ...sizes) - Math.min(...sizes) > 1 ? 'the assignment is uneven' : undefined
  }

  #passTime(): string {
    this.#nowNs += this.#random.nextBelow(this.#random.nextChance(0.1) ? 150 : 20)
    this.#desk.nodes.expire(this.#nowNs)
    this.#plain.passTime(this.#nowNs)
    return `time ${this.#nowNs}`
  }

  #openSession(clientId: number): string {
    this.#incarnation += 1
    this.#incarnations.set(clientId, this.#incarnation)
    this.#desk.nodes.onSessionOpened(clientId, this.#nowNs)
    this.#plain.openSession(clientId, this.#nowNs)
    return `session of ${clientId}`
  }

  #release(clientId: number, incarnation: number): string {
    const symbolId = this.#random.nextBelow(this.#symbolCount)
    const token = this.#someToken(symbolId)
    const reason = this.#desk.nodes.release(clientId, incarnation, symbolId, token, this.#nowNs)
    this.#expect(reason === 0, this.#plain.release(clientId, incarnation, symbolId, token, this.#nowNs))
    return `release ${symbolId}`
  }

  /** Mostly the right one. */
  #someToken(symbolId: number): number {
    const lease = this.#plain.leases[symbolId]
    return this.#random.nextChance(0.8) && lease ? lease.token : this.#random.nextBelow(this.#plain.token + 2)
  }

  #quote(): string {
    const random = this.#random
    const symbolId = random.nextBelow(this.#symbolCount)
    const lease = this.#plain.leases[symbolId]
    const clientId = random.nextChance(0.9) && lease ? lease.clientId : FIRST_NODE + random.nextBelow(6)
    const fencingToken = this.#someToken(symbolId)
    const positionVersion = this.#fillCounts[symbolId]! - (random.nextChance(0.1) ? 1 : 0)
    const bidLots = random.nextBelow(40)
    const askLots = random.nextBelow(40)
    writeQuote(this.#command, 0, {
      ...{ symbolId, quoteId: 1, bidTicks: PRICE_TICKS - 1, bidLots, askTicks: PRICE_TICKS + 1, askLots },
      ...{ positionVersion: Math.max(0, positionVersion), fencingToken, ttlNs: 0 },
    })
    stampSession(this.#command, 0, clientId, 1, 1)
    const reason = this.#desk.screenQuote(this.#command, 0, 0, this.#nowNs)
    if (reason === Reason.EMPTY_QUOTE) return 'empty quote'
    this.#expect(reason !== Reason.STALE_AUTHORITY, this.#plain.mayQuote(symbolId, clientId, fencingToken))
    const isStale = Math.max(0, positionVersion) !== this.#fillCounts[symbolId]
    if (reason !== Reason.STALE_AUTHORITY) this.#expect(reason === Reason.STALE_POSITION, isStale)
    if (reason === Reason.STALE_AUTHORITY || reason === Reason.STALE_POSITION) return `quote ${symbolId}, stale`
    this.#desk.ask(this.#command, 0, this.#nowNs)
    const { bidLotsGranted, askLotsGranted } = this.#desk
    if (reason === 0) this.#setQuote(symbolId, { clientId, bidLots: bidLotsGranted, askLots: askLotsGranted })
    return `quote ${symbolId}`
  }

  #fill(): string {
    const symbolId = this.#random.nextBelow(this.#symbolCount)
    const quote = this.#quotes[symbolId]
    const side = this.#random.nextBelow(2) as Side
    const openLots = (side === Side.BUY ? quote?.bidLots : quote?.askLots) ?? 0
    if (!quote || openLots === 0) return 'no fill'
    const lots = this.#random.nextBetween(1, openLots)
    this.#tradeId += 1
    this.#desk.fill(symbolId, side, PRICE_TICKS, lots, this.#tradeId, true)
    this.#netLots[symbolId]! += side === Side.BUY ? lots : -lots
    this.#fillCounts[symbolId]! += 1
    const bidLots = quote.bidLots - (side === Side.BUY ? lots : 0)
    const askLots = quote.askLots - (side === Side.SELL ? lots : 0)
    this.#setQuote(symbolId, { ...quote, bidLots, askLots })
    return `fill ${symbolId}`
  }

  /** The desk goes on from its snapshot. */
  #restore(): string {
    const writer = new ByteWriter()
    this.#desk.snapshot(writer)
    const desk = new Desk(this.#config, this.#listener)
    desk.restore(new ByteReader(writer.finish()))
    for (const [symbolId, quote] of this.#quotes.entries()) {
      if (quote) desk.exposure.load(symbolId, quote.bidLots, quote.askLots)
    }
    this.#desk = desk
    return 'restore'
  }

  #setQuote(symbolId: number, quote: PlainQuote | null): void {
    const isOpen = quote !== null && quote.bidLots + quote.askLots > 0
    this.#quotes[symbolId] = isOpen ? quote : null
    this.#desk.exposure.observe(symbolId, quote?.bidLots ?? 0, quote?.askLots ?? 0, this.#nowNs)
  }

  #expect(is: boolean, shouldBe: boolean): void {
    if (is !== shouldBe) this.#wrong ??= `the desk says ${is ? 'yes' : 'no'}, the model ${shouldBe ? 'yes' : 'no'}`
  }
}
