// An engine on a bus that it shares with its peer: who hears what clients say.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { benchPeer, startBenchEngine } from '../../../bench/engine-bench.ts'
import { TcpPeerLink } from '../../../engine/io/peer-link.ts'
import { RESEND_MS } from '../../../engine/io/resends.ts'
import { Role } from '../../../engine/replication/roles.ts'
import { EngineId } from '../../../engine/replication/view.ts'
import { RequestTimeoutError } from '../../../protocol/io/transport.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { openMessage } from '../../support/solo-engine.ts'

const CLIENT_ID = 10

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** An engine that leads, on a bus in memory. */
async function startFirst() {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-engine-host-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const bus = new MemoryBus()
  const link = await TcpPeerLink.listen({ host: '127.0.0.1', port: 0 }, benchPeer)
  const a = startBenchEngine(join(folder, 'a'), EngineId.A, link, false, { transport: bus.connect() })
  return { folder, bus, link, a }
}

test('commands on the bus reach the engine that leads, and no other; none when it stops', async () => {
  const { folder, bus, link, a } = await startFirst()
  const dialled = TcpPeerLink.dial({ host: '127.0.0.1', port: link.port }, benchPeer)
  const b = startBenchEngine(join(folder, 'b'), EngineId.B, dialled, false, { transport: bus.connect() })
  cleanups.push(() => b.stop())
  await vi.waitUntil(() => a.host.engine.replica.role === Role.PAIR, { timeout: 15_000, interval: 2 })

  expect(b.host.engine.replica.role).toBe(Role.BACKUP)
  const subject = a.subjects.commands(CLIENT_ID)
  expect(bus.publish(subject, openMessage(CLIENT_ID, 7))).toBe(1)
  const { sessions } = a.host.engine.core
  await vi.waitUntil(() => sessions.slotOf(CLIENT_ID) >= 0, { timeout: 15_000, interval: 2 })

  const stopped = a.stop()
  expect(bus.publish(subject, openMessage(CLIENT_ID, 8))).toBe(0)
  await stopped
})

test('reports come again for the client on whose subject they are asked for, and not without end; odd questions are refused by name', async () => {
  const { bus, a } = await startFirst()
  cleanups.push(() => a.stop())
  const { subjects } = a
  const frames = new Map([CLIENT_ID, CLIENT_ID + 1].map((clientId) => [clientId, 0]))
  for (const [clientId] of frames) {
    bus.subscribe(subjects.executions(clientId), () => frames.set(clientId, frames.get(clientId)! + 1))
  }
  const client = bus.connect()
  const ask = async (clientId: number, question: unknown): Promise<unknown> => {
    const bytes = new TextEncoder().encode(JSON.stringify(question))
    const answer = await client.request(subjects.resend(clientId), bytes, 2 * RESEND_MS)
    return JSON.parse(new TextDecoder().decode(answer))
  }
  await vi.waitUntil(() => a.host.engine.isPrimary, { timeout: 15_000, interval: 2 })
  for (const [clientId] of frames) bus.publish(subjects.commands(clientId), openMessage(clientId, 7))
  await vi.waitUntil(() => [...frames.values()].every((count) => count === 1), { timeout: 15_000, interval: 2 })

  // Whatever the question says of somebody else, the subject says who asks.
  expect(await ask(CLIENT_ID, { fromSeq: 1, clientId: CLIENT_ID + 1 })).toMatchObject({ firstSeq: 1 })
  expect([...frames.values()]).toEqual([2, 1])
  await expect(ask(CLIENT_ID, { fromSeq: 1 })).rejects.toThrow(RequestTimeoutError)
  expect([...frames.values()]).toEqual([2, 1])
  // A question that is long is not even read.
  const long = new TextEncoder().encode(JSON.stringify({ symbol: 'x'.repeat(2_000) }))
  const answer = await client.request(subjects.query('snapshot'), long, 1_000)
  expect(new TextDecoder().decode(answer)).toContain('no longer than 1024 bytes')
  for (const name of ['constructor', '__proto__', 'toString', 'nothing']) {
    const odd = await client.request(subjects.query(name), new Uint8Array(0), 1_000)
    expect(new TextDecoder().decode(odd)).toContain(`no such query: ${name}`)
  }
})
