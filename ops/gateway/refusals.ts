// The engine's refusals as HTTP problems: a status, a sentence and what to do, by reason.

import { nameOf, Reason } from '../../protocol/kinds.ts'
import { Problem } from './problem.ts'

type Wording = readonly [status: number, error: string, remedy: string]

const WORDINGS: Readonly<Record<number, Wording>> = {
  [Reason.UNKNOWN_ORDER]: [
    404,
    'there is no such working order',
    'It may have filled, or have been cancelled already.',
  ],
  [Reason.NOT_OWNER]: [403, 'the order is not yours', 'Cancel only orders that were entered through this gateway.'],
  [Reason.DUPLICATE_CLIENT_ORDER_ID]: [
    409,
    'this clientOrderId is in use',
    'If you repeated a request whose answer was lost, the first one was carried out.',
  ],
  [Reason.STALE_POSITION]: [409, 'a fill changed the position meanwhile', 'GET /positions and decide anew.'],
  [Reason.STALE_AUTHORITY]: [
    409,
    'another node holds the authority to quote this symbol',
    'By hand a symbol is quoted only while no node holds it: GET /authority.',
  ],
  [Reason.EXPOSURE]: [409, 'the exposure limit leaves no room for it', 'GET /exposure shows what is in use.'],
  [Reason.POSITION_LIMIT]: [409, 'the position limit leaves no room for it', 'GET /positions shows the position.'],
  [Reason.FAIR_SHARE]: [409, 'other symbols have waited longer for the exposure limit', 'Try again later.'],
  [Reason.QUOTING_DISABLED]: [409, 'quoting is switched off', 'POST /control/quoting switches it on.'],
  [Reason.UNKNOWN_QUOTE]: [404, 'there is no such quote', 'GET /quotes/{symbol} shows what stands.'],
  [Reason.PHASE_FORBIDS]: [409, 'the trading phase does not allow it', 'GET /prices shows the phase.'],
  [Reason.PRICE_OFF_TICK]: [422, 'the price is between two price steps', 'GET /symbols shows the tick size.'],
  [Reason.CROSSED_QUOTE]: [422, 'the bid is not below the ask', 'Send a bid below the ask.'],
  [Reason.EMPTY_QUOTE]: [422, 'the quote has no side', 'Send a quantity on at least one side.'],
  [Reason.NO_LIQUIDITY]: [409, 'nobody is on the other side', 'Send a limit order, or try again later.'],
  [Reason.BOOK_FULL]: [503, 'the book is full', 'Try again when orders have left it.'],
  [Reason.OVERLOADED]: [503, 'the engine has too much to do', 'Try again later.'],
  [Reason.JOURNAL_FULL]: [503, 'the journal of the engine is full', 'Try again when its operator has made room.'],
  [Reason.THROTTLED]: [429, 'too many commands', 'Send fewer in the same time.'],
  [Reason.TOO_MANY_SESSIONS]: [503, 'the engine has too many sessions', 'Try again when one has ended.'],
  [Reason.STALE_SESSION]: [503, 'another gateway has taken over this session', 'Use the newer gateway.'],
  [Reason.NOT_PERMITTED]: [403, 'this client may not do that', 'docs/api.md says who may do what.'],
}

/** The reasons with a status and words of their own. */
export const WORDED_REASONS: readonly number[] = Object.keys(WORDINGS).map(Number)

export function refusal(reason: number, recordSeq: number): Problem {
  const name = nameOf(Reason, reason)
  const [status, error, remedy] = WORDINGS[reason] ?? [
    422,
    `the engine refused it: ${name.toLowerCase().replaceAll('_', ' ')}`,
    'GET /docs describes what is allowed.',
  ]
  return new Problem(status, { error, reason: name, remedy, ...(recordSeq > 0 ? { recordSeq } : {}) })
}
