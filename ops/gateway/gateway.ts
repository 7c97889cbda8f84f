// The gateway: listens to NATS, keeps the dashboard's state, and answers for it. It decides nothing about the market.
//
// Its life: connect, ask the engine what is traded (again and again until one answers), then follow frames. Positions and
// quotes are asked for at the start, after a gap, after a change of epoch, and a moment after each change, so that what
// is shown is what the engine says. When the engine begins a new journal everything is begun anew.

import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { ConnectionState, Transport } from '../../protocol/io/transport.ts'
import { Subjects } from '../../protocol/subjects.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import { BookFeed } from './book-feed.ts'
import { ClusterView } from './cluster-view.ts'
import { Dashboard } from './dashboard.ts'
import type { EventView, ProcessView } from './dashboard-protocol.ts'
import { DeskSync } from './desk-sync.ts'
import { DeskView, type FillStatement } from './desk-view.ts'
import {
  type AssignmentsAnswer,
  type AuthorityAnswer,
  EngineQueries,
  type Instruments,
  type NodesAnswer,
} from './engine-queries.ts'
import { Intake } from './intake.ts'
import { MarketView, SAMPLE_INTERVAL_MS } from './market-view.ts'
import type { OrderEntry } from './order-entry.ts'
import { Problem } from './problem.ts'

const RETRY_MS = 300
/** No frame and no status of an engine for this long: the engine counts as not heard. */
const ENGINE_SILENCE_MS = 3_500
const EVENTS_SHOWN = 100

export type FillsRequest = { symbol?: string; afterTradeId: number; limit: number }

export type GatewayHealth = {
  status: 'ok' | 'degraded' | 'starting'
  clusterId: string
  connected: boolean
  engineHeard: boolean
  booksLive: number
  symbolCount: number
  orderSession: string
  uptimeS: number
  recordSeq: number
}

/** Everything that follows one journal. Thrown away as a whole when the engine begins another. */
type Following = {
  readonly dashboard: Dashboard
  readonly intake: Intake
  readonly books: readonly BookFeed[]
  readonly desk: DeskSync
  readonly timeBaseUnixMs: number
  stop(): void
}

export class Gateway {
  readonly clusterId: string
  readonly cluster = new ClusterView()
  readonly #transport: Transport
  readonly #subjects: Subjects
  readonly #queries: EngineQueries
  readonly #orders: OrderEntry
  readonly #log: Logger
  readonly #startedMs = Date.now()
  readonly #timers: NodeJS.Timeout[] = []
  readonly #onRestart: (reason: string) => void
  #following: Following | undefined
  #connected = true
  #stopped = false
  #isAskingAuthority = false
  #rateBase = { recordSeq: 0, trades: 0, atMs: Date.now() }

  /** `onRestart` is told when the state begins anew, so that pages begin anew too. */
  constructor(
    options: { clusterId: string; transport: Transport; orders: OrderEntry; log: Logger },
    onRestart: (reason: string) => void,
  ) {
    this.clusterId = options.clusterId
    this.#transport = options.transport
    this.#orders = options.orders
    this.#log = options.log
    this.#onRestart = onRestart
    this.#subjects = new Subjects(options.clusterId)
    this.#queries = new EngineQueries(options.transport, this.#subjects)
  }

  /** Begins to listen. Resolves at once; `dashboardOrNone` tells when an engine has answered. */
  start(): void {
    this.#transport.onState((state) => this.#onConnection(state))
    this.#transport.subscribe(this.#subjects.processStatus('*', '*'), (message) => {
      this.cluster.onStatus(message.data, Date.now())
    })
    this.#timers.push(
      setInterval(() => this.#eachSecond(), 1_000),
      setInterval(() => this.#sample(), SAMPLE_INTERVAL_MS),
      setInterval(() => void this.#askAuthority(), SAMPLE_INTERVAL_MS),
    )
    void this.#follow()
  }

  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers) clearInterval(timer)
    this.#orders.stop()
    this.#following?.stop()
  }

  dashboardOrNone(): Dashboard | undefined {
    return this.#following?.dashboard
  }

  dashboard(): Dashboard {
    return this.#known().dashboard
  }

  /** When the cluster's record time is 0. */
  timeBaseUnixMs(): number {
    return this.#known().timeBaseUnixMs
  }

  #known(): Following {
    if (this.#following !== undefined) return this.#following
    throw new Problem(503, {
      error: 'no engine has answered yet, so nothing is known of the market',
      remedy: 'Start an engine (./tandem sim starts everything) and try again.',
    })
  }

  orders(): OrderEntry {
    return this.#orders
  }

  counts(): { frames: number; faults: number; gaps: number } {
    const following = this.#following
    if (following === undefined) return { frames: 0, faults: 0, gaps: 0 }
    const { frames, faults, gaps } = following.intake.counts
    return { frames, faults, gaps: gaps + following.books.reduce((sum, book) => sum + book.gapCount, 0) }
  }

  health(): GatewayHealth {
    const following = this.#following
    const engineHeard = this.#isEngineHeard()
    const booksLive = following?.books.filter((book) => book.isLive).length ?? 0
    const symbolCount = following?.books.length ?? 0
    const well = this.#connected && engineHeard && booksLive === symbolCount
    return {
      status: following === undefined ? 'starting' : well ? 'ok' : 'degraded',
      clusterId: this.clusterId,
      connected: this.#connected,
      engineHeard,
      booksLive,
      symbolCount,
      orderSession: this.#orders.state,
      uptimeS: Math.round((Date.now() - this.#startedMs) / 1_000),
      recordSeq: following?.dashboard.progress.recordSeq ?? 0,
    }
  }

  clusterState(): { processes: ProcessView[]; events: EventView[]; epoch: number; recordSeq: number } {
    const { epoch, recordSeq } = this.#following?.dashboard.progress ?? { epoch: 0, recordSeq: 0 }
    const { items } = this.cluster.events.since(0, EVENTS_SHOWN)
    return { processes: this.cluster.processes(), events: items, epoch, recordSeq }
  }

  /** Fills as the engine remembers them, all of the journal's. */
  fills(wanted: FillsRequest): Promise<{ fills: FillStatement[]; recordSeq: number }> {
    return this.#answered('fills', ({ desk }) => desk.fills(wanted))
  }

  /** The strategy nodes that are present, as the engine says now. */
  nodes(): Promise<NodesAnswer> {
    return this.#answered('nodes', () => this.#queries.nodes())
  }

  /** The node that is to quote each symbol, as the engine says now. */
  assignments(): Promise<AssignmentsAnswer> {
    return this.#answered('assignments', () => this.#queries.assignments())
  }

  /** Who may quote each symbol, as the engine says now. */
  authority(): Promise<AuthorityAnswer> {
    return this.#answered('authority', () => this.#queries.authority())
  }

  async #answered<Answer>(what: string, ask: (following: Following) => Promise<Answer>): Promise<Answer> {
    const following = this.#known()
    try {
      return await ask(following)
    } catch (error) {
      this.#log.warn({ error: (error as Error).message }, `the engine did not answer for ${what}`)
      throw new Problem(503, {
        error: 'the engine does not answer',
        remedy: 'Try again when GET /health says ok.',
        recordSeq: following.dashboard.progress.recordSeq,
      })
    }
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      try {
        this.#begin(await this.#queries.instruments())
        return
      } catch (error) {
        this.#log.debug({ error: (error as Error).message }, 'no engine answers yet')
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  #begin(answer: Instruments): void {
    if (this.#stopped) return
    const { timeBaseUnixMs, recordSeq, ...config } = answer
    this.#following?.stop()
    this.#following = this.#followJournal(config, timeBaseUnixMs)
    this.#following.dashboard.progress.recordSeq = recordSeq
    this.#log.info({ symbols: config.instruments.length, recordSeq }, 'following the engine')
  }

  #followJournal(config: ClusterConfig, timeBaseUnixMs: number): Following {
    const deskView = new DeskView(config)
    const books = config.instruments.map(
      ({ symbol }) => new BookFeed(this.#transport, this.#subjects, this.#queries, symbol),
    )
    const markets = config.instruments.map((instrument, symbolId) => new MarketView(instrument, books[symbolId]!))
    const dashboard = new Dashboard(randomUUID(), config, markets, deskView, this.cluster)
    const desk = new DeskSync(this.#queries, dashboard, timeBaseUnixMs, this.#log)
    const intake = new Intake(dashboard, timeBaseUnixMs, (gap) => desk.changed(gap))
    const onFrame = (message: { data: Uint8Array }) => intake.onFrame(message.data, Date.now())
    const subscriptions = config.instruments.flatMap(({ symbol }, symbolId) => {
      const book = books[symbolId]!
      book.start(() => markets[symbolId]!.bookSlice.touch())
      return [
        this.#transport.subscribe(this.#subjects.marketData(symbol, 'l1'), onFrame),
        this.#transport.subscribe(this.#subjects.marketData(symbol, 'trade'), onFrame),
        this.#transport.subscribe(this.#subjects.marketData(symbol, 'state'), onFrame),
        this.#transport.subscribe(this.#subjects.positions(symbol), onFrame),
        this.#transport.subscribe(this.#subjects.desk(symbol), onFrame),
      ]
    })
    // What is of no one symbol: the switch for all of them.
    subscriptions.push(this.#transport.subscribe(this.#subjects.desk('all'), onFrame))
    desk.changed(true)
    return {
      dashboard,
      intake,
      books,
      desk,
      timeBaseUnixMs,
      stop: () => {
        desk.stop()
        for (const book of books) book.stop()
        for (const subscription of subscriptions) subscription.unsubscribe()
      },
    }
  }

  #onConnection(state: ConnectionState): void {
    const connected = state === 'connected'
    if (connected === this.#connected) return
    this.#connected = connected
    const text = connected
      ? 'The gateway has its connection to NATS again; books and positions are asked for anew.'
      : 'The gateway has lost its connection to NATS: prices stand until it is back.'
    this.cluster.tell(Date.now(), 'gateway', connected ? 'good' : 'bad', text)
    this.#log.info({ state }, 'connection to NATS')
    if (!connected) return
    this.#following?.desk.changed(true)
    for (const book of this.#following?.books ?? []) book.reset()
  }

  #isEngineHeard(): boolean {
    if (this.cluster.countOf('engine') > 0) return true
    return this.#following !== undefined && Date.now() - this.#following.intake.lastFrameMs < ENGINE_SILENCE_MS
  }

  #eachSecond(): void {
    const nowMs = Date.now()
    this.cluster.poll(nowMs)
    const following = this.#following
    if (following === undefined) return
    const { progress } = following.dashboard
    const seconds = (nowMs - this.#rateBase.atMs) / 1_000
    const { trades } = following.intake.counts
    progress.recordsPerSecond = Math.max(0, Math.round((progress.recordSeq - this.#rateBase.recordSeq) / seconds))
    progress.tradesPerSecond = Math.max(0, Math.round((trades - this.#rateBase.trades) / seconds))
    progress.upstream = this.#connected && this.#isEngineHeard()
    this.#rateBase = { recordSeq: progress.recordSeq, trades, atMs: nowMs }
    void this.#checkJournal(following)
  }

  /** Leases change many times a second; what is shown of them is of this moment. */
  async #askAuthority(): Promise<void> {
    const following = this.#following
    if (following === undefined || this.#isAskingAuthority) return
    this.#isAskingAuthority = true
    try {
      const [authority, nodes] = await Promise.all([this.#queries.authority(), this.#queries.nodes()])
      if (this.#stopped || this.#following !== following) return
      following.dashboard.authority.onAnswers(authority, nodes, following.timeBaseUnixMs, (topic, level, text) =>
        this.cluster.tell(Date.now(), topic, level, text),
      )
    } catch (error) {
      this.#log.debug({ error: (error as Error).message }, 'no engine says who may quote')
    } finally {
      this.#isAskingAuthority = false
    }
  }

  /** Finds out whether the engine still writes the journal that this state follows. */
  async #checkJournal(following: Following): Promise<void> {
    try {
      const answer = await this.#queries.instruments()
      if (this.#stopped || this.#following !== following) return
      const { progress, config } = following.dashboard
      const same =
        answer.timeBaseUnixMs === following.timeBaseUnixMs &&
        JSON.stringify(answer.instruments) === JSON.stringify(config.instruments)
      if (same) {
        progress.recordSeq = Math.max(progress.recordSeq, answer.recordSeq)
        return
      }
      this.cluster.tell(
        Date.now(),
        'engine',
        'warning',
        'The engine has begun a new journal: everything shown begins anew.',
      )
      this.#begin(answer)
      this.#onRestart('new journal')
    } catch {
      // No engine answers just now; the state says so, and the next second asks again.
    }
  }

  #sample(): void {
    const following = this.#following
    if (following === undefined) return
    const nowMs = Date.now()
    const { markets, desk } = following.dashboard
    desk.markouts.poll(nowMs, (symbolId) => markets[symbolId]!.midTicks)
    // Money for a curve, to the cent: the exact figure is that of /positions.
    const profits = markets.map(({ instrument }, symbolId) =>
      cents(desk.position(symbolId).profitTickLots * Number(instrument.tickSize) * Number(instrument.lotSize)),
    )
    const totalProfit = cents(profits.reduce((sum, profit) => sum + profit, 0))
    markets.forEach((market, symbolId) => {
      market.sample(nowMs, desk.quote(symbolId), profits[symbolId]!, totalProfit)
    })
  }
}

function cents(money: number): number {
  return Math.round(money * 100) / 100
}
