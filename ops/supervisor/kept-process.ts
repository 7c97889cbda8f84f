// Keeps one process running: starts it, and starts it again when it ends without being asked.
//
//   new ──start──► starting ──serves──► ready ──ends──► waiting ──back-off──► starting
//                     │ ends              │ stop                │ stop
//                     └──► waiting        └──► stopped          └──► stopped
//
// The first restart comes at once; each further one that was not preceded by a while of service waits twice as long.

import type { Launched } from './launch.ts'

export type KeptState = 'new' | 'starting' | 'ready' | 'waiting' | 'stopped'

/** A change of state, with the sentence that explains it. */
export type Transition = {
  readonly name: string
  readonly from: KeptState
  readonly to: KeptState
  readonly reason: string
  /** Of the process that the change is about; 0 when there is none. */
  readonly pid: number
}

/** Starts the process. When the signal is aborted it gives up at once. */
export type Launch = (signal: AbortSignal) => Promise<Launched>

const BACKOFF_MS_MAX = 5_000
const BACKOFF_MS_FIRST = 100
/** Service of this length makes the next end count as the first. */
const STEADY_MS = 10_000

export class KeptProcess {
  readonly name: string
  state: KeptState = 'new'
  pid = 0
  restartCount = 0
  details: Readonly<Record<string, unknown>> = {}

  readonly #launch: Launch
  readonly #onTransition: (transition: Transition) => void
  #launched: Launched | undefined
  #attempt: Promise<void> = Promise.resolve()
  #failureCount = 0
  #readyAtMs = 0
  readonly #abort = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(name: string, launch: Launch, onTransition: (transition: Transition) => void) {
    this.name = name
    this.#launch = launch
    this.#onTransition = onTransition
  }

  /** Resolves when the process serves for the first time; rejects when it cannot be started at all. */
  async start(): Promise<void> {
    this.#move('starting', 'asked to')
    const launching = this.#launch(this.#abort.signal).then((launched) => this.#serve(launched))
    // Whoever stops it meanwhile waits for the outcome, whatever it is.
    this.#attempt = launching.catch(() => {})
    await launching
  }

  async stop(): Promise<void> {
    if (this.#stopping) return
    this.#abort.abort()
    clearTimeout(this.#timer)
    await this.#attempt
    await this.#launched?.stop()
    if (this.state !== 'stopped') this.#move('stopped', 'asked to')
  }

  get #stopping(): boolean {
    return this.#abort.signal.aborted
  }

  #serve(launched: Launched): void {
    this.#launched = launched
    this.pid = launched.pid
    this.details = launched.details
    this.#readyAtMs = performance.now()
    this.#move('ready', this.restartCount === 0 ? 'it serves' : 'it serves again')
    void launched.exited.then((reason) => this.#onExit(reason))
  }

  #onExit(reason: string): void {
    this.#launched = undefined
    if (this.#stopping) return
    if (performance.now() - this.#readyAtMs > STEADY_MS) this.#failureCount = 0
    this.#restartLater(reason)
  }

  #restartLater(reason: string): void {
    const delayMs = this.#failureCount === 0 ? 0 : Math.min(BACKOFF_MS_MAX, BACKOFF_MS_FIRST * 2 ** this.#failureCount)
    this.#failureCount++
    this.#move('waiting', `it ended (${reason}); starts again ${delayMs === 0 ? 'at once' : `in ${delayMs} ms`}`)
    this.#timer = setTimeout(() => {
      this.#attempt = this.#restart()
    }, delayMs)
  }

  async #restart(): Promise<void> {
    this.restartCount++
    this.#move('starting', `restart ${this.restartCount}`)
    try {
      this.#serve(await this.#launch(this.#abort.signal))
    } catch (error) {
      if (!this.#stopping) this.#restartLater(error instanceof Error ? error.message : String(error))
    }
  }

  #move(to: KeptState, reason: string): void {
    const from = this.state
    this.state = to
    this.#onTransition({ name: this.name, from, to, reason, pid: this.pid })
    if (to === 'waiting' || to === 'stopped') this.pid = 0
  }
}
