// What a node knows of its quote in one symbol, and every change of it.

import { assert } from '../base/assert.ts'

export const QuoteState = {
  /** None stands, none is on its way. */
  NONE: 1,
  /** An attempt is sent and not answered; an older quote of ours may stand meanwhile. */
  PENDING: 2,
  /** It stands, as granted. */
  ACTIVE: 3,
  /** The last attempt was refused; the next one waits for its time or for news. */
  BACKING_OFF: 4,
} as const
export type QuoteState = (typeof QuoteState)[keyof typeof QuoteState]

const ALLOWED: Readonly<Record<QuoteState, readonly QuoteState[]>> = {
  // NONE -> NONE: news of a quote of an earlier life of the node.
  [QuoteState.NONE]: [QuoteState.NONE, QuoteState.PENDING],
  // PENDING -> PENDING: the older quote ended while its replacement was on its way.
  [QuoteState.PENDING]: [QuoteState.PENDING, QuoteState.ACTIVE, QuoteState.BACKING_OFF, QuoteState.NONE],
  // ACTIVE -> NONE: expired, cancelled, or filled on both sides.
  [QuoteState.ACTIVE]: [QuoteState.PENDING, QuoteState.NONE],
  [QuoteState.BACKING_OFF]: [QuoteState.PENDING, QuoteState.NONE],
}

export function assertQuoteTransition(from: QuoteState, to: QuoteState): void {
  assert(ALLOWED[from].includes(to), `a quote goes from ${from} to ${to} never`)
}
