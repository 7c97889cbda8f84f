// Publishes one process's status once a second and at each change of state. Any role may use it.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { NS_PER_MS, NS_PER_US } from '../../base/clock.ts'
import type { Transport } from '../../protocol/io/transport.ts'
import type { ProcessStatus } from '../../protocol/process-status.ts'
import type { Subjects } from '../../protocol/subjects.ts'

const PERIOD_MS = 1_000
const RESOLUTION_MS = 10

export type StatusSource = {
  readonly role: string
  readonly instance: string
  state(): string
  /** The role's figures, named with their unit last. */
  details(): Readonly<Record<string, unknown>>
}

export class StatusReporter {
  readonly #transport: Transport
  readonly #subject: string
  readonly #source: StatusSource
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  readonly #startMs = performance.now()
  readonly #startedAt = new Date().toISOString()
  readonly #timer: NodeJS.Timeout

  constructor(transport: Transport, subjects: Subjects, source: StatusSource) {
    this.#transport = transport
    this.#subject = subjects.processStatus(source.role, source.instance)
    this.#source = source
    this.#delay.enable()
    this.#timer = setInterval(() => this.publish(), PERIOD_MS)
    this.publish()
  }

  /** Says it now: at a change of state, and as the last word before the end. */
  publish(): void {
    // The histogram holds whole intervals; what is beyond the one asked for is delay.
    const p99Ns = this.#delay.percentile(99) - RESOLUTION_MS * NS_PER_MS
    const status: ProcessStatus = {
      role: this.#source.role,
      instance: this.#source.instance,
      pid: process.pid,
      state: this.#source.state(),
      startedAt: this.#startedAt,
      uptimeS: Math.round((performance.now() - this.#startMs) / 1_000),
      rssBytes: process.memoryUsage.rss(),
      eventLoopDelayP99Us: Number.isFinite(p99Ns) ? Math.max(0, Math.round(p99Ns / NS_PER_US)) : 0,
      details: this.#source.details(),
    }
    this.#delay.reset()
    this.#transport.publish(this.#subject, new TextEncoder().encode(JSON.stringify(status)))
  }

  stop(): void {
    clearInterval(this.#timer)
    this.publish()
    this.#delay.disable()
  }
}
