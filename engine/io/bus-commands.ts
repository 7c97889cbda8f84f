// Hears what clients say over the bus, and does not hear for a while who goes on although it was refused: what is only read
// to be refused costs the engine as much as what is taken in.
//
//   cmd.*  ──► everybody
//   cmd.1, cmd.2, cmd.3, cmd.101 …, whoever was heard lately ──► everybody else, while somebody is muted
//
// A subject cannot be left out of a wildcard, so it is given up for the subjects of all others while a mute lasts. New
// subscriptions stand before old ones are given up: what comes twice is answered from memory. A client that has no number of its
// own in the cluster and was not heard lately is heard when nobody is muted any more; it repeats until then.

import { ClientId, isOperator } from '../../protocol/clients.ts'
import { NewOrderField } from '../../protocol/command.ts'
import type { Subscription, Transport } from '../../protocol/io/transport.ts'
import {
  CLIENT_ID_MAX,
  MESSAGE_SIZE_MAX,
  NODE_COUNT_MAX,
  REPLY_COUNT_MAX,
  SESSION_COUNT_MAX,
} from '../../protocol/limits.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import type { CommandInbox } from './command-inbox.ts'

/**
 * Bytes of a client that may wait for their turn: what a session may have under way, of orders, seven times, which is what one
 * repeats while the server is away for eight seconds.
 */
const BACKLOG_SIZE_MAX = 2 * MESSAGE_SIZE_MAX
/** Of a client that was muted lately: all that an honest one may have under way, once. */
const PROBATION_SIZE_MAX = REPLY_COUNT_MAX * NewOrderField.LENGTH
/** A refusal has reached its client by then: who is refused again goes on in spite of it. */
const PATIENCE_MS = 20
/** Who is refused again later than this begins anew. */
const FORGET_MS = 1_000
const MUTE_MS = 1_000
const MUTE_MS_MAX = 8_000
/** Who is refused again within that of a mute's end is muted at once, and twice as long. */
const PROBATION_MS = 10_000
/** Heard within this is heard lately. */
const LATELY_MS = 60_000
const EVERYBODY = '*'

type Whose = number | typeof EVERYBODY

type Conduct = {
  /** Of several refusals, the first. */
  readonly refusedMs: number
  /** The last mute; 0: there was none. */
  readonly muteMs: number
  /** When it ends or ended. */
  readonly untilMs: number
}

type BusCommandsOptions = {
  readonly transport: Transport
  readonly subjects: Subjects
  readonly inbox: CommandInbox
  /** A message of so many bytes was handed to the inbox. */
  readonly onHeard: (clientId: number, size: number) => void
  /** What a client says on its subject is not heard for so long. */
  readonly onUnheard: (subject: string, ms: number) => void
}

export class BusCommands {
  readonly #options: BusCommandsOptions
  readonly #subscriptions = new Map<Whose, Subscription>()
  /** Whose subscriptions are to stand. */
  #wanted: ReadonlySet<Whose> = new Set()
  /** When each client was heard last. Bounded by the ids that a client may have, which the subject does not bound. */
  readonly #heardMs = new Map<number, number>()
  /** Of clients that were refused something lately. */
  readonly #conduct = new Map<number, Conduct>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: BusCommandsOptions) {
    this.#options = options
  }

  get isStarted(): boolean {
    return this.#wanted.size > 0
  }

  /** Whether the client has ever sent commands over the bus. */
  knows(clientId: number): boolean {
    return this.#heardMs.has(clientId)
  }

  start(): void {
    this.#hear(new Set([EVERYBODY]))
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#wanted = new Set()
    this.#conduct.clear()
    for (const subscription of this.#subscriptions.values()) subscription.unsubscribe()
    this.#subscriptions.clear()
  }

  #hear(wanted: ReadonlySet<Whose>): void {
    const subscriptions = this.#subscriptions
    this.#wanted = wanted
    for (const whose of wanted) if (!subscriptions.has(whose)) subscriptions.set(whose, this.#subscribe(whose))
    const giveUp = () => {
      if (this.#wanted !== wanted) return
      for (const [whose, subscription] of subscriptions) {
        if (wanted.has(whose)) continue
        subscription.unsubscribe()
        subscriptions.delete(whose)
      }
    }
    // What the server sent to the old ones is here when it has said that the new ones stand.
    if (subscriptions.size > wanted.size) void this.#options.transport.flush().then(giveUp, giveUp)
  }

  #subscribe(whose: Whose): Subscription {
    const { transport, subjects } = this.#options
    const prefixLength = subjects.commands(EVERYBODY).length - EVERYBODY.length
    return transport.subscribe(subjects.commands(whose), ({ subject, data }) => {
      this.#take(Number(subject.slice(prefixLength)), data)
    })
  }

  #take(clientId: number, message: Uint8Array): void {
    const { inbox, onHeard } = this.#options
    const nowMs = performance.now()
    const conduct = this.#conduct.get(clientId)
    // What was under way when it was muted.
    if (conduct !== undefined && nowMs < conduct.untilMs) return
    const isClient = clientId >= 1 && clientId <= CLIENT_ID_MAX
    if (isClient) this.#heardMs.set(clientId, nowMs)
    const isOnProbation = conduct !== undefined && conduct.muteMs > 0 && nowMs - conduct.untilMs < PROBATION_MS
    const isTaken = inbox.take(clientId, message, isOnProbation ? PROBATION_SIZE_MAX : BACKLOG_SIZE_MAX)
    onHeard(clientId, message.length)
    // Whoever can stop all quoting is heard at any price.
    if (isTaken || !isClient || isOperator(clientId)) return
    if (isOnProbation) this.#mute(clientId, Math.min(MUTE_MS_MAX, conduct.muteMs * 2), nowMs)
    else if (conduct === undefined || nowMs - conduct.refusedMs > FORGET_MS) this.#note(clientId, nowMs)
    else if (nowMs - conduct.refusedMs >= PATIENCE_MS) this.#mute(clientId, MUTE_MS, nowMs)
  }

  #note(clientId: number, nowMs: number): void {
    for (const [id, { refusedMs, untilMs }] of this.#conduct) {
      if (Math.max(refusedMs, untilMs) < nowMs - PROBATION_MS) this.#conduct.delete(id)
    }
    this.#conduct.set(clientId, { refusedMs: nowMs, muteMs: 0, untilMs: 0 })
  }

  #mute(clientId: number, muteMs: number, nowMs: number): void {
    this.#conduct.set(clientId, { refusedMs: nowMs, muteMs, untilMs: nowMs + muteMs })
    const { inbox, subjects, onUnheard } = this.#options
    inbox.drop(clientId)
    onUnheard(subjects.commands(clientId), muteMs)
    this.#hearOthers()
  }

  /** All but those who are muted, until the first mute of them ends. */
  #hearOthers(): void {
    const nowMs = performance.now()
    clearTimeout(this.#timer)
    const muted = [...this.#conduct].filter(([, { untilMs }]) => untilMs > nowMs)
    if (muted.length === 0) {
      this.#hear(new Set([EVERYBODY]))
      return
    }
    const ids = new Set([...WITH_NUMBERS, ...this.#heardLately(nowMs)])
    for (const [clientId] of muted) ids.delete(clientId)
    this.#hear(ids)
    const firstMs = Math.min(...muted.map(([, { untilMs }]) => untilMs))
    this.#timer = setTimeout(() => this.#hearOthers(), Math.ceil(firstMs - nowMs))
  }

  /** At most as many as may have a session, the newest. */
  #heardLately(nowMs: number): number[] {
    const lately = [...this.#heardMs].filter(([, heardMs]) => nowMs - heardMs < LATELY_MS)
    return lately
      .sort(([, a], [, b]) => b - a)
      .slice(0, SESSION_COUNT_MAX)
      .map(([clientId]) => clientId)
  }
}

/** Clients that have a number of their own in every cluster, heard lately or not. */
const WITH_NUMBERS: readonly number[] = [
  ...[ClientId.FLOW, ClientId.GATEWAY, ClientId.OPERATOR],
  ...Array.from({ length: NODE_COUNT_MAX }, (_, index) => ClientId.STRATEGY_BASE + index + 1),
]
