// The permissions of each role, tried on a real nats-server: what it may not do is denied, and what it needs is not.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { NatsViewStore, viewSubject } from '../../../engine/io/nats-view-store.ts'
import { CredentialsFolder } from '../../../ops/nats/credentials.ts'
import { findNats } from '../../../ops/nats/nats-binary.ts'
import { type NatsServer, startNatsServer } from '../../../ops/nats/nats-server.ts'
import { natsUsers } from '../../../ops/nats/nats-users.ts'
import { ClientId } from '../../../protocol/clients.ts'
import { connectNats } from '../../../protocol/io/nats-transport.ts'
import { ConnectError, type Transport } from '../../../protocol/io/transport.ts'
import { Subjects } from '../../../protocol/subjects.ts'

const CLUSTER = 'fort'
const NODES = 2
const folder = mkdtempSync(join(tmpdir(), 'tandem-nats-users-'))
const credentials = new CredentialsFolder(join(folder, 'credentials'))
const users = natsUsers(CLUSTER, NODES)
const subjects = new Subjects(CLUSTER)
const open: Transport[] = []
let server: NatsServer

beforeAll(async () => {
  const source = findNats({ PATH: process.env['PATH'], NATS_SERVER_BIN: process.env['NATS_SERVER_BIN'] })
  if (source.kind !== 'binary') throw new Error('a program was expected')
  credentials.make(users)
  const authorization = credentials.authorization(users)
  const dataDir = join(folder, 'nats')
  server = await startNatsServer({ binary: source.path, dataDir, host: '127.0.0.1', port: 0, authorization })
}, 20_000)

afterAll(async () => {
  for (const transport of open) await transport.close()
  await server.stop()
  rmSync(folder, { recursive: true })
})

/** A connection as this user, and what the server has denied it so far. */
async function connectAs(name: string): Promise<{ transport: Transport; denied: string[] }> {
  const denied: string[] = []
  const transport = await connectNats({
    url: server.url,
    name,
    credentials: credentials.userPath(name),
    onDenied: (message) => denied.push(message),
  })
  open.push(transport)
  return { transport, denied }
}

const NOTHING = new Uint8Array(1)
const symbolMarket = subjects.marketData('BRK.B', 'l2')
const position = subjects.positions('BRK.B')
const view = viewSubject(CLUSTER, 'abcd1234')
const streamInfo = `$JS.API.STREAM.INFO.KV_tandem-view-${CLUSTER}`
const node1 = ClientId.STRATEGY_BASE + 1
const node2 = ClientId.STRATEGY_BASE + 2

type Case = readonly [user: string, may: readonly string[], mayNot: readonly string[]]

const PUBLISHES: readonly Case[] = [
  [
    'engine',
    [
      subjects.executions(7),
      symbolMarket,
      position,
      subjects.desk('all'),
      subjects.processStatus('engine', 'engine-a'),
    ],
    [
      subjects.commands(1),
      subjects.query('status'),
      subjects.processStatus('flow', 'flow'),
      '_INBOX.operator.x',
      '$SYS.x',
    ],
  ],
  [
    'strategy-1',
    [
      ...[subjects.commands(node1), subjects.proof(node1), subjects.resend(node1), subjects.query('positions')],
      subjects.processStatus('strategy', 'strategy-1'),
    ],
    [
      ...[subjects.commands(node2), subjects.commands(ClientId.FLOW), subjects.commands(ClientId.OPERATOR)],
      ...[subjects.commands(ClientId.GATEWAY), symbolMarket, position, subjects.executions(node1), view, streamInfo],
      ...[subjects.proof(node2), subjects.proof(ClientId.FLOW), subjects.resend(node2), subjects.query('resend')],
      ...[subjects.handOver(), subjects.processStatus('strategy', 'strategy-2'), '_INBOX.strategy-2.x'],
      subjects.processStatus('engine', 'engine-a'),
    ],
  ],
  [
    'flow',
    [subjects.commands(ClientId.FLOW), subjects.query('instruments'), subjects.processStatus('flow', 'flow')],
    [
      ...[subjects.commands(node1), subjects.commands(ClientId.OPERATOR), symbolMarket, view, streamInfo],
      ...['positions', 'quotes', 'exposure', 'fills'].map((name) => subjects.query(name)),
      subjects.handOver(),
    ],
  ],
  [
    'gateway',
    [subjects.commands(ClientId.GATEWAY), subjects.query('positions'), subjects.processStatus('gateway', 'gateway')],
    [
      ...[subjects.commands(ClientId.OPERATOR), subjects.commands(node1), symbolMarket, position, view, streamInfo],
      ...[subjects.handOver(), subjects.executions(ClientId.FLOW), subjects.processStatus('engine', 'engine-a')],
    ],
  ],
  [
    'recorder',
    [subjects.query('instruments'), subjects.query('snapshot')],
    [
      ...[subjects.commands(ClientId.FLOW), subjects.query('positions'), symbolMarket, view],
      subjects.processStatus('recorder', 'recorder'),
    ],
  ],
  [
    'operator',
    [subjects.commands(ClientId.OPERATOR), subjects.query('status'), subjects.handOver()],
    [subjects.commands(ClientId.GATEWAY), subjects.commands(node1), symbolMarket, view, streamInfo],
  ],
  [
    'supervisor',
    [subjects.query('status'), subjects.processStatus('nats', 'nats-server')],
    [subjects.commands(ClientId.OPERATOR), subjects.handOver(), symbolMarket, view, streamInfo],
  ],
]

test.each(PUBLISHES)('%s publishes what it has to, and nothing else', async (name, may, mayNot) => {
  const { transport, denied } = await connectAs(name)
  for (const subject of may) transport.publish(subject, NOTHING)
  await transport.flush()
  expect(denied).toEqual([])
  for (const subject of mayNot) transport.publish(subject, NOTHING)
  await transport.flush()
  await vi.waitFor(() => expect(denied).toHaveLength(mayNot.length))
  for (const subject of mayNot) expect(denied).toContain(`the NATS server does not permit to publish ${subject}`)
})

const SUBSCRIBES: readonly Case[] = [
  [
    'engine',
    [subjects.commands('*'), subjects.proof('*'), subjects.query('status')],
    [subjects.executions('*'), '_INBOX.operator.>', '>'],
  ],
  [
    'strategy-1',
    [subjects.executions(node1), symbolMarket, position, subjects.processStatus('engine', '*')],
    [
      subjects.executions(node2),
      subjects.executions('*'),
      subjects.commands('*'),
      subjects.desk('all'),
      '_INBOX.>',
      '>',
    ],
  ],
  [
    'flow',
    [subjects.executions(ClientId.FLOW), symbolMarket],
    [
      ...[position, subjects.desk('all'), subjects.executions(node1), subjects.proof('*'), '_INBOX.>'],
      '_INBOX.operator.>',
    ],
  ],
  [
    'gateway',
    [subjects.executions(ClientId.GATEWAY), symbolMarket, position, subjects.desk('all')],
    [subjects.commands('*'), subjects.executions(ClientId.FLOW), '$JS.>', '_INBOX.>'],
  ],
  ['recorder', [symbolMarket], [position, subjects.executions('*'), subjects.desk('all'), '_INBOX.>']],
  [
    'operator',
    [subjects.executions(ClientId.OPERATOR)],
    [subjects.commands('*'), subjects.executions('*'), '_INBOX.>'],
  ],
  ['supervisor', [`${subjects.root}.cluster.>`], [subjects.commands('*'), position, symbolMarket, '_INBOX.>']],
]

test.each(SUBSCRIBES)('%s hears what it has to, and nothing else', async (name, may, mayNot) => {
  const { transport, denied } = await connectAs(name)
  for (const subject of may) transport.subscribe(subject, () => {})
  await transport.flush()
  expect(denied).toEqual([])
  for (const subject of mayNot) transport.subscribe(subject, () => {})
  await transport.flush()
  await vi.waitFor(() => expect(denied).toHaveLength(mayNot.length))
})

test('the engine answers who asked it, once, and keeps its view', async () => {
  const { transport: engine, denied } = await connectAs('engine')
  engine.subscribe(subjects.query('status'), (message) => {
    message.respond(Buffer.from('first'))
    message.respond(Buffer.from('second'))
  })
  await engine.flush()
  const { transport: operator } = await connectAs('operator')
  const answer = await operator.request(subjects.query('status'), NOTHING, 2_000)
  expect(Buffer.from(answer).toString()).toBe('first')
  await vi.waitFor(() => expect(denied).toEqual([expect.stringContaining('_INBOX.operator.')]))
  const store = await NatsViewStore.open(
    { url: server.url, name: 'view', credentials: credentials.userPath('engine') },
    CLUSTER,
    2_000,
  )
  const read = new Promise((resolve) => {
    store.start({ onRead: (_request, found) => resolve(found), onWritten: () => {}, onReachable: () => {} })
  })
  store.read(1)
  expect(await read).toMatchObject({ epoch: 0 })
  await store.close()
})

test('nobody else opens the view', async () => {
  const who = { url: server.url, name: 'view', credentials: credentials.userPath('strategy-1') }
  await expect(NatsViewStore.open(who, CLUSTER, 200)).rejects.toThrow('the view cannot be kept')
})

test('who does not say who it is, or lies about it, is not let in', async () => {
  await expect(connectNats({ url: server.url, name: 'nobody' })).rejects.toThrow(ConnectError)
  const stranger = new CredentialsFolder(join(folder, 'stranger'))
  stranger.make(users)
  const liar = { url: server.url, name: 'liar', credentials: stranger.userPath('operator') }
  await expect(connectNats(liar)).rejects.toThrow(/lets liar not in/)
})

test('secrets are in files for their owner alone, are made once, and are not in the server configuration', () => {
  expect(statSync(credentials.path).mode & 0o777).toBe(0o700)
  const before = readdirSync(credentials.path).map((name) => {
    const path = join(credentials.path, name)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    return readFileSync(path, 'utf8')
  })
  expect(before).toHaveLength(users.length + 1)
  credentials.make(users)
  expect(readdirSync(credentials.path).map((name) => readFileSync(join(credentials.path, name), 'utf8'))).toEqual(
    before,
  )
  const config = readFileSync(join(folder, 'nats', 'nats-server.conf'), 'utf8')
  for (const { name } of users) {
    const { seed } = JSON.parse(readFileSync(credentials.userPath(name), 'utf8')) as { seed: string }
    expect(config).not.toContain(seed)
  }
})

test('a credentials file that others can read, or that is none, is refused without being quoted', async () => {
  const bad = join(folder, 'bad')
  mkdirSync(bad)
  const connect = (content: string, mode: number) => {
    const path = join(bad, `${mode}-${content.length}.json`)
    writeFileSync(path, content, { mode })
    return connectNats({ url: server.url, name: 'bad', credentials: path })
  }
  await expect(connect('{"user":"flow","password":"open"}', 0o644)).rejects.toThrow('chmod 600')
  for (const content of [
    '',
    'secret words',
    '{"user":"flow"}',
    '{"user":"a b","seed":"SUx"}',
    '{"user":"a","seed":"SUx"}',
  ]) {
    await expect(connect(content, 0o600)).rejects.toThrow(/holds|names/)
  }
  await expect(connect('secret words!', 0o600)).rejects.not.toThrow('secret words')
})
