// The certificates of a cluster whose NATS servers are spoken to over a network that others can read: an authority of its own, and
// for each server's host a key, a certificate that the authority signed (X.509, RFC 5280), and the block for its configuration.
// The program `openssl` makes them. What is there already stays. Folders 0700, keys 0600.

import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { SERVERS_NAME } from '../../protocol/io/nats-tls.ts'
import { UserError } from '../cli/output.ts'

/** Of an authority: whoever trusts it has its file, so it is not replaced often. */
const AUTHORITY_DAYS = 3_650
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc']
/** Letters, digits and what addresses have: it becomes the name of a folder, and part of an argument. */
const HOST = /^(?![.-])[A-Za-z0-9.:-]{1,253}$/

export class CertificatesFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  /** What clients and servers have to trust. */
  get authorityPath(): string {
    return join(this.path, 'authority.pem')
  }

  /** What one host's server needs. */
  hostPath(host: string): string {
    return join(this.path, host)
  }

  /** Makes what is missing. Throws UserError. */
  makeAuthority(clusterId: string): void {
    openFolder(this.path)
    if (existsSync(this.authorityPath) && !existsSync(this.#authorityKeyPath)) {
      throw new UserError(
        `${this.#authorityKeyPath} is not there, and ${this.authorityPath} is`,
        'Bring the key back, or delete the authority: then everybody has to trust another one.',
      )
    }
    const constraints = ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign,cRLSign']
    make(this.authorityPath, this.#authorityKeyPath, [
      ...['-days', String(AUTHORITY_DAYS), '-subj', `/CN=Tandem authority of ${clusterId}`],
      ...extensions(constraints),
    ])
  }

  /** The same for a host; `installedPath`: the folder that its files will lie in there. Throws UserError. */
  makeHost(host: string, days: number, installedPath: string): void {
    if (!HOST.test(host)) throw new UserError(`${host} is the name of no host`, 'Name hosts as clients do: 10.0.0.1')
    const folder = this.hostPath(host)
    openFolder(folder)
    const kind = isIP(host) === 0 ? 'DNS' : 'IP'
    make(join(folder, 'server.pem'), join(folder, 'server-key.pem'), [
      ...['-CA', this.authorityPath, '-CAkey', this.#authorityKeyPath, '-days', String(days), '-subj', `/CN=${host}`],
      ...extensions([
        ...['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature'],
        // A server of a cluster is a client of the others.
        ...['extendedKeyUsage=serverAuth,clientAuth', `subjectAltName=${kind}:${host},DNS:${SERVERS_NAME}`],
      ]),
    ])
    copyFileSync(this.authorityPath, join(folder, 'authority.pem'))
    writeFileSync(join(folder, 'tls.conf'), tlsBlock(installedPath), { mode: 0o600 })
  }

  get #authorityKeyPath(): string {
    return join(this.path, 'authority-key.pem')
  }
}

function openFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  chmodSync(path, 0o700)
}

function tlsBlock(installedPath: string): string {
  const file = (name: string) => JSON.stringify(join(installedPath, name))
  return [
    'tls {',
    `  cert_file: ${file('server.pem')}`,
    `  key_file: ${file('server-key.pem')}`,
    `  ca_file: ${file('authority.pem')}`,
    '}',
    '',
  ].join('\n')
}

function extensions(lines: readonly string[]): string[] {
  return lines.flatMap((line) => ['-addext', line])
}

/** A certificate and its key, both or neither. */
function make(certificatePath: string, keyPath: string, args: readonly string[]): void {
  if (existsSync(certificatePath) && existsSync(keyPath)) return
  try {
    execFileSync('openssl', ['req', '-x509', ...KEY, '-keyout', keyPath, '-out', certificatePath, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    })
  } catch (error) {
    for (const path of [certificatePath, keyPath]) rmSync(path, { force: true })
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { readonly stderr?: string }
    if (code === 'ENOENT') throw new UserError('openssl is not installed', 'On Debian: apt-get install openssl')
    throw new UserError(
      `openssl made no certificate: ${stderr.trim().split('\n').at(-1)}`,
      'Version 3.0 or newer is needed.',
    )
  }
  chmodSync(keyPath, 0o600)
}
