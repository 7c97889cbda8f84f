// A client session over a message bus: subscribes to the client's reports, sends its commands once per pass of the
// event loop, and runs its timers.

import { randomInt } from 'node:crypto'
import { ClientSession, type SessionHandler, SessionState } from '../client-session.ts'
import type { FrameReader } from '../frame-reader.ts'
import { nameOf, Reason } from '../kinds.ts'
import type { Subjects } from '../subjects.ts'
import type { Subscription, Transport } from './transport.ts'

export type ClientConnectionOptions = {
  readonly clientId: number
  readonly isCancelledOnDisconnect?: boolean
}

const RESEND_TIMEOUT_MS = 1_000

/** The session is over for good; the message says why. */
export class SessionEndedError extends Error {
  override name = 'SessionEndedError'
}

/** Nanoseconds of a clock that never goes back, from any origin. */
export function monotonicNs(): number {
  return Math.round(performance.now() * 1e6)
}

export class ClientConnection {
  readonly session: ClientSession
  readonly #transport: Transport
  readonly #subjects: Subjects
  readonly #subscription: Subscription
  #timer: NodeJS.Timeout | undefined
  /** When it fires. */
  #timerNs = Number.POSITIVE_INFINITY
  readonly #onTimer = () => {
    this.#timerNs = Number.POSITIVE_INFINITY
    this.#poll()
  }
  readonly #onPassEnd = () => {
    this.#isFlushScheduled = false
    if (!this.#isClosed) this.#poll()
  }
  #isFlushScheduled = false
  #isClosed = false
  #waiting: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor(transport: Transport, subjects: Subjects, options: ClientConnectionOptions, handler: SessionHandler) {
    this.#transport = transport
    this.#subjects = subjects
    const commands = subjects.commands(options.clientId)
    this.session = new ClientSession(
      { ...options, nonce: randomInt(1, 2 ** 32 - 1) },
      {
        transmit: (message) => transport.publish(commands, message),
        requestResend: (fromSeq) => void this.#requestResend(fromSeq),
      },
      {
        onReport: (reader: FrameReader, index: number) => handler.onReport(reader, index),
        onState: (state) => {
          handler.onState(state)
          if (state === SessionState.OPEN) this.#waiting?.resolve()
          if (state === SessionState.ENDED) this.#waiting?.reject(this.#endError())
        },
        onReportsLost: (count) => handler.onReportsLost?.(count),
      },
    )
    this.#subscription = transport.subscribe(subjects.executions(options.clientId), (message) => {
      this.session.onFrame(message.data, monotonicNs())
      this.schedule()
    })
    transport.onState((state) => {
      if (this.#isClosed || state !== 'connected') return
      this.session.onReconnected(monotonicNs())
      this.schedule()
    })
  }

  /** Resolves when the engine has opened the session; retries until then. Rejects with SessionEndedError. */
  open(): Promise<void> {
    const opened = new Promise<void>((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
    this.session.open(monotonicNs())
    this.schedule()
    return opened
  }

  /** Commands were written: they leave at the end of this pass of the event loop. */
  schedule(): void {
    if (this.#isFlushScheduled || this.#isClosed) return
    this.#isFlushScheduled = true
    setImmediate(this.#onPassEnd)
  }

  /** What was written leaves now; timers look after it at the end of this pass. */
  flush(): void {
    if (!this.#isClosed) this.session.flush(monotonicNs())
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#subscription.unsubscribe()
  }

  #endError(): SessionEndedError {
    const { clientId, endReason } = this.session
    return new SessionEndedError(`the session of client ${clientId} ended: ${nameOf(Reason, endReason)}`)
  }

  #poll(): void {
    const nowNs = monotonicNs()
    const dueNs = this.session.poll(nowNs)
    // A timer that fires too early costs one pass; one for each pass would cost more.
    if (this.#timerNs <= dueNs) return
    clearTimeout(this.#timer)
    const waitMs = Math.min(Math.max(Math.ceil((dueNs - nowNs) / 1e6), 1), 1_000)
    this.#timerNs = nowNs + waitMs * 1e6
    this.#timer = setTimeout(this.#onTimer, waitMs)
  }

  async #requestResend(fromSeq: number): Promise<void> {
    const question = new TextEncoder().encode(JSON.stringify({ fromSeq }))
    const subject = this.#subjects.resend(this.session.clientId)
    try {
      const answer = await this.#transport.request(subject, question, RESEND_TIMEOUT_MS)
      const { firstSeq } = JSON.parse(new TextDecoder().decode(answer)) as { firstSeq?: number }
      if (typeof firstSeq === 'number') this.session.onResendAnswer(firstSeq, monotonicNs())
    } catch {
      // No engine answers just now. The session asks again when its time has come.
    }
  }
}
