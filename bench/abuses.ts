// What an abusive client does, by kind: computes beside them, floods, never reads, opens too many connections, speaks a byte
// a second, repeats old commands, guesses at others' orders. None of them holds back, and none of them breaks the law of
// its protocol more than its kind says. Each begins when called and goes on until its result is called.

import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { checksum } from '../base/checksum.ts'
import {
  DIRECT_VERSION,
  DirectAssembler,
  DirectKind,
  DirectWireError,
  encodeDirect,
  encodeHello,
} from '../protocol/direct-wire.ts'
import { connectNats } from '../protocol/io/nats-transport.ts'
import type { Transport } from '../protocol/io/transport.ts'
import { Subjects } from '../protocol/subjects.ts'
import { RawSession, type Tally } from './raw-session.ts'
import type { MarketPlace } from './session-hop.ts'

/** Where it may go: as whom, and to which doors. */
export type Places = {
  readonly natsUrl: string
  readonly credentials: string
  readonly clusterId: string
  readonly clientId: number
  readonly place: MarketPlace
  readonly sessionPort: number
  readonly peerPort: number
  readonly gatewayPort: number
}

export type Stop = () => void
export type Abuse = (places: Places, tally: Tally) => Promise<Stop>

const CONNECTION_COUNT = 1_000
const DRIBBLER_COUNT = 100
const DRIBBLE_MS = 1_000
const SILENT_PAGE_COUNT = 20
/** Messages that are handed to NATS between two looks at whether it has taken them. */
const FLUSH_COUNT = 16
/** What a strategy may ask. */
const ASKED = ['instruments', 'positions']
/** Questions that are asked before the first is answered. */
const QUESTION_COUNT = 256
const ANSWER_MS_MAX = 1_000
/** Who was let go comes back so soon. */
const COME_BACK_MS = 50
const FIRST_CLIENT_ID = 10_000
/** Bytes that are summed up at once by who only computes: they pass through the caches, as a batch of orders would. */
const ORDERS_SIZE = 64 * 1024

export const ABUSES: Readonly<Record<string, Abuse>> = {
  neighbour: compute,
  'flood-nats': floodNats,
  'flood-queries': floodQueries,
  'flood-session': (places, tally) => floodSession(places, tally, (session) => session.orders()),
  replay: async (places, tally) => {
    let isFirst = true
    return floodSession(places, tally, (session) => {
      const batch = isFirst ? session.orders() : session.repeats()
      isFirst = false
      return batch
    })
  },
  guess: (places, tally) => floodSession(places, tally, (session) => session.guesses()),
  'deaf-session': deafSession,
  'deaf-page': deafPages,
  'many-sessions': (places, tally) =>
    openMany(places.sessionPort, tally, (index) => hello(places, FIRST_CLIENT_ID + index)),
  'many-peers': (places, tally) => openMany(places.peerPort, tally, () => null),
  'many-requests': (places, tally) => openMany(places.gatewayPort, tally, () => Buffer.from(REQUEST)),
  'many-pages': manyPages,
  'slow-session': (places, tally) => dribble(places.sessionPort, tally, hello(places, places.clientId)),
  'slow-peer': (places, tally) => dribble(places.peerPort, tally, Buffer.from('TANDEM-PEER-1\n'.repeat(8))),
  'slow-request': (places, tally) => dribble(places.gatewayPort, tally, Buffer.from(REQUEST)),
}

const REQUEST = 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: abuse\r\n\r\n'

function hello({ clusterId }: Places, clientId: number): Uint8Array {
  return encodeHello({ version: DIRECT_VERSION, clientId, clusterId })
}

/** As busy as a flood keeps its own process, without a word to anybody. */
async function compute(_: Places, tally: Tally): Promise<Stop> {
  let isOver = false
  const words = new Uint8Array(ORDERS_SIZE)
  const work = () => {
    for (let count = 0; count < FLUSH_COUNT; count++) checksum(words, 0, words.length)
    tally.add('batches computed')
    if (!isOver) setImmediate(work)
  }
  work()
  return () => {
    isOver = true
  }
}

async function floodNats(places: Places, tally: Tally): Promise<Stop> {
  const { clientId, place } = places
  const transport = await connectBus(places)
  const subjects = new Subjects(places.clusterId)
  const session = new RawSession(clientId, place, tally)
  transport.subscribe(subjects.executions(clientId), ({ data }) => session.onFrame(data))
  const say = (message: Uint8Array) => transport.publish(subjects.commands(clientId), message)
  // Nobody may hear it now: it does not wait for that.
  void session.open(say)
  let isOver = false
  const flood = async () => {
    while (!isOver) {
      if (!session.isOpen) say(session.opening)
      for (let count = 0; count < FLUSH_COUNT; count++) {
        say(session.orders())
        tally.add('batches sent')
      }
      await transport.flush()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await transport.close()
  }
  void flood()
  return () => {
    isOver = true
  }
}

/** Questions, so many at a time that there is always one to answer, and many more whose answers it does not wait for. */
async function floodQueries(places: Places, tally: Tally): Promise<Stop> {
  const bus = await connectBus(places)
  const subjects = new Subjects(places.clusterId)
  const nothing = new Uint8Array(0)
  let isOver = false
  const ask = async (index: number) => {
    for (let count = index; !isOver; count++) {
      const name = ASKED[count % ASKED.length]!
      for (let more = 0; more < FLUSH_COUNT; more++) bus.publish(subjects.query(name), nothing)
      await bus.request(subjects.query(name), nothing, ANSWER_MS_MAX).then(
        () => tally.add(`answered: ${name}`),
        () => tally.add('not answered'),
      )
    }
  }
  const asking = Array.from({ length: QUESTION_COUNT }, (_, index) => ask(index))
  return () => {
    isOver = true
    void Promise.all(asking).then(() => bus.close())
  }
}

async function floodSession(places: Places, tally: Tally, batchOf: (session: RawSession) => Uint8Array): Promise<Stop> {
  const bus = await connectBus(places)
  const session = new RawSession(places.clientId, places.place, tally)
  const socket = await openSession(places, bus, session, tally)
  let isOver = false
  const pump = () => {
    while (!isOver && !socket.destroyed) {
      tally.add('batches sent')
      if (socket.write(encodeDirect(DirectKind.COMMANDS, batchOf(session)))) continue
      // What was answered is read in between.
      socket.once('drain', () => setImmediate(pump))
      return
    }
  }
  pump()
  return () => {
    isOver = true
    socket.destroy()
    void bus.close()
  }
}

/** A session whose client never reads what it is answered, and opens another one when it is let go. */
async function deafSession(places: Places, tally: Tally): Promise<Stop> {
  const bus = await connectBus(places)
  let isOver = false
  let socket: Socket | null = null
  const speak = async () => {
    while (!isOver) {
      const session = new RawSession(places.clientId, places.place, tally)
      const own = await openSession(places, bus, session, tally)
      socket = own
      own.pause()
      const gone = new Promise((resolve) => own.once('close', resolve))
      const pump = () => {
        while (!isOver && !own.destroyed) {
          tally.add('batches sent')
          if (own.write(encodeDirect(DirectKind.COMMANDS, session.orders()))) continue
          own.once('drain', pump)
          return
        }
      }
      pump()
      await gone
      tally.add('let go')
      await new Promise((resolve) => setTimeout(resolve, COME_BACK_MS))
    }
  }
  void speak()
  return () => {
    isOver = true
    socket?.destroy()
    void bus.close()
  }
}

function connectBus({ natsUrl, credentials }: Places): Promise<Transport> {
  return connectNats({ url: natsUrl, name: 'abuser', credentials })
}

/** A session that is the client's, which proves so on the bus. */
async function openSession(places: Places, bus: Transport, session: RawSession, tally: Tally): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: places.sessionPort, noDelay: true })
  const assembler = new DirectAssembler()
  const proofSubject = new Subjects(places.clusterId).proof(places.clientId)
  const welcomed = Promise.withResolvers<void>()
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    try {
      assembler.push(chunk, (kind, body) => {
        if (kind === DirectKind.CHALLENGE) bus.publish(proofSubject, body.slice())
        else if (kind === DirectKind.WELCOME) welcomed.resolve()
        else if (kind === DirectKind.EXECUTIONS) session.onFrame(body)
        else tally.add(`refused: ${new TextDecoder().decode(body)}`)
      })
    } catch (error) {
      if (!(error instanceof DirectWireError)) throw error
      socket.destroy()
    }
  })
  socket.write(hello(places, places.clientId))
  await welcomed.promise
  await session.open((message) => socket.write(encodeDirect(DirectKind.COMMANDS, message)))
  return socket
}

/** Pages that want everything and read nothing. */
async function deafPages(places: Places, tally: Tally): Promise<Stop> {
  const sockets = Array.from({ length: SILENT_PAGE_COUNT }, () => {
    const socket = new WebSocket(`ws://127.0.0.1:${places.gatewayPort}/ws`)
    socket.on('error', () => tally.add('refused'))
    socket.on('close', () => tally.add('let go'))
    socket.once('open', () => {
      socket.pause()
      tally.add('open')
    })
    return socket
  })
  return () => {
    for (const socket of sockets) socket.terminate()
  }
}

async function manyPages(places: Places, tally: Tally): Promise<Stop> {
  const sockets = Array.from({ length: CONNECTION_COUNT }, () => {
    const socket = new WebSocket(`ws://127.0.0.1:${places.gatewayPort}/ws`)
    socket.on('open', () => tally.add('open'))
    socket.on('error', (error) => tally.add(`refused: ${error.message}`))
    return socket
  })
  return () => {
    for (const socket of sockets) socket.terminate()
  }
}

/** `first`: what each says when it is connected; null: nothing. */
async function openMany(port: number, tally: Tally, first: (index: number) => Uint8Array | null): Promise<Stop> {
  const sockets = Array.from({ length: CONNECTION_COUNT }, (_, index) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => tally.add('refused'))
    socket.on('close', () => tally.add('let go'))
    socket.once('data', () => tally.add('answered'))
    socket.once('connect', () => {
      tally.add('connected')
      const words = first(index)
      if (words !== null) socket.write(words)
    })
    return socket
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

/** Connections that say what they have to say at a byte a second, and come back when they are let go. */
async function dribble(port: number, tally: Tally, words: Uint8Array): Promise<Stop> {
  let isOver = false
  const sockets = new Set<Socket>()
  const open = () => {
    if (isOver) return
    const socket = connect({ host: '127.0.0.1', port })
    let said = 0
    const timer = setInterval(() => {
      socket.write(words.subarray(said, said + 1))
      said += 1
      tally.add('bytes sent')
    }, DRIBBLE_MS)
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.resume().once('close', () => {
      tally.add('let go')
      clearInterval(timer)
      sockets.delete(socket)
      setTimeout(open, COME_BACK_MS)
    })
  }
  for (let index = 0; index < DRIBBLER_COUNT; index++) open()
  return () => {
    isOver = true
    for (const socket of sockets) socket.destroy()
  }
}
