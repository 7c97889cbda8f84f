// Kills and pauses processes of a running cluster at a stated rate, so that one can watch it heal.
//
// Times and victims follow from the seed. The message server is left alone: without it nothing can be watched. An engine
// is hit only while its peer serves, because two engines gone at once is a power cut and no fault that a pair hides.

import { Prng } from '../../base/prng.ts'
import type { KeptProcess } from './kept-process.ts'

const PAUSE_MS_MIN = 300
const PAUSE_MS_MAX = 4_000
const MINUTE_MS = 60_000

export type ChaosOptions = {
  /** Faults a minute in the mean; the times between them are exponential. */
  readonly faultsPerMinute: number
  readonly seed: number
  /** All processes of the cluster, as they are now. */
  readonly processes: () => readonly KeptProcess[]
  /** Told in a sentence what was done to whom. */
  readonly onFault: (text: string) => void
}

export class Chaos {
  readonly counts = { killed: 0, paused: 0 }
  readonly #options: ChaosOptions
  readonly #prng: Prng
  /** Paused processes and what wakes them. */
  readonly #paused = new Map<number, NodeJS.Timeout>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: ChaosOptions) {
    this.#options = options
    this.#prng = new Prng(options.seed)
    this.#schedule()
  }

  /** Ends it, and wakes whoever is paused. */
  stop(): void {
    clearTimeout(this.#timer)
    for (const pid of this.#paused.keys()) this.#wake(pid)
  }

  #schedule(): void {
    const waitMs = this.#prng.nextExponential(MINUTE_MS / this.#options.faultsPerMinute)
    this.#timer = setTimeout(() => {
      this.#strike()
      this.#schedule()
    }, waitMs)
  }

  #strike(): void {
    const victims = this.#options.processes().filter((kept) => this.#isFair(kept))
    const isKill = this.#prng.nextChance(0.5)
    const victim = victims[Math.floor(this.#prng.nextFloat() * victims.length)]
    if (victim === undefined) return
    const { name, pid } = victim
    if (isKill) {
      if (!signal(pid, 'SIGKILL')) return
      this.counts.killed++
      this.#options.onFault(`chaos: ${name} (pid ${pid}) is killed`)
      return
    }
    const pauseMs = this.#prng.nextBetween(PAUSE_MS_MIN, PAUSE_MS_MAX)
    if (!signal(pid, 'SIGSTOP')) return
    this.counts.paused++
    this.#paused.set(
      pid,
      setTimeout(() => this.#wake(pid), pauseMs),
    )
    this.#options.onFault(`chaos: ${name} (pid ${pid}) is paused for ${(pauseMs / 1_000).toFixed(1)} s`)
  }

  #isFair({ name, pid, state }: KeptProcess): boolean {
    if (name === 'nats-server' || !this.#isRunning(pid, state)) return false
    if (!name.startsWith('engine')) return true
    const peers = this.#options.processes().filter((other) => other.name.startsWith('engine') && other.name !== name)
    return peers.every((peer) => this.#isRunning(peer.pid, peer.state))
  }

  #isRunning(pid: number, state: KeptProcess['state']): boolean {
    return state === 'ready' && pid !== 0 && !this.#paused.has(pid)
  }

  #wake(pid: number): void {
    clearTimeout(this.#paused.get(pid))
    this.#paused.delete(pid)
    signal(pid, 'SIGCONT')
  }
}

/** False when the process was gone already. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}
