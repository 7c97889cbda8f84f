// What comes of a command that a route sent: the engine's answer, its refusal, or that none came.

import type { Instrument } from '../../protocol/symbol.ts'
import type { Gateway } from './gateway.ts'
import { NoReplyError, type Outcome, SessionClosedError } from './order-entry.ts'
import { Problem } from './problem.ts'
import { unknownSymbol } from './read-routes.ts'
import { refusal } from './refusals.ts'
import * as schemas from './schemas.ts'

/** How a route that sends commands may fail. */
export const refusals = {
  400: schemas.Refusal,
  401: schemas.Refusal,
  403: schemas.Refusal,
  404: schemas.Refusal,
  409: schemas.Refusal,
  413: schemas.Refusal,
  415: schemas.Refusal,
  422: schemas.Refusal,
  503: schemas.Refusal,
  504: schemas.Refusal,
}

export function namedSymbol(
  gateway: Gateway,
  symbol: string,
  status = 422,
): { instrument: Instrument; symbolId: number } {
  const dashboard = gateway.dashboard()
  const symbolId = dashboard.symbolId(symbol)
  if (symbolId === undefined) throw unknownSymbol(status, symbol)
  return { instrument: dashboard.config.instruments[symbolId]!, symbolId }
}

/** Waits for the engine, and says honestly what is known when it stays silent. */
export async function answered(outcome: Promise<Outcome>, what: string): Promise<Outcome> {
  try {
    return await outcome
  } catch (error) {
    if (error instanceof NoReplyError) {
      throw new Problem(504, {
        error: `the engine has not answered yet: ${what} may still be carried out, once`,
        remedy: 'The gateway keeps asking. Look at /health, /fills and /positions before you send it again.',
      })
    }
    if (error instanceof SessionClosedError) {
      throw new Problem(503, {
        error: 'the gateway has no session with an engine: nothing was sent',
        remedy: 'Try again when GET /health says ok.',
      })
    }
    throw error
  }
}

export function refused({ reply }: Outcome): Problem {
  return refusal(reply.reason, reply.recordSeq)
}
