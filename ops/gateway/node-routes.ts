// Who may quote what, over HTTP: strategy nodes, assignments, authority. As the engine answers at one record.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { NS_PER_MS } from '../../base/clock.ts'
import { nodeName } from './authority-view.ts'
import type { Gateway } from './gateway.ts'
import * as schemas from './schemas.ts'

const refusals = { 401: schemas.Refusal, 503: schemas.Refusal }
const tags = ['Nodes']

export function addNodeRoutes(server: FastifyInstance, gateway: Gateway): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  const iso = (timeNs: number) => new Date(gateway.timeBaseUnixMs() + timeNs / NS_PER_MS).toISOString()
  routes.get(
    '/nodes',
    { schema: { tags, summary: 'The strategy nodes that are present', response: { 200: schemas.Nodes, ...refusals } } },
    async () => {
      const { nodes, recordSeq } = await gateway.nodes()
      return {
        nodes: nodes.map(({ clientId, incarnation, joinedNs, presenceEndsNs, assignedSymbols, heldSymbols }) => ({
          clientId,
          name: nodeName(clientId),
          incarnation,
          joinedAt: iso(joinedNs),
          presenceEndsAt: iso(presenceEndsNs),
          assignedSymbols,
          heldSymbols,
        })),
        recordSeq,
      }
    },
  )
  routes.get(
    '/assignments',
    {
      schema: {
        tags,
        summary: 'The node that is to quote each symbol',
        response: { 200: schemas.Assignments, ...refusals },
      },
    },
    async () => {
      const { assignments, recordSeq } = await gateway.assignments()
      return { assignments: assignments.map((one) => ({ ...one, name: nameOrNull(one.clientId) })), recordSeq }
    },
  )
  routes.get(
    '/authority',
    {
      schema: { tags, summary: 'Who may quote each symbol now', response: { 200: schemas.Authority, ...refusals } },
    },
    async () => {
      const { authority, recordSeq } = await gateway.authority()
      return {
        authority: authority.map((one) => ({
          symbol: one.symbol,
          clientId: one.clientId,
          name: nameOrNull(one.clientId),
          fencingToken: one.fencingToken,
          leaseEndsAt: one.clientId === 0 ? null : iso(one.leaseEndsNs),
          recalled: one.isRecalled,
          lastClientId: one.lastClientId,
          quotingGapMs: one.quotingGapNs / NS_PER_MS,
          quotingGapMsLongest: one.quotingGapNsLongest / NS_PER_MS,
        })),
        recordSeq,
      }
    },
  )
}

function nameOrNull(clientId: number): string | null {
  return clientId === 0 ? null : nodeName(clientId)
}
