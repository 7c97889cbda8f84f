// An engine on a bus that it shares with its peer: who hears what clients say.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { benchPeer, startBenchEngine } from '../../../bench/engine-bench.ts'
import { TcpPeerLink } from '../../../engine/io/peer-link.ts'
import { Role } from '../../../engine/replication/roles.ts'
import { EngineId } from '../../../engine/replication/view.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { openMessage } from '../../support/solo-engine.ts'

const CLIENT_ID = 10

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

test('commands on the bus reach the engine that leads, and no other; none when it stops', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-engine-host-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const bus = new MemoryBus()
  const link = await TcpPeerLink.listen({ host: '127.0.0.1', port: 0 }, benchPeer)
  const a = startBenchEngine(join(folder, 'a'), EngineId.A, link, false, { transport: bus.connect() })
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
