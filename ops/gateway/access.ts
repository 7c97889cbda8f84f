// Who may do what over HTTP, decided before any handler runs.
//
// On loopback everybody on the machine may read; elsewhere reading needs a token too. Orders need the scope `trade`,
// control needs `operator`. Two more checks protect a reader's browser from other sites: the Host header must name this
// gateway (a foreign name that resolves to loopback is refused), and a request that a page of another origin sends is
// refused where it could change something, and for WebSockets always.

import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { isLoopback } from '../../protocol/io/loopback.ts'
import { Problem, shorten } from './problem.ts'
import { allows, type Scope, scopeOf, type Tokens } from './tokens.ts'

/** Throws a Problem when the Host header does not name a gateway bound to `host`. */
export function checkHost(request: IncomingMessage, host: string): void {
  if (!isLoopback(host)) return
  const named = hostName(request.headers.host ?? '')
  if (isLoopback(named)) return
  throw new Problem(421, {
    error: 'this gateway serves its own machine only',
    field: 'Host',
    value: named,
    remedy: 'Use http://127.0.0.1 or http://localhost with its port.',
  })
}

/** True when no page of another site sent the request. Programs send no Origin. */
export function isSameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}

/** What the sender of the request holds; undefined without a token, and with a wrong one. */
export function heldScope(request: IncomingMessage, tokens: Tokens): Scope | undefined {
  const { authorization } = request.headers
  if (authorization === undefined) return undefined
  const [scheme, credentials] = splitOnce(authorization, ' ')
  if (scheme.toLowerCase() === 'bearer') return scopeOf(tokens, credentials.trim())
  if (scheme.toLowerCase() !== 'basic') return undefined
  // A browser asks its reader for a name and a password; the password is the token. A browser adds them to requests by
  // itself, so they open reading only.
  const password = splitOnce(Buffer.from(credentials, 'base64').toString('utf8'), ':')[1]
  return scopeOf(tokens, password) === undefined ? undefined : 'read'
}

/** Throws a Problem unless the request may do what needs `needed`. */
export function requireScope(request: IncomingMessage, tokens: Tokens, needed: Scope): void {
  const held = heldScope(request, tokens)
  if (allows(held, needed)) return
  if (held !== undefined) {
    throw new Problem(403, {
      error: `this token is for ${held}, and this needs ${needed}`,
      field: 'Authorization',
      remedy: `Send the ${needed} token of the gateway's token file.`,
    })
  }
  throw new Problem(401, {
    error: request.headers.authorization === undefined ? 'this needs a token' : 'this token is not known',
    field: 'Authorization',
    remedy: `Send "Authorization: Bearer <token>" with the ${needed} token of the gateway's token file.`,
  })
}

/** What a route that needs a scope is given: the check before anything else is read, and what the description says of it. */
export type Guard = {
  readonly onRequest: (request: FastifyRequest) => Promise<void>
  readonly security: readonly { readonly token: readonly string[] }[]
}

export function onlyWith(tokens: Tokens, scope: Scope): Guard {
  return {
    onRequest: async (request) => requireScope(request.raw, tokens, scope),
    security: [{ token: [scope] }],
  }
}

export function crossOriginProblem(request: IncomingMessage): Problem {
  return new Problem(403, {
    error: 'a page of another site may not do this',
    field: 'Origin',
    value: shorten(request.headers.origin ?? ''),
    remedy: 'Use the page that this gateway serves, or a program.',
  })
}

function hostName(header: string): string {
  return header.startsWith('[') ? header.slice(0, header.indexOf(']') + 1) : splitOnce(header, ':')[0]
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
