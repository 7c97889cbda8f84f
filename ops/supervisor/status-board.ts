// The latest word of each process, and what the engine answers when asked: all that the supervisor knows of the market.

import type { Transport } from '../../protocol/io/transport.ts'
import type { ProcessStatus } from '../../protocol/process-status.ts'
import type { Subjects } from '../../protocol/subjects.ts'

const PROCESS_COUNT_MAX = 256
const QUERY_MS_MAX = 2_000

/** The engine answered that it cannot. */
export class QueryRefusedError extends Error {
  override name = 'QueryRefusedError'
}

export class StatusBoard {
  readonly #transport: Transport
  readonly #subjects: Subjects
  readonly #latest = new Map<string, ProcessStatus>()

  constructor(transport: Transport, subjects: Subjects) {
    this.#transport = transport
    this.#subjects = subjects
    transport.subscribe(`${subjects.root}.cluster.>`, ({ data }) => this.#onStatus(data))
  }

  /** Sorted by role, then instance. */
  processes(): ProcessStatus[] {
    return [...this.#latest.values()].sort(
      (one, other) =>
        one.role.localeCompare(other.role) || one.instance.localeCompare(other.instance, 'en', { numeric: true }),
    )
  }

  ofRole(role: string): ProcessStatus[] {
    return this.processes().filter((status) => status.role === role)
  }

  /** Asks the engine; an error it answers with is thrown. */
  ask(name: string, question: object = {}): Promise<Record<string, unknown>> {
    return this.#request(this.#subjects.query(name), `query ${name}`, question)
  }

  /** Asks the engine that leads to give its place to its backup; an error it answers with is thrown. */
  handOver(): Promise<Record<string, unknown>> {
    return this.#request(this.#subjects.handOver(), 'hand-over', {})
  }

  async #request(subject: string, what: string, question: object): Promise<Record<string, unknown>> {
    const body = new TextEncoder().encode(JSON.stringify(question))
    const answer = await this.#transport.request(subject, body, QUERY_MS_MAX)
    const content = JSON.parse(new TextDecoder().decode(answer)) as Record<string, unknown>
    if (typeof content['error'] === 'string') throw new QueryRefusedError(`${what}: ${content['error']}`)
    return content
  }

  #onStatus(data: Uint8Array): void {
    let status: ProcessStatus
    try {
      status = JSON.parse(new TextDecoder().decode(data)) as ProcessStatus
    } catch {
      return
    }
    if (typeof status.role !== 'string' || typeof status.instance !== 'string') return
    const key = `${status.role} ${status.instance}`
    if (!this.#latest.has(key) && this.#latest.size >= PROCESS_COUNT_MAX) return
    this.#latest.set(key, { ...status, details: status.details ?? {} })
  }
}
