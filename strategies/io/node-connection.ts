// A strategy node over a message bus: its subscriptions, its session, its requests and its timers.

import { SessionState } from '../../protocol/client-session.ts'
import { ClientConnection, monotonicNs } from '../../protocol/io/client-connection.ts'
import type { Subscription, Transport } from '../../protocol/io/transport.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import { type NodePort, type NodeSymbol, type QuoteOutcome, StrategyNode } from '../node.ts'
import { NodeState } from '../node-authority.ts'
import type { QuoterSettings } from '../symbol-quoter.ts'

export type NodeObserver = {
  onOutcome(outcome: QuoteOutcome): void
  onQuoteEnded(symbol: string, kind: number, reason: number): void
  onSession(state: SessionState): void
  onGranted(symbol: string, fencingToken: number): void
  onLost(symbol: string, kind: number, reason: number): void
}

const QUERY_TIMEOUT_MS = 1_000
/** How long an orderly end waits for an engine. */
const DRAIN_NS_MAX = 2_000_000_000

export class NodeConnection {
  readonly node: StrategyNode
  readonly client: ClientConnection
  readonly #transport: Transport
  readonly #subjects: Subjects
  readonly #symbols: readonly NodeSymbol[]
  readonly #subscriptions: Subscription[] = []
  readonly #watched = new Map<number, readonly Subscription[]>()
  #onPolled: () => void = () => {}
  #timer: NodeJS.Timeout | undefined
  /** When it fires. */
  #timerNs = Number.POSITIVE_INFINITY
  readonly #onTimer = () => {
    this.#timerNs = Number.POSITIVE_INFINITY
    this.#poll()
  }
  readonly #onPassEnd = () => {
    this.#isPolling = false
    if (!this.#isClosed) this.#poll()
  }
  #isPolling = false
  /** The session holds commands that have not been flushed. */
  #isWritten = false
  #isClosed = false

  constructor(
    transport: Transport,
    subjects: Subjects,
    clientId: number,
    symbols: readonly NodeSymbol[],
    settings: QuoterSettings,
    renewalNs: number,
    observer: NodeObserver,
  ) {
    this.#transport = transport
    this.#subjects = subjects
    this.#symbols = symbols
    const port: NodePort = {
      watch: (symbolId, isWanted) => this.#watch(symbolId, isWanted),
      onGranted: (symbol, fencingToken) => observer.onGranted(symbol, fencingToken),
      onLost: (symbol, kind, reason) => observer.onLost(symbol, kind, reason),
      requestSnapshot: (symbolId) => void this.#requestSnapshot(symbolId),
      requestPositions: () => void this.#requestPositions(),
      onOutcome: (outcome) => observer.onOutcome(outcome),
      onQuoteEnded: (symbol, kind, reason) => observer.onQuoteEnded(symbol, kind, reason),
      schedule: () => {
        this.#isWritten = true
      },
    }
    this.node = new StrategyNode(symbols, settings, renewalNs, port)
    this.client = new ClientConnection(
      transport,
      subjects,
      { clientId },
      {
        onReport: (reader, index) => {
          this.node.onReport(reader, index, monotonicNs())
          this.#schedule()
        },
        onState: (state) => {
          observer.onSession(state)
          if (state === SessionState.OPEN) this.node.onSessionOpened(this.client.session)
          this.#schedule()
        },
      },
    )
  }

  /** Resolves when the session is open; quoting begins by itself as soon as it is granted a symbol and knows its market. */
  async open(): Promise<void> {
    this.#subscriptions.push(
      this.#transport.subscribe(this.#subjects.processStatus('engine', '*'), () =>
        this.node.onEngineHeard(monotonicNs()),
      ),
    )
    this.#transport.onState((state) => {
      if (state === 'connected') this.node.onReconnected()
    })
    await this.#transport.flush()
    await this.client.open()
  }

  /** Says good-bye: resolves when the engine has withdrawn its quotes, or when no engine answers in time. */
  async drain(): Promise<void> {
    this.node.authority.leave()
    this.#schedule()
    const untilNs = monotonicNs() + DRAIN_NS_MAX
    while (this.node.authority.state !== NodeState.GONE && monotonicNs() < untilNs) {
      await new Promise<void>((resolve) => {
        this.#onPolled = resolve
      })
    }
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const subscriptions of this.#watched.values()) for (const watched of subscriptions) watched.unsubscribe()
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    this.client.close()
  }

  /** Its market data, from now on; what it missed it repairs by a snapshot. */
  #watch(symbolId: number, isWanted: boolean): void {
    for (const subscription of this.#watched.get(symbolId) ?? []) subscription.unsubscribe()
    this.#watched.delete(symbolId)
    const symbol = this.#symbols.find((candidate) => candidate.symbolId === symbolId)?.symbol
    if (!isWanted || symbol === undefined) return
    const { node } = this
    const subscribe = (subject: string, take: (frame: Uint8Array, nowNs: number) => void) =>
      this.#transport.subscribe(subject, ({ data }) => {
        take(data, monotonicNs())
        this.#schedule()
      })
    this.#watched.set(symbolId, [
      subscribe(this.#subjects.marketData(symbol, 'l2'), (frame, nowNs) => this.#onBook(symbolId, frame, nowNs)),
      subscribe(this.#subjects.marketData(symbol, 'l1'), (frame, nowNs) => node.onL1(symbolId, frame, nowNs)),
      subscribe(this.#subjects.marketData(symbol, 'trade'), (frame, nowNs) => node.onTrades(symbolId, frame, nowNs)),
      subscribe(this.#subjects.positions(symbol), (frame, nowNs) => node.onPositionFrame(symbolId, frame, nowNs)),
    ])
  }

  /** A book that comes as a call is the newest there is: the quote leaves before the call returns. */
  #onBook(symbolId: number, frame: Uint8Array, nowNs: number): void {
    this.node.onL2(symbolId, frame, nowNs)
    if (this.#transport.isInline === true && this.node.act(symbolId, nowNs)) this.#flush()
  }

  #schedule(): void {
    if (this.#isPolling || this.#isClosed) return
    this.#isPolling = true
    queueMicrotask(this.#onPassEnd)
  }

  #poll(): void {
    const nowNs = monotonicNs()
    const dueNs = this.node.poll(nowNs)
    this.#flush()
    this.#onPolled()
    // A timer that fires too early costs one pass; one for each pass would cost more.
    if (this.#timerNs <= dueNs) return
    clearTimeout(this.#timer)
    const waitMs = Math.min(Math.max(Math.ceil((dueNs - nowNs) / 1e6), 1), 1_000)
    this.#timerNs = nowNs + waitMs * 1e6
    this.#timer = setTimeout(this.#onTimer, waitMs)
  }

  /** A quote does not wait for the end of the pass; the session's timers do. */
  #flush(): void {
    if (!this.#isWritten) return
    this.#isWritten = false
    this.client.flush()
    this.client.schedule()
  }

  async #requestSnapshot(symbolId: number): Promise<void> {
    const symbol = this.#symbols.find((candidate) => candidate.symbolId === symbolId)?.symbol
    const answer = await this.#ask('snapshot', { symbol, channel: 'l2' })
    if (answer === null || this.#isClosed) return
    this.node.onSnapshot(symbolId, answer, monotonicNs())
    this.#schedule()
  }

  async #requestPositions(): Promise<void> {
    const answer = await this.#ask('positions', {})
    if (answer === null || this.#isClosed) return
    const { positions } = JSON.parse(new TextDecoder().decode(answer)) as {
      positions?: readonly { symbol: string; netLots: number; version: number }[]
    }
    for (const { symbol, netLots, version } of positions ?? []) {
      const symbolId = this.#symbols.find((candidate) => candidate.symbol === symbol)?.symbolId
      if (symbolId !== undefined) this.node.onPosition(symbolId, netLots, version, monotonicNs())
    }
    this.#schedule()
  }

  /** null: no engine answers just now; the node asks again when its time has come. */
  async #ask(name: string, question: object): Promise<Uint8Array | null> {
    try {
      const body = new TextEncoder().encode(JSON.stringify(question))
      return await this.#transport.request(this.#subjects.query(name), body, QUERY_TIMEOUT_MS)
    } catch {
      return null
    }
  }
}
