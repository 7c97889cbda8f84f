// All load clients of a drill together: one rate, one clock, and the silences between two answers.

import type { Transport } from '../../protocol/io/transport.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import type { Instrument } from '../../protocol/symbol.ts'
import type { ClientRecord } from './client-record.ts'
import { LoadClient } from './load-client.ts'

export type LoadOptions = {
  readonly ratePerS: number
  readonly seed: number
  readonly instruments: readonly Instrument[]
  /** Hears of each answer. */
  readonly onAnswer: (nowMs: number) => void
}

const FIRST_CLIENT_ID = 10
/** One session each: its window then holds a second of its share. */
const CLIENT_RATE_MAX = 1_000
/** Several, so that what they do at the same time can be told in more than one order. */
const CLIENT_COUNT_MIN = 4
const CLIENT_COUNT_MAX = 89
const PERIOD_MS = 2
const DRAIN_MS_MAX = 30_000
/** A silence that begins this soon after the harm is the harm's. */
const HARM_MS = 100

/** Commands that were never answered: the drill has failed, and nothing more can be told. */
export class UnansweredError extends Error {
  override name = 'UnansweredError'
}

export class Load {
  readonly #clients: LoadClient[]
  readonly #ratePerS: number
  #timer: NodeJS.Timeout | undefined
  #startMs = 0
  #dueCount = 0
  #sentCount = 0
  #turn = 0
  #lastAckMs = 0
  #markMs = 0
  #silenceMsMax = 0
  #harmSilenceMsMax = 0
  #onQuiet: (() => void) | undefined

  private constructor(transport: Transport, subjects: Subjects, options: LoadOptions) {
    this.#ratePerS = options.ratePerS
    const count = Math.min(CLIENT_COUNT_MAX, Math.max(CLIENT_COUNT_MIN, Math.ceil(options.ratePerS / CLIENT_RATE_MAX)))
    this.#clients = Array.from(
      { length: count },
      (_, index) =>
        new LoadClient(transport, subjects, {
          clientId: FIRST_CLIENT_ID + index,
          seed: options.seed + index,
          instruments: options.instruments,
          onAck: (nowMs) => {
            options.onAnswer(nowMs)
            this.#onAck(nowMs)
          },
        }),
    )
  }

  static async open(transport: Transport, subjects: Subjects, options: LoadOptions): Promise<Load> {
    const load = new Load(transport, subjects, options)
    await Promise.all(load.#clients.map((client) => client.open()))
    return load
  }

  get records(): readonly ClientRecord[] {
    return this.#clients.map(({ record }) => record)
  }

  get sentCount(): number {
    return this.#sentCount
  }

  get retryCount(): number {
    return this.#clients.reduce((sum, { retryCount }) => sum + retryCount, 0)
  }

  get inFlight(): number {
    return this.#clients.reduce((sum, { inFlight }) => sum + inFlight, 0)
  }

  start(): void {
    this.#startMs = performance.now()
    this.#lastAckMs = this.#startMs
    this.#dueCount = 0
    this.#timer = setInterval(() => this.#send(), PERIOD_MS)
  }

  /** The harm is done now: from here on silences count. */
  mark(): void {
    this.#markMs = performance.now()
    this.#silenceMsMax = this.#harmSilenceMsMax = 0
  }

  /** The longest silence that the harm itself brought: of those that began right after `mark`. */
  get harmSilenceMsMax(): number {
    return this.#harmSilenceMsMax
  }

  /** The longest time between two answers since `mark`, up to the last answer. */
  get silenceMsMax(): number {
    return this.#silenceMsMax
  }

  /** Sends nothing more; resolves when everything sent is answered. */
  async drain(): Promise<void> {
    clearInterval(this.#timer)
    if (this.inFlight === 0) return
    const quiet = Promise.withResolvers<void>()
    this.#onQuiet = quiet.resolve
    const timer = setTimeout(() => {
      const failure = this.#clients.find((client) => client.failure !== null)?.failure
      const text = `${this.inFlight} commands were not answered within ${DRAIN_MS_MAX / 1_000} s`
      quiet.reject(new UnansweredError(failure ?? text))
    }, DRAIN_MS_MAX)
    await quiet.promise.finally(() => clearTimeout(timer))
  }

  close(): void {
    clearInterval(this.#timer)
    for (const client of this.#clients) client.close()
  }

  #send(): void {
    const due = Math.floor(((performance.now() - this.#startMs) / 1_000) * this.#ratePerS)
    let left = due - this.#dueCount
    for (let tries = 0; tries < this.#clients.length && left > 0; tries++) {
      const client = this.#clients[this.#turn % this.#clients.length]!
      this.#turn += 1
      const share = tries === this.#clients.length - 1 ? left : Math.ceil(left / this.#clients.length)
      const sent = client.send(share)
      left -= sent
      this.#dueCount += sent
      this.#sentCount += sent
    }
  }

  #onAck(nowMs: number): void {
    // Of what was sent before the load ended, too: answers that are still out are missed as much.
    this.#noteSilence(nowMs - this.#lastAckMs)
    this.#lastAckMs = nowMs
    if (this.inFlight === 0) this.#onQuiet?.()
  }

  #noteSilence(ms: number): void {
    this.#silenceMsMax = Math.max(this.#silenceMsMax, ms)
    const isOfHarm = this.#lastAckMs <= this.#markMs + HARM_MS
    if (isOfHarm) this.#harmSilenceMsMax = Math.max(this.#harmSilenceMsMax, ms)
  }
}
