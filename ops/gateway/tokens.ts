// Bearer tokens: who may do what over HTTP. One file, made at the first start, readable by its owner only.
//
// read: the read endpoints, where they are not open. trade: also orders and quotes. operator: also control.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

export type Scope = 'read' | 'trade' | 'operator'

const SCOPES: readonly Scope[] = ['read', 'trade', 'operator']
const TOKEN_LENGTH_MIN = 24

const TokenFile = z.strictObject({
  read: z.string().min(TOKEN_LENGTH_MIN),
  trade: z.string().min(TOKEN_LENGTH_MIN),
  operator: z.string().min(TOKEN_LENGTH_MIN),
})
export type Tokens = z.infer<typeof TokenFile>

/** The token file cannot be used. The message names the file and the remedy. */
export class TokenFileError extends Error {
  override name = 'TokenFileError'
}

export function newTokens(): Tokens {
  const token = () => randomBytes(24).toString('base64url')
  return { read: token(), trade: token(), operator: token() }
}

/** Reads the token file; makes it when it is not there. Refuses one that others may read. */
export function loadTokens(path: string): Tokens {
  createIfMissing(path)
  const mode = statSync(path).mode & 0o777
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new TokenFileError(`${path} can be read by others (mode ${mode.toString(8)}). Type: chmod 600 ${path}`)
  }
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // The parser's own message would quote the file, and the file is a secret.
    throw new TokenFileError(`${path} is no JSON. Delete it: a new one is made at the next start.`)
  }
  const parsed = TokenFile.safeParse(content)
  if (!parsed.success) {
    throw new TokenFileError(
      `${path} must hold the keys read, trade and operator, each at least ${TOKEN_LENGTH_MIN} characters. ` +
        'Delete it: a new one is made at the next start.',
    )
  }
  return parsed.data
}

/** What the holder of `token` may do; undefined when it is none of ours. */
export function scopeOf(tokens: Tokens, token: string): Scope | undefined {
  let found: Scope | undefined
  // All three are compared, whichever matches, and digests have one length: the time says nothing about the tokens.
  for (const scope of SCOPES) if (timingSafeEqual(digest(tokens[scope]), digest(token))) found = scope
  return found
}

export function allows(held: Scope | undefined, needed: Scope): boolean {
  return held !== undefined && SCOPES.indexOf(held) >= SCOPES.indexOf(needed)
}

function createIfMissing(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(path, `${JSON.stringify(newTokens(), null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'EEXIST') return
    throw new TokenFileError(`cannot make the token file ${path}: ${(error as Error).message}`)
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
