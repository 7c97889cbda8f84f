// What becomes of a page that lets too much wait for it.

import type { IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import { expect, test, vi } from 'vitest'
import type { Dashboard } from '../../../ops/gateway/dashboard.ts'
import { PageSockets } from '../../../ops/gateway/page-sockets.ts'

const SLOW_MS = 10_000

/** A connection that takes everything and passes nothing on. */
class DeafConnection extends Duplex {
  override _read(): void {}
  override _write(): void {}
}

test('a page that has read nothing for ten seconds is let go, and its connection at once with it', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'Date'] })
  const dashboard = { markets: [], hello: () => 'x'.repeat(300_000) } as unknown as Dashboard
  const sockets = new PageSockets(() => dashboard)
  try {
    const connection = new DeafConnection()
    const headers = {
      ...{ connection: 'Upgrade', upgrade: 'websocket' },
      ...{ 'sec-websocket-key': Buffer.alloc(16).toString('base64'), 'sec-websocket-version': '13' },
    }
    sockets.upgrade({ method: 'GET', headers } as unknown as IncomingMessage, connection, Buffer.alloc(0))
    expect(sockets.counts).toMatchObject({ open: 1, evicted: 0 })
    vi.advanceTimersByTime(SLOW_MS - 100)
    expect(connection.destroyed).toBe(false)
    vi.advanceTimersByTime(300)
    expect(sockets.counts.evicted).toBe(1)
    expect(connection.destroyed).toBe(true)
  } finally {
    sockets.close()
    vi.useRealTimers()
  }
})
