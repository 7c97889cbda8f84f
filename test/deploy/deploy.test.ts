// The files of deploy/ start what there is: verbs and flags that the command line takes, variables that it reads, credentials
// that are made, servers that the program nats-server accepts.

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { registerCredentials } from '../../ops/cli/credentials.ts'
import { registerEngine } from '../../ops/cli/engine.ts'
import { registerFlow } from '../../ops/cli/flow.ts'
import { registerGateway } from '../../ops/cli/gateway.ts'
import { registerStrategy } from '../../ops/cli/strategy.ts'
import { CertificatesFolder } from '../../ops/nats/certificates.ts'
import { CredentialsFolder } from '../../ops/nats/credentials.ts'
import { findNats } from '../../ops/nats/nats-binary.ts'
import { natsUsers } from '../../ops/nats/nats-users.ts'
import { hasOpenssl } from '../support/openssl.ts'

const folder = join(import.meta.dirname, '../../deploy')
const users = natsUsers('local', 8)
const made = ['peer-secret', 'authorization.conf', ...users.map(({ name }) => `${name}.json`)]
const units = readdirSync(join(folder, 'systemd'))

type Service = {
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes: readonly string[]
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>
  readonly ports?: readonly string[]
}
type Compose = {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const compose = parse(readFileSync(join(folder, 'docker-compose.yaml'), 'utf8'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const roles = services.filter(([, { command }]) => command.includes('ops/cli/main.ts'))

/** What the command line makes of these words. Throws what it would say. */
function parsed(words: readonly string[]): Record<string, unknown> {
  const program = new Command().exitOverride()
  for (const register of [registerCredentials, registerEngine, registerFlow, registerGateway, registerStrategy]) {
    register(program)
  }
  const command = program.commands.find((one) => one.name() === words[0])
  if (command === undefined) throw new Error(`there is no verb ${words[0]}`)
  command.exitOverride().configureOutput({ writeErr: () => {} })
  command.action(() => {})
  program.parse(words, { from: 'user' })
  return command.opts()
}

/** Variables that a verb reads, beside NATS_URL. */
function variablesOf(verb: string): string[] {
  const program = new Command()
  for (const register of [registerCredentials, registerEngine, registerFlow, registerGateway, registerStrategy]) {
    register(program)
  }
  const command = program.commands.find((one) => one.name() === verb)
  return ['NATS_URL', ...(command?.options ?? []).flatMap(({ envVar }) => envVar ?? [])]
}

function wordsOf({ command }: Service): readonly string[] {
  return command.slice(command.indexOf('ops/cli/main.ts') + 1)
}

describe('docker-compose.yaml', () => {
  test.each(roles)('%s is started with words that the command line takes', (_name, service) => {
    expect(() => parsed(wordsOf(service))).not.toThrow()
    const known = variablesOf(wordsOf(service)[0] ?? '')
    expect(Object.keys(service.environment ?? {}).filter((name) => !known.includes(name))).toEqual([])
  })

  test('a flag that is not there would be noticed', () => {
    expect(() => parsed(['flow', '--fast'])).toThrow('unknown option')
    expect(() => parsed(['engine', '--id', 'C'])).toThrow('Allowed choices')
  })

  test('every role runs, and finds the others', () => {
    expect(roles.map(([name]) => name)).toEqual([
      'credentials',
      'engine-a',
      'engine-b',
      'strategy-1',
      'strategy-2',
      'flow',
      'gateway',
    ])
    const { peer } = parsed(wordsOf(compose.services['engine-b']!))
    const { peerListen } = parsed(wordsOf(compose.services['engine-a']!))
    expect(peer).toMatchObject({ host: 'engine-a', port: (peerListen as { port: number }).port })
    const { port } = parsed(wordsOf(compose.services['gateway']!))
    expect(compose.services['gateway']?.ports).toEqual([`127.0.0.1:8080:${String(port)}`])
  })

  test('volumes, credentials and services that it names are there', () => {
    const named = services.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')[0] ?? ''))
    const declared = named.filter((name) => !name.startsWith('.'))
    expect([...new Set(declared)].sort()).toEqual(Object.keys(compose.volumes).sort())
    const secrets = services.flatMap(([, { environment }]) =>
      Object.values(environment ?? {}).filter((value) => value.startsWith('/credentials/')),
    )
    expect(secrets.length).toBeGreaterThan(6)
    expect(secrets.filter((path) => !made.includes(path.replace('/credentials/', '')))).toEqual([])
    const awaited = services.flatMap(([, { depends_on: names = [] }]) =>
      Array.isArray(names) ? (names as string[]) : Object.keys(names),
    )
    expect(awaited.filter((name) => compose.services[name] === undefined)).toEqual([])
  })
})

describe('systemd', () => {
  test.each(units)('%s starts a role with words that the command line takes', (unit) => {
    const text = readFileSync(join(folder, 'systemd', unit), 'utf8')
    // What /etc/tandem/environment says, and the name of an instance.
    const filled = text.replaceAll('${TANDEM_PEER}', '10.0.0.1:7001').replaceAll('%i', '1')
    const [, line = ''] = /^ExecStart=\/opt\/tandem\/tandem (.+)$/m.exec(filled) ?? []
    const words = line.split(' ')
    expect(() => parsed(words)).not.toThrow()
    expect(unit).toContain(words[0])
    const variables = [...filled.matchAll(/^Environment=(\w+)=\/etc\/tandem\/credentials\/(.+)$/gm)]
    expect(variables.length).toBeGreaterThan(0)
    for (const [, name, file] of variables) {
      expect(variablesOf(words[0] ?? '')).toContain(name)
      expect(made).toContain(file)
    }
  })
})

const CONFIGS = ['nats-cluster.conf', 'nats-container.conf']

describe('NATS', () => {
  let scratch = ''
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'tandem-deploy-'))
    const credentials = new CredentialsFolder(join(scratch, 'credentials'))
    credentials.make(users)
    credentials.writeAuthorization(users)
  })
  afterAll(() => rmSync(scratch, { recursive: true }))

  /** A copy in a folder of its own, to change; `accept` throws what the server says against it. */
  function copyOf(name: string) {
    const own = mkdtempSync(join(scratch, 'server-'))
    copyFileSync(join(scratch, 'credentials/authorization.conf'), join(own, 'authorization.conf'))
    const text = readFileSync(join(folder, name), 'utf8')
      .replace('/credentials/authorization', 'authorization')
      .replace(/store_dir: ".*"/, `store_dir: "${join(own, 'store')}"`)
    const source = findNats({ PATH: process.env['PATH'] })
    if (source.kind !== 'binary') throw new Error('a program was expected')
    const accept = (config: string) => {
      writeFileSync(join(own, name), config)
      execFileSync(source.path, ['-t', '-c', join(own, name)], { stdio: 'pipe' })
    }
    return { own, text, accept }
  }

  test.each(CONFIGS)('the server accepts %s', (name) => {
    const { text, accept } = copyOf(name)
    expect(() => accept(text)).not.toThrow()
    expect(() => accept(`${text}\nclustre { name: x }`)).toThrow('Command failed')
  })

  test.skipIf(!hasOpenssl).each(CONFIGS)('and with certificates, where there are some', (name) => {
    const { own, text, accept } = copyOf(name)
    const included = 'include "certificates/127.0.0.1/tls.conf"'
    const encrypted = `${included}\n${text.replace('cluster {', `cluster {\n${included}`)}`
    expect(() => accept(encrypted)).toThrow('Command failed')
    const certificates = new CertificatesFolder(join(own, 'certificates'))
    certificates.makeAuthority('local')
    certificates.makeHost('127.0.0.1', 1, certificates.hostPath('127.0.0.1'))
    expect(() => accept(encrypted)).not.toThrow()
  })
})
