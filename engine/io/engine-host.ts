// Runs an engine over NATS and, where asked to, over direct sessions: messages in, frames and answers out, and the duty
// cycle between them. The loop never spins: it runs when a message came, when the disk answered, and when a deadline is due.

import type { Message, Subscription, Transport } from '../../protocol/io/transport.ts'
import type { MarketDataChannel, Subjects } from '../../protocol/subjects.ts'
import type { ClusterConfig } from '../../protocol/symbol.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import { OutputKind } from '../core/output.ts'
import { Engine, type EngineSettings } from '../engine.ts'
import type { Journal } from '../journal/journal.ts'
import type { DurableState } from '../replication/durable-state.ts'
import type { Transition } from '../replication/replica-options.ts'
import { isPrimary, Role } from '../replication/roles.ts'
import type { EngineId, ViewStore } from '../replication/view.ts'
import { BusCommands } from './bus-commands.ts'
import { ClientPace } from './client-pace.ts'
import { CommandInbox, TURN_MS, TURN_SIZE } from './command-inbox.ts'
import { CommitLatency } from './commit-latency.ts'
import { answerQuery } from './engine-queries.ts'
import { GuardedSubscription } from './guarded-subscription.ts'
import type { ViewStoreHandler } from './nats-view-store.ts'
import type { TcpPeerLink } from './peer-link.ts'
import { QuestionInbox } from './question-inbox.ts'
import { Resends } from './resends.ts'
import type { SessionServer } from './session-server.ts'

/** A view store that answers through its handler until it is closed. */
export type ConnectedViewStore = ViewStore & { start(handler: ViewStoreHandler): void; close(): Promise<void> }

export type PairOptions = {
  readonly engineId: EngineId
  readonly link: TcpPeerLink
  readonly store: ConnectedViewStore
}

export type HostOptions = {
  readonly journal: Journal
  readonly state: DurableState
  /** null: this engine runs alone. */
  readonly pair: PairOptions | null
  readonly isForced: boolean
  /** Names the boot of the machine. */
  readonly bootId: number
  readonly config: ClusterConfig
  readonly settings: EngineSettings
  readonly transport: Transport
  readonly subjects: Subjects
  /** Takes order sessions beside the bus; null: none are taken. */
  readonly sessions: SessionServer | null
  readonly onProgress: (share: number) => void
  /** The disk failed: the engine has stopped and can say nothing more. */
  readonly onFailure: (error: Error) => void
  readonly onTransition: (transition: Transition) => void
  /** The peer cannot be understood. */
  readonly onPeerFault: (message: string) => void
  readonly onSnapshot: (facts: SnapshotFacts) => void
  /** There is no segment behind the last one any more, or there is again. */
  readonly onJournalFull: (isFull: boolean) => void
  /** Somebody floods the bus: what is said on this subject is not heard for so long. */
  readonly onUnheard: (subject: string, ms: number) => void
}

export type SnapshotFacts = { readonly seq: number; readonly pauseMs: number; readonly error: Error | null }

/** Deadlines further away than this are looked at again then. */
const WAIT_MS_MAX = 1_000
/** Each stream's latest number is told this often, so that a quiet market hides no gap. */
const ANNOUNCE_MS = 2_000
/** A message of so many bytes is a command, or two short ones. */
const ALONE_SIZE_MAX = 128
/** How long a primary that stops waits for its backup to take over. */
const HAND_OVER_MS = 600

export class EngineHost {
  readonly #pace = new ClientPace()
  readonly commitLatency = new CommitLatency((latencyNs) => this.#pace.committed(latencyNs))
  readonly engine: Engine
  readonly #inbox = new CommandInbox(
    (clientId, message) => this.engine.offer(clientId, message),
    (clientId) => this.engine.refuseOverload(clientId),
    // The bus cannot be read more slowly: what is more than its client may say would only pile up.
    (clientId) => (this.#options.sessions?.isBound(clientId) ? this.#pace.size : TURN_SIZE),
  )
  readonly #options: HostOptions
  readonly #startedAt = new Date().toISOString()
  readonly #subscriptions: Subscription[] = []
  /** What clients say over the bus, while this engine leads. Their reports go there, whatever other way they take too. */
  readonly #busCommands: BusCommands
  readonly #heardQuestions: GuardedSubscription
  readonly #heardResends: GuardedSubscription
  readonly #answers = new Map<number, Message>()
  readonly #resends = new Resends()
  readonly #questions = new QuestionInbox(
    (name, question, message) => this.#onQuery(name, question, message),
    () => performance.now(),
  )
  readonly #marketSubjects: Readonly<Record<MarketDataChannel, readonly string[]>>
  readonly #positionSubjects: readonly string[]
  readonly #deskSubjects: readonly string[]
  /** What waits for the bus, in order: a subject or a question, and what to say. */
  readonly #busOutputs: { readonly to: string | Message; readonly payload: Uint8Array }[] = []
  readonly #announceTimer: NodeJS.Timeout
  #nextAnswerId = 1
  #timer: NodeJS.Timeout | undefined
  /** When it fires. */
  #timerNs = Number.POSITIVE_INFINITY
  readonly #onTimer = () => {
    this.#timerNs = Number.POSITIVE_INFINITY
    this.#pass()
  }
  readonly #onImmediate = () => {
    this.#isScheduled = false
    this.#pass()
  }
  /** The next turn of clients that have more to say. */
  #turnTimer: NodeJS.Timeout | undefined
  readonly #onTurn = () => {
    this.#turnTimer = undefined
    this.#pass()
  }
  #questionTimer: NodeJS.Timeout | undefined
  readonly #onQuestions = () => {
    this.#questionTimer = undefined
    this.#pass()
  }
  readonly #sendToBus = () => {
    for (const { to, payload } of this.#busOutputs) this.#send(to, payload)
    this.#busOutputs.length = 0
  }
  #isScheduled = false
  #isStopped = false
  #isLeaving = false
  #isJournalFull = false
  #whenQuiet: (() => void) | undefined
  #whenDeposed: (() => void) | undefined

  constructor(options: HostOptions) {
    this.#options = options
    const { journal, config, subjects, transport } = options
    const { instruments } = config
    const channel = (name: MarketDataChannel) => instruments.map(({ symbol }) => subjects.marketData(symbol, name))
    this.#marketSubjects = {
      l1: channel('l1'),
      l2: channel('l2'),
      l3: channel('l3'),
      trade: channel('trade'),
      state: channel('state'),
    }
    this.#busCommands = new BusCommands({
      ...{ transport, subjects, inbox: this.#inbox, onUnheard: options.onUnheard },
      onHeard: (clientId, size) => {
        this.#pace.heard(clientId, size)
        this.#schedule()
      },
    })
    this.#heardQuestions = this.#guarded(subjects.query('*'), (message) => this.#onQuestion(message))
    this.#heardResends = this.#guarded(subjects.resend('*'), (message) => this.#onResend(message))
    this.#positionSubjects = instruments.map(({ symbol }) => subjects.positions(symbol))
    this.#deskSubjects = instruments.map(({ symbol }) => subjects.desk(symbol))
    this.engine = Engine.start(
      {
        ...options,
        pairing: options.pair,
        startUnixMs: performance.timeOrigin,
        publish: (kind, streamId, payload) => this.#publish(kind, streamId, payload),
        onTransition: (transition) => this.#onTransition(transition),
      },
      monotonicNs(),
    )
    if (options.sessions !== null) this.#hearSessions(options.sessions)
    this.#subscriptions.push(transport.subscribe(subjects.handOver(), (message) => this.#onHandOver(message)))
    journal.onSynced = () => {
      this.engine.onSynced(monotonicNs())
      this.#schedule()
    }
    if (options.pair !== null) this.#connectPair(options.pair)
    this.#announceTimer = setInterval(() => this.engine.announce(), ANNOUNCE_MS)
    this.#schedule()
  }

  /** Takes in nothing more, waits until all that was taken in is committed and sent, and saves a snapshot. */
  async stop(): Promise<void> {
    clearInterval(this.#announceTimer)
    this.#isLeaving = true
    this.#hearCommands(false)
    for (const subscription of this.#subscriptions) subscription.unsubscribe()
    this.#options.sessions?.start(() => {})
    await this.#handOver()
    await new Promise<void>((resolve) => {
      this.#whenQuiet = resolve
      this.#schedule()
    })
    this.#isStopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#turnTimer)
    clearTimeout(this.#questionTimer)
    this.#options.sessions?.close()
    this.#options.pair?.link.close()
    await this.#options.pair?.store.close()
    if (this.engine.hasCore && !this.#options.journal.isSnapshotting) {
      await new Promise<void>((resolve) => this.engine.takeSnapshot(() => resolve()))
    }
  }

  /** Clients are asked who they are as soon as what they say to it on the bus is heard. */
  #hearSessions(sessions: SessionServer): void {
    const { transport, subjects } = this.#options
    const proofs = this.#guarded(subjects.proof('*'), ({ subject, data }) => {
      return sessions.prove(Number(lastTokenOf(subject)), data)
    })
    proofs.start()
    this.#subscriptions.push({ unsubscribe: () => proofs.stop() })
    const start = () => {
      if (!this.#isLeaving) sessions.start((clientId, message) => this.#onDirect(clientId, message), this.#pace)
    }
    void transport.flush().then(start, start)
  }

  #connectPair({ link, store }: PairOptions): void {
    const { engine } = this
    link.start({
      onFrame: (frame) => {
        if (this.#isStopped) return
        try {
          engine.onPeerFrame(frame, monotonicNs())
        } catch (error) {
          // The disk of a backup fails here, at what its primary sent.
          this.#fail(error instanceof Error ? error : new Error(String(error)))
          return
        }
        this.#schedule()
      },
      onLink: (isConnected) => {
        engine.onPeerLink(isConnected, monotonicNs())
        this.#schedule()
      },
      onFault: this.#options.onPeerFault,
    })
    store.start({
      onRead: (request, answer) => {
        engine.onViewRead(request, answer, monotonicNs())
        this.#schedule()
      },
      onWritten: (request, outcome, written) => {
        engine.onViewWritten(request, outcome, written, monotonicNs())
        this.#schedule()
      },
      onReachable: (isReachable) => engine.replica.onOutside(isReachable),
    })
  }

  /** A primary that stops gives its place to its backup first, if it has one. */
  async #handOver(): Promise<void> {
    if (!this.engine.replica.handOver(monotonicNs())) return
    this.#schedule()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, HAND_OVER_MS)
      this.#whenDeposed = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #onTransition(transition: Transition): void {
    this.#hearCommands(isPrimary(transition.to))
    // Nobody waits for the answers of a primary that is one no more.
    if (!isPrimary(transition.to)) {
      this.#answers.clear()
      this.#questions.clear()
    }
    if (transition.to === Role.WAITING) this.#whenDeposed?.()
    this.#options.onTransition(transition)
  }

  /**
   * A command that comes alone and finds everything committed becomes a record at once. What comes in company, or while
   * records are on their way, waits for the end of the turn: so batches grow with the load.
   */
  #onDirect(clientId: number, message: Uint8Array): void {
    const { engine } = this
    const isQuiet = !this.#isScheduled && engine.appendPosition === engine.commitPosition
    this.#pace.heard(clientId, message.length)
    this.#inbox.take(clientId, message)
    if (isQuiet && message.length <= ALONE_SIZE_MAX) this.#pass()
    else this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isStopped) return
    this.#isScheduled = true
    setImmediate(this.#onImmediate)
  }

  #pass(): void {
    if (this.#isStopped) return
    const { journal } = this.#options
    try {
      const nowMs = performance.now()
      this.#pace.poll(nowMs)
      this.#inbox.poll(nowMs)
      this.#questions.poll()
      this.#awaitQuestions()
      this.engine.poll(monotonicNs())
      this.commitLatency.observe(this.engine.appendPosition, this.engine.commitPosition, monotonicNs())
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
      return
    }
    if (journal.failure !== null) {
      this.#fail(journal.failure)
      return
    }
    if (journal.isFull !== this.#isJournalFull) {
      this.#isJournalFull = journal.isFull
      this.#options.onJournalFull(journal.isFull)
    }
    if (this.engine.isSnapshotDue()) this.#snapshot()
    if (this.engine.isQuiet && this.#inbox.isEmpty) this.#whenQuiet?.()
    if (!this.#inbox.isEmpty) this.#turnTimer ??= setTimeout(this.#onTurn, TURN_MS)
    if (this.engine.isBusy) this.#schedule()
    else this.#wait()
  }

  /** Those that wait are not looked at before they may be answered. */
  #awaitQuestions(): void {
    if (this.#questions.isEmpty) return
    this.#questionTimer ??= setTimeout(this.#onQuestions, Math.ceil(this.#questions.restMs))
  }

  /** Until a message comes, the disk answers, or something is due. */
  #wait(): void {
    const nowNs = monotonicNs()
    const dueNs = this.engine.nextDueNs(nowNs)
    // A timer that fires too early costs one pass; one for each pass would cost more.
    if (this.#timerNs <= dueNs) return
    clearTimeout(this.#timer)
    const waitMs = Math.min(Math.max((dueNs - nowNs) / 1e6, 1), WAIT_MS_MAX)
    this.#timerNs = nowNs + waitMs * 1e6
    this.#timer = setTimeout(this.#onTimer, waitMs)
  }

  #snapshot(): void {
    const { seq } = this.engine.core
    const startNs = monotonicNs()
    this.engine.takeSnapshot((error) => this.#options.onSnapshot({ seq, pauseMs: pauseNs / 1e6, error }))
    const pauseNs = monotonicNs() - startNs
    this.engine.counts.snapshotPauseNsMax = Math.max(this.engine.counts.snapshotPauseNsMax, pauseNs)
  }

  /**
   * A backup would only drop what clients say, at the price of reading it. Whoever takes over asks for it before it says
   * anything itself, so that nothing said in answer to it is missed; what was said before, clients repeat.
   */
  #hearCommands(isLeading: boolean): void {
    const isHeard = isLeading && !this.#isLeaving
    if (isHeard === this.#busCommands.isStarted) return
    for (const heard of [this.#busCommands, this.#heardQuestions, this.#heardResends]) {
      if (isHeard) heard.start()
      else heard.stop()
    }
  }

  /** Changes no state that is replicated, so the answer waits for nothing. */
  #onHandOver(message: Message): void {
    const { engine } = this
    if (!engine.isPrimary) return
    const isBegun = engine.replica.handOver(monotonicNs())
    const answer = isBegun ? { epoch: engine.epoch } : { error: 'there is no backup that could take over' }
    message.respond(new TextEncoder().encode(JSON.stringify(answer)))
    this.#schedule()
  }

  #guarded(subject: string, onMessage: (message: Message) => boolean): GuardedSubscription {
    const { transport, onUnheard } = this.#options
    return new GuardedSubscription({ transport, subject, onMessage, onUnheard })
  }

  #onQuestion(message: Message): boolean {
    const name = lastTokenOf(message.subject)
    const isTaken = this.#questions.take(name, message)
    if (isTaken) this.#schedule()
    return isTaken
  }

  #onQuery(name: string, question: Uint8Array, message: Message): void {
    const { timeBaseUnixMs } = this.#options.journal
    const context = { engine: this.engine, timeBaseUnixMs, startedAt: this.#startedAt }
    this.#answer(message, answerQuery(name, question, context))
  }

  #onResend(message: Message): boolean {
    const clientId = Number(lastTokenOf(message.subject))
    const answer = this.#resends.answer(this.engine, clientId, message.data, performance.now())
    if (answer === null) return false
    this.#answer(message, answer)
    this.#schedule()
    return true
  }

  /** Leaves when the state that it is about is committed. */
  #answer(message: Message, payload: Uint8Array): void {
    const id = this.#nextAnswerId
    this.#nextAnswerId = (id + 1) | 0
    this.#answers.set(id, message)
    this.engine.answer(id, payload)
  }

  #publish(kind: OutputKind, streamId: number, payload: Uint8Array): void {
    const { subjects, sessions } = this.#options
    switch (kind) {
      case OutputKind.EXECUTIONS: {
        const isSent = sessions?.send(streamId, payload) === true
        if (!isSent || this.#busCommands.knows(streamId)) this.#toBus(subjects.executions(streamId), payload)
        return
      }
      case OutputKind.L1:
        this.#toBus(this.#marketSubjects.l1[streamId]!, payload)
        return
      case OutputKind.L2:
        this.#toBus(this.#marketSubjects.l2[streamId]!, payload)
        return
      case OutputKind.L3:
        this.#toBus(this.#marketSubjects.l3[streamId]!, payload)
        return
      case OutputKind.TRADES:
        this.#toBus(this.#marketSubjects.trade[streamId]!, payload)
        return
      case OutputKind.STATE:
        this.#toBus(this.#marketSubjects.state[streamId]!, payload)
        return
      case OutputKind.POSITION:
        if (streamId !== NO_SYMBOL_ID) this.#toBus(this.#positionSubjects[streamId]!, payload)
        return
      case OutputKind.DESK:
        this.#toBus(this.#deskSubjects[streamId] ?? subjects.desk('all'), payload)
        return
      case OutputKind.ANSWER: {
        const question = this.#answers.get(streamId)
        this.#answers.delete(streamId)
        if (question !== undefined) this.#toBus(question, payload)
      }
    }
  }

  /** Where there are direct sessions, the bus comes after them: a report does not wait until market data is sent. */
  #toBus(to: string | Message, payload: Uint8Array): void {
    if ((this.#options.sessions?.connectionCount ?? 0) === 0 && this.#busOutputs.length === 0) {
      this.#send(to, payload)
      return
    }
    if (this.#busOutputs.length === 0) queueMicrotask(this.#sendToBus)
    this.#busOutputs.push({ to, payload: payload.slice() })
  }

  #send(to: string | Message, payload: Uint8Array): void {
    if (typeof to === 'string') this.#options.transport.publish(to, payload)
    else to.respond(payload)
  }

  #fail(error: Error): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#turnTimer)
    clearTimeout(this.#questionTimer)
    clearInterval(this.#announceTimer)
    this.#options.onFailure(error)
  }
}

/** Since the process started. */
function monotonicNs(): number {
  return performance.now() * 1e6
}

function lastTokenOf(subject: string): string {
  return subject.slice(subject.lastIndexOf('.') + 1)
}
