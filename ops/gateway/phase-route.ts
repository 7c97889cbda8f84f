// The operator's control of trading phases.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { EventKind, TradingPhase } from '../../protocol/kinds.ts'
import { NO_SYMBOL_ID } from '../../protocol/symbol.ts'
import type { Guard } from './access.ts'
import { answered, namedSymbol, refusals, refused } from './command-outcome.ts'
import type { Gateway } from './gateway.ts'
import * as schemas from './schemas.ts'

export function addPhaseRoute(server: FastifyInstance, gateway: Gateway, { onRequest, security }: Guard): void {
  server.withTypeProvider<ZodTypeProvider>().post(
    '/control/phase',
    {
      onRequest,
      schema: {
        tags: ['Control'],
        summary: 'Halt a symbol, call an auction, open or close it; for all symbols, those go that may',
        security,
        body: schemas.PhaseBody,
        response: { 200: schemas.PhaseResult, ...refusals },
      },
    },
    async (request) => {
      const { phase, symbol } = request.body
      const symbolId = symbol === undefined ? NO_SYMBOL_ID : namedSymbol(gateway, symbol).symbolId
      const outcome = await answered(gateway.orders().setPhase(symbolId, TradingPhase[phase]), 'the phase')
      if (outcome.reply.kind !== EventKind.PHASE_CHANGED) throw refused(outcome)
      return { phase, symbol: symbol ?? null, recordSeq: outcome.reply.recordSeq }
    },
  )
}
