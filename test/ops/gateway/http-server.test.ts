// The server itself: what it leaves behind when it cannot listen, and who is kept from holding it up.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { CONNECTION_COUNT_MAX, ListenError, startHttpServer } from '../../../ops/gateway/http-server.ts'
import { GatewayHarness } from '../../support/gateway-harness.ts'

function timerCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}

test('a port that is taken is refused by name, and nothing is left that would keep the process', async () => {
  const harness = await GatewayHarness.start()
  try {
    const port = Number(new URL(harness.server.url).port)
    const before = timerCount()
    const started = startHttpServer(harness.gateway, {
      ...{ host: '127.0.0.1', port, tokens: harness.tokens, pageFolder: undefined },
    })
    await expect(started).rejects.toThrow(ListenError)
    await expect(started).rejects.toThrow(`127.0.0.1:${port} is in use`)
    expect(timerCount()).toBeLessThanOrEqual(before)
  } finally {
    await harness.stop()
  }
})

test('one connection more than there may be is refused by name; those that are there are served', async () => {
  const harness = await GatewayHarness.start()
  const sockets: Socket[] = []
  try {
    const open = async () => {
      const socket = connect(Number(new URL(harness.server.url).port), '127.0.0.1')
      sockets.push(socket)
      await once(socket, 'connect')
      return socket
    }
    const first = await open()
    for (let count = 1; count < CONNECTION_COUNT_MAX; count++) await open()
    const [refusal] = await once(await open(), 'data')
    expect(String(refusal)).toMatch(/^HTTP\/1\.1 503 /)
    first.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    const [answer] = await once(first, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /)
  } finally {
    for (const socket of sockets) socket.destroy()
    await harness.stop()
  }
})

test('a request at a byte a second is given up, with a word', async () => {
  const harness = await GatewayHarness.start()
  const socket = connect(Number(new URL(harness.server.url).port), '127.0.0.1')
  const words = 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
  let said = 0
  const timer = setInterval(() => socket.write(words[said++]!), 500)
  try {
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /)
    // By its headers' five seconds, not by the fifteen of a whole request.
    expect(said).toBeLessThan(24)
  } finally {
    clearInterval(timer)
    socket.destroy()
    await harness.stop()
  }
}, 30_000)
