// One page's view of the dashboard: what it was sent last, and what it must be sent next.
//
// It holds version numbers, never messages. When the page reads slowly nothing is queued: states in between are never
// made, lists are sent from where the page stands with a count of what it missed, and a page that stays slow is
// dropped. So a page costs the same memory however slow it is.

import { z } from 'zod'
import type { Dashboard } from './dashboard.ts'
import {
  BATCH_COUNT_MAX,
  CloseCode,
  HEARTBEAT_INTERVAL_MS,
  SUBSCRIPTION_COUNT_MAX,
  type Subscribe,
} from './dashboard-protocol.ts'
import { shorten } from './problem.ts'
import type { Slice } from './slice.ts'

/** With more than this on its way to the page, nothing is added. */
const BUFFERED_BYTES_MAX = 256 * 1024
/** A page that has not read for this long is dropped. */
const SLOW_MS_MAX = 10_000
/** Trades, fills and events that a page is given to begin with. */
const BEGIN_COUNT = 120

/** Nobody reads more of what became of quotes at a time. */
const QUOTE_EVENT_BATCH = 40

export type PageSink = {
  send(text: string): void
  bufferedBytes(): number
  close(code: number, reason: string): void
}

type Subscription = { symbolId: number; bookVersion: number; tradeNumber: number; begun: boolean }

const SubscribeMessage = z.strictObject({
  type: z.literal('subscribe'),
  symbols: z.array(z.string().max(16)).max(SUBSCRIPTION_COUNT_MAX),
})

export class PageChannel {
  readonly #dashboard: Dashboard
  readonly #sink: PageSink
  readonly #priceVersions: Float64Array
  readonly #quoteVersions: Float64Array
  readonly #positionVersions: Float64Array
  #exposureVersion = 0
  #processesVersion = 0
  #authorityVersion = 0
  #fillNumber = 0
  #eventNumber = 0
  #markoutNumber = 0
  #quoteEventNumber = 0
  #subscriptions: Subscription[] = []
  #begun = false
  #lastSentMs = 0
  #slowSinceMs = 0

  constructor(dashboard: Dashboard, sink: PageSink) {
    this.#dashboard = dashboard
    this.#sink = sink
    const symbolCount = dashboard.markets.length
    this.#priceVersions = new Float64Array(symbolCount)
    this.#quoteVersions = new Float64Array(symbolCount)
    this.#positionVersions = new Float64Array(symbolCount)
    sink.send(JSON.stringify(dashboard.hello()))
  }

  /** What the page said. Anything but a good `subscribe` is answered with a problem and changes nothing. */
  onMessage(text: string): void {
    const message = parseSubscribe(text)
    if (typeof message === 'string') return this.#refuse(message, 'Send {"type":"subscribe","symbols":["..."]}.')
    const symbolIds = new Set<number>()
    for (const symbol of message.symbols) {
      const symbolId = this.#dashboard.symbolId(symbol)
      if (symbolId === undefined) {
        return this.#refuse(`there is no symbol ${shorten(symbol)}`, 'The hello message lists the symbols.')
      }
      symbolIds.add(symbolId)
    }
    // A repeated subscription starts afresh: the page asked because it wants all of it.
    this.#subscriptions = [...symbolIds].map((symbolId) => ({ symbolId, bookVersion: 0, tradeNumber: 0, begun: false }))
  }

  /** Sends what has changed, if the page keeps up. Returns false when the page was dropped. */
  flush(nowMs: number): boolean {
    if (this.#sink.bufferedBytes() > BUFFERED_BYTES_MAX) {
      if (this.#slowSinceMs === 0) this.#slowSinceMs = nowMs
      if (nowMs - this.#slowSinceMs <= SLOW_MS_MAX) return true
      this.#sink.close(CloseCode.TOO_SLOW, 'reads too slowly')
      return false
    }
    this.#slowSinceMs = 0
    const parts = this.#changedParts()
    if (parts.length === 0 && nowMs - this.#lastSentMs < HEARTBEAT_INTERVAL_MS) return true
    this.#sink.send(`{${[this.#head(nowMs), ...parts].join(',')}}`)
    this.#lastSentMs = nowMs
    this.#begun = true
    return true
  }

  #head(nowMs: number): string {
    const head = { type: this.#begun ? 'update' : 'snapshot', sentAtMs: nowMs, ...this.#dashboard.progress }
    return JSON.stringify(head).slice(1, -1)
  }

  #changedParts(): string[] {
    const { markets, desk, cluster, authority } = this.#dashboard
    const parts: string[] = []
    addList(
      parts,
      'prices',
      changed(markets.length, (at) => markets[at]!.priceSlice, this.#priceVersions),
    )
    addList(
      parts,
      'quotes',
      changed(markets.length, (at) => desk.quoteSlices[at]!, this.#quoteVersions),
    )
    addList(
      parts,
      'positions',
      changed(markets.length, (at) => desk.positionSlices[at]!, this.#positionVersions),
    )
    if (this.#exposureVersion !== desk.exposureSlice.version) {
      this.#exposureVersion = desk.exposureSlice.version
      parts.push(`"exposure":${desk.exposureSlice.text()}`)
    }
    if (this.#authorityVersion !== authority.slice.version) {
      this.#authorityVersion = authority.slice.version
      parts.push(`"authority":${authority.slice.text()}`)
    }
    if (this.#processesVersion !== cluster.slice.version) {
      this.#processesVersion = cluster.slice.version
      parts.push(`"processes":${cluster.slice.text()}`)
    }
    const limit = this.#begun ? BATCH_COUNT_MAX : BEGIN_COUNT
    if (this.#fillNumber < desk.fills.lastNumber || !this.#begun) {
      parts.push(`"fills":${JSON.stringify(desk.fills.since(this.#fillNumber, limit))}`)
      this.#fillNumber = desk.fills.lastNumber
    }
    if (this.#eventNumber < cluster.events.lastNumber || !this.#begun) {
      parts.push(`"events":${JSON.stringify(cluster.events.since(this.#eventNumber, limit))}`)
      this.#eventNumber = cluster.events.lastNumber
    }
    if (this.#markoutNumber < desk.markouts.settled.lastNumber) {
      parts.push(`"markouts":${JSON.stringify(desk.markouts.settled.since(this.#markoutNumber, limit))}`)
      this.#markoutNumber = desk.markouts.settled.lastNumber
    }
    if (this.#quoteEventNumber < desk.quoteEvents.lastNumber || !this.#begun) {
      const batch = desk.quoteEvents.since(this.#quoteEventNumber, Math.min(limit, QUOTE_EVENT_BATCH))
      parts.push(`"quoteEvents":${JSON.stringify(batch)}`)
      this.#quoteEventNumber = desk.quoteEvents.lastNumber
    }
    this.#addSubscribed(parts)
    return parts
  }

  #addSubscribed(parts: string[]): void {
    const books: string[] = []
    const trades: string[] = []
    const histories: string[] = []
    for (const subscription of this.#subscriptions) {
      const market = this.#dashboard.markets[subscription.symbolId]!
      if (subscription.bookVersion !== market.bookSlice.version) {
        subscription.bookVersion = market.bookSlice.version
        books.push(market.bookSlice.text())
      }
      if (subscription.tradeNumber < market.trades.lastNumber || !subscription.begun) {
        const fresh = !subscription.begun
        const batch = market.trades.since(subscription.tradeNumber, fresh ? BEGIN_COUNT : BATCH_COUNT_MAX)
        trades.push(JSON.stringify({ symbol: market.instrument.symbol, fresh, ...batch }))
        subscription.tradeNumber = market.trades.lastNumber
      }
      if (!subscription.begun) histories.push(JSON.stringify(market.history()))
      subscription.begun = true
    }
    addList(parts, 'books', books)
    addList(parts, 'trades', trades)
    addList(parts, 'history', histories)
  }

  #refuse(error: string, remedy: string): void {
    this.#sink.send(JSON.stringify({ type: 'problem', error, remedy }))
  }
}

function changed(count: number, sliceAt: (at: number) => Slice, versions: Float64Array): string[] {
  const texts: string[] = []
  for (let at = 0; at < count; at++) {
    const slice = sliceAt(at)
    if (versions[at] === slice.version) continue
    versions[at] = slice.version
    texts.push(slice.text())
  }
  return texts
}

function addList(parts: string[], name: string, texts: string[]): void {
  if (texts.length > 0) parts.push(`"${name}":[${texts.join(',')}]`)
}

/** The message, or in words why it is none. */
function parseSubscribe(text: string): Subscribe | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'the message is no JSON'
  }
  const parsed = SubscribeMessage.safeParse(value)
  return parsed.success
    ? parsed.data
    : `the message is no subscription: ${parsed.error.issues[0]?.message ?? 'unknown'}`
}
