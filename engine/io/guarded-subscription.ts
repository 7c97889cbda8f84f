// A subscription that is given up for a while when much more comes than is of use: what is only read to be dropped costs the
// engine as much as what is answered. Whoever asks meanwhile is told that nobody answers, and asks again.
//
//   heard ──► 1,024 of no use within 100 ms ──► unheard, 1 to 8 s ──► heard

import type { Message, Subscription, Transport } from '../../protocol/io/transport.ts'

/** Within WINDOW_MS; an honest client says nothing that is of no use but what was under way when something changed. */
export const USELESS_COUNT_MAX = 1_024
const WINDOW_MS = 100
const UNHEARD_MS = 1_000
const UNHEARD_MS_MAX = 8_000
/** The same again within that of its end: twice as long. */
const AGAIN_MS = 10_000

type GuardOptions = {
  readonly transport: Transport
  readonly subject: string
  /** Whether the message was of use. */
  readonly onMessage: (message: Message) => boolean
  /** What is said there is not heard for so long. */
  readonly onUnheard: (subject: string, ms: number) => void
}

export class GuardedSubscription {
  readonly #options: GuardOptions
  #subscription: Subscription | null = null
  #isStarted = false
  #timer: NodeJS.Timeout | undefined
  #windowMs = Number.NEGATIVE_INFINITY
  #uselessCount = 0
  #unheardMs = 0
  /** When it was heard again. */
  #backMs = Number.NEGATIVE_INFINITY

  constructor(options: GuardOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#listen()
  }

  stop(): void {
    this.#isStarted = false
    clearTimeout(this.#timer)
    this.#subscription?.unsubscribe()
    this.#subscription = null
  }

  #listen(): void {
    const { transport, subject } = this.#options
    this.#subscription = transport.subscribe(subject, (message) => this.#take(message))
  }

  #take(message: Message): void {
    // What was under way when it was given up.
    if (this.#subscription === null || this.#options.onMessage(message)) return
    const nowMs = performance.now()
    if (nowMs - this.#windowMs > WINDOW_MS) {
      this.#windowMs = nowMs
      this.#uselessCount = 0
    }
    this.#uselessCount += 1
    if (this.#uselessCount > USELESS_COUNT_MAX) this.#giveUp(nowMs)
  }

  #giveUp(nowMs: number): void {
    this.#subscription?.unsubscribe()
    this.#subscription = null
    const isAgain = nowMs - this.#backMs < AGAIN_MS
    this.#unheardMs = isAgain ? Math.min(UNHEARD_MS_MAX, this.#unheardMs * 2) : UNHEARD_MS
    this.#options.onUnheard(this.#options.subject, this.#unheardMs)
    this.#timer = setTimeout(() => {
      this.#backMs = performance.now()
      this.#uselessCount = 0
      this.#listen()
    }, this.#unheardMs)
  }
}
