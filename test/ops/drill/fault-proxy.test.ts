// The fault proxy: bytes pass, are held in one direction, and arrive in order when the link is mended.

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { FaultProxy } from '../../../ops/drill/fault-proxy.ts'

/** A server that sends back what it gets, behind a proxy; and a socket through it. */
async function echoThroughProxy(): Promise<{ proxy: FaultProxy; socket: Socket; heard: () => string }> {
  const server = createServer((peer) => peer.pipe(peer))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const proxy = await FaultProxy.open(() => port)
  const socket = connect(proxy.port, '127.0.0.1')
  await once(socket, 'connect')
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  onTestFinished(() => {
    socket.destroy()
    proxy.close()
    server.close()
  })
  return { proxy, socket, heard: () => text }
}

test('what is held arrives when the link is mended, in order', async () => {
  const { proxy, socket, heard } = await echoThroughProxy()
  socket.write('one ')
  await expect.poll(heard).toBe('one ')
  proxy.hold('back')
  socket.write('two ')
  socket.write('three')
  // Another connection takes the same way, so that time has passed when it is refused its handshake.
  const other = connect(proxy.port, '127.0.0.1')
  await once(other, 'connect')
  expect(heard()).toBe('one ')
  proxy.release()
  await expect.poll(heard).toBe('one two three')
  other.destroy()
})

test('a delay keeps the order', async () => {
  const { proxy, socket, heard } = await echoThroughProxy()
  proxy.delay(20)
  const startMs = performance.now()
  socket.write('a')
  socket.write('b')
  await expect.poll(heard).toBe('ab')
  expect(performance.now() - startMs).toBeGreaterThanOrEqual(39)
})
