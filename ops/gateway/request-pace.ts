// How many requests an address may send: so many at once, and so many a second from then on.

import { Problem } from './problem.ts'

export const REQUEST_BURST_MAX = 4_000
const REQUESTS_PER_MS = 2
/** More addresses than this, and all begin anew. */
const ADDRESS_COUNT_MAX = 10_000

type Account = { left: number; atMs: number }

export class RequestPace {
  readonly #nowMs: () => number
  readonly #accounts = new Map<string, Account>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** Counts one request. Throws a Problem when it is one too many. */
  check(address: string): void {
    if (this.#accounts.size >= ADDRESS_COUNT_MAX) this.#accounts.clear()
    const nowMs = this.#nowMs()
    const account = this.#accounts.get(address) ?? { left: REQUEST_BURST_MAX, atMs: nowMs }
    this.#accounts.set(address, account)
    account.left = Math.min(REQUEST_BURST_MAX, account.left + (nowMs - account.atMs) * REQUESTS_PER_MS)
    account.atMs = nowMs
    if (account.left < 1) {
      throw new Problem(429, {
        error: 'too many requests',
        remedy: `Send at most ${REQUESTS_PER_MS * 1_000} in a second.`,
      })
    }
    account.left -= 1
  }
}
