// The compact status of a running simulation: a few lines that keep changing on a terminal, one line now and then else.

import type { Cluster } from './cluster.ts'
import type { Terminal } from './terminal.ts'

const LIVE_PERIOD_MS = 500
const PLAIN_PERIOD_MS = 10_000

export class LiveView {
  readonly #terminal: Terminal
  readonly #cluster: Cluster
  readonly #timer: NodeJS.Timeout
  #lastSeq = 0
  #lastMs = performance.now()

  constructor(terminal: Terminal, cluster: Cluster) {
    this.#terminal = terminal
    this.#cluster = cluster
    this.#timer = setInterval(() => this.#refresh(), terminal.live ? LIVE_PERIOD_MS : PLAIN_PERIOD_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#terminal.show([])
  }

  #refresh(): void {
    const market = this.#marketLine()
    if (!this.#terminal.live) {
      this.#terminal.print(market)
      return
    }
    const marks = this.#cluster.processes.map(({ name, state }) => `${state === 'ready' ? '+' : '!'} ${name}`)
    this.#terminal.show(['', market, marks.join('   '), `page ${this.#cluster.pageUrl ?? 'none'}   Ctrl-C ends it`])
  }

  #marketLine(): string {
    const figures =
      this.#cluster.board?.ofRole('engine').find(({ details }) => details['isPrimary'] === true)?.details ?? {}
    const seq = numberOf(figures['appliedSeq'])
    const nowMs = performance.now()
    const rate = Math.max(0, Math.round(((seq - this.#lastSeq) * 1_000) / (nowMs - this.#lastMs)))
    this.#lastSeq = seq
    this.#lastMs = nowMs
    const names: readonly (readonly [string, string])[] = [
      ['trades', 'tradeCount'],
      ['fills', 'fillCount'],
      ['quotes', 'activeQuoteCount'],
      ['orders', 'orderCount'],
    ]
    const parts = names.flatMap(([label, key]) =>
      figures[key] === undefined ? [] : [`${label} ${numberOf(figures[key]).toLocaleString('en')}`],
    )
    return [`record ${seq.toLocaleString('en')}`, `${rate.toLocaleString('en')} a second`, ...parts].join('   ')
  }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
