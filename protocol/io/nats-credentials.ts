// Who a process is to the NATS server. A credentials file holds one of three things:
//
//   {"user": "strategy-1", "seed": "SU..."}            an nkey, as `tandem credentials` and `tandem sim` make them
//   {"user": "strategy-1", "password": "..."}          a password, for servers that somebody else runs
//   -----BEGIN NATS USER JWT----- ...                  what `nsc` makes
//
// With an nkey the secret never leaves the process: the server sends a number, the client signs it (Ed25519), and the
// server's configuration holds public keys alone. https://docs.nats.io/running-a-nats-service/configuration/securing_nats
//
// Answers to a user's questions come to `_INBOX.<user>`, so that permissions can keep others from reading them.

import { type Authenticator, credsAuthenticator, nkeyAuthenticator, nkeys, usernamePasswordAuthenticator } from 'nats'
import { readSecretFile, SecretFileError } from './secret-file.ts'

export type NatsIdentity = { readonly authenticator?: Authenticator; readonly inboxPrefix?: string }

type Content = { readonly user?: unknown; readonly seed?: unknown; readonly password?: unknown }

/** Names of users are parts of subjects. */
const USER_NAME = /^[A-Za-z0-9_-]{1,64}$/

/** Undefined: nobody in particular. Throws SecretFileError. */
export function readNatsIdentity(path: string | undefined): NatsIdentity {
  if (path === undefined || path === '') return {}
  const text = readSecretFile(path)
  if (text.includes('BEGIN NATS USER JWT')) return { authenticator: credsAuthenticator(new TextEncoder().encode(text)) }
  const { user, seed, password } = parse(path, text)
  const inboxPrefix = `_INBOX.${user}`
  if (typeof seed === 'string') {
    assertSeed(path, seed)
    return { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)), inboxPrefix }
  }
  if (typeof password === 'string') return { authenticator: usernamePasswordAuthenticator(user, password), inboxPrefix }
  throw new SecretFileError(`${path} holds neither a seed nor a password`)
}

/** The text of a new credentials file. */
export function newCredentials(user: string): string {
  const seed = new TextDecoder().decode(nkeys.createUser().getSeed())
  return `${JSON.stringify({ user, seed })}\n`
}

/** What the server has to know of the user whose file this is. Throws SecretFileError. */
export function readPublicKey(path: string): string {
  const { seed } = parse(path, readSecretFile(path))
  if (typeof seed !== 'string') throw new SecretFileError(`${path} holds no seed`)
  assertSeed(path, seed)
  return nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey()
}

function parse(path: string, text: string): Content & { readonly user: string } {
  let content: Content | null
  try {
    content = JSON.parse(text) as Content | null
  } catch {
    // The parser's own message would quote the file, and the file is a secret.
    throw new SecretFileError(`${path} holds no credentials: it is neither JSON nor a NATS user JWT`)
  }
  const user = content?.user
  if (typeof user !== 'string' || !USER_NAME.test(user)) {
    throw new SecretFileError(`${path} names no user of 1 to 64 letters, digits, "-" and "_"`)
  }
  return { ...content, user }
}

function assertSeed(path: string, seed: string): void {
  try {
    nkeys.fromSeed(new TextEncoder().encode(seed))
  } catch {
    throw new SecretFileError(`${path} holds a seed that is none`)
  }
}
