// What the engines say of themselves: who leads, in which epoch, and whether two ever claimed the same one.

import type { Transport } from '../../protocol/io/transport.ts'
import type { ProcessStatus } from '../../protocol/process-status.ts'
import type { Subjects } from '../../protocol/subjects.ts'

const WAIT_MS_MAX = 30_000

/** Something that had to come about in time did not. */
export class NotInTimeError extends Error {
  override name = 'NotInTimeError'
}

export class EngineWatch {
  /** Epochs that two engines led. Must stay empty. */
  readonly splitEpochs: number[] = []
  /** Hears of each engine that says something else than before. */
  onChange: (text: string) => void = () => {}
  readonly #states = new Map<string, string>()
  readonly #pids = new Map<string, number>()
  readonly #primaries = new Map<number, string>()
  readonly #waiting = new Set<() => void>()
  /** Whose word of before does not count any more. */
  readonly #gone = new Set<number>()

  constructor(transport: Transport, subjects: Subjects) {
    transport.subscribe(subjects.processStatus('engine', '*'), ({ data }) => {
      this.#onStatus(JSON.parse(new TextDecoder().decode(data)) as ProcessStatus)
    })
  }

  /** The engine is dead or stopped: what it said last says nothing. */
  forget(name: string): void {
    this.#states.delete(name)
    const pid = this.#pids.get(name)
    if (pid !== undefined) this.#gone.add(pid)
  }

  /** The engine runs again under the process id that it had. */
  remember(name: string): void {
    const pid = this.#pids.get(name)
    if (pid !== undefined) this.#gone.delete(pid)
  }

  primary(): string | undefined {
    return [...this.#states].find(([, state]) => state === 'pair' || state === 'solo' || state === 'joining')?.[0]
  }

  /** The highest that an engine was heard to lead in; 0: none yet. */
  get epoch(): number {
    return Math.max(0, ...this.#primaries.keys())
  }

  /** Who said that it leads in this epoch; undefined: nobody was heard to. */
  primaryOf(epoch: number): string | undefined {
    return this.#primaries.get(epoch)
  }

  /** Resolves when what the engines say from now on, or have said last, is as wanted. */
  async until(
    isWanted: (states: ReadonlyMap<string, string>) => boolean,
    what: string,
    waitMs = WAIT_MS_MAX,
  ): Promise<void> {
    if (isWanted(this.#states)) return
    const found = Promise.withResolvers<void>()
    const look = () => {
      if (isWanted(this.#states)) found.resolve()
    }
    const timer = setTimeout(() => {
      const said = [...this.#states].map(([name, state]) => `${name} ${state}`).join(', ')
      found.reject(new NotInTimeError(`waited ${waitMs / 1_000} s for ${what}; they say: ${said || 'nothing'}`))
    }, waitMs)
    this.#waiting.add(look)
    await found.promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(look)
    })
  }

  #onStatus({ instance, pid, state, details }: ProcessStatus): void {
    if (this.#gone.has(pid)) return
    if (this.#states.get(instance) !== state)
      this.onChange(`${instance} says: ${state}, epoch ${String(details['epoch'])}`)
    this.#states.set(instance, state)
    this.#pids.set(instance, pid)
    const epoch = details['epoch']
    if (details['isPrimary'] === true && typeof epoch === 'number') {
      const primary = this.#primaries.get(epoch) ?? instance
      if (primary !== instance) this.splitEpochs.push(epoch)
      this.#primaries.set(epoch, primary)
    }
    for (const look of this.#waiting) look()
  }
}
