// A strategy node in the engine's process: calls while this engine leads, its own connection while another does; and its
// quotes are records like any other.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { benchConfig, benchPeer, startBenchEngine } from '../../bench/engine-bench.ts'
import { TcpPeerLink } from '../../engine/io/peer-link.ts'
import { Role } from '../../engine/replication/roles.ts'
import { EngineId } from '../../engine/replication/view.ts'
import { ClientId } from '../../protocol/clients.ts'
import { EngineBus } from '../../protocol/io/engine-bus.ts'
import { Side } from '../../protocol/kinds.ts'
import { Subjects } from '../../protocol/subjects.ts'
import { inventoryQuoter } from '../../strategies/inventory-quoter.ts'
import { NodeConnection } from '../../strategies/io/node-connection.ts'
import { QUOTER_SETTINGS_DEFAULT } from '../../strategies/symbol-quoter.ts'
import { MemoryBus } from '../support/memory-bus.ts'

const CLIENT_ID = ClientId.STRATEGY_BASE + 1
const RENEWAL_NS = 250_000_000
const text = (data: Uint8Array) => new TextDecoder().decode(data)
const bytes = (words: string) => new TextEncoder().encode(words)
/** A busy machine takes its time. */
const until = (isTrue: () => boolean) => vi.waitUntil(isTrue, { timeout: 20_000, interval: 5 })

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

test('while this engine leads, both hear each other at once, and nothing of the node goes outside', async () => {
  const memory = new MemoryBus()
  const bus = new EngineBus(memory.connect())
  const commands: string[] = []
  bus.subscribe('cmd.*', ({ data }) => commands.push(text(data)))
  bus.subscribe('query.status', (message) => message.respond(bytes('here')))
  const node = bus.nodeTransport(memory.connect())
  const heard: string[] = []
  node.subscribe('md.AAA.l2', ({ data }) => heard.push(text(data)))
  bus.setLeading(true)
  const outside: string[] = []
  memory.subscribe('>', ({ subject }) => outside.push(subject))
  bus.publish('md.AAA.l2', bytes('tick'))
  node.publish('cmd.101', bytes('quote'))
  expect(heard).toEqual(['tick'])
  expect(commands).toEqual(['quote'])
  expect(text(await node.request('query.status', bytes(''), 1_000))).toBe('here')
  await memory.flush()
  // The market data of an engine is everybody's; it comes to the node once.
  expect(outside).toEqual(['md.AAA.l2'])
  expect(heard).toEqual(['tick'])
})

test('while another engine leads, the node works over its own connection; it is told of each change', async () => {
  const memory = new MemoryBus()
  const other = memory.connect()
  const bus = new EngineBus(memory.connect())
  const here: string[] = []
  bus.subscribe('cmd.*', ({ data }) => here.push(text(data)))
  const there: string[] = []
  other.subscribe('cmd.*', ({ data }) => there.push(text(data)))
  const node = bus.nodeTransport(memory.connect())
  const states: string[] = []
  node.onState((state) => states.push(state))
  const heard: string[] = []
  const subscription = node.subscribe('md.AAA.l2', ({ data }) => heard.push(text(data)))
  other.publish('md.AAA.l2', bytes('theirs'))
  node.publish('cmd.101', bytes('to whoever leads'))
  await memory.flush()
  expect([heard, there, here]).toEqual([['theirs'], ['to whoever leads'], ['to whoever leads']])
  bus.setLeading(true)
  bus.setLeading(false)
  expect(states).toEqual(['connected', 'connected'])
  other.publish('md.AAA.l2', bytes('theirs again'))
  await memory.flush()
  expect(heard).toEqual(['theirs', 'theirs again'])
  subscription.unsubscribe()
  other.publish('md.AAA.l2', bytes('too late'))
  await memory.flush()
  expect(heard).toHaveLength(2)
})

test('the quotes of a node in the process of the primary are journalled and replicated', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-engine-bus-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const link = await TcpPeerLink.listen({ host: '127.0.0.1', port: 0 }, benchPeer)
  const memory = new MemoryBus()
  const bus = new EngineBus(memory.connect())
  const a = startBenchEngine(join(folder, 'a'), EngineId.A, link, false, { transport: bus })
  const dialled = TcpPeerLink.dial({ host: '127.0.0.1', port: link.port }, benchPeer)
  const b = startBenchEngine(join(folder, 'b'), EngineId.B, dialled, false)
  cleanups.push(async () => {
    await b.stop()
    await a.stop()
  })
  const { engine } = a.host
  await until(() => engine.replica.role === Role.PAIR)
  bus.setLeading(true)
  const { symbol, openingPriceTicks } = benchConfig.instruments[0]!
  const defaults = Object.fromEntries(inventoryQuoter.parameters.map((spec) => [spec.name, spec.default]))
  const node = new NodeConnection(
    bus.nodeTransport(memory.connect()),
    new Subjects(benchConfig.clusterId),
    CLIENT_ID,
    [{ symbol, symbolId: 0, openingTicks: openingPriceTicks, strategy: inventoryQuoter.create(defaults) }],
    QUOTER_SETTINGS_DEFAULT,
    RENEWAL_NS,
    { onOutcome: () => {}, onQuoteEnded: () => {}, onSession: () => {}, onGranted: () => {}, onLost: () => {} },
  )
  cleanups.push(() => node.close())
  await node.open()
  await until(() => engine.core.exchange.quoteClientId(0) === CLIENT_ID)
  const quoted = engine.appendPosition
  await until(() => b.host.engine.hasCore && b.host.engine.core.seq >= quoted)
  expect(b.host.engine.core.exchange.quoteClientId(0)).toBe(CLIENT_ID)
  expect(b.host.engine.core.exchange.quoteTicks(0, Side.BUY)).toBe(engine.core.exchange.quoteTicks(0, Side.BUY))
})
