// One engine's requests to the view store: one at a time, and only the latest one's answer counts.

import { must } from '../../base/assert.ts'
import type { View, ViewAnswer, ViewStore } from './view.ts'

export type ViewRequest = {
  readonly id: number
  /** null: a read. */
  readonly expected: ViewAnswer | null
  readonly next: View | null
  readonly sentNs: number
}

export class ViewRequests {
  /** The one under way. */
  current: ViewRequest | null = null
  readonly #store: ViewStore
  #lastId = 0

  constructor(store: ViewStore) {
    this.#store = store
  }

  read(nowNs: number): void {
    this.#begin(null, null, nowNs)
    this.#store.read(this.#lastId)
  }

  compareAndSet(expected: ViewAnswer, next: View, nowNs: number): void {
    this.#begin(expected, next, nowNs)
    this.#store.compareAndSet(this.#lastId, expected, next)
  }

  /** Ends the request under way if this is its number, and gives it; else null: nobody waits for that answer. */
  end(id: number): ViewRequest | null {
    if (this.current?.id !== id) return null
    const ended = must(this.current, 'a request is under way')
    this.current = null
    return ended
  }

  /** Whatever is under way may still take effect; its answer counts no more. */
  void(): void {
    this.current = null
  }

  #begin(expected: ViewAnswer | null, next: View | null, sentNs: number): void {
    this.#lastId += 1
    this.current = { id: this.#lastId, expected, next, sentNs }
  }
}
