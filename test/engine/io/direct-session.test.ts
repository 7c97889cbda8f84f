// Orders over a socket instead of the bus: journalled and replicated like any other, answered like any other, bound to one
// client, and for this machine alone.

import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { benchConfig, benchPeer, startBenchEngine } from '../../../bench/engine-bench.ts'
import { ClientPace, PACE_MIN } from '../../../engine/io/client-pace.ts'
import { TURN_SIZE } from '../../../engine/io/command-inbox.ts'
import { TcpPeerLink } from '../../../engine/io/peer-link.ts'
import { SessionListenError, SessionServer } from '../../../engine/io/session-server.ts'
import { PeerFrameKind } from '../../../engine/replication/peer-frame.ts'
import { Role } from '../../../engine/replication/roles.ts'
import { EngineId } from '../../../engine/replication/view.ts'
import { FaultProxy } from '../../../ops/drill/fault-proxy.ts'
import { SessionState } from '../../../protocol/client-session.ts'
import { ClientId } from '../../../protocol/clients.ts'
import { writeNewOrder } from '../../../protocol/command-writer.ts'
import {
  CHALLENGE_LENGTH,
  DIRECT_VERSION,
  DirectAssembler,
  DirectKind,
  encodeDirect,
  encodeHello,
} from '../../../protocol/direct-wire.ts'
import { ExecutionField } from '../../../protocol/frame.ts'
import { FrameFault, FrameReader } from '../../../protocol/frame-reader.ts'
import { ClientConnection } from '../../../protocol/io/client-connection.ts'
import { DirectTransport } from '../../../protocol/io/direct-transport.ts'
import { parseSessionAddress, type SessionAddress } from '../../../protocol/io/session-address.ts'
import { EventKind, FrameKind, nameOf, OrderType, Reason, Side, TimeInForce } from '../../../protocol/kinds.ts'
import { SESSION_COUNT_MAX } from '../../../protocol/limits.ts'
import { Subjects } from '../../../protocol/subjects.ts'
import { MemoryBus } from '../../support/memory-bus.ts'
import { openMessage, orderMessage } from '../../support/solo-engine.ts'

const CLIENT_ID = 10
const ANY_PORT = { host: '127.0.0.1', port: 0 } as const
const { clusterId } = benchConfig

/** A busy machine takes its time. */
const until = (isTrue: () => boolean) => vi.waitUntil(isTrue, { timeout: 15_000, interval: 2 })

/** Says a number on the bus as the client. */
type Prover = (clientId: number, number: Uint8Array) => void

/** Of every server that listens: a number is known to the one that chose it. */
const provers: Prover[] = []
const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  provers.length = 0
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

type Report = { readonly kind: number; readonly reason: number; readonly execSeq: number; readonly clientSeq: number }

/** A client that writes its bytes by hand, and proves who it is where it is who it says. */
class PlainClient {
  challenge: Uint8Array | null = null
  readonly #unsent: Uint8Array[] = []
  readonly reports: Report[] = []
  readonly kinds: number[] = []
  refusal = ''
  isClosed = false
  readonly #socket: Socket
  readonly #reader = new FrameReader()

  constructor(
    address: SessionAddress,
    hello: { clientId: number; clusterId?: string; version?: number },
    { isImpostor = false }: { readonly isImpostor?: boolean } = {},
  ) {
    this.#socket = 'path' in address ? connect(address.path) : connect(address)
    cleanups.push(() => void this.#socket.destroy())
    this.#socket.write(encodeHello({ version: DIRECT_VERSION, clusterId, ...hello }))
    const assembler = new DirectAssembler()
    const prove: Prover = (clientId, number) => {
      for (const prover of isImpostor ? [] : provers) prover(clientId, number)
    }
    this.#socket.on('data', (chunk: Buffer) =>
      assembler.push(chunk, (kind, body) => {
        if (kind === DirectKind.CHALLENGE) {
          this.challenge = body.slice()
          prove(hello.clientId, this.challenge)
        } else {
          this.#take(kind, body)
        }
      }),
    )
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.isClosed = true
    })
  }

  /** As soon as it is welcome. */
  send(message: Uint8Array): void {
    const commands = encodeDirect(DirectKind.COMMANDS, message)
    if (this.kinds.includes(DirectKind.WELCOME)) this.#socket.write(commands)
    else this.#unsent.push(commands)
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** It reads nothing any more. */
  pause(): void {
    this.#socket.pause()
  }

  last(): Report | undefined {
    return this.reports.at(-1)
  }

  #take(kind: number, body: Uint8Array): void {
    this.kinds.push(kind)
    if (kind === DirectKind.WELCOME) for (const commands of this.#unsent.splice(0)) this.#socket.write(commands)
    if (kind === DirectKind.REFUSED) this.refusal = new TextDecoder().decode(body)
    if (kind !== DirectKind.EXECUTIONS) return
    if (this.#reader.read(body) !== FrameFault.NONE) throw new Error('the engine sends right frames')
    for (let index = 0; index < this.#reader.count; index++) {
      this.reports.push({
        kind: this.#reader.uint8(index, ExecutionField.KIND),
        reason: this.#reader.uint8(index, ExecutionField.REASON),
        execSeq: this.#reader.float64(index, ExecutionField.EXEC_SEQ),
        clientSeq: this.#reader.float64(index, ExecutionField.CLIENT_SEQ),
      })
    }
  }
}

async function listen(address: SessionAddress = ANY_PORT): Promise<SessionServer> {
  const server = await SessionServer.listen(address, clusterId)
  cleanups.push(() => server.close())
  provers.push((clientId, number) => server.prove(clientId, number))
  return server
}

/** Two engines that replicate over a link that can be made late, with a session server on each. */
async function startPair() {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-direct-session-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const link = await TcpPeerLink.listen({ host: '127.0.0.1', port: 0 }, benchPeer)
  const servers = [
    await SessionServer.listen(ANY_PORT, clusterId),
    await SessionServer.listen(ANY_PORT, clusterId),
  ] as const
  const a = startBenchEngine(join(folder, 'a'), EngineId.A, link, false, { sessions: servers[0] })
  const proxy = await FaultProxy.open(() => link.port)
  cleanups.push(() => proxy.close())
  const dialled = TcpPeerLink.dial({ host: '127.0.0.1', port: proxy.port }, benchPeer)
  const b = startBenchEngine(join(folder, 'b'), EngineId.B, dialled, false, { sessions: servers[1] })
  cleanups.push(async () => {
    await b.stop()
    await a.stop()
  })
  for (const { bus, subjects } of [a, b]) {
    provers.push((clientId, number) => bus.deliver(subjects.proof(clientId), number))
  }
  await until(() => a.host.engine.replica.role === Role.PAIR)
  return { a, b, link, proxy, servers, addresses: servers.map(({ address }) => address) }
}

test('an order over a socket is journalled, replicated and answered; sent again, it is answered from memory', async () => {
  const { a, b, addresses } = await startPair()
  const client = new PlainClient(addresses[0]!, { clientId: CLIENT_ID })
  client.send(openMessage(CLIENT_ID, 7))
  await until(() => client.last()?.kind === EventKind.SESSION_OPENED)
  const order = orderMessage(CLIENT_ID, 1, 1)
  client.send(order)
  await until(() => client.reports.some(({ clientSeq }) => clientSeq === 1))
  const answered = client.reports.find(({ clientSeq }) => clientSeq === 1)
  const { engine } = a.host
  const position = engine.appendPosition
  expect(answered).toMatchObject({ kind: EventKind.ORDER_ACCEPTED })
  expect(engine.core.exchange.orderCount()).toBe(1)
  // What was answered is with the backup.
  expect(engine.replica.leading.ackPosition).toBe(position)
  expect(b.host.engine.appendPosition).toBe(position)
  expect(b.host.engine.core.hash()).toBe(engine.core.hash())
  client.send(order)
  await until(() => client.last()?.execSeq === 0)
  expect(client.last()).toEqual({ ...answered, execSeq: 0 })
  expect(engine.appendPosition).toBe(position)
})

test('a record is with the peer before it is applied, and its report on the socket before its market data is on the bus', async () => {
  const { a, link, servers, addresses } = await startPair()
  const { engine } = a.host
  const client = new PlainClient(addresses[0]!, { clientId: CLIENT_ID })
  client.send(openMessage(CLIENT_ID, 7))
  await until(() => client.last()?.kind === EventKind.SESSION_OPENED)
  const steps: string[] = []
  const send = link.send.bind(link)
  vi.spyOn(link, 'send').mockImplementation((frame) => {
    if (frame.kind === PeerFrameKind.APPEND) steps.push(`sent ${frame.lastSeq - engine.core.seq} ahead`)
    send(frame)
  })
  const answer = servers[0].send.bind(servers[0])
  vi.spyOn(servers[0], 'send').mockImplementation((clientId, frame) => {
    steps.push('report')
    return answer(clientId, frame)
  })
  const reader = new FrameReader()
  a.bus.onPublish = (_, payload) => {
    expect(reader.read(payload)).toBe(FrameFault.NONE)
    steps.push(nameOf(FrameKind, reader.kind))
  }
  client.send(orderMessage(CLIENT_ID, 1, 1))
  await until(() => client.last()?.clientSeq === 1)
  expect(steps).toEqual(['sent 1 ahead', 'report', 'L3', 'L2', 'L1'])
})

test('a connection is one client for good: the commands of another are refused, and the newest connection counts', async () => {
  const { a, addresses } = await startPair()
  const client = new PlainClient(addresses[0]!, { clientId: CLIENT_ID })
  client.send(openMessage(CLIENT_ID + 1, 7))
  await until(() => client.reports.length > 0)
  expect(client.last()).toMatchObject({ kind: EventKind.COMMAND_REFUSED, reason: Reason.NOT_PERMITTED })
  expect(a.host.engine.core.sessions.count).toBe(0)
  const newer = new PlainClient(addresses[0]!, { clientId: CLIENT_ID })
  await until(() => client.isClosed && newer.kinds.includes(DirectKind.WELCOME))
})

test("a connection is a client's only when that client has said on the bus what it was asked for, and until then displaces nobody", async () => {
  const server = await listen()
  const heard: number[] = []
  server.start((clientId) => heard.push(clientId))
  const owner = new PlainClient(server.address, { clientId: CLIENT_ID })
  await until(() => owner.kinds.includes(DirectKind.WELCOME))
  const [impostor, hasty] = [0, 1].map(
    () => new PlainClient(server.address, { clientId: CLIENT_ID }, { isImpostor: true }),
  ) as [PlainClient, PlainClient]
  await until(() => impostor.challenge !== null && hasty.challenge !== null)
  expect(impostor.challenge).toHaveLength(CHALLENGE_LENGTH)
  expect(impostor.challenge).not.toEqual(hasty.challenge)
  // The number of one connection, said by another client, or in part.
  server.prove(CLIENT_ID + 1, impostor.challenge!)
  server.prove(CLIENT_ID, impostor.challenge!.subarray(1))
  hasty.write(encodeDirect(DirectKind.COMMANDS, openMessage(CLIENT_ID, 7)))
  await until(() => hasty.isClosed && impostor.isClosed)
  expect(hasty.refusal).toContain('does not belong here')
  for (const { kinds } of [impostor, hasty]) expect(kinds).not.toContain(DirectKind.WELCOME)
  // It proves nothing any more.
  server.prove(CLIENT_ID, impostor.challenge!)
  expect([server.connectionCount, owner.isClosed]).toEqual([1, false])
  owner.send(openMessage(CLIENT_ID, 7))
  await until(() => heard.length > 0)
  expect(heard).toEqual([CLIENT_ID])
})

test('a stranger is told why and let go', async () => {
  const server = await listen()
  server.start(() => {})
  const foreign = new PlainClient(server.address, { clientId: CLIENT_ID, clusterId: 'another' })
  const newer = new PlainClient(server.address, { clientId: CLIENT_ID, version: 9 })
  const nobody = new PlainClient(server.address, { clientId: 0 })
  const operator = new PlainClient(server.address, { clientId: ClientId.OPERATOR })
  const babbler = new PlainClient(server.address, { clientId: CLIENT_ID })
  babbler.write(new Uint8Array(64).fill(0xff))
  const turncoat = new PlainClient(server.address, { clientId: CLIENT_ID + 1 })
  await until(() => turncoat.kinds.includes(DirectKind.WELCOME))
  turncoat.write(encodeHello({ version: DIRECT_VERSION, clusterId, clientId: CLIENT_ID + 2 }))
  const clients = [foreign, newer, nobody, operator, babbler, turncoat]
  await until(() => clients.every(({ isClosed }) => isClosed))
  expect(foreign.refusal).toContain(`of cluster ${clusterId}`)
  expect(newer.refusal).toContain('version 9')
  expect(nobody.refusal).toContain('client ids')
  expect(operator.refusal).toContain('over the bus')
  expect(babbler.refusal).toContain('bytes')
  // It was taken as one client, and stays that one.
  expect(turncoat.refusal).toContain('does not belong here')
  expect(server.connectionCount).toBe(0)
})

test('sessions are taken on this machine alone; a socket file is for this user alone, and replaces one left behind', async () => {
  await expect(SessionServer.listen({ host: '0.0.0.0', port: 0 }, clusterId)).rejects.toThrow(SessionListenError)
  expect(parseSessionAddress('10.0.0.1:7101')).toBeNull()
  expect(parseSessionAddress('127.0.0.1:7101')).toEqual({ host: '127.0.0.1', port: 7_101 })
  const folder = mkdtempSync(join(tmpdir(), 'tandem-direct-session-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'engine.sock')
  const server = await listen({ path })
  server.start(() => {})
  expect(statSync(path).mode & 0o777).toBe(0o600)
  const client = new PlainClient({ path }, { clientId: CLIENT_ID })
  await until(() => client.kinds.includes(DirectKind.WELCOME))
  server.close()
  await until(() => client.isClosed)
  await listen({ path })
  expect(existsSync(path)).toBe(true)
  await expect(SessionServer.listen({ path: folder }, clusterId)).rejects.toThrow('no socket')
})

test('a client of the library needs not know: it finds the engine that leads, and the bus takes what is left', async () => {
  const { a, b, addresses } = await startPair()
  const subjects = new Subjects(clusterId)
  const bus = new MemoryBus()
  bus.subscribe(subjects.proof('*'), ({ subject, data }) => {
    for (const engine of [a, b]) engine.bus.deliver(subject, data)
  })
  const overBus: number[] = []
  bus.subscribe(subjects.commands('*'), ({ data }) => overBus.push(data.length))
  const options = { clientId: CLIENT_ID, subjects, clusterId, onRefused: () => {} }
  const transport = new DirectTransport(bus.connect(), { ...options, addresses })
  cleanups.push(() => transport.close())
  expect(await transport.connected(5_000)).toBe(true)
  const kinds: number[] = []
  const client = new ClientConnection(
    transport,
    subjects,
    { clientId: CLIENT_ID },
    {
      onReport: (reader, index) => kinds.push(reader.uint8(index, ExecutionField.KIND)),
      onState: () => {},
    },
  )
  cleanups.push(() => client.close())
  await client.open()
  expect(client.session.state).toBe(SessionState.OPEN)
  const { session } = client
  for (let number = 1; number <= 50; number++) {
    const order = { symbolId: 0, side: Side.BUY, orderType: OrderType.LIMIT, timeInForce: TimeInForce.GTC } as const
    writeNewOrder(session.outbox, session.begin(), {
      ...{ ...order, quantityLots: 1, priceTicks: 9_000, clientOrderId: number },
    })
    session.finish()
  }
  client.schedule()
  await until(() => session.answeredSeq === 50)
  expect(kinds.filter((kind) => kind === EventKind.ORDER_ACCEPTED)).toHaveLength(50)
  expect(a.host.engine.core.exchange.orderCount()).toBe(50)
  expect(overBus).toEqual([])
})

test('while no engine is there, orders go over the bus', async () => {
  const server = await listen()
  const address = server.address
  server.close()
  const subjects = new Subjects(clusterId)
  const bus = new MemoryBus()
  const overBus: Uint8Array[] = []
  bus.subscribe(subjects.commands(CLIENT_ID), ({ data }) => overBus.push(data))
  const options = { clientId: CLIENT_ID, subjects, clusterId, onRefused: () => {} }
  const transport = new DirectTransport(bus.connect(), { ...options, addresses: [address] })
  cleanups.push(() => transport.close())
  expect(await transport.connected(50)).toBe(false)
  transport.publish(subjects.commands(CLIENT_ID), Uint8Array.of(1, 2, 3))
  await transport.flush()
  expect(overBus).toEqual([Uint8Array.of(1, 2, 3)])
})

test('a client that floods is read at its own pace: others are heard in between, and nothing is lost or mixed up', async () => {
  const server = await listen()
  /** Client and bytes of each message, in the order in which they were taken in. */
  const heard: [clientId: number, size: number][] = []
  server.start((clientId, message) => heard.push([clientId, message.length]))
  const flooder = new PlainClient(server.address, { clientId: CLIENT_ID })
  const other = new PlainClient(server.address, { clientId: CLIENT_ID + 1 })
  await until(() => [flooder, other].every(({ kinds }) => kinds.includes(DirectKind.WELCOME)))
  const sizes = Array.from({ length: 1_500 }, (_, index) => 1_000 + (index % 7))
  const startMs = performance.now()
  for (const size of sizes) flooder.send(new Uint8Array(size))
  await until(() => heard.length > 0)
  other.send(new Uint8Array(72))
  await until(() => heard.some(([clientId]) => clientId === CLIENT_ID + 1))
  const before = heard.findIndex(([clientId]) => clientId === CLIENT_ID + 1)
  expect(before).toBeLessThan(sizes.length)
  await until(() => heard.length === sizes.length + 1)
  expect(heard.filter(([clientId]) => clientId === CLIENT_ID).map(([, size]) => size)).toEqual(sizes)
  // 128 KiB at once, 2,304 bytes each millisecond.
  const total = sizes.reduce((sum, size) => sum + size, 0)
  expect(performance.now() - startMs).toBeGreaterThan((total - 128 * 1_024) / TURN_SIZE - 5)
})

test('a client that says much is read as slowly as the pace of that moment says', async () => {
  const server = await listen()
  let size = 0
  const pace = new ClientPace()
  for (let nowMs = 0; pace.size > PACE_MIN; nowMs++) {
    pace.heard(CLIENT_ID + 1, 36)
    pace.committed(10_000_000)
    pace.poll(nowMs)
  }
  server.start((_, message) => {
    size += message.length
  }, pace)
  const client = new PlainClient(server.address, { clientId: CLIENT_ID })
  const startMs = performance.now()
  for (let count = 0; count < 200; count++) client.send(new Uint8Array(1_000))
  await until(() => size === 200_000)
  expect(performance.now() - startMs).toBeGreaterThan((200_000 - 128 * 1_024) / PACE_MIN - 5)
})

test('while the backup answers late, a flood is heard more slowly beside a client that says little', async () => {
  const { a, addresses, proxy } = await startPair()
  const orderCount = 7_000
  const flooder = new PlainClient(addresses[0]!, { clientId: CLIENT_ID })
  flooder.send(openMessage(CLIENT_ID, 7))
  await until(() => flooder.last()?.kind === EventKind.SESSION_OPENED)
  const opening = openMessage(CLIENT_ID + 1, 7)
  const modest = setInterval(() => a.bus.deliver(a.subjects.commands(CLIENT_ID + 1), opening), 5)
  cleanups.push(() => clearInterval(modest))
  const { sessions } = a.host.engine.core
  await until(() => sessions.slotOf(CLIENT_ID + 1) >= 0)
  proxy.delay(4)
  const startMs = performance.now()
  const orders = Array.from({ length: orderCount }, (_, index) => orderMessage(CLIENT_ID, 1, index + 1))
  for (const order of orders) flooder.send(order)
  await until(() => flooder.last()?.clientSeq === orderCount)
  // Four times as long as at full pace, after the 128 KiB that are read at once; at the least, it would be eight times.
  const size = orders.reduce((sum, { length }) => sum + length, 0)
  expect(performance.now() - startMs).toBeGreaterThan((4 * (size - 128 * 1_024)) / TURN_SIZE)
  // It is held up by TCP, not refused what it says.
  expect(flooder.reports.filter(({ kind }) => kind === EventKind.COMMAND_REFUSED)).toEqual([])
})

test('a client that never reads is let go before it costs much, and one connection more than there may be is told so', async () => {
  const server = await listen()
  server.start(() => {})
  const deaf = new PlainClient(server.address, { clientId: CLIENT_ID })
  await until(() => server.connectionCount === 1)
  deaf.pause()
  const frame = new Uint8Array(1_024)
  const before = process.memoryUsage().arrayBuffers
  let sentSize = 0
  let keptSize = 0
  while (server.send(CLIENT_ID, frame)) {
    sentSize += frame.length
    expect(sentSize).toBeLessThan(32 * 1_024 * 1_024)
    keptSize = Math.max(keptSize, process.memoryUsage().arrayBuffers - before)
    await new Promise((resolve) => setImmediate(resolve))
  }
  // What waits takes the memory that it is long, and not that of a whole buffer for each frame.
  expect(keptSize).toBeLessThan(16 * 1_024 * 1_024)
  expect(server.connectionCount).toBe(0)
  const others = Array.from(
    { length: SESSION_COUNT_MAX },
    (_, index) => new PlainClient(server.address, { clientId: 1_000 + index }),
  )
  await until(() => others.every(({ kinds }) => kinds.includes(DirectKind.WELCOME)))
  const last = new PlainClient(server.address, { clientId: CLIENT_ID })
  await until(() => last.isClosed)
  expect(last.refusal).toContain(`there are ${SESSION_COUNT_MAX} connections`)
})

test('a connection that does not say who it is in time is closed, at whatever pace it speaks', async () => {
  const server = await listen()
  const hello = encodeHello({ version: 1, clientId: CLIENT_ID, clusterId })
  const sockets = [connect(server.address as { port: number; host: string }), connect(server.address as never)]
  const closed = sockets.map((socket) => new Promise((resolve) => socket.on('error', () => {}).once('close', resolve)))
  let said = 0
  const timer = setInterval(() => sockets[0]?.write(hello.subarray(said, ++said)), 250)
  cleanups.push(() => {
    clearInterval(timer)
    for (const socket of sockets) socket.destroy()
  })
  for (const socket of sockets) socket.resume()
  await Promise.all(closed)
  expect(said).toBeLessThan(hello.length)
  expect(server.connectionCount).toBe(0)
})
