// The journals of this machine's engines over HTTP, read-only: for the page's replay, and for whoever wants a copy.

import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { JournalFiles } from './journal-files.ts'
import { Problem } from './problem.ts'
import * as schemas from './schemas.ts'

const refusals = { 401: schemas.Refusal }

const Journals = z.object({
  journals: z.array(z.object({ name: z.string(), files: z.array(z.object({ name: z.string(), size: z.number() })) })),
})

export function addJournalRoutes(server: FastifyInstance, files: JournalFiles | undefined): void {
  const routes = server.withTypeProvider<ZodTypeProvider>()
  const tags = ['Journals']
  routes.get(
    '/journals',
    { schema: { tags, summary: "The engines' journals on this machine", response: { 200: Journals, ...refusals } } },
    () => ({ journals: files?.list().map(({ name, files }) => ({ name, files: [...files] })) ?? [] }),
  )
  routes.get(
    '/journals/:engine/:file',
    {
      schema: {
        tags,
        summary: 'A segment or a snapshot, as the engine wrote it',
        params: z.object({ engine: z.string().max(32), file: z.string().max(64) }),
        response: {
          200: { description: 'The bytes', content: { 'application/octet-stream': { schema: z.any() } } },
          ...{ 400: schemas.Refusal, 404: schemas.Refusal, ...refusals },
        },
      },
    },
    async (request, reply) => {
      const { engine, file } = request.params
      const bytes = await files?.read(engine, file)
      if (bytes === undefined) {
        throw new Problem(404, { error: 'there is no such file of a journal', remedy: 'GET /journals lists them.' })
      }
      return reply.type('application/octet-stream').send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    },
  )
}
