// A real nats-server: it starts on a free port, keeps its port over a restart, and says why it does not start.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findNats } from '../../../ops/nats/nats-binary.ts'
import { type NatsServer, startNatsServer } from '../../../ops/nats/nats-server.ts'
import { connectNats } from '../../../protocol/io/nats-transport.ts'

let dataDir = ''
let server: NatsServer | undefined
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tandem-nats-server-'))
})
afterEach(async () => {
  await server?.stop()
  server = undefined
  rmSync(dataDir, { recursive: true })
})

function start(port: number): Promise<NatsServer> {
  const source = findNats({ PATH: process.env['PATH'] })
  if (source.kind !== 'binary') throw new Error('a program was expected')
  return startNatsServer({ binary: source.path, dataDir, host: '127.0.0.1', port, authorization: null })
}

test('clients reach it, and reach it again after a restart on the same port', async () => {
  server = await start(0)
  expect(server.port).toBeGreaterThan(0)
  const transport = await connectNats({ url: server.url, name: 'test' })
  const again = new Promise<void>((resolve) => {
    transport.onState((state) => {
      if (state === 'connected') resolve()
    })
  })
  process.kill(server.pid, 'SIGKILL')
  expect(await server.exited).toBe('signal SIGKILL')
  server = await start(server.port)
  await again
  await transport.flush()
  await transport.close()
})

test('a port that is taken is named in the error', async () => {
  server = await start(0)
  await expect(start(server.port)).rejects.toThrow(String(server.port))
})

test.each(['0.0.0.0', '10.0.0.1', '::', 'example.org'])(
  'it does not listen on %s, where strangers are',
  async (host) => {
    const source = findNats({ PATH: process.env['PATH'] })
    if (source.kind !== 'binary') throw new Error('a program was expected')
    const refused = startNatsServer({ binary: source.path, dataDir, host, port: 0, authorization: null })
    await expect(refused).rejects.toThrow(/asks nobody who they are/)
  },
)
