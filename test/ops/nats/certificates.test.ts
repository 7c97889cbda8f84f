// Certificates as `tandem certificates` makes them, and a real nats-server that has them: it is spoken to by whoever trusts
// their authority, and by nobody else; and who asks for encryption speaks to no server without it.

import { execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CredentialsFolder } from '../../../ops/nats/credentials.ts'
import { findNats } from '../../../ops/nats/nats-binary.ts'
import { type NatsServer, startNatsServer } from '../../../ops/nats/nats-server.ts'
import { natsUsers } from '../../../ops/nats/nats-users.ts'
import { connectNats } from '../../../protocol/io/nats-transport.ts'
import { hasOpenssl } from '../../support/openssl.ts'

const MAIN = join(import.meta.dirname, '../../../ops/cli/main.ts')
const CLUSTER = 'local'
const HOST = '127.0.0.1'
const folder = mkdtempSync(join(tmpdir(), 'tandem-certificates-'))
const path = join(folder, 'certificates')
const authority = join(path, 'authority.pem')
const credentials = new CredentialsFolder(join(folder, 'credentials'))
const users = natsUsers(CLUSTER, 1)
const servers: NatsServer[] = []
let encrypted: NatsServer
let plain: NatsServer

type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string }

function tandem(args: readonly string[], trusted?: string): Promise<Outcome> {
  const env = { ...process.env, ...(trusted === undefined ? {} : { NODE_EXTRA_CA_CERTS: trusted }) }
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

/** As a client of the server does: what it may say of an engine that is there, or why it cannot. */
function status(url: string, trusted?: string): Promise<Outcome> {
  return tandem(['status', '--nats', url, '--credentials', credentials.userPath('operator'), '--json'], trusted)
}

async function start(block: string): Promise<NatsServer> {
  const source = findNats({ PATH: process.env['PATH'], NATS_SERVER_BIN: process.env['NATS_SERVER_BIN'] })
  if (source.kind !== 'binary') throw new Error('a program was expected')
  const dataDir = join(folder, `nats-${servers.length}`)
  const authorization = credentials.authorization(users) + block
  const server = await startNatsServer({ binary: source.path, dataDir, host: HOST, port: 0, authorization })
  servers.push(server)
  return server
}

const secretUrl = (host = HOST, { port } = encrypted) => `tls://${host}:${port}`

describe.skipIf(!hasOpenssl)('certificates', () => {
  beforeAll(async () => {
    credentials.make(users)
    const made = await tandem(['certificates', path, HOST, 'nats.example', '--installed', join(path, HOST)])
    if (made.code !== 0) throw new Error(made.stderr)
    encrypted = await start(readFileSync(join(path, HOST, 'tls.conf'), 'utf8'))
    plain = await start('')
  }, 30_000)

  afterAll(async () => {
    for (const server of servers) await server.stop()
    rmSync(folder, { recursive: true })
  })

  test('keys are for their owner alone, and what is there stays', async () => {
    const keys = [
      join(path, 'authority-key.pem'),
      ...[HOST, 'nats.example'].map((host) => join(path, host, 'server-key.pem')),
    ]
    for (const key of keys) expect(statSync(key).mode & 0o777, key).toBe(0o600)
    for (const made of [path, join(path, HOST)]) expect(statSync(made).mode & 0o777).toBe(0o700)
    const before = [...keys, authority].map((file) => readFileSync(file, 'utf8'))
    expect(await tandem(['certificates', path, HOST, 'nats.example', '::1'])).toMatchObject({ code: 0 })
    expect([...keys, authority].map((file) => readFileSync(file, 'utf8'))).toEqual(before)
    expect(existsSync(join(path, '::1', 'server.pem'))).toBe(true)
  })

  test('an authority without its key is not replaced by another', async () => {
    const other = join(folder, 'without-key')
    expect(await tandem(['certificates', other, HOST])).toMatchObject({ code: 0 })
    const before = readFileSync(join(other, 'authority.pem'), 'utf8')
    rmSync(join(other, 'authority-key.pem'))
    const refused = await tandem(['certificates', other, 'nats.example'])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('Bring the key back')
    expect(readFileSync(join(other, 'authority.pem'), 'utf8')).toBe(before)
  })

  test.each(['../elsewhere', '-subj', 'a,DNS:b', ''])(
    'a host %j is refused by name, and nothing is made for it',
    async (host) => {
      const { code, stderr } = await tandem(['certificates', join(folder, 'other'), '--', host])
      expect(code).toBe(1)
      expect(stderr).toContain('is the name of no host')
    },
  )

  test('who trusts the authority is heard by a server that encrypts, an engine of a pair with its view, too', async () => {
    const engine = spawn(
      process.execPath,
      [
        ...[MAIN, 'engine', '--nats', secretUrl(), '--credentials', credentials.userPath('engine')],
        ...['--id', 'A', '--peer-listen', `${HOST}:0`, '--peer-secret', credentials.peerSecretPath, '--force-new-view'],
        ...['--data-dir', join(folder, 'engine')],
      ],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: authority }, stdio: 'ignore' },
    )
    const ended = new Promise((resolve) => engine.once('exit', resolve))
    try {
      await expect.poll(async () => (await status(secretUrl(), authority)).code, { timeout: 20_000 }).toBe(0)
    } finally {
      engine.kill('SIGTERM')
      expect(await ended).toBe(0)
    }
  }, 30_000)

  test('who does not trust it, or meets a certificate of something else, says nothing', async () => {
    const untrusted = await status(secretUrl())
    expect(untrusted.code).toBe(1)
    expect(untrusted.stdout).toContain('NODE_EXTRA_CA_CERTS=FILE')
    const [certificate, key] = ['page.pem', 'page-key.pem'].map((name) => join(folder, name)) as [string, string]
    const signed = ['-x509', '-CA', authority, '-CAkey', join(path, 'authority-key.pem'), '-subj', '/CN=page']
    const made = [
      '-newkey',
      'rsa:2048',
      '-noenc',
      '-keyout',
      key,
      '-out',
      certificate,
      '-addext',
      'subjectAltName=DNS:page',
    ]
    execFileSync('openssl', ['req', ...signed, ...made], { stdio: 'ignore' })
    const server = await start(`tls { cert_file: ${JSON.stringify(certificate)}, key_file: ${JSON.stringify(key)} }`)
    const other = await status(secretUrl(HOST, server), authority)
    expect(other.code).toBe(1)
    expect(other.stdout).toContain('Its certificate names another host')
  }, 20_000)

  test('who asks for encryption does not speak to a server without it, which else it would', async () => {
    const who = { name: 'operator', credentials: credentials.userPath('operator') }
    await (await connectNats({ ...who, url: plain.url })).close()
    await expect(connectNats({ ...who, url: secretUrl(HOST, plain) })).rejects.toThrow('It does not encrypt')
  })
})
