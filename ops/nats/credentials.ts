// The folder of a cluster's secrets: a credentials file for each NATS user and the secret of the engines' link. Made at the
// first start; what is missing is made anew, and what is there stays. Folder 0700, files 0600. Nothing here is printed.

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newPeerSecret } from '../../engine/io/peer-handshake.ts'
import { newCredentials, readPublicKey } from '../../protocol/io/nats-credentials.ts'
import { makeSecretFile } from '../../protocol/io/secret-file.ts'
import type { NatsUser } from './nats-users.ts'

export class CredentialsFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  get peerSecretPath(): string {
    return join(this.path, 'peer-secret')
  }

  /** Where the credentials of a user are. */
  userPath(name: string): string {
    return join(this.path, `${name}.json`)
  }

  /** Makes what is missing. */
  make(users: readonly NatsUser[]): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 })
    chmodSync(this.path, 0o700)
    makeSecretFile(this.peerSecretPath, newPeerSecret)
    for (const { name } of users) makeSecretFile(this.userPath(name), () => newCredentials(name))
  }

  /** The `authorization` block of the server's configuration: public keys and permissions, no secret. */
  authorization(users: readonly NatsUser[]): string {
    const blocks = users.map((user) => userBlock(user, readPublicKey(this.userPath(user.name))))
    return ['authorization {', '  users = [', ...blocks, '  ]', '}', ''].join('\n')
  }

  /** Writes the block beside the credentials, for a server that is run by hand to include. Returns its path. */
  writeAuthorization(users: readonly NatsUser[]): string {
    const path = join(this.path, 'authorization.conf')
    writeFileSync(path, this.authorization(users), { mode: 0o600 })
    return path
  }
}

function userBlock({ name, publish, subscribe, answers }: NatsUser, publicKey: string): string {
  return [
    `    # ${name}`,
    `    { nkey: ${publicKey}, permissions: {`,
    `      publish: { allow: [${quoted(publish)}] }`,
    `      subscribe: { allow: [${quoted(subscribe)}] }`,
    ...(answers ? ['      allow_responses: { max: 1, expires: "1m" }'] : []),
    '    } }',
  ].join('\n')
}

function quoted(subjects: readonly string[]): string {
  return subjects.map((subject) => JSON.stringify(subject)).join(', ')
}
