// Which clients have gone without a word. A session that is to lose its orders on a disconnect ends when nothing was heard
// of its client for a while: over a bus there is no other sign of it.
//
// It is no part of the replicated state. The primary looks once a second; what it finds becomes a record, and the record
// is what ends the session. A new primary, and one that was held up itself, gives everybody the whole time again: messages may
// wait that it has not read.

import { NS_PER_S } from '../base/clock.ts'
import type { Sessions } from './core/sessions.ts'

const LOOK_NS = NS_PER_S

export class SilenceWatch {
  /** When to look again. */
  dueNs = 0
  readonly #limitNs: number
  /** Clients that were heard since the last look. */
  readonly #heard = new Set<number>()
  /** When each watched client was heard, as far as the looks tell. */
  readonly #heardNs = new Map<number, number>()

  constructor(limitNs: number) {
    this.#limitNs = limitNs
  }

  get isWatching(): boolean {
    return this.#heardNs.size > 0
  }

  heard(clientId: number): void {
    this.#heard.add(clientId)
  }

  /** Everybody has the whole time again. */
  restart(): void {
    this.#heard.clear()
    this.#heardNs.clear()
  }

  /** The clients whose sessions are to end now, in ascending order. */
  look(sessions: Sessions, nowNs: number): readonly number[] {
    if (nowNs - this.dueNs > LOOK_NS) this.restart()
    this.dueNs = nowNs + LOOK_NS
    const silent: number[] = []
    for (const clientId of sessions.sortedClientIds()) {
      const slot = sessions.slotOf(clientId)
      if (!sessions.isOpen(slot) || !sessions.isCancelling(slot)) {
        this.#heardNs.delete(clientId)
        continue
      }
      const heardNs = this.#heard.has(clientId) ? undefined : this.#heardNs.get(clientId)
      if (heardNs === undefined) this.#heardNs.set(clientId, nowNs)
      else if (nowNs - heardNs >= this.#limitNs) silent.push(clientId)
    }
    this.#heard.clear()
    return silent
  }
}
