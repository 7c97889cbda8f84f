// The engines' link over real sockets: the peer is let in, a stranger is not, and nothing that a stranger says is heard.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { newPeerSecret, OPENING_LENGTH, openingBytes, PROOF_LENGTH } from '../../../engine/io/peer-handshake.ts'
import { OpenLinkError, TcpPeerLink, UNPROVEN_COUNT_MAX } from '../../../engine/io/peer-link.ts'
import { PEER_VERSION, PeerEncoder } from '../../../engine/replication/peer-codec.ts'
import { type PeerFrame, PeerFrameKind } from '../../../engine/replication/peer-frame.ts'

const HOST = '127.0.0.1'
const IDENTITY = { clusterId: 'fort', secret: newPeerSecret().trim() }
const HELLO: PeerFrame = { kind: PeerFrameKind.HELLO, epoch: 3, incarnation: 9 }

/** A link, and everything that it told its engine. */
class Side {
  readonly link: TcpPeerLink
  readonly frames: PeerFrame[] = []
  readonly states: boolean[] = []
  readonly faults: string[] = []

  constructor(link: TcpPeerLink) {
    this.link = link
    link.start({
      onFrame: (frame) => this.frames.push({ ...frame }),
      onLink: (isConnected) => this.states.push(isConnected),
      onFault: (message) => this.faults.push(message),
    })
  }
}

const closing: { close(): void }[] = []
afterEach(() => {
  for (const each of closing.splice(0)) each.close()
})

async function listen(identity = IDENTITY): Promise<Side> {
  const side = new Side(await TcpPeerLink.listen({ host: HOST, port: 0 }, identity))
  closing.push({ close: () => side.link.close() })
  return side
}

function dial(port: number, identity = IDENTITY): Side {
  const side = new Side(TcpPeerLink.dial({ host: HOST, port }, identity))
  closing.push({ close: () => side.link.close() })
  return side
}

async function stranger(port: number): Promise<Socket> {
  const socket = connect(port, HOST)
  closing.push({ close: () => socket.destroy() })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

function helloBytes(): Buffer {
  const { header, body } = new PeerEncoder().encode(HELLO)
  return Buffer.concat([header, body])
}

async function bothConnected(...sides: Side[]): Promise<void> {
  await vi.waitFor(() => expect(sides.map(({ link }) => link.isConnected)).toEqual(sides.map(() => true)))
}

test('engines that share the secret hear each other', async () => {
  const listener = await listen()
  const dialler = dial(listener.link.port)
  await bothConnected(listener, dialler)
  dialler.link.send(HELLO)
  listener.link.send({ ...HELLO, incarnation: 10 })
  await vi.waitFor(() => expect(listener.frames).toEqual([HELLO]))
  await vi.waitFor(() => expect(dialler.frames).toMatchObject([{ incarnation: 10 }]))
  expect([...listener.faults, ...dialler.faults]).toEqual([])
})

test.each([
  ['another secret', { ...IDENTITY, secret: newPeerSecret().trim() }, /does not know the secret/],
  ['no secret', { ...IDENTITY, secret: '' }, /does not know the secret/],
  ['another cluster', { ...IDENTITY, clusterId: 'other' }, /of another cluster than/],
])('an engine with %s is refused by both sides', async (_name, identity, complaint) => {
  const listener = await listen()
  const dialler = dial(listener.link.port, identity)
  await vi.waitFor(() => expect([...listener.faults, ...dialler.faults].join()).toMatch(complaint))
  expect(listener.states).toEqual([])
  expect(dialler.states).toEqual([])
})

test('a peer of another version is refused by name', async () => {
  const listener = await listen()
  const socket = await stranger(listener.link.port)
  socket.write(openingBytes(IDENTITY.clusterId, 99))
  await once(socket, 'close')
  expect(listener.faults).toEqual([expect.stringContaining('version 99')])
})

test.each([
  ['frames without a word before', () => helloBytes()],
  ['an opening and frames, and no proof', () => Buffer.concat([opening(), helloBytes()])],
  ['an opening and an invented proof', () => Buffer.concat([opening(), Buffer.alloc(PROOF_LENGTH, 7), helloBytes()])],
  ['an HTTP request', () => Buffer.from('GET / HTTP/1.1\r\nHost: engine\r\n\r\n')],
])('a stranger that says %s is not heard, and the peer stays', async (_name, bytes) => {
  const listener = await listen()
  const dialler = dial(listener.link.port)
  await bothConnected(listener, dialler)
  const socket = await stranger(listener.link.port)
  socket.resume().write(bytes())
  await once(socket, 'close')
  dialler.link.send({ ...HELLO, epoch: 4 })
  await vi.waitFor(() => expect(listener.frames).toHaveLength(1))
  expect(listener.frames).toMatchObject([{ epoch: 4 }])
  expect(listener.states).toEqual([true])
})

test('proofs that were overheard, or are sent back, prove nothing', async () => {
  const listener = await listen()
  const socket = await stranger(listener.link.port)
  const first = opening()
  socket.write(first)
  const heard: Buffer[] = []
  socket.on('data', (chunk: Buffer) => heard.push(chunk))
  await vi.waitFor(() => expect(Buffer.concat(heard)).toHaveLength(OPENING_LENGTH + PROOF_LENGTH))
  // The listener's own proof, sent back to it.
  socket.write(Buffer.concat([Buffer.concat(heard).subarray(OPENING_LENGTH), helloBytes()]))
  await once(socket, 'close')
  expect(listener.frames).toEqual([])
  expect(listener.states).toEqual([])
})

test('strangers that connect and say nothing are let go, and do not keep the peer out', async () => {
  const listener = await listen()
  const silent = await Promise.all(Array.from({ length: 40 }, () => stranger(listener.link.port)))
  const closed = Promise.all(silent.map((socket) => once(socket.resume(), 'close')))
  const dialler = dial(listener.link.port)
  await bothConnected(listener, dialler)
  await closed
  expect(listener.link.isConnected).toBe(true)
}, 10_000)

test('of strangers that say nothing the newest are listened to, however many come at once', async () => {
  // So that it is not their time that ends them.
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  closing.push({ close: () => vi.useRealTimers() })
  const listener = await listen()
  const older = await Promise.all(Array.from({ length: 100 }, () => stranger(listener.link.port)))
  const gone = Promise.all(older.map((socket) => once(socket.resume(), 'close')))
  const newest: Socket[] = []
  while (newest.length < UNPROVEN_COUNT_MAX) newest.push((await stranger(listener.link.port)).resume())
  await gone
  expect(newest.filter(({ closed }) => closed)).toEqual([])
})

test.each(['0.0.0.0', '10.1.2.3', '::', 'engine.example'])(
  'without a secret it is neither opened at %s nor dialled there',
  async (host) => {
    const open = { clusterId: 'fort', secret: '' }
    await expect(TcpPeerLink.listen({ host, port: 0 }, open)).rejects.toThrow(OpenLinkError)
    expect(() => TcpPeerLink.dial({ host, port: 1 }, open)).toThrow(/--peer-secret/)
  },
)

function opening(): Buffer {
  return openingBytes(IDENTITY.clusterId, PEER_VERSION)
}
