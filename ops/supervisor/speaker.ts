// Speaks for processes that cannot speak for themselves: the nats-server, which knows nothing of us, and those that died.

import { readFileSync } from 'node:fs'
import type { Transport } from '../../protocol/io/transport.ts'
import type { ProcessStatus } from '../../protocol/process-status.ts'
import type { Subjects } from '../../protocol/subjects.ts'
import type { KeptProcess, Transition } from './kept-process.ts'
import type { StatusBoard } from './status-board.ts'

const PERIOD_MS = 1_000
const PAGE_SIZE = 4_096

export class Speaker {
  readonly #transport: Transport
  readonly #subjects: Subjects
  readonly #board: StatusBoard
  readonly #server: () => KeptProcess | undefined
  readonly #timer: NodeJS.Timeout
  readonly #startedAtMs = new Map<number, number>()

  constructor(transport: Transport, subjects: Subjects, board: StatusBoard, server: () => KeptProcess | undefined) {
    this.#transport = transport
    this.#subjects = subjects
    this.#board = board
    this.#server = server
    this.#timer = setInterval(() => this.#tellServer(), PERIOD_MS)
    this.#tellServer()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** A process has ended without being asked: its last status, marked as failed and with the reason. */
  tellEnd({ name, reason, pid }: Transition): void {
    const last = this.#board
      .processes()
      .find(({ role, instance }) => instance === name || `${role}-${instance}` === name)
    if (last === undefined || last.pid !== pid) return
    this.#publish({ ...last, state: 'failed', details: { ...last.details, reason } })
  }

  #tellServer(): void {
    const server = this.#server()
    if (server === undefined || server.pid === 0) return
    const startedAtMs = this.#startedAtMs.get(server.pid) ?? Date.now()
    this.#startedAtMs.set(server.pid, startedAtMs)
    this.#publish({
      role: 'nats',
      instance: server.name,
      pid: server.pid,
      state: server.state,
      startedAt: new Date(startedAtMs).toISOString(),
      uptimeS: Math.round((Date.now() - startedAtMs) / 1_000),
      rssBytes: residentBytes(server.pid),
      eventLoopDelayP99Us: 0,
      details: { url: server.details['url'], restartCount: server.restartCount },
    })
  }

  #publish(status: ProcessStatus): void {
    const subject = this.#subjects.processStatus(status.role, status.instance)
    this.#transport.publish(subject, new TextEncoder().encode(JSON.stringify(status)))
  }
}

/** Where the platform tells it as Linux does; else 0. */
function residentBytes(pid: number): number {
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]
    return Number(pages) * PAGE_SIZE
  } catch {
    return 0
  }
}
