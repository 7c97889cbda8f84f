// The HTTP server: checks who asks, answers in JSON, serves the page, the API's description and the metrics, and hands
// WebSocket upgrades on. What the endpoints say is in the routes files.

import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { isLoopback } from '../../protocol/io/loopback.ts'
import { checkHost, crossOriginProblem, heldScope, isSameOrigin, requireScope } from './access.ts'
import type { Gateway } from './gateway.ts'
import { JournalFiles } from './journal-files.ts'
import { addJournalRoutes } from './journal-routes.ts'
import { createMetrics } from './metrics.ts'
import { PageSockets, refuseUpgrade } from './page-sockets.ts'
import { Problem, type ProblemBody, shorten } from './problem.ts'
import { addReadRoutes } from './read-routes.ts'
import { RequestPace } from './request-pace.ts'
import { Refusal } from './schemas.ts'
import { allows, type Tokens } from './tokens.ts'
import { addTradeRoutes } from './trade-routes.ts'

const BODY_SIZE_MAX = 16 * 1024
const URL_LENGTH_MAX = 2_048
/** Pages and requests together. */
export const CONNECTION_COUNT_MAX = 512
/** From the first byte of a connection or request to the end of its headers: who needs longer has nothing to say. */
const HEADERS_MS_MAX = 5_000
/** Connections are looked at this often. */
const CONNECTION_CHECK_MS = 1_000

const METRICS_SCHEMA = {
  tags: ['Cluster'],
  summary: 'Prometheus metrics',
  response: {
    200: { description: 'In the text format', content: { 'text/plain': { schema: z.string() } } },
    401: Refusal,
  },
}

export type HttpOptions = {
  readonly host: string
  readonly port: number
  readonly tokens: Tokens
  /** The folder of the built page; undefined: no page. */
  readonly pageFolder: string | undefined
  /** The data directory of the cluster, whose journals may be read; undefined: none is on this machine. */
  readonly journalFolder?: string | undefined
}

export type HttpServer = {
  readonly url: string
  readonly sockets: PageSockets
  close(): Promise<void>
}

/** The server could not be started. The message names the address and the remedy. */
export class ListenError extends Error {
  override name = 'ListenError'
}

const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
/** The API browser brings styles of its own. */
const DOCS_POLICY = PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

export async function startHttpServer(gateway: Gateway, options: HttpOptions): Promise<HttpServer> {
  const server = fastify({
    bodyLimit: BODY_SIZE_MAX,
    routerOptions: { maxParamLength: 64 },
    maxRequestsPerSocket: 10_000,
    requestTimeout: 15_000,
    connectionTimeout: 60_000,
    keepAliveTimeout: 30_000,
    forceCloseConnections: true,
    http: { headersTimeout: HEADERS_MS_MAX, connectionsCheckingInterval: CONNECTION_CHECK_MS },
  })
  server.server.maxHeadersCount = 64
  boundConnections(server.server)
  server.removeContentTypeParser('text/plain')
  const sockets = new PageSockets(() => gateway.dashboardOrNone())
  const metrics = createMetrics(gateway, sockets)
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  addChecks(server, options, (status, ms) => metrics.onAnswer(status, ms))
  addProblems(server)
  await addDescription(server, isLoopback(options.host))
  // After the description, so that it knows them.
  await server.register(async (routes) => {
    addReadRoutes(routes, gateway)
    addTradeRoutes(routes, gateway, options.tokens)
    addJournalRoutes(routes, options.journalFolder === undefined ? undefined : new JournalFiles(options.journalFolder))
    routes.get('/metrics', { schema: METRICS_SCHEMA }, async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.text()),
    )
  })
  await addPage(server, options.pageFolder)
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    onUpgrade(request, socket, head, sockets, options)
  })
  const close = async () => {
    sockets.close()
    await server.close()
  }
  try {
    await listen(server, options)
  } catch (error) {
    // What it keeps running would keep the process, which may try another port and be asked to end later.
    await close()
    throw error
  }
  return { url: urlOf(server.server.address() as AddressInfo), sockets, close }
}

/** One more than there may be is told so, and is not listened to. */
function boundConnections(server: Server): void {
  const open = new Set<Socket>()
  server.prependListener('connection', (socket: Socket) => {
    socket.once('close', () => open.delete(socket))
    open.add(socket)
    if (open.size <= CONNECTION_COUNT_MAX) return
    socket.end(`HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\nRetry-After: 5\r\n\r\n`)
    socket.destroySoon()
  })
}

function addChecks(
  server: FastifyInstance,
  options: HttpOptions,
  onAnswer: (status: number, ms: number) => void,
): void {
  const readIsOpen = isLoopback(options.host)
  const pace = new RequestPace(() => performance.now())
  server.addHook('onRequest', async (request, reply) => {
    setHeaders(request, reply)
    if (request.url.length > URL_LENGTH_MAX)
      throw new Problem(414, { error: `the address is longer than ${URL_LENGTH_MAX}` })
    pace.check(request.ip)
    checkHost(request.raw, options.host)
    if (!readIsOpen) requireScope(request.raw, options.tokens, 'read')
    const changes = request.method !== 'GET' && request.method !== 'HEAD'
    if (changes && !isSameOrigin(request.raw)) throw crossOriginProblem(request.raw)
  })
  server.addHook('onResponse', async (_request, reply) => onAnswer(reply.statusCode, reply.elapsedTime))
}

function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers({
    'content-security-policy': request.url.startsWith('/docs') ? DOCS_POLICY : PAGE_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  })
}

/** Every refusal has one form, whoever noticed: problem JSON. */
function addProblems(server: FastifyInstance): void {
  server.setErrorHandler((error: FastifyError | Problem, request, reply) => {
    const { status, body } = problemOf(error, request)
    if (status === 401) reply.header('www-authenticate', 'Bearer, Basic realm="tandem"')
    return reply.status(status).type('application/problem+json').send(JSON.stringify(body))
  })
  server.setNotFoundHandler((request, reply) => {
    const body: ProblemBody = {
      error: 'there is nothing here',
      field: 'path',
      value: shorten(`${request.method} ${request.url}`),
      remedy: 'GET /docs describes what there is.',
    }
    return reply.status(404).type('application/problem+json').send(JSON.stringify(body))
  })
}

function problemOf(error: FastifyError | Problem, request: FastifyRequest): { status: number; body: ProblemBody } {
  if (error instanceof Problem) return { status: error.status, body: error.body }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation
    const path = (first?.instancePath ?? '').split('/').filter((part) => part !== '')
    const sent = path.reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | null | undefined)?.[key],
      { body: request.body, querystring: request.query, params: request.params, headers: request.headers }[
        error.validationContext ?? 'body'
      ],
    )
    const field = path.join('.') || (error.validationContext ?? 'body')
    return {
      status: 400,
      body: {
        error: `${field}: ${first?.message ?? 'not valid'}`,
        field,
        ...(sent === undefined ? {} : { value: shorten(sent) }),
        remedy: 'GET /docs describes what is expected.',
      },
    }
  }
  const status = error.statusCode ?? 500
  // What is not the sender's fault is not the sender's business either: the log has it.
  if (status >= 500)
    return { status: 500, body: { error: 'the gateway failed', remedy: 'Its log on stderr says why.' } }
  return { status, body: CLIENT_ERRORS[error.code] ?? { error: error.message } }
}

const CLIENT_ERRORS: Readonly<Record<string, ProblemBody>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: {
    error: 'the body is too large',
    field: 'body',
    remedy: `Send at most ${BODY_SIZE_MAX} bytes.`,
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    error: 'the body must be JSON',
    field: 'Content-Type',
    remedy: 'Send "Content-Type: application/json".',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: { error: 'the body is no JSON', field: 'body', remedy: 'Send one JSON object.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { error: 'the body is empty', field: 'body', remedy: 'Send one JSON object.' },
}

async function addDescription(server: FastifyInstance, readIsOpen: boolean): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tandem gateway',
        version: '1',
        description:
          'Prices and quantities are decimal strings on the grid that /symbols states. Every answer carries recordSeq, ' +
          'the sequence number of the record that it is true at. Refusals are problem JSON: error, field, value, remedy.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      // Of what names no scope of its own: the gateway's check of every request.
      security: readIsOpen ? [{}, { token: ['read'] }] : [{ token: ['read'] }],
    },
    transform: jsonSchemaTransform,
  })
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { docExpansion: 'list', validatorUrl: null, persistAuthorization: false },
  })
}

async function addPage(server: FastifyInstance, folder: string | undefined): Promise<void> {
  if (folder === undefined) {
    server.get('/', { schema: { hide: true } }, (_request, reply) => reply.redirect('/docs'))
    return
  }
  await server.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    // Built files carry their hash in their name; the page that names them is asked for anew.
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
}

function onUpgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  sockets: PageSockets,
  options: HttpOptions,
): void {
  socket.on('error', () => socket.destroy())
  try {
    checkHost(request, options.host)
  } catch {
    return refuseUpgrade(socket, 421, 'wrong host')
  }
  if (!isSameOrigin(request)) return refuseUpgrade(socket, 403, 'other origin')
  if (!isLoopback(options.host) && !allows(heldScope(request, options.tokens), 'read')) {
    return refuseUpgrade(socket, 401, 'token needed')
  }
  if ((request.url ?? '').split('?')[0] !== '/ws') return refuseUpgrade(socket, 404, 'no such endpoint')
  return sockets.upgrade(request, socket, head)
}

async function listen(server: FastifyInstance, { host, port }: HttpOptions): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const where = `${host}:${port}`
    const reason = code === 'EADDRINUSE' ? `${where} is in use` : `cannot listen on ${where} (${code ?? String(error)})`
    throw new ListenError(`${reason}. Choose another --port; 0 takes any that is free.`, { cause: error })
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
