// The kinds of abuse that are measured, and what each may be answered.

export type AbuseCase = {
  readonly what: string
  /** What it may be answered; undefined: that is not looked at. */
  readonly answers?: RegExp
  /** What it must have been answered, or suffered, at least once. */
  readonly suffers?: RegExp
}

/** Orders of others are theirs: unknown to a client that guesses, or refused by name. */
const GUESSED = /^(CANCEL_REJECTED|COMMAND_REFUSED|SESSION_OPENED|batches sent)/
/** What was answered before is answered again, and nothing else. */
const REPEATED = /^(ORDER_ACCEPTED|COMMAND_REFUSED|SESSION_OPENED|batches sent)/

export const ABUSE_CASES = {
  // What the machine itself costs: on few cores a neighbour that has nothing to do with the engine is felt, too.
  neighbour: { what: 'computes, and says nothing' },
  'flood-nats': { what: 'floods over NATS' },
  'flood-queries': { what: 'asks as much as it can, and waits for few of the answers' },
  'flood-session': { what: 'floods over a direct session' },
  replay: { what: 'repeats old commands', answers: REPEATED },
  guess: { what: "guesses at others' orders", answers: GUESSED, suffers: /^CANCEL_REJECTED/ },
  'deaf-session': { what: 'never reads, on a direct session' },
  'deaf-page': { what: 'never reads, as 20 pages' },
  'many-sessions': { what: 'opens 1,000 direct sessions that it cannot prove to be its own', suffers: /^let go/ },
  'many-peers': { what: 'opens 1,000 connections to the peer port', suffers: /^let go/ },
  'many-requests': { what: 'opens 1,000 connections to the gateway' },
  'many-pages': { what: 'opens 1,000 pages', suffers: /503/ },
  'slow-session': { what: 'says a byte a second, on 100 direct sessions' },
  'slow-peer': { what: 'says a byte a second, on 100 connections to the peer port', suffers: /^let go/ },
  'slow-request': { what: 'says a byte a second, in 100 requests' },
} as const satisfies Readonly<Record<string, AbuseCase>>
export type AbuseKind = keyof typeof ABUSE_CASES

export const ABUSE_KINDS = Object.keys(ABUSE_CASES) as readonly AbuseKind[]
